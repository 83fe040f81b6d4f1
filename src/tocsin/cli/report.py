"""The report of a turn, in lines a desk officer reads."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

WORDS = ("ongoing", "alarm", "warning", "risk", "none")


def lines_of(report: Mapping[str, Any]) -> list[str]:
    """What was read, how old it is, the levels, what is proposed, and what is not seen."""
    what = "Replay (nothing here was issued)" if report["replay"] else "Turn of the watch"
    out = [
        f"{what} as of {report['as_of'][:10]}  [{report['run']}]",
        "",
        f"read      {_count(report['records'], 'record')} in "
        f"{_count(report['stories'], 'story', 'stories')}, "
        f"{_count(report['signals'], 'signal')}, {report['present_signals']} of them of the present",
        *_unread(report["unread_languages"]),
        *_beside(report.get("beside", {})),
        *_casualties(report.get("casualty_figures", 0), report.get("casualty_figures_late", ())),
        f"places    {report['places']} assessed: {report['without_words']} without a word read in 90 days, "
        f"{len(report['no_data'])} with neither words nor figures on violence",
        f"figures   newest known: {_years(report['figures_known'])}",
        f"forecasts {report['forecasts']} (windows of 12 and 24 months from a yearly table)",
        *_months(report.get("months", {})),
        *_outcomes(report.get("outcomes", 0), report.get("outcomes_corrected", 0)),
        *_month_outcomes(report.get("month_outcomes", {})),
        "",
        *_levels(report),
        *_unsure(report.get("uncertain", {}), report.get("set_aside", {})),
        "",
        *_proposals(report),
        *_withdrawn(report.get("withdrawn", ())),
        f"due       {_count(len(report['due']), 'engagement or review', 'engagements or reviews')}",
    ]
    out += [f"down      {source}: {why}" for source, why in report["sources_down"].items()]
    return [*out, "", "A place without data is not a place at peace; a level is not a legal finding."]


def _unread(languages: Mapping[str, int]) -> list[str]:
    """Documents in a language without word lists were kept, and must not look like silence."""
    told = ", ".join(f"{n} in {code}" for code, n in languages.items())
    return [f"unread    documents in languages that the coder has no words for: {told}"] if told else []


def _casualties(claimed: int, late: Sequence[Mapping[str, Any]]) -> list[str]:
    """Casualty figures that words claim, and those that are held for too long without a reason."""
    out = [f"casualty  {_count(claimed, 'figure')} claimed in words; never summed"] if claimed else []
    if late:
        told = _count(len(late), "figure")
        out.append(f"HELD      {told} over 7 days without a reason; see: tocsin review figures --late")
    return out + [
        f"          {f['iso3'] or '---'}  {f['kind']}, by {f['by']} since {f['since']}" for f in late
    ]


def _beside(account: Mapping[str, Any]) -> list[str]:
    """What the second coder read; levels and alarms do not rest on it."""
    if not account:
        return []
    told = f"{_count(account['read'], 'record')} by the language model (levels do not rest on it)"
    words = {"failed": "failed", "private": "may not be sent", "waiting": "left for a later turn"}
    rest = [f"{account[name]} {said}" for name, said in words.items() if account[name]]
    why = [f"          {account['why']}"] if account["why"] else []
    return [f"beside    {', '.join([told, *rest])}", *why]


def _outcomes(written: int, corrected: int) -> list[str]:
    """Sealed forecasts of earlier turns whose outcome has arrived."""
    told = f"outcomes  {_count(written, 'sealed forecast')} scored, {corrected} of them after a correction"
    return [f"{told}; see: tocsin evaluate record"] if written else []


def _month_outcomes(account: Mapping[str, Any]) -> list[str]:
    """Sealed monthly forecasts of earlier turns whose months have become known."""
    if not account.get("new"):
        return []
    told = (
        f"outcomes  {_count(account['new'], 'monthly forecast')} scored, {account['corrected']} of them after"
    )
    return [f"{told} a correction; see: tocsin evaluate record"]


FEW = 20
"""Countries under which the rare levels of the months rest on too little."""


def _months(account: Mapping[str, Any]) -> list[str]:
    """The monthly forecasts, or why there are none."""
    if not account:
        return []
    if account["refused"]:
        return [f"months    none: months need event data: {account['refused']}"]
    made = "made" if account["new"] else "stand from an earlier turn"
    places = _count(account["countries"], "country", "countries")
    few = "; learned from so few alone, read them with care" if account["countries"] < FEW else ""
    return [f"months    {places}, 36 months ahead, {made}; newest month of events {account['newest']}{few}"]


def _years(known: Mapping[str, int]) -> str:
    return ", ".join(f"{name} {year}" for name, year in known.items()) or "none"


def _levels(report: Mapping[str, Any]) -> list[str]:
    levels = report["levels"]
    shown = [f"{w:9} {len(levels[w]):3}  {' '.join(levels[w])}" for w in WORDS[:-1] if w in levels]
    quiet = levels.get("none", [])
    unknown = len(set(quiet) & set(report["no_data"]))
    told = (
        f"no rule fired; {unknown} of them {'has' if unknown == 1 else 'have'} no data, so nothing is known"
    )
    return [*shown, f"no level  {len(quiet):3}  {told}"]


def _unsure(places: Mapping[str, Sequence[str]], floods: Mapping[str, str]) -> list[str]:
    """Places of which less is seen than usual, and floods that count nothing."""
    out = [f"unsure    {len(found):3}  uncertainty {word}" for word, found in places.items()]
    out = out and [
        *out,
        "               why, place by place: tocsin check coverage; tocsin assess --place ISO3",
    ]
    return out + [f"FLOOD     {iso3}  {told}; it counts nothing" for iso3, told in floods.items()]


def _proposals(report: Mapping[str, Any]) -> list[str]:
    out = _heads(report)
    for alarm in report["alarms"]:
        first = alarm["sentences"][0] if alarm["sentences"] else ""
        out.append(f"  {alarm['iso3']}  {alarm['level']:8} {alarm['state']:9} {first}  [{alarm['id']}]")
    return out


def _withdrawn(flagged: Sequence[Mapping[str, Any]]) -> list[str]:
    """Standing alarms that rest on records taken back: nothing falls for it, somebody must look."""
    if not flagged:
        return []
    told = f"WITHDRAWN {_count(len(flagged), 'standing alarm')} on records that were taken back; look again"
    return [told, *(f"          {f['iso3']}  {f['told']}  [{f['alarm']}]" for f in flagged)]


def _heads(report: Mapping[str, Any]) -> list[str]:
    made, waiting = len(report["alarms"]), report.get("waiting")
    if report["replay"]:
        see = f"; see: tocsin warn --replay {report['run']}" if made else ""
        return [f"{_count(made, 'proposal')} in this replay{see}"]
    out = [f"{_count(made, 'alarm revision')} made by this turn"]
    if waiting is None:
        return [f"{out[0]}; people issue them: tocsin warn"] if made else out
    needs = "waits for a signature; see" if waiting == 1 else "wait for signatures; see"
    return [f"waiting   {_count(waiting, 'proposal')} {needs}: tocsin warn", *out] if waiting else out


def _count(n: int, one: str, many: str = "") -> str:
    return f"{n} {one if n == 1 else many or one + 's'}"
