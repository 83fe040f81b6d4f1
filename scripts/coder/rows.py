"""The rows that the coder is trained on, read as the coder reads them."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from vocabulary import known_words

from tocsin.errors import InputError
from tocsin.signals.damage.mend import mend
from tocsin.signals.model.encoder import vector
from tocsin.signals.model.evidence import Evidence, evidence, founded, pairs
from tocsin.signals.model.masking import PLACE, places_of, without_places
from tocsin.signals.model.trained import FACTORS, HEADS, SIDES, TIMES
from tocsin.signals.rules.claims import matches
from tocsin.signals.rules.passage import passage

OWN = Path(__file__).parent / "passages"
NEEDED = ("id", "text", "relevance", "factors", "time", "countries", "perpetrator", "mitigation")
OURS = 0.4
"""What a passage of our own weighs beside a real one: right in meaning, not in style."""
UNSURE = {1: 0.6, 2: 0.9, 3: 1.0}
Row = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Material:
    """Rows taken apart. `real` marks passages found, not written; `plain` those of a plain sample."""

    rows: list[Row]
    placeless: list[str]
    known: frozenset[str]
    evidence: list[Evidence]
    pairs: list[Evidence]
    vectors: np.ndarray
    founded: np.ndarray
    languages: list[str]
    real: np.ndarray
    plain: np.ndarray
    weight: np.ndarray
    gold: np.ndarray


def read_rows(path: Path, source: str = "") -> list[Row]:
    """The rows of a file; those without a source get `source`. Raises InputError naming the line at fault."""
    rows = []
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
        try:
            row = {"published": None, "title": None, "source": source} | dict(json.loads(line))
        except (ValueError, TypeError) as error:
            raise InputError(
                f"is no object of JSON ({error})", f"{path}, line {number}", "mend it"
            ) from error
        missing = [name for name in NEEDED if name not in row]
        if missing:
            raise InputError(f"lacks {', '.join(missing)}", f"{path}, line {number}", "label it first")
        rows.append(row)
    return rows


def own_rows() -> list[Row]:
    """Our own passages, written for what is rare in the real ones."""
    return [row for path in sorted(OWN.glob("*.jsonl")) for row in read_rows(path, "own")]


def material(real: Sequence[Row], ours: Sequence[Row]) -> Material:
    """Everything that the readers need of every row."""
    rows = [*real, *ours]
    docs = [passage(mend(row["text"]).text, "", int((row["published"] or "0")[:4] or 0)) for row in rows]
    found = [[matches(part) for part in doc.parts] for doc in docs]
    spans = [places_of(doc.text) for doc in docs]
    placeless = [without_places(doc.text, at, PLACE) for doc, at in zip(docs, spans, strict=True)]
    known = known_words(placeless)
    is_real = np.arange(len(rows)) < len(real)
    return Material(
        rows=rows,
        placeless=placeless,
        known=known,
        evidence=[evidence(doc, held) for doc, held in zip(docs, found, strict=True)],
        pairs=[pairs(doc) for doc in docs],
        vectors=np.stack([vector(doc, at, known) for doc, at in zip(docs, spans, strict=True)]),
        founded=np.array([founded(doc, held) for doc, held in zip(docs, found, strict=True)]),
        languages=[doc.language for doc in docs],
        real=is_real,
        plain=is_real & np.array([str(row["id"]).startswith("t") for row in rows]),
        weight=np.where(is_real, 1.0, OURS) * np.array([UNSURE[int(row.get("sure", 3))] for row in rows]),
        gold=np.stack([_labels(row) for row in rows]),
    )


def _labels(row: Row) -> np.ndarray:
    """What each head has to say about a row."""
    said = {
        "signal": row["relevance"] in ("signal", "atrocity"),
        "atrocity": row["relevance"] == "atrocity",
        "none": row["relevance"] == "none",
        "mitigation": bool(row["mitigation"]),
    }
    said |= {factor: factor in row["factors"] for factor in FACTORS}
    said |= {f"time:{t}": row["time"] == t for t in TIMES}
    said |= {f"by:{side}": row["perpetrator"] == side for side in SIDES}
    return np.array([said[head] for head in HEADS])
