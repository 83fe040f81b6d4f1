"""Whether reports of present rights violations rose, and whether the words on a factor grew stronger.

The newest weeks are compared with what the place's own past lets expect: the chance of so many distinct
stories or more under the negative binomial law that predicts them, its mean and spread estimated from the
past, uncertain as they are. It is a scan over windows that end now (the window-limited generalised likelihood
ratio of Lai 1995, J. R. Stat. Soc. B 57 (4), with prediction as in Farrington et al. 1996, J. R. Stat. Soc. A
159 (3)); a cumulated sum for one size of step was tried beside it and sees less of other sizes. docs/trend.md
has the figures.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from tocsin.assessment.belief import RightsTrend
from tocsin.assessment.figures import weights
from tocsin.assessment.inputs import Inputs
from tocsin.assessment.past import Law, Past, Week, law
from tocsin.assessment.words import risks, strength
from tocsin.sources.reportflow import Flow

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Numbers = NDArray[np.float64]

WORDS = "words"
"""The group of sources whose flow tells whether words can be missed."""


@dataclass(frozen=True, slots=True)
class Look:
    """What the newest weeks of some series tell, by series and window (last axis, see `Law.windows`).

    `chance` is that of so many stories or more when nothing has changed. `rises` says whether that is less
    than the rule allows, of stories enough and a rise large enough.
    """

    observed: Numbers
    expected: Numbers
    chance: Numbers
    rises: NDArray[np.bool_]


def look(told: Numbers, grown: Sequence[float] | float = 1.0, by: Law | None = None) -> Look:
    """Judge series of weekly counts (last axis, oldest first): the newest weeks against all those before.

    `grown` is how many times more is read now than in the past, by window.
    """
    import numpy as np
    from scipy.special import betainc

    rules = by or law()
    weeks, limits = (np.array(column, float) for column in zip(*rules.windows, strict=True))
    past, new = told[..., : -rules.recent], told[..., -rules.recent :]
    n = past.shape[-1]
    expected = (past.sum(axis=-1, keepdims=True) + rules.start) / n * weeks * np.asarray(grown)
    observed = np.cumsum(new[..., ::-1], axis=-1)[..., weeks.astype(int) - 1].astype(float)
    over = spread_of(past, rules)[..., None] * (1 + weeks * np.asarray(grown) / n)
    tail = betainc(np.maximum(observed, 1), expected / (over - 1), 1 - 1 / over)
    telling = (observed >= rules.least_stories) & (observed >= rules.least_ratio * expected)
    return Look(observed, expected, np.where(observed > 0, tail, 1.0), telling & (tail < limits))


def spread_of(past: Numbers, rules: Law) -> Numbers:
    """Variance to mean, above 1: the past's own, raised towards the rule's where stories are few."""
    import numpy as np

    mean, n = past.mean(axis=-1), past.shape[-1]
    own = past.var(axis=-1, ddof=1) / np.maximum(mean, 1e-9)
    weight = (n - 1) * np.minimum(1.0, mean)
    drawn = (weight * own + rules.spread_weeks * rules.spread) / (weight + rules.spread_weeks)
    return np.maximum(np.maximum(drawn, own), 1 + 1e-6)  # type: ignore[no-any-return]


def rights_trend(inputs: Inputs) -> RightsTrend | None:
    """The trend of a place; None where its past is too short, and where fewer reports could hide a rise.

    A rise that shows although fewer reports come is told all the same.
    """
    import numpy as np

    rules, weeks = law(), inputs.sight.past.weeks
    past, new = weeks[: -rules.recent], weeks[-rules.recent :]
    if len(past) < rules.past_least or sum(w.named > 0 for w in past) < rules.named_least:
        return None
    spans = [new[-n:] for n, _ in rules.windows]
    seen = look(np.array([w.told for w in weeks], float), [max(1.0, *_growth(past, s)) for s in spans])
    alert = bool(seen.rises.any())
    if not alert and (inputs.sight.past.gap or _fallen(inputs)):
        return None
    unlikely = seen.chance / np.array([limit for _, limit in rules.windows])
    best = int(np.argmin(np.where(seen.rises, unlikely, unlikely + alert * 1e9)))
    observed, expected, span = int(seen.observed[best]), float(seen.expected[best]), spans[best]
    return RightsTrend(
        alert=alert,
        ratio=round(observed / expected, 4),
        expected=round(expected, 4),
        counts=tuple(w.told for w in weeks),
        since=span[0].first,
        periods=len(past),
        why=_why(alert, observed, expected, span, len(past)),
        signals=tuple(claim for week in span for claim in week.claims),
    )


def _growth(past: Sequence[Week], new: Sequence[Week]) -> tuple[float, float]:
    """How many times more is read now: of the place without bearing on violence, and of all other places.

    What a crisis itself brings into the news of a place must not hide it.
    """
    rules = law()
    here = _mean([w.plain for w in new], rules) / _mean([w.plain for w in past], rules)
    return here, _mean([w.elsewhere for w in new], rules) / _mean([w.elsewhere for w in past], rules)


def _mean(counts: Sequence[int], rules: Law) -> float:
    return sum(counts) / len(counts) + rules.steady


def _fallen(inputs: Inputs) -> bool:
    """Whether fewer reports come than usual, by the flow of words or by the stories of this place."""
    rules, weeks = law(), inputs.sight.past.weeks
    if any(w.of == WORDS and w.state in (Flow.DROPPED, Flow.SOURCE) for w in inputs.sight.flow):
        return True
    past, new = weeks[: -rules.recent], weeks[-rules.recent :]
    if not sum(w.named for w in new):
        return True
    shares = [
        _mean([w.named for w in new], rules) / _mean([w.named for w in past], rules),
        _mean([w.elsewhere for w in new], rules) / _mean([w.elsewhere for w in past], rules),
    ]
    return min(shares) < rules.fallen


def _why(alert: bool, observed: int, expected: float, span: Sequence[Week], periods: int) -> str:
    stories = f"{observed} distinct stor{'y' if observed == 1 else 'ies'}"
    weeks = "the newest week" if len(span) == 1 else f"the newest {len(span)} weeks"
    usual = f"where {expected:.1f} are expected from {periods} weeks before"
    if alert:
        return f"Reports of present rights violations rose: {stories} in {weeks}, {usual}."
    return f"Reports of present rights violations did not rise clearly: {stories} in {weeks}, {usual}."


def factor_trend(factor: str, inputs: Inputs) -> float | None:
    """The strength of the words on a factor less that of the 90 days before; None where not comparable.

    Both by origins that are not new here. Comparable are two windows in each of which enough was read, with
    about as many other stories (of the place, and of elsewhere), and without a fall in reports.
    """
    past, days = inputs.sight.past, weights().window_days
    if not _comparable(past) or _fallen(inputs):
        return None
    before = inputs.as_of - timedelta(days=days)
    now = strength(risks(past.signals, inputs.as_of, (factor,)))
    return round(now - strength(risks(past.signals, before, (factor,))), 4)


def _comparable(past: Past) -> bool:
    weeks = -(-weights().window_days // 7)
    if past.gap or len(past.weeks) < 2 * weeks:
        return False
    before, now = past.weeks[-2 * weeks : -weeks], past.weeks[-weeks:]
    if min(sum(w.named for w in span) for span in (before, now)) < weights().enough_records:
        return False
    most = law().comparable
    return all(1 / most <= share <= most for share in _growth(before, now))
