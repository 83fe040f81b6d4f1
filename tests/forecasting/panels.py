"""Small made-up panels with memory, and the specs that go with them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from tocsin.forecasting.cube import Cube
from tocsin.forecasting.spec import Spec, parse


def tables(kind: str = "count", **words: Any) -> dict[str, dict[str, Any]]:
    """The tables of a spec; `words` go to the table that knows them."""
    found: dict[str, dict[str, Any]] = {
        "panel": {"entity": "who", "period": "t", "label": "y", "kind": kind},
        "features": {"history": ["y"], "known": ["z"]},
        "origins": {"first": 30, "last": 33, "horizons": [1, 3], "sums": [2], "refit_every": 2},
    }
    if kind == "count":
        found["origins"]["thresholds"] = [1, 5]
    for word, value in words.items():
        home = next((t for t in found if word in found[t]), "panel" if word == "label_lag" else "origins")
        found[home][word] = value
    return found


def spec(kind: str = "count", **words: Any) -> Spec:
    return parse(tables(kind, **words), "spec.toml")


def toml(found: Mapping[str, Mapping[str, Any]]) -> str:
    """The tables as TOML."""
    lines = []
    for name, table in found.items():
        lines += [
            f"[{name}]",
            *(f"{k} = {str(v).lower() if v is True else repr(v)}" for k, v in table.items()),
        ]
    return "\n".join(lines) + "\n"


def cube(kind: str = "count", entities: int = 12, periods: int = 40, seed: int = 5) -> Cube:
    """A lasting risk an entity, a known column `z` that shows it, and outcomes `y` that follow it."""
    rng = np.random.default_rng(seed)
    risk = rng.normal(size=(entities, 1)) + np.cumsum(rng.normal(scale=0.3, size=(entities, periods)), axis=1)
    noise = rng.normal(size=risk.shape)
    y = np.floor(np.exp(np.clip(risk + 0.5 * noise, -3, 6))) if kind == "count" else 1.0 * (risk + noise > 1)
    z = risk + rng.normal(scale=0.5, size=risk.shape)
    names = tuple(f"E{i:02d}" for i in range(entities))
    return Cube(names, np.arange(periods), {"y": y, "z": z}, np.ones(risk.shape, dtype=np.bool_))


def write(path: Path, rows: Sequence[Sequence[Any]], header: Sequence[str] = ("who", "t", "y", "z")) -> Path:
    lines = [",".join(header), *(",".join(map(str, row)) for row in rows)]
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


def rows(made: Cube) -> list[list[Any]]:
    """The rows of a cube as a file has them; what is unknown is empty."""
    out = []
    for i, t in zip(*np.nonzero(made.exists), strict=True):
        cells = [made.columns[c][i, t] for c in ("y", "z")]
        out.append(
            [made.entities[i], int(made.periods[t]), *("" if np.isnan(c) else repr(float(c)) for c in cells)]
        )
    return out
