"""The coder inside Spark: `df.mapInArrow(code_batches, SCHEMA)`. Needs the `spark` extra.

An answer is that of `tocsin code --json` for the same line, but for `story`, which is always empty: it ties
together lines of the whole input, and a batch holds some of them. Where stories are wanted, the coded records
are grouped afterwards, in one place (`tocsin.signals.stories.group`).
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from importlib import import_module
from typing import Any

from tocsin.errors import InputError
from tocsin.signals.lines import code_line

KEYS = ("id", "text", "title", "published", "url", "source", "language")
SCHEMA = "id string, answer string"
"""What comes out: the id of the line and its answer as JSON."""


def code_batches(batches: Iterable[Any]) -> Iterator[Any]:
    """Arrow record batches of documents in, batches of answers out: one for every row, in order.

    The columns `id` and `text` are needed, the others of `KEYS` are read where they are there (a missing
    value is a missing key), and further ones are left alone. `published` is text or a date. The rules are
    loaded once in each Python worker. Raises InputError where a needed column is missing.
    """
    arrow = import_module("pyarrow")
    for batch in batches:
        names = [name for name in KEYS if name in batch.schema.names]
        if not {"id", "text"} <= set(names):
            raise InputError(f"columns are {batch.schema.names}", "batch", "give at least id and text")
        rows = batch.select(names).to_pylist()
        answers = [code_line({k: v for k, v in row.items() if v is not None}) for row in rows]
        told = [json.dumps(answer, ensure_ascii=False) for answer in answers]
        yield arrow.RecordBatch.from_pydict(
            {
                "id": arrow.array([a["id"] for a in answers], arrow.string()),
                "answer": arrow.array(told, arrow.string()),
            }
        )
