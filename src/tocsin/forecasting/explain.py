"""Why a forecast stands where it does: each reason in plain words, its values, and its push in log-odds.

Features of one theme are collinear: which of them carries the weight, and with which sign, is an accident of
the fit. Only the sum over the theme is told.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

import numpy as np

from tocsin.errors import InputError
from tocsin.forecasting.engine import Bench, Vantage
from tocsin.forecasting.forecast import Forecast
from tocsin.forecasting.grid import Flags, Floats
from tocsin.forecasting.model import log_odds
from tocsin.forecasting.outcomes import Feature, load_themes

Reason = tuple[str, str, float]
TELLING = 2
DIGITS = 4
NOT_KNOWN = "not known; the median state stands in"


def say(spec: Feature, value: float, year: int) -> str:
    """The value of a feature in words."""
    if np.isnan(value):
        return NOT_KNOWN
    if value == 0 and spec.none:
        return spec.none.format(year=year)
    if spec.transform != "recency":
        return spec.text.format(value=value, year=year)
    if value == 0:
        return f"none in the table up to {year}"
    since = round(-spec.half_life * np.log2(value))
    return f"in {year}" if since == 0 else spec.text.format(since=since, value=value, year=year)


@dataclass(slots=True)
class Explainer:
    """Words for one bench and vantage; the words of a state are made once and serve every outcome."""

    bench: Bench
    vantage: Vantage
    _said: dict[tuple[str, int], str] = field(default_factory=dict)
    _years: dict[str, int] = field(default_factory=dict)

    def reasons(self, state: int, push: Floats) -> tuple[Reason, ...]:
        """(label of the theme, value text, push) strongest first; `push` (p,) as the bench orders predictors.

        The pushes of a theme are summed, those of missing figures in a reason of their own: all reasons add
        up to the push of all predictors. The text says the values that push most in the direction of the sum.
        """
        themes, blank = load_themes(), self._blank(state)
        parts: dict[str, list[tuple[Feature, float]]] = {}
        for spec, one, gap in zip(self.bench.specs, push.tolist(), blank.tolist(), strict=True):
            parts.setdefault(spec.theme, []).append((spec, 0.0 if gap else one))
        out = [
            (themes[key].label, self._telling(state, of), round(sum(one for _, one in of), DIGITS))
            for key, of in parts.items()
        ]
        gaps = round(float(push[blank].sum()), DIGITS)
        out.append((themes["gaps"].label, self._gaps(state), gaps))
        return tuple(sorted(out, key=lambda reason: (-abs(reason[2]), reason[0])))

    def _telling(self, state: int, of: list[tuple[Feature, float]]) -> str:
        """The values of the `TELLING` features, one a label, that push hardest the way their sum does."""
        way = 1 if sum(one for _, one in of) >= 0 else -1
        ordered = sorted(of, key=lambda part: -way * part[1])
        known = [(spec, way * one) for spec, one in ordered if not np.isnan(self._newest(spec, state))]
        if not known:
            return NOT_KNOWN
        first: dict[str, Feature] = {}
        for spec, one in known:
            if one > 0 or not first:
                first.setdefault(spec.label, spec)
        chosen = list(first.values())[:TELLING]
        label = load_themes()[of[0][0].theme].label
        said = [("" if s.label == label else f"{s.label}: ") + self._value(s, state) for s in chosen]
        return "; ".join(said)

    def _value(self, spec: Feature, state: int) -> str:
        key = (spec.key, state)
        if key not in self._said:
            self._said[key] = say(spec, self._newest(spec, state), self._year(spec))
        return self._said[key]

    def _year(self, spec: Feature) -> int:
        if spec.key not in self._years:
            self._years[spec.key] = self.vantage.base - self.vantage.lag(spec.columns)
        return self._years[spec.key]

    def _newest(self, spec: Feature, state: int) -> float:
        t, natural = self.bench.grid.at(self._year(spec)), self.bench.natural[spec.key]
        return float(natural[state, t]) if 0 <= t < natural.shape[1] else float("nan")

    def _blank(self, state: int) -> Flags:
        block = self.bench.block(self.vantage)
        return np.asarray(np.isnan(block.x[state, self.bench.grid.at(self.vantage.base)]))

    def _gaps(self, state: int) -> str:
        blank = self._blank(state)
        found = dict.fromkeys(spec.family for spec, gap in zip(self.bench.specs, blank, strict=True) if gap)
        return "some figures missing: " + ", ".join(found) if found else "no figures missing"


@dataclass(frozen=True, slots=True)
class Against:
    """How a forecast stands to an earlier one of the same thing, in log-odds.

    `change` is the whole; `reasons` what each theme raised or lowered, with its values now, strongest first;
    `alike` what moved all states alike. The reasons and `alike` add up to the change.
    """

    change: float
    reasons: tuple[Reason, ...]
    alike: float


def since(now: Iterable[Forecast], before: Iterable[Forecast]) -> dict[str, tuple[Forecast, Against]]:
    """For each forecast by its id: the earlier one of the same outcome, place and horizon, and what moved it.

    Forecasts without an earlier one are left out.
    """
    then = {(f.outcome, f.iso3, f.horizon_months): f for f in before}
    pairs = ((f, then.get((f.outcome, f.iso3, f.horizon_months))) for f in now)
    return {f.id: (old, against(f, old)) for f, old in pairs if old is not None}


def against(now: Forecast, before: Forecast) -> Against:
    """What moved a forecast since an earlier one, from the reasons of both.

    Raises InputError when they are not of the same outcome, place and horizon, or in the wrong order.
    """
    for f in (now, before):
        if (f.outcome, f.iso3, f.horizon_months) != (now.outcome, now.iso3, now.horizon_months):
            raise InputError(
                f"{f.outcome} of {f.iso3} in {f.horizon_months} months is not what {now.id} forecasts",
                "comparison of forecasts",
                "give two of the same outcome, place and horizon",
            )
    if before.as_of > now.as_of:
        raise InputError("the earlier forecast is the later one", "comparison of forecasts", "swap the two")
    return change((now.probability, now.reasons), (before.probability, before.reasons))


def change(now: tuple[float, Sequence[Reason]], before: tuple[float, Sequence[Reason]]) -> Against:
    """What moved a chance with its reasons since an earlier one."""
    then = {label: push for label, _, push in before[1]}
    moved = [(label, text, round(push - then.pop(label, 0.0), DIGITS)) for label, text, push in now[1]]
    moved += [(label, "no longer told", -push) for label, push in then.items()]
    chances = log_odds(np.array([now[0], before[0]]))
    whole = float(chances[0] - chances[1])
    ordered = tuple(sorted(moved, key=lambda reason: (-abs(reason[2]), reason[0])))
    return Against(whole, ordered, whole - sum(push for _, _, push in moved))
