"""What surrounds each place in a turn: the levels of its neighbours, and the forecasts of a year before."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from tocsin.alarms.alarm import Decision
from tocsin.alarms.around import Around, chances
from tocsin.clock import add_months, as_of_end
from tocsin.errors import InputError
from tocsin.forecasting.hindcast import hindcasts
from tocsin.geography.neighbours import neighbours
from tocsin.store.home import Home
from tocsin.store.models import TurnRow

OWN = timedelta(days=31)
"""A turn up to so long before that day a year ago still speaks for it."""
SHIPPED = timedelta(days=100)
"""Past forecasts are of the first days of quarters; an older one is not of a year ago."""


def surroundings(view: Home, as_of: datetime, before: Mapping[str, Decision]) -> Callable[[str], Around]:
    """Tells what is around a place. `before` are the decisions of the turn before; all is read once."""
    forecast = a_year_before(view, as_of)
    on = as_of.date()

    def around(iso3: str) -> Around:
        there = {other: before[other].level for other in neighbours(iso3, on) if other in before}
        return Around(neighbours=there, before=forecast.get(iso3, {}))

    return around


def a_year_before(view: Home, as_of: datetime) -> Mapping[str, Mapping[str, float]]:
    """By place, the probabilities forecast a year before, by `OUTCOME.MONTHS`.

    The home's own, which are sealed, where a turn then finished; else those of the shipped table of past
    forecasts, made with today's models from what was known then; none where that does not reach.
    """
    then = as_of_end(add_months(as_of.date(), -12))
    own = _run_at(view, then)
    if own:
        return chances(view.lake.read("forecasts", then, where={"run": own}))
    try:
        shipped = hindcasts().at(then)
    except InputError:
        return {}
    return chances(f for f in shipped if then - f.as_of <= SHIPPED)


def _run_at(view: Home, then: datetime) -> str:
    """The finished turn that looked from nearest before an instant, or ""."""
    at = then.astimezone(UTC).replace(tzinfo=None)
    near = select(TurnRow.run).where(TurnRow.as_of <= at, TurnRow.as_of >= at - OWN)
    with Session(view.ledger.engine) as session:
        newest = near.order_by(TurnRow.as_of.desc(), TurnRow.ended.desc()).limit(1)
        return session.scalars(newest).first() or ""
