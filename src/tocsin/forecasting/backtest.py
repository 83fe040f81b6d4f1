"""Rolling origins on any panel: at each, fit on what was known there, and look ahead.

Nothing after an origin reaches its forecasts: predictors look back, a row is learned from only once its label
was known, and settings that depend on the data (windows, which columns go in as logarithms) are taken from
the periods up to the first origin.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
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
ENOUGH = 15_000
"""Rows that a fit learns from, about."""
NAMED = 5
"""How many entities or columns a line names."""


@dataclass(frozen=True, slots=True, eq=False)
class Answer:
    """The forecasts of one task from one origin: exceedances (n, g) at `levels` for the entities numbered.

    `rows` (n) are what stood at the origin, `fitted` is who answered.
    """

    origin: int
    task: Task
    levels: Floats
    p: Floats
    rows: Rows
    fitted: Fitted

    @property
    def entity(self) -> Ints:
        """The number of each entity (n,)."""
        return self.rows.entity

    @property
    def period(self) -> int:
        """The (last) period that is forecast."""
        return self.origin + self.task.ahead


@dataclass(slots=True, eq=False)
class Engine:
    """A cube, its spec, the period up to which settings may look (`first`), and who forecasts.

    `written` is how a period is told to a person.
    """

    cube: Cube
    spec: Spec
    first: int
    forecaster: Forecaster
    written: Callable[[int], str] = str
    _names: tuple[str, ...] = field(init=False)
    _signs: Ints = field(init=False)
    _x: dict[int, Floats] = field(init=False, default_factory=dict)

    def __post_init__(self) -> None:
        begin, end = int(self.cube.periods[0]), int(self.cube.periods[-1])
        if not begin < self.first <= end:
            raise InputError(
                f"the first origin {self.written(self.first)} is not inside of the panel",
                "[origins] first",
                f"it runs from {self.written(begin)} to {self.written(end)}; one period must come before",
            )
        self._names = self._table(self.spec.first_lag(self.spec.tasks[0]))
        self._signs = np.array([0 if n in self.spec.known else 1 for n in self._names], dtype=np.int64)

    def seen(self, task: Task, origin: int) -> Seen:
        """Rows whose label was known at the origin, for one task.

        Of far more than `ENOUGH` rows every second, third, ... period is taken, counted back from the newest:
        what neighbouring periods tell is nearly the same, and the time of a fit grows with its rows.
        """
        label = self._outcome(task)
        gap = self.spec.gap(task)
        last = self.cube.at(origin - gap)
        use = self.cube.exists & ~np.isnan(label)
        use[:, max(last + 1, 0) :] = False
        use[:, : min(WARM, self.cube.at(self.first) // 4)] = False
        use[:, (last - np.arange(use.shape[1])) % max(1, round(int(use.sum()) / ENOUGH)) != 0] = False
        y = label[use]
        top = levels.grid(float(y.max(initial=1.0)), self.spec.thresholds)
        return Seen(self._rows(task, use), y, top if self.spec.kind == "count" else np.ones(1), gap)

    def now(self, task: Task, origin: int) -> Rows:
        """The rows that stand at the origin."""
        use = np.zeros_like(self.cube.exists)
        use[:, self.cube.at(origin)] = self.cube.exists[:, self.cube.at(origin)]
        return self._rows(task, use)

    def lacking(self, origin: int) -> str:
        """Which entities have no row at an origin though they had one, and which known columns are blank."""
        at = self.cube.at(origin)
        here, before = self.cube.exists[:, at], self.cube.exists[:, :at].any(axis=1)
        gone = [self.cube.entities[i] for i in np.flatnonzero(before & ~here)]
        blank = {c: int(np.isnan(self.cube.columns[c][here, at]).sum()) for c in self.spec.known}
        blanks = [f"{c} {n}" for c, n in blank.items() if n]
        return (f"; no row, so no forecast: {len(gone)} ({_few(gone)})" if gone else "") + (
            f"; blank in {int(here.sum())} rows: {_few(blanks)}" if blanks else ""
        )

    def _outcome(self, task: Task) -> Floats:
        """What happened, by base (n, t); nan where it is not wholly known."""
        x = self.cube.columns[self.spec.label]
        x = history.total(x, task.ahead) if task.total else x
        out = np.full_like(x, np.nan)
        out[:, : max(x.shape[1] - task.ahead, 0)] = x[:, task.ahead :]
        return out

    def _table(self, lag: int) -> tuple[str, ...]:
        """Make all predictors (n, t, p) with labels `lag` periods late; their names."""
        parts = list(_predictors(self.cube, self.spec, self.first, lag))
        empty = np.zeros((*self.cube.exists.shape, 0))
        self._x[lag] = np.stack([x for _, x in parts], axis=2) if parts else empty
        return tuple(name for name, _ in parts)

    def _rows(self, task: Task, use: Flags) -> Rows:
        lag = self.spec.first_lag(task)
        if lag not in self._x:
            self._table(lag)
        own = self.cube.columns[self.spec.label]
        own = history.back(history.total(own, task.ahead) if task.total else own, lag)
        entity, at = np.nonzero(use)
        past = history.past(own, PAST)[entity, at]
        return Rows(self._names, self._signs, self._x[lag][use], past, entity, self.cube.periods[at])


def run(engine: Engine, origins: range, tell: Callable[[str], None] = lambda text: None) -> Iterator[Answer]:
    """Every task at every origin, refitted at each `refit_every`-th. An origin without rows gives nothing.

    `tell` hears of every origin: who has no row, what is blank, which members of a pool could not learn.
    Raises InputError when no outcome was known at one.
    """
    fitted: dict[str, tuple[Fitted, Floats]] = {}
    for origin in origins:
        tell(f"origin {engine.written(origin)}{engine.lacking(origin)}")
        for task in engine.spec.tasks:
            if (origin - origins.start) % engine.spec.refit_every == 0:
                fitted[task.key] = _fit(engine, task, origin, tell)
            rows = engine.now(task, origin)
            model, at = fitted[task.key]
            if len(rows):
                yield Answer(origin, task, at, model.predict(rows), rows, model)


def _fit(engine: Engine, task: Task, origin: int, tell: Callable[[str], None]) -> tuple[Fitted, Floats]:
    where, seen = f"origin {engine.written(origin)}, horizon {task.key}", engine.seen(task, origin)
    if not len(seen):
        remedy = f"rows up to {engine.written(origin - seen.gap)} could have one; start at a later origin"
        raise InputError("no row has an outcome that was known", where, remedy)
    try:
        fitted = engine.forecaster.fit(seen)
    except InputError as error:
        raise InputError(error.what, where, error.remedy) from error
    _aside(engine.forecaster, fitted, where, tell)
    return fitted, seen.levels


def _aside(asked: Forecaster, fitted: Fitted, where: str, tell: Callable[[str], None]) -> None:
    if isinstance(asked, Pool) and isinstance(fitted, Pooled):
        absent = [m.name for m in asked.members if m.name not in fitted.names]
        if absent:
            tell(f"{where}: too little for {', '.join(absent)} to learn from; by {', '.join(fitted.names)}")


def _few(names: Sequence[str]) -> str:
    return ", ".join(names[:NAMED]) + (", ..." if len(names) > NAMED else "")


def _predictors(cube: Cube, spec: Spec, first: int, lag: int) -> Iterator[tuple[str, Floats]]:
    """(name, values) of the history of all columns, the label's `lag` periods back, and of the known ones."""
    before = cube.at(first) + 1
    late = {spec.label: lag}
    for name in spec.history:
        yield from history.predictors(name, history.back(cube.columns[name], late.get(name, 0)), before // 2)
    for name in spec.known:
        x = history.back(cube.columns[name], late.get(name, 0))
        large = np.nanmax(np.abs(x[:, :before]), initial=0.0) > LARGE
        yield name, np.sign(x) * np.log1p(np.abs(x)) if large else x
