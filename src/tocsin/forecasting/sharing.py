"""A country's predictive distribution shared out over its parts (areas, cells, situations), reconciled.

Given the country's total y, the parts are Dirichlet-multinomial with mean shares s and concentration k
(Mosimann 1962): part a is beta-binomial(y, k s_a, k (1 - s_a)). So expected values add up to the country's,
no part ever exceeds the country, and P(part >= n) <= P(country >= n) at every n.

The weight of a part is its own past, (deaths + `other` x deaths in other violence)^`power`, halved every
`half_life` months, plus a part `near` of the mean of its neighbours, plus a `floor`; places where nothing was
seen yet have the weight `unseen` together. Shares are weights over their sum. The numbers were chosen by the
likelihood of the shares at origins up to 2005 and stand in `sharing.yml`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

import numpy as np
import yaml

from tocsin.errors import UnknownId
from tocsin.forecasting.cube import Flags, Floats


@dataclass(frozen=True, slots=True)
class Rule:
    """How weights are made, and how firm the shares are by length of the window in months."""

    half_life: float
    power: float
    other: float
    near: float
    floor: float
    unseen: float
    concentration: Mapping[int, float]

    def firmness(self, months: int) -> float:
        """The concentration for a window; that of the nearest length when it has none of its own."""
        return self.concentration[min(self.concentration, key=lambda m: (abs(m - months), m))]


@cache
def rules() -> dict[str, Rule]:
    """The reviewed rules by kind of part: `adm1`, `cell`, `situation`."""
    given = yaml.load(
        files("tocsin.forecasting").joinpath("sharing.yml").read_text("utf-8"), yaml.CSafeLoader
    )
    return {kind: Rule(**values) for kind, values in given.items()}


def rule(kind: str) -> Rule:
    """The rule of one kind of part. Raises UnknownId."""
    if kind not in rules():
        raise UnknownId("kind of part", kind, rules())
    return rules()[kind]


def weights(how: Rule, deaths: Floats, other: Floats, touch: Flags | None = None) -> Floats:
    """Weights (a + 1, t) at the end of each month; the last row is all that was not seen yet.

    `deaths` and `other` are (a, t), nan read as a month that tells nothing; `touch` (a, a) says which parts
    are neighbours. A part weighs nothing before its first event.
    """
    struck = np.nan_to_num(deaths) + how.other * np.nan_to_num(other)
    fresh = np.where(struck > 0, np.maximum(struck, 1e-9) ** how.power, 0.0)
    decayed, keep = np.zeros_like(fresh), 0.5 ** (1 / how.half_life)
    for t in range(fresh.shape[1]):
        decayed[:, t] = fresh[:, t] + (keep * decayed[:, t - 1] if t else 0)
    if touch is not None and how.near:
        decayed = decayed + how.near * (touch @ decayed) / np.maximum(1, touch.sum(axis=1))[:, None]
    return np.concatenate([decayed + how.floor, np.full((1, fresh.shape[1]), how.unseen)])


def shares(weight: Floats, seen: Flags) -> Floats:
    """Shares (a + 1, ...) of parts `seen` (a, ...); a part not seen has none: it is in the last row."""
    kept = weight * np.concatenate([seen, np.ones_like(seen[:1])])
    return np.asarray(kept / kept.sum(axis=0))


def seen_until(events: Floats) -> Flags:
    """Whether a part had an event up to each month (a, t)."""
    return np.asarray(np.cumsum(np.nan_to_num(events), axis=1) > 0)


def bands(exceedances: Floats) -> Floats:
    """The probability of each band [level_i, level_i+1) (..., g), from exceedances (..., g)."""
    after = np.concatenate([exceedances[..., 1:], np.zeros_like(exceedances[..., :1])], axis=-1)
    return np.asarray(exceedances - after)


def totals(levels: Floats) -> Floats:
    """The total that stands for each band of whole numbers [level_i, level_i+1 - 1] (g,): its middle."""
    return np.append((levels[:-1] + levels[1:] - 1) / 2, levels[-1])


def part_exceedances(
    country: Floats, levels: Floats, share: Floats, firm: float, at: Floats | None = None
) -> Floats:
    """P(part >= level) (a, m) from the country's exceedances (g,) at `levels` (g,) and shares (a,).

    `at` (m,) are some of the levels, by default all. Each is never above the country's own and never rises
    with the level.
    """
    wanted = levels if at is None else at
    given = _beta_binomial(wanted, totals(levels), share, firm)
    found = np.minimum(given @ bands(country), country[np.searchsorted(levels, wanted)])
    return np.minimum.accumulate(np.clip(found, 0, 1), axis=1)


def part_means(country: Floats, levels: Floats, share: Floats) -> Floats:
    """Expected deaths of the parts (a,): the country's, by share."""
    return np.asarray(share * (bands(country) @ totals(levels)))


def _beta_binomial(levels: Floats, total: Floats, share: Floats, firm: float) -> Floats:
    """P(part >= level | total) (a, m levels, g totals): exact at 1 and at the total, beta law between."""
    from scipy.special import betainc, gammaln

    s = np.clip(share, 1e-12, 1 - 1e-12)[:, None, None]
    alpha, beta = firm * s, firm * (1 - s)
    level, total = levels[None, :, None], total[None, None, :]
    none = gammaln(firm) + gammaln(beta + total) - gammaln(beta) - gammaln(firm + total)
    reached = 1 - betainc(alpha, beta, np.clip((level - 0.5) / total, 0, 1))
    at_all = np.broadcast_to(-np.expm1(none), reached.shape)
    whole = np.exp(gammaln(firm) + gammaln(alpha + total) - gammaln(alpha) - gammaln(firm + total))
    reached = np.where(level <= 1, at_all, np.clip(reached, whole, at_all))
    return np.asarray(np.where(total < level, 0.0, reached))


def log_likelihood(y: Floats, share: Floats, firm: float) -> float:
    """The log-likelihood of the parts y (a, m) given their sums, at shares (a, m), over m cases."""
    from scipy.special import gammaln

    total, alpha = y.sum(axis=0), firm * np.clip(share, 1e-12, 1)
    parts = np.where(y > 0, gammaln(y + alpha) - gammaln(alpha) - gammaln(y + 1), 0.0).sum(axis=0)
    whole = gammaln(total + 1) + gammaln(firm) - gammaln(total + firm)
    return float((whole + parts)[total > 0].sum())
