"""What publishers say of a place, in short: newest values of series, and forecasts still open."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date

from tocsin.sources.condition import Condition
from tocsin.sources.factsheet import fact_sheet
from tocsin.sources.feeds.conditions.series import reviewed
from tocsin.sources.outlook import Measure, Outlook

PHASE = "_phase"


@dataclass(frozen=True, slots=True)
class Said:
    """One condition as it is shown: publisher, label and value in words, and whether it stands first."""

    publisher: str
    label: str
    value: str
    headline: bool
    of: Condition


def handed_on(source: str) -> bool:
    """Whether a source's rows may leave the home; those of others are shown at its own command line alone."""
    return fact_sheet(source).shareable


def newest(conditions: Iterable[Condition]) -> list[Said]:
    """The newest value of each series of a place, headlines first.

    Values of areas are left out, but for phases: of those the worst area stands for all, with their number.
    """
    whole, areas = dict[tuple[str, str], Condition](), dict[tuple[str, str], list[Condition]]()
    for one in conditions:
        key = one.source, one.series
        if one.missing:
            continue
        if not one.area:
            if key not in whole or _end(one) > _end(whole[key]):
                whole[key] = one
        elif one.series.endswith(PHASE):
            areas.setdefault(key, []).append(one)
    for key, found in areas.items():
        whole.setdefault(key, _worst(found))
    said = [_said(one) for one in whole.values()]
    return sorted(said, key=lambda s: (not s.headline, s.of.source, s.label))


def still_open(outlooks: Iterable[Outlook], on: date) -> list[Outlook]:
    """Of each publisher's newest run the nearest window that has not ended, by outcome and measure.

    Numbers expected in areas are added up to the country's; chances and ranks of areas are left out.
    """
    nearest: dict[tuple[str, str, Measure], Outlook] = {}
    for one in _countrywide([o for o in outlooks if o.window.end >= on]):
        key = one.source, one.outcome, one.measure
        if key not in nearest or _newer(one, nearest[key]):
            nearest[key] = one
    return [nearest[key] for key in sorted(nearest)]


def _newer(one: Outlook, other: Outlook) -> bool:
    """The newer run; of one run the nearer window."""
    ages = (_made(one), other.window.end), (_made(other), one.window.end)
    return ages[0] > ages[1]


def _made(one: Outlook) -> tuple[object, ...]:
    return ((one.made or one.known).end, one.known.end, one.run)


def _countrywide(outlooks: Sequence[Outlook]) -> list[Outlook]:
    parts: dict[tuple[str, str, str, date], list[Outlook]] = {}
    out = [one for one in outlooks if not one.area]
    for one in outlooks:
        if one.area and one.measure is Measure.EXPECTED:
            parts.setdefault((one.source, one.run, one.outcome, one.window.start), []).append(one)
    for found in parts.values():
        summed = math.fsum(one.value for one in found)
        out.append(replace(found[0], area="", value=summed, columns={"summed_from": len(found)}))
    return out


def _worst(found: Sequence[Condition]) -> Condition:
    last = max(_end(one) for one in found)
    now = [one for one in found if _end(one) == last]
    worst = max(now, key=lambda one: one.value or 0)
    return replace(
        worst, area="", about=f"worst of {len(now)} area{'' if len(now) == 1 else 's'}", columns={}
    )


def _end(one: Condition) -> tuple[date, date]:
    return one.happened.end, one.happened.start


def _said(one: Condition) -> Said:
    series = reviewed(one.source).get(one.series)
    label = series.label if series else one.series.replace("_", " ")
    beside = f"{label} ({one.about})" if one.about else label
    publisher = fact_sheet(one.source).publisher
    return Said(publisher, beside, _value(one), bool(series and series.headline), one)


def _value(one: Condition) -> str:
    if one.value is None:
        return one.text
    whole = one.value.is_integer() and abs(one.value) < 1e15
    figure = f"{one.value:,.0f}" if whole or abs(one.value) >= 1000 else f"{one.value:.3g}"
    on_scale = one.unit[:1].isdigit() or one.unit.startswith(("scale", "ordinal", "phase"))
    return f"{figure} ({one.unit})" if on_scale else f"{figure} {one.unit}".strip()
