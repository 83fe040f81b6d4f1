"""Rolling origins on any panel: at each, fit on what was known there, and look ahead.

Nothing after an origin reaches its forecasts: predictors look back, a row is learned from only once its label
was known, and settings that depend on the data (windows, which columns go in as logarithms) are taken from
the periods up to the first origin.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

import numpy as np

from tocsin.errors import InputError
from tocsin.forecasting import history, levels
from tocsin.forecasting.cube import Cube
from tocsin.forecasting.forecaster import Fitted, Flags, Floats, Forecaster, Ints, Rows, Seen
from tocsin.forecasting.forecasters.pool import Pool, Pooled
from tocsin.forecasting.spec import Spec, Task

PAST = 120
WARM = 24
LARGE = 1000.0


@dataclass(frozen=True, slots=True, eq=False)
class Answer:
    """The forecasts of one task from one origin: exceedances (n, g) at `levels` for the entities numbered."""

    origin: int
    task: Task
    entity: Ints
    levels: Floats
    p: Floats

    @property
    def period(self) -> int:
        """The (last) period that is forecast."""
        return self.origin + self.task.ahead


@dataclass(slots=True, eq=False)
class Engine:
    """A cube, its spec, the period up to which settings may look (`first`), and who forecasts."""

    cube: Cube
    spec: Spec
    first: int
    forecaster: Forecaster
    _names: tuple[str, ...] = field(init=False)
    _signs: Ints = field(init=False)
    _x: dict[int, Floats] = field(init=False, default_factory=dict)

    def __post_init__(self) -> None:
        begin, end = int(self.cube.periods[0]), int(self.cube.periods[-1])
        if not begin < self.first <= end:
            raise InputError(
                f"the first origin {self.first} is not inside of the panel",
                "origins",
                f"it runs from {begin} to {end}",
            )
        known = dict(_predictors(self.cube, self.spec, self.first, 0))
        self._names = tuple(known)
        self._signs = np.array([0 if name in self.spec.known else 1 for name in known], dtype=np.int64)

    def seen(self, task: Task, origin: int) -> Seen:
        """Rows whose label was known at the origin, for one task."""
        label = self._outcome(task)
        gap = task.ahead + self.spec.label_lag
        last = self.cube.at(origin - gap)
        use = self.cube.exists & ~np.isnan(label)
        use[:, max(last + 1, 0) :] = False
        use[:, : min(WARM, self.cube.at(self.first) // 4)] = False
        y = label[use]
        top = levels.grid(float(y.max(initial=1.0)), self.spec.thresholds)
        return Seen(self._rows(task, use), y, top if self.spec.kind == "count" else np.ones(1), gap)

    def now(self, task: Task, origin: int) -> Rows:
        """The rows that stand at the origin."""
        use = np.zeros_like(self.cube.exists)
        use[:, self.cube.at(origin)] = self.cube.exists[:, self.cube.at(origin)]
        return self._rows(task, use)

    def _outcome(self, task: Task) -> Floats:
        """What happened, by base (n, t); nan where it is not wholly known."""
        x = self.cube.columns[self.spec.label]
        x = history.total(x, task.ahead) if task.total else x
        out = np.full_like(x, np.nan)
        out[:, : x.shape[1] - task.ahead] = x[:, task.ahead :]
        return out

    def _rows(self, task: Task, use: Flags) -> Rows:
        lag = self.spec.first_lag(task)
        if lag not in self._x:
            parts = _predictors(self.cube, self.spec, self.first, lag)
            self._x[lag] = (
                np.stack([x for _, x in parts], axis=2) if self._names else np.zeros((*use.shape, 0))
            )
        own = self.cube.columns[self.spec.label]
        own = history.back(history.total(own, task.ahead) if task.total else own, lag)
        entity, at = np.nonzero(use)
        past = history.past(own, PAST)[entity, at]
        return Rows(self._names, self._signs, self._x[lag][use], past, entity, self.cube.periods[at])


def run(engine: Engine, origins: range, tell: Callable[[str], None] = lambda text: None) -> Iterator[Answer]:
    """Every task at every origin, refitted at each `refit_every`-th. An origin without rows gives nothing.

    `tell` hears which members of a pool could not learn. Raises InputError when nothing was known at one.
    """
    fitted: dict[str, tuple[Fitted, Floats]] = {}
    for origin in origins:
        for task in engine.spec.tasks:
            if (origin - origins.start) % engine.spec.refit_every == 0:
                seen = engine.seen(task, origin)
                fitted[task.key] = engine.forecaster.fit(seen), seen.levels
                _aside(engine.forecaster, fitted[task.key][0], f"origin {origin}, horizon {task.key}", tell)
            rows = engine.now(task, origin)
            model, at = fitted[task.key]
            if len(rows):
                yield Answer(origin, task, rows.entity, at, model.predict(rows))


def _aside(asked: Forecaster, fitted: Fitted, where: str, tell: Callable[[str], None]) -> None:
    if isinstance(asked, Pool) and isinstance(fitted, Pooled):
        absent = [m.name for m in asked.members if m.name not in fitted.names]
        if absent:
            tell(f"{where}: too few events for {', '.join(absent)}; forecast by {', '.join(fitted.names)}")


def _predictors(cube: Cube, spec: Spec, first: int, lag: int) -> Iterator[tuple[str, Floats]]:
    """(name, values) of the history of all columns, the label's `lag` periods back, and of the known ones."""
    before = cube.at(first) + 1
    for name in spec.history:
        x = cube.columns[name]
        x = history.back(x, lag) if name == spec.label else x
        yield from history.predictors(name, x, before // 2)
    for name in spec.known:
        x = cube.columns[name]
        large = np.nanmax(np.abs(x[:, :before]), initial=0.0) > LARGE
        yield name, np.sign(x) * np.log1p(np.abs(x)) if large else x
