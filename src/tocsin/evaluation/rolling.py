"""`tocsin evaluate backtest`: the engine on any panel, as rows, with the manifest that makes them again."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any

from tocsin.errors import UnknownId
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
    """A panel, its spec and who forecasts; `manifest` says what it takes to make the same rows again."""

    panel: PanelFile
    spec: Spec
    engine: Engine
    manifest: dict[str, Any]

    @property
    def origins(self) -> range:
        """The periods that are the last known ones, by number."""
        where = "[origins]"
        first, last = (self.panel.axis.index(p, where) for p in (self.spec.first, self.spec.last))
        return range(first, last + 1)


def prepare(panel: Path, spec: Path, forecaster: str) -> Backtest:
    """Read and check everything before the first fit. Raises InputError, UnknownId."""
    asked = load_spec(spec)
    known = forecasters(asked.kind)
    if forecaster not in known:
        raise UnknownId("forecaster", forecaster, known)
    read = read_panel(panel, asked)
    engine = Engine(read.cube, asked, read.axis.index(asked.first, "[origins]"), known[forecaster])
    body = {
        "code": version("tocsin"),
        "seed": SEED,
        "forecaster": forecaster,
        "settings": repr(known[forecaster]),
        "as_of": str(asked.last),
        "panel": sha256(panel.read_bytes()),
        "spec": {k: str(v) for k, v in asdict(asked).items()},
    }
    return Backtest(read, asked, engine, {"id": content_id("manifest", body), **body})


def rows(test: Backtest, tell: Callable[[str], None]) -> Iterator[Row]:
    """One row an entity, origin and horizon; `tell` hears of every origin and of members that stood aside."""
    done = None
    with one_thread():
        for answer in run(test.engine, test.origins, tell):
            if answer.origin != done:
                done = answer.origin
                tell(f"origin {test.panel.axis.written(done)}")
            yield from _written(test, answer)


def _written(test: Backtest, answer: Answer) -> Iterator[Row]:
    count = test.spec.kind == "count"
    quantiles = levels.quantiles(answer.p, answer.levels) if count else answer.p
    at = [list(answer.levels).index(k) for k in test.spec.thresholds] if count else []
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
