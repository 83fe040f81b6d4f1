"""tocsin warn if: what past levels would have been if a miss cost more or fewer false alarms."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Annotated, Any

import typer

from tocsin.cli.home import lines, tell
from tocsin.errors import UnknownId, UserError

if TYPE_CHECKING:
    from tocsin.alarms.alarm import Level
    from tocsin.evaluation.what_if import Year

YEARS = (1995, 2023)
WORDS = {"killed": "1,000 or more killed", "onset": "a new mass killing within two years"}


def what_if(
    miss: Annotated[float, typer.Option("--miss", help="False alarms that one miss is worth.")],
    level: Annotated[str, typer.Option("--level", help="The level whose cost is changed.")] = "warning",
    first: Annotated[int, typer.Option(help="First year.")] = YEARS[0],
    last: Annotated[int, typer.Option(help="Last year.")] = YEARS[1],
    as_json: Annotated[bool, typer.Option("--json")] = False,
) -> None:
    """Show what past levels would have been with another cost, beside those of the shipped policy.

    From figures and forecasts alone, as out on 1 January of each year: words are not in it.
    """
    from tocsin.alarms.policy import policy
    from tocsin.evaluation.what_if import Past, what_if
    from tocsin.forecasting.hindcast import hindcasts
    from tocsin.forecasting.panel import load_panel

    asked = _level(level)
    changed = policy().priced(asked, miss)
    past = Past(load_panel(), hindcasts())
    _check(first, last, past.forecasts.days[0].year + 2, past.known)
    both = what_if(past, (policy(), changed), asked, first, last)
    costs = policy().costs[asked].miss, miss
    if as_json:
        lines(_rows(costs, both))
    else:
        tell(_told(asked, costs, both))
        if last == past.known:
            tell([f"Beginnings are known up to {past.known}: those of the year after are not counted."])


def _level(word: str) -> Level:
    from tocsin.alarms.alarm import Level

    if word not in set(Level):
        raise UnknownId("level", word, list(Level))
    return Level(word)


def _check(first: int, last: int, least: int, most: int) -> None:
    if not least <= first <= last <= most:
        raise UserError(
            f"--first {first} --last {last}: give years from {least} to {most}, first not after last"
        )


def _rows(costs: Sequence[float], both: Sequence[Sequence[Year]]) -> Iterator[dict[str, Any]]:
    for which, miss, years in zip(("shipped", "changed"), costs, both, strict=True):
        for y in years:
            yield {
                "policy": which,
                "miss": miss,
                "year": y.year,
                "places": y.high,
                "caught": y.caught,
                "missed": y.missed,
                "false": y.false,
            }


def _told(level: Level, costs: Sequence[float], both: Sequence[Sequence[Year]]) -> Iterator[str]:
    from tocsin.alarms.policy import policy
    from tocsin.evaluation.what_if import summed

    chances = [100 * policy().priced(level, miss).costs[level].threshold() for miss in costs]
    (was, now), (from_, to) = costs, chances
    yield f"A miss at {was:g} false alarms, a chance of {from_:.1f} % (shipped); at {now:g}, {to:.1f} %."
    yield f"Places at {level.value} or above on 1 January, from figures and forecasts alone, without words."
    yield f"{'year':6}{'places':>12}{'false':>12}   missed"
    for one, other in zip(*both, strict=True):
        counts = _pair(len(one.high), len(other.high)) + _pair(len(one.false), len(other.false))
        yield f"{one.year:<6}{counts}   {_missed(one, other)}"
    for which, years in zip(("as shipped", "as changed"), both, strict=True):
        all_of = summed(years)
        met = "; ".join(
            f"{WORDS[kind]}: {n} of {n + all_of.missed[kind]} met" for kind, n in all_of.caught.items()
        )
        per = (
            "none was true" if all_of.per_true is None else f"{all_of.per_true:.1f} false alarms per true one"
        )
        yield f"{which}: {all_of.alarms / len(years):.1f} places a year, {per}; {met}"


def _pair(one: int, other: int) -> str:
    return f"{f'{one} -> {other}':>12}"


def _missed(one: Year, other: Year) -> str:
    """The places that were missed, by outcome, with what the change alters."""
    told = []
    for kind, gone in one.missed.items():
        still = set(other.missed[kind])
        named = [iso3 if iso3 in still else f"{iso3} (met)" for iso3 in gone]
        named += [f"{iso3} (lost)" for iso3 in sorted(still - set(gone))]
        told += [f"{kind}: {', '.join(named)}"] if named else []
    return "; ".join(told) or "none"
