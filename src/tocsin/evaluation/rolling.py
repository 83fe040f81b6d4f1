"""`tocsin evaluate backtest`: the engine on any panel, as rows, with the manifest that makes them again."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np

from tocsin.errors import InputError, UnknownId
from tocsin.evidence.ids import content_id, sha256
from tocsin.forecasting import levels
from tocsin.forecasting.backtest import Answer, Engine, run
from tocsin.forecasting.model import one_thread
from tocsin.forecasting.reading import PanelFile, read_panel
from tocsin.forecasting.spec import Spec, load_spec
from tocsin.forecasting.standard import SEED, forecasters

Row = dict[str, str]
QUANTILES = tuple(f"q{k:02d}" for k in range(1, 100))


@dataclass(frozen=True, slots=True, eq=False)
class Backtest:
    """A panel, its spec, the `origins` by number, and who forecasts.

    `notes` are for the reader; `manifest` says what it takes to make the same rows again.
    """

    panel: PanelFile
    spec: Spec
    engine: Engine
    origins: range
    notes: tuple[str, ...]
    manifest: dict[str, Any]


def prepare(panel: Path, spec: Path, forecaster: str) -> Backtest:
    """Read and check everything before the first fit. Raises InputError, UnknownId."""
    asked = load_spec(spec)
    known = forecasters(asked.kind)
    if forecaster not in known:
        raise UnknownId("forecaster", forecaster, known)
    read = read_panel(panel, asked)
    origins = _origins(read, asked, str(spec))
    engine = Engine(read.cube, asked, origins.start, known[forecaster], read.axis.written)
    body = {
        "code": version("tocsin"),
        "seed": SEED,
        "forecaster": forecaster,
        "settings": repr(known[forecaster]),
        "as_of": str(asked.last),
        "panel": sha256(panel.read_bytes()),
        "spec": {k: str(v) for k, v in asdict(asked).items()},
    }
    manifest = {"id": content_id("manifest", body), **body}
    return Backtest(read, asked, engine, origins, _notes(read, asked), manifest)


def rows(test: Backtest, tell: Callable[[str], None]) -> Iterator[Row]:
    """One row an entity, origin and horizon; `tell` hears of every origin and of members that stood aside."""
    for note in test.notes:
        tell(note)
    with one_thread():
        for answer in run(test.engine, test.origins, tell):
            yield from _written(test, answer)


def _origins(read: PanelFile, asked: Spec, where: str) -> range:
    """The origins by number. Raises InputError when the panel does not hold them or is too short to look."""
    axis, periods = read.axis, read.cube.periods
    first = axis.index(asked.first, f"{where}: [origins] first")
    last = axis.index(asked.last, f"{where}: [origins] last")
    if last > periods[-1]:
        runs = f"it runs from {axis.written(int(periods[0]))} to {axis.written(int(periods[-1]))}"
        raise InputError(f"last {asked.last} is not inside of the panel", f"{where}: [origins]", runs)
    for task in asked.tasks:
        if asked.gap(task) >= len(periods):
            raise InputError(
                f"horizon {task.key} is known {asked.gap(task)} periods later, the panel has {len(periods)}",
                f"{where}: [origins]",
                "no outcome would ever be known; look less far ahead",
            )
    return range(first, last + 1)


def _notes(read: PanelFile, asked: Spec) -> tuple[str, ...]:
    cube, axis = read.cube, read.axis
    first, last = axis.written(int(cube.periods[0])), axis.written(int(cube.periods[-1]))
    notes = [
        f"{len(cube.entities)} entities, {len(cube.periods)} periods from {first} to {last} by {axis.words}, "
        f"{int(cube.exists.sum())} rows; {int((~cube.exists).sum())} without a row are unknown, not zero"
    ]
    if 0 in asked.horizons and not asked.label_lag:
        notes.append("horizon 0 without a label_lag: labels are taken for known one period after their row")
    if asked.kind == "binary" and asked.thresholds:
        notes.append("thresholds are for counts; a binary label has none, so they are left aside")
    return tuple(notes)


def _written(test: Backtest, answer: Answer) -> Iterator[Row]:
    count = test.spec.kind == "count"
    quantiles = levels.quantiles(answer.p, answer.levels) if count else answer.p
    at = np.searchsorted(answer.levels, test.spec.thresholds).tolist() if count else []
    for i, entity in enumerate(answer.entity.tolist()):
        row = {
            "entity": test.panel.cube.entities[entity],
            "origin": test.panel.axis.written(answer.origin),
            "period": test.panel.axis.written(answer.period),
            "horizon": answer.task.key,
        }
        if count:
            row |= {
                f"p_ge_{k}": f"{answer.p[i, j]:.6g}" for k, j in zip(test.spec.thresholds, at, strict=True)
            }
            row |= {name: f"{q:.4g}" for name, q in zip(QUANTILES, quantiles[i], strict=True)}
        else:
            row["probability"] = f"{answer.p[i, 0]:.6g}"
        yield row
