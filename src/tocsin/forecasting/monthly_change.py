"""What moved a monthly forecast since an earlier one of the same country and horizon."""

from __future__ import annotations

from collections.abc import Iterable

from tocsin.errors import InputError
from tocsin.forecasting.explain import Against, change
from tocsin.forecasting.monthly import MonthlyForecast
from tocsin.forecasting.monthly_reasons import LEVEL

Moved = tuple[MonthlyForecast, Against]


def months_against(now: MonthlyForecast, before: MonthlyForecast) -> Against:
    """What moved the chance of 25 or more killed, from the reasons of both.

    The same horizon of two origins: the next month as told now, and as told then. Raises InputError when
    country or horizon differ, or the order is wrong.
    """
    if (now.iso3, now.horizon) != (before.iso3, before.horizon) or before.as_of > now.as_of:
        raise InputError(
            f"{before.id} is no earlier forecast of what {now.id} forecasts",
            "comparison of forecasts",
            "give two of the same country and horizon, the newer first",
        )
    at = f"{LEVEL:g}"
    return change((now.p_ge[at], now.reasons), (before.p_ge[at], before.reasons))


def months_since(now: Iterable[MonthlyForecast], before: Iterable[MonthlyForecast]) -> dict[str, Moved]:
    """For each forecast that is explained, by its id: the earlier one of its horizon, and what moved it.

    Forecasts without an explained earlier one are left out.
    """
    then = {(f.iso3, f.horizon): f for f in before if f.reasons}
    pairs = ((f, then.get((f.iso3, f.horizon))) for f in now if f.reasons)
    return {f.id: (old, months_against(f, old)) for f, old in pairs if old is not None}
