"""A replay uses only what was public on the day: what came later or was hidden changes no byte before it."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from datetime import UTC, date, datetime, timedelta
from types import MappingProxyType
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tocsin.alarms.alarm import Level
from tocsin.clock import as_of_end, day_moment
from tocsin.evaluation.replay import Given, Material, Step, Stretch, Walk, changes, material, walk
from tocsin.evaluation.replay_cases import PUBLIC, Case, Sign, case, cases
from tocsin.evaluation.replay_signs import signals_of
from tocsin.forecasting.forecast import Forecast
from tocsin.forecasting.hindcast import Hindcasts
from tocsin.forecasting.panel import Panel
from tocsin.signals.signal import Relevance

ALL = [pytest.param(c, id=c.id) for c in cases()]


def until(walked: Walk, day: date) -> bytes:
    """Every byte of a walk up to a day."""
    steps = [asdict(step) for step in walked.steps if step.day <= day]
    return json.dumps(steps, default=str, sort_keys=True).encode()


def walked(of: Case, signs: Sequence[Sign] | None, day: date, using: Material | None = None) -> Walk:
    """A case walked up to a day."""
    return walk(replace(Stretch.of(of), last=day), signs, using or material())


def grimmer(sign: Sign) -> Sign:
    """Another sign in its place, as grave as can be, as hidden or late as it was."""
    return replace(
        sign, fact="A plan to kill is carried out", indicators=("8.1", "11.1", "13.13"), confidence="high"
    )


def later(signs: Sequence[Sign], day: date) -> list[Sign]:
    return [s for s in signs if not s.seen_on(day)]


@pytest.mark.parametrize("of", ALL)
def test_what_was_withheld_changes_no_byte_of_the_whole_walk(of: Case) -> None:
    hidden = later(of.signs, of.last)
    whole = until(walked(of, of.signs, of.last), of.last)
    removed = [s for s in of.signs if s not in hidden]
    changed = [grimmer(s) if s in hidden else s for s in of.signs]
    moved = [
        replace(s, dated=day_moment(of.first + timedelta(30)))
        if s in hidden and s.visibility != PUBLIC
        else s
        for s in of.signs
    ]
    for signs in (removed, changed, moved):
        assert until(walked(of, signs, of.last), of.last) == whole


@pytest.mark.parametrize("of", ALL)
def test_no_later_sign_changes_a_byte_of_the_walk_before_it(of: Case) -> None:
    """Signs are removed and made graver in turn."""
    whole = walked(of, of.signs, of.last)
    for n, sign in enumerate(of.signs):
        eve = sign.known - timedelta(days=1)
        if not of.first <= eve < of.last:
            continue
        before = until(whole, eve)
        assert before.count(b'"day"')
        without = [s for s in of.signs if s != sign]
        signs = without if n % 2 else [grimmer(s) if s == sign else s for s in of.signs]
        assert until(walked(of, signs, eve), eve) == before, sign.fact


@st.composite
def moments(draw: st.DrawFn) -> tuple[Case, date, list[Sign]]:
    """A case, a day of its walk, and signs that nobody could know by then put in at random."""
    of = draw(st.sampled_from(cases()))
    day = of.first + timedelta(days=draw(st.integers(0, (of.last - of.first).days)))
    hidden = draw(st.sampled_from(["restricted_at_time", "established_later"]))
    when = day_moment(day + timedelta(days=draw(st.integers(1, 900))))
    late = replace(grimmer(of.signs[0]), dated=when, visibility=PUBLIC)
    early = replace(
        late, dated=day_moment(of.first + timedelta(days=draw(st.integers(0, 700)))), visibility=hidden
    )
    return of, day, [late, early]


@given(moments())
def test_on_any_day_nothing_hidden_or_later_is_seen(drawn: tuple[Case, date, list[Sign]]) -> None:
    of, day, more = drawn
    known = [s for s in of.signs if s.seen_on(day)]
    before = until(walked(of, known, day), day)
    assert until(walked(of, [*more, *of.signs], day), day) == before


@dataclass
class Sealed:
    """A panel that refuses to be asked for a figure that was not out at `as_of`."""

    panel: Panel
    as_of: datetime

    def __getattr__(self, name: str) -> Any:
        return getattr(self.panel, name)

    def known_year(self, column: str, as_of: datetime) -> int:
        assert as_of <= self.as_of
        return self.panel.known_year(column, as_of)

    def value(self, column: str, iso3: str, year: int) -> float:
        assert year <= self.panel.known_year(column, self.as_of), f"{column} of {year} was not out"
        return self.panel.value(column, iso3, year)


def scrambled(day: date) -> Material:
    """The table and past forecasts with everything that was not out at the end of a day made grave."""
    panel, past = material().panel, material().past
    columns = {}
    for name, values in panel.columns.items():
        columns[name] = np.where(panel.year > panel.known_year(name, as_of_end(day)), 9e5, values)
    days = {
        d: rows
        if d <= day
        else [",".join([*r.split(",")[:4], "0.99", "0.98", "1", "0.01", "1", "2"]) for r in rows]
        for d, rows in past.lines.items()
    }
    return Material(
        replace(panel, columns=MappingProxyType(columns)), Hindcasts(past.days, days, past.manifest)
    )


@pytest.mark.parametrize("name", ["lka2009", "caf2013", "eth2020", "sen2024"])
def test_later_figures_and_forecasts_change_no_byte_before_them(name: str) -> None:
    of = case(name)
    for share in (3, 2, 1):
        day = of.first + (of.last - of.first) / share
        assert until(walked(of, None, day, scrambled(day)), day) == until(walked(of, None, day), day)


def test_the_scrambled_table_would_be_noticed_if_it_were_read() -> None:
    of = case("sen2024")
    grave = walked(of, None, of.last, scrambled(of.first))
    assert until(grave, of.last) != until(walked(of, None, of.last), of.last)
    assert grave.first(Level.WARNING)


def test_the_walk_never_asks_for_a_figure_that_was_not_out() -> None:
    of = case("rwa1994")
    for day in changes(Stretch.of(of), of.signs, material()):
        sealed: Any = Sealed(material().panel, as_of_end(day))
        made = walk(Stretch("", "", of.iso3, day, day), of.signs, Material(sealed, material().past))
        assert [step.day for step in made.steps] == [day]


def told(step: Step) -> tuple[Any, ...]:
    """What a step says, without numbers of days, which count on, and without since when a level is kept."""
    return step.level, step.rule, re.sub(r"[0-9-]+", "#", step.sentences[0]), bool(step.held)


@pytest.mark.parametrize("name", ["lka2009", "kgz2020"])
def test_deciding_on_every_day_gives_what_deciding_on_days_of_change_gives(name: str) -> None:
    of = case(name)
    for signs in (None, of.signs):
        short, long = walked(of, signs, of.last), walk(Stretch.of(of), signs, material(), every_day=True)
        assert len(long.steps) == (of.last - of.first).days + 1
        stood = {step.day: told(step) for step in short.steps}
        now = stood[of.first]
        for step in long.steps:
            now = stood.get(step.day, now)
            assert told(step) == now, step.day
            assert not step.news or step.day in stood


def test_a_walk_spans_two_years_and_ends_at_the_onset_or_with_the_window() -> None:
    assert (case("rwa1994").first, case("rwa1994").last) == (date(1992, 4, 7), date(1994, 4, 7))
    assert (case("kgz2020").first, case("kgz2020").last) == (date(2018, 10, 1), date(2020, 10, 31))
    for of in (case("rwa1994"), case("kgz2020")):
        steps = walked(of, of.signs, of.last).steps
        assert steps[0].day == of.first and steps[-1].day <= of.last


def test_used_and_withheld_signs_add_up_to_all_signs() -> None:
    for of in cases():
        made = walk(replace(Stretch.of(of), first=of.last), of.signs, material())
        assert made.given is Given.SIGNS and made.used + made.withheld == len(of.signs)
        assert made.used == len(of.usable)


def test_figures_used_were_read_on_the_last_day_and_those_withheld_were_not_out() -> None:
    of, panel = case("lka2009"), material().panel
    made = walked(of, None, of.last)
    assert made.given is Given.FORECAST and 0 < made.used <= 23
    newest = panel.known_year("os_deaths", as_of_end(of.last))
    assert newest == 2007 and made.withheld > 0
    assert made.steps[0].figures and max(year for s in made.steps for year in s.figures) <= 2008


def test_the_level_of_a_replay_is_kept_from_the_day_before() -> None:
    kept = [s for s in walked(case("bih1995"), None, case("bih1995").last).steps if s.held]
    assert kept and all(s.level.step >= Level.RISK.step for s in kept)


@pytest.mark.parametrize(
    ("indicator", "relevance"),
    [
        ("11.1", Relevance.ATROCITY),
        ("13.8", Relevance.ATROCITY),
        ("14.9", Relevance.ATROCITY),
        ("8.5", Relevance.SIGNAL),
        ("12.3", Relevance.SIGNAL),
        ("1.1", Relevance.SIGNAL),
    ],
)
def test_a_sign_becomes_signals_by_the_written_rule(indicator: str, relevance: Relevance) -> None:
    sign = Sign(day_moment(date(2020, 1, 1)), "Something happens", (indicator, "7.14"), PUBLIC, "medium")
    first, second = signals_of(sign, "made", "KEN")
    assert (first.factor, first.relevance) == (f"RF{indicator.partition('.')[0]}", relevance)
    assert first.confidence == 0.6 and first.origin == second.origin == first.record
    assert first.known == sign.dated and first.quote == sign.fact


def test_two_signs_of_one_named_source_are_one_origin() -> None:
    named = [s for s in case("civ2010").signs if s.said_by]
    assert len(named) == 2
    assert len({x.origin for s in named for x in signals_of(s, "civ2010", "CIV")}) == 1
    others = [s for s in case("civ2010").signs if not s.said_by]
    assert len({x.origin for s in others for x in signals_of(s, "civ2010", "CIV")}) == len(others)


def test_forecasts_of_a_step_are_those_out_that_day() -> None:
    of = case("caf2013")
    told: list[tuple[date, Forecast]] = [
        (s.day, f) for s in walked(of, None, of.last).steps for f in s.forecasts
    ]
    assert told and all(f.as_of <= datetime.combine(day, datetime.max.time(), UTC) for day, f in told)
    assert all((day - f.as_of.date()).days <= 92 for day, f in told)
