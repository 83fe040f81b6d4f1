"""The report of a scored file: one page that holds its pictures, opens anywhere and links to nothing."""

from __future__ import annotations

import base64
import math
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from tocsin.evaluation.bootstrap import RESAMPLES, SEED
from tocsin.evaluation.pictures import LISTED, drawn, listed, pictures
from tocsin.evaluation.plainly import asked, first_onsets, misses, sentences, title
from tocsin.evaluation.scored import Scored, measures
from tocsin.evaluation.scoring import DIFFERENCE, TOPS, Score

NOISE = 1e-12
"""What is nearer to 0 than this is what rounding left."""
TEMPLATES = Path(__file__).parent / "templates"
GROUPED = (
    "n",
    "events",
    "forecast_over_observed",
    "brier",
    "log_score",
    "auc",
    "average_precision",
    "recall_20",
)


def write_report(found: Scored, folder: Path) -> tuple[Path, ...]:
    """Write report.html and the pictures into a folder; the same figures give the same bytes."""
    drawings = pictures(found)
    folder.mkdir(parents=True, exist_ok=True)
    made = {**drawings, "report.html": page(found, drawings).encode()}
    for name, data in made.items():
        (folder / name).write_bytes(data)
    return tuple(folder / name for name in made)


def page(found: Scored, drawings: Mapping[str, bytes]) -> str:
    """The text of the report."""
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    made = Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.filters |= {"figure": figure, "share": share}
    return made.get_template("report.html").render(_context(found, drawings))


def figure(value: float) -> str:
    """A number for a reader: three digits that count, a dash where there is none."""
    if math.isnan(value):
        return "–"
    value = 0.0 if abs(value) < NOISE else value
    if math.isinf(value):
        return "∞" if value > 0 else "−∞"
    if value and abs(value) < 0.0001:
        return f"{value:.1e}".replace("-", "−")
    text = f"{value:,.0f}" if abs(value) >= 1000 or value == int(value) else f"{value:.3g}"
    return text.replace("-", "−")


def share(value: float) -> str:
    """A probability in percent; small ones keep two digits."""
    return f"{value:.0%}" if value >= 0.1 else f"{value * 100:.2g} %".replace(" ", "")


def _context(found: Scored, drawings: Mapping[str, bytes]) -> dict[str, Any]:
    rows = found.rows
    return {
        "labels": rows.labels,
        "asked": asked(found),
        "first": title(found, *found.first),
        "sentences": list(sentences(found)),
        "misses": misses(found),
        "pictures": {n: base64.b64encode(d).decode() for n, d in drawings.items()},
        "slices": [_slice(found, horizon, threshold) for horizon, threshold in found.slices()],
        "onsets": listed(found),
        "all_onsets": len(first_onsets(found)),
        "most": LISTED,
        "tops": TOPS,
        "lead": bool(found.onsets and found.onsets[0].leads),
        "hidden": len(list(found.slices())) - len(drawn(found)) - len(rows.horizons) * rows.quantiles,
        "notes": rows.notes,
        "percent": f"{found.share:.0%}",
        "resamples": RESAMPLES,
        "seed": SEED,
        "entities": len(rows.names),
        "words": measures(),
    }


def _slice(found: Scored, horizon: str, threshold: float) -> dict[str, Any]:
    """What the page shows of one horizon and threshold."""
    return {
        "title": title(found, horizon, threshold),
        "scores": found.named(horizon, threshold),
        "difference": DIFFERENCE,
        "bins": {
            label: [
                c
                for c in found.calibration
                if (c.forecasts, c.horizon, c.threshold) == (label, horizon, threshold)
            ]
            for label in found.rows.labels
        },
        "groups": _groups(found, horizon, threshold),
    }


def _groups(found: Scored, horizon: str, threshold: float) -> list[tuple[str, str, str, list[Score]]]:
    """Kind, name, file and scores of every decade and region."""
    rows: dict[tuple[str, str, str], dict[str, Score]] = {}
    for s in found.scores:
        if (s.horizon, s.threshold) == (horizon, threshold) and s.kind != "all" and s.forecasts != DIFFERENCE:
            rows.setdefault((s.kind, s.group, s.forecasts), {})[s.measure] = s
    return [(*key, [by[m] for m in GROUPED]) for key, by in sorted(rows.items())]
