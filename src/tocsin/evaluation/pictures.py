"""Three pictures of a scored file as PNG: reliability, ranking, onset by onset. Same figures, same bytes."""

from __future__ import annotations

import io
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import numpy as np

from tocsin.errors import UserError
from tocsin.evaluation.bootstrap import Draws, ranked
from tocsin.evaluation.columns import Floats
from tocsin.evaluation.compared import Slice, slices
from tocsin.evaluation.lead_time import Onset
from tocsin.evaluation.plainly import first_onsets, title
from tocsin.evaluation.scored import Scored
from tocsin.evaluation.scoring import TOPS

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

INK, SOFT, LINE = "#16202a", "#4a5763", "#b9c2ca"
COLOURS, MARKS = ("#0b4f8a", "#c2410c"), ("o", "s")
"""One colour and one mark a file; the pair is told apart without colour too."""
DPI = 120
ROWS, COLUMNS = 4, 4
APART = 0.085
TICKS = (0.001, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.8, 1)
DEEPEST = 60
"""The ranking is drawn down to this place."""
LISTED = 40
"""Onsets that are drawn, the worst first."""


def pictures(found: Scored) -> dict[str, bytes]:
    """PNG by file name. Raises UserError when the drawing library is not installed."""
    try:
        import matplotlib.style
    except ImportError:
        raise UserError("pictures need matplotlib; install tocsin[figures]") from None
    style: Any = {
        "font.size": 10,
        "text.color": INK,
        "axes.labelcolor": INK,
        "axes.edgecolor": SOFT,
        "axes.spines.top": False,
        "axes.spines.right": False,
        "axes.titlesize": 10,
        "axes.titlelocation": "left",
    }
    with matplotlib.style.context(["default", style]):
        made = {"reliability.png": _reliability(found), "ranking.png": _ranking(found)}
        made |= {"onsets.png": _onsets(found)} if found.onsets else {}
        return {name: _png(figure) for name, figure in made.items()}


def drawn(found: Scored) -> list[Slice]:
    """The slices that have a panel: the nearest horizons and lowest thresholds that fit."""
    rows = found.rows
    horizons, thresholds = rows.horizons[:ROWS], rows.thresholds[:COLUMNS]
    return [s for s in slices(rows) if s.horizon in horizons and s.threshold in thresholds]


def _panels(found: Scored, height: float) -> tuple[Figure, Iterator[tuple[Axes, Slice]]]:
    from matplotlib.figure import Figure

    shown = drawn(found)
    across = 2 if len(shown) == 4 else min(len(shown), len(found.rows.thresholds), COLUMNS)
    down = -(-len(shown) // across)
    figure = Figure(figsize=(max(7.5, 3.6 * across), height * down + 0.5), layout="constrained")
    axes = np.atleast_1d(np.asarray(figure.subplots(down, across, squeeze=False))).ravel()
    return figure, zip(axes.tolist(), shown, strict=True)


def _legend(figure: Figure, axes: Axes, found: Scored) -> None:
    if len(found.rows.labels) > 1:
        figure.legend(*axes.get_legend_handles_labels(), loc="outside lower left", ncols=2, frameon=False)


def _reliability(found: Scored) -> Figure:
    figure, panels = _panels(found, 3.4)
    for axes, one in panels:
        top = 0.0
        for j, label in enumerate(found.rows.labels):
            bins = [
                c
                for c in found.calibration
                if (c.forecasts, c.horizon, c.threshold) == (label, one.horizon, one.threshold)
            ]
            x, y = np.array([b.forecast for b in bins]), np.array([b.observed for b in bins])
            ends = np.array([[b.observed - b.observed_low, b.observed_high - b.observed] for b in bins]).T
            axes.errorbar(
                x, y, yerr=np.maximum(ends, 0), color=COLOURS[j], marker=MARKS[j], label=label,
                ms=5, lw=1.2, elinewidth=1, mfc="white" if j else COLOURS[j],
            )  # fmt: skip
            top = max(top, float(x.max()), float(max(b.observed_high for b in bins)))
        top = min(1.02, top * 1.05)
        axes.plot([0, top], [0, top], color=SOFT, lw=1, ls="--", zorder=0)
        axes.set_xscale("function", functions=(_root, np.square))
        axes.set_yscale("function", functions=(_root, np.square))
        ticks = _apart(top)
        axes.set_xticks(ticks, [f"{t * 100:g}" for t in ticks])
        axes.set_yticks(ticks, [f"{t * 100:g}" for t in ticks])
        axes.set(xlim=(0, top), ylim=(0, top), title=title(found, one.horizon, one.threshold))
        axes.set(xlabel="forecast probability, percent", ylabel="percent that happened")
        last = axes
    _legend(figure, last, found)
    return figure


def _apart(top: float) -> list[float]:
    """Ticks up to the top that leave room for their numbers."""
    kept = [0.0]
    for t in (t for t in TICKS if t <= top):
        if np.sqrt(t) - np.sqrt(kept[-1]) > APART * np.sqrt(top):
            kept.append(t)
    return kept


def _root(values: Floats) -> Floats:
    return np.asarray(np.sqrt(np.maximum(values, 0)))


def _ranking(found: Scored) -> Figure:
    figure, panels = _panels(found, 2.9)
    for axes, one in panels:
        scope = np.unique(one.origin, return_inverse=True)[1]
        sizes = np.bincount(scope)
        deepest = int(min(DEEPEST, sizes.max()))
        places = np.arange(1, deepest + 1)
        for j, label in enumerate(found.rows.labels):
            axes.plot(
                places, _recall(one, j, places, scope), color=COLOURS[j], label=label, ls=("-", "-.")[j]
            )
        chance = np.minimum(places[:, None] / sizes, 1) @ (np.bincount(scope, weights=one.y))
        axes.plot(places, chance / max(one.y.sum(), 1), color=SOFT, lw=1, ls="--")
        for k in (k for k in TOPS if k <= deepest):
            axes.axvline(k, color=LINE, lw=0.8, zorder=0)
        axes.set(xlim=(1, deepest), ylim=(0, 1.02), title=title(found, one.horizon, one.threshold))
        axes.set(xlabel="highest places looked at, each origin", ylabel="share of events seen")
        last = axes
    _legend(figure, last, found)
    return figure


def _recall(one: Slice, j: int, places: np.ndarray, scope: np.ndarray) -> Floats:
    once = Draws(np.ones((int(one.entity.max()) + 1, 1)))
    order = ranked(one.p[j], one.y, one.entity, scope, once)
    events = float(one.y.sum())
    return np.array([order.hits(int(k))[0] for k in places]) / (events or np.nan)


def listed(found: Scored) -> list[tuple[Onset, Onset | None]]:
    """The onsets that are drawn and told: of the first file, worst first, each beside the other file's."""
    told = found.first
    here = [o for o in found.onsets if (o.horizon, o.threshold) == told]
    other = {(o.entity, o.onset): o for o in here if o.forecasts != found.rows.labels[0]}
    return [(o, other.get((o.entity, o.onset))) for o in first_onsets(found)[:LISTED]]


def _onsets(found: Scored) -> Figure:
    from matplotlib.figure import Figure

    pairs = listed(found)
    figure = Figure(figsize=(7.5, 1.4 + 0.24 * len(pairs)), layout="constrained")
    axes = figure.subplots()
    for j in range(len(found.rows.labels)):
        at = [(n, pair[j]) for n, pair in enumerate(pairs)]
        x, y = [o.rank for _, o in at if o], [n for n, o in at if o]
        axes.scatter(
            x, y, s=34, color=COLOURS[j], marker=MARKS[j], label=found.rows.labels[j], zorder=3 - j,
            facecolors="none" if j else COLOURS[j],
        )  # fmt: skip
    axes.set_yticks(range(len(pairs)), [f"{o.entity} {o.onset}" for o, _ in pairs])
    axes.invert_yaxis()
    axes.set(ylim=(len(pairs) - 0.4, -0.6), xlabel="rank at the last origin before it (1 is highest)")
    axes.set_xscale("log")
    axes.set_xticks([1, 10, 20, 30, 50, 100], ["1", "10", "20", "30", "50", "100"])
    axes.set_xticks([], minor=True)
    axes.set_xlim(0.8, max(110, *(o.rank * 1.1 for pair in pairs for o in pair if o)))
    axes.grid(axis="y", color=LINE, lw=0.5)
    axes.axvspan(0.8, 10, color="#e8eef4", zorder=0)
    for k in TOPS:
        axes.axvline(k, color=SOFT, lw=0.8, ls="--", zorder=0)
    axes.set_title(f"{title(found, *found.first)}: the misses first; shaded: the top 10")
    _legend(figure, axes, found)
    return figure


def _png(figure: Figure) -> bytes:
    out = io.BytesIO()
    figure.savefig(out, format="png", dpi=DPI, metadata={"Software": None})
    return out.getvalue()
