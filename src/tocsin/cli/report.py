"""The report of a turn, in lines a desk officer reads."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

WORDS = ("ongoing", "alarm", "warning", "risk", "none")


def lines_of(report: Mapping[str, Any]) -> list[str]:
    """What was read, how old it is, the levels, what is proposed, and what is not seen."""
    what = "Replay (nothing here was issued)" if report["replay"] else "Turn of the watch"
    out = [
        f"{what} as of {report['as_of'][:10]}  [{report['run']}]",
        "",
        f"read      {report['records']} records in {report['stories']} stories, "
        f"{report['signals']} signals, {report['present_signals']} of them of the present",
        f"places    {report['places']} assessed, {report['without_words']} without a word read in 90 days, "
        f"{len(report['no_data'])} with neither words nor figures on violence",
        f"figures   newest known: {_years(report['figures_known'])}",
        f"forecasts {report['forecasts']} (windows of 12 and 24 months from a yearly table)",
        "",
        *_levels(report),
        "",
        *_proposals(report),
        f"due       {len(report['due'])} engagement(s) or review(s)",
    ]
    out += [f"down      {source}: {why}" for source, why in report["sources_down"].items()]
    return [*out, "", "A place without data is not a place at peace; a level is not a legal finding."]


def _years(known: Mapping[str, int]) -> str:
    return ", ".join(f"{name} {year}" for name, year in known.items()) or "none"


def _levels(report: Mapping[str, Any]) -> list[str]:
    levels = report["levels"]
    shown = [f"{w:9} {len(levels[w]):3}  {' '.join(levels[w])}" for w in WORDS[:-1] if w in levels]
    return [*shown, f"no level  {len(levels.get('none', [])):3}  (of these, unknown where there is no data)"]


def _proposals(report: Mapping[str, Any]) -> list[str]:
    out = [f"{len(report['alarms'])} alarm revision(s) made by this turn; people issue them: tocsin warn"]
    for alarm in report["alarms"]:
        first = alarm["sentences"][0] if alarm["sentences"] else ""
        out.append(f"  {alarm['iso3']}  {alarm['level']:8} {alarm['state']:9} {first}  [{alarm['id']}]")
    return out
