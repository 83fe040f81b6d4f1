"""Measures the default coder and the language-model coder side by side on the same labelled passages.

usage: python scripts/compare_coders.py LABELLED.jsonl [--most N] [--folder KEPT]

Each line needs id, text, published, relevance, factors, time, countries, perpetrator and mitigation. The
language-model coder takes part where TOCSIN_CODER_URL is set; its answers are kept, so that a second run asks
nothing. `--most` takes N lines spread evenly over the file. Definitions: tocsin.evaluation.coding.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections import Counter
from dataclasses import fields
from datetime import UTC, datetime
from pathlib import Path
from time import perf_counter
from typing import Any

from tocsin.clock import parse_moment
from tocsin.errors import InputError, UserError
from tocsin.evaluation.coding import Figures, figures, measured
from tocsin.evidence import content_id, sha256
from tocsin.signals.coder import HybridCoder
from tocsin.signals.endpoint.coder import EndpointCoder, endpoint_coder
from tocsin.signals.signal import Coder
from tocsin.sources.record import Record

NEEDED = ("id", "text", "relevance", "factors", "time", "countries", "perpetrator", "mitigation")
Row = dict[str, Any]


def labelled(path: Path, most: int | None) -> list[Row]:
    """The rows, all or `most` of them spread evenly. Raises InputError naming file and line at fault."""
    rows = []
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
        row = json.loads(line)
        missing = [name for name in NEEDED if name not in row]
        if missing:
            raise InputError(f"lacks {', '.join(missing)}", f"{path}, line {number}", "label it first")
        rows.append(row)
    count = min(most or len(rows), len(rows))
    return [rows[n * len(rows) // count] for n in range(count)]


def record(row: Row) -> Record:
    """A row as a record; its text is public, or it would not be in such a file."""
    raw = row["text"].encode("utf-8", "surrogatepass")
    when = parse_moment(str(row["published"])) if row.get("published") else None
    return Record(
        id=content_id("rec", row["id"], sha256(raw)),
        source=str(row.get("source") or ""),
        address=str(row["id"]),
        title=str(row.get("title") or ""),
        text=row["text"],
        language="",
        raw_sha256=sha256(raw),
        licence="",
        sensitivity="public",
        origin="",
        published=when,
        known=when,
        recorded=datetime(1, 1, 1, tzinfo=UTC),
    )


def measure(coder: Coder, rows: list[Row]) -> Figures:
    """The figures of one coder; time taken, failures by reason and what was dropped go to standard error."""
    start = perf_counter()
    pairs = [(row, measured(coder, record(row))) for row in rows]
    took = perf_counter() - start
    print(f"{coder.name} {coder.version}: {len(rows)} passages in {took:.1f} s", file=sys.stderr)
    reasons = Counter(answer["error"].rpartition(": ")[2] for _, answer in pairs if answer["error"])
    for reason, n in reasons.most_common(10):
        print(f"  failed {n} times: {reason}", file=sys.stderr)
    if isinstance(coder, EndpointCoder):
        print(f"  {dict(sorted(coder.tally.items()))}", file=sys.stderr)
    return figures(pairs)


def main(path: Path, most: int | None, folder: Path | None) -> None:
    """Print one line for each figure, one column for each coder."""
    rows = labelled(path, most)
    coders: list[Coder] = [HybridCoder()]
    asked = endpoint_coder(folder)
    if asked:
        coders.append(asked)
    found = [measure(coder, rows) for coder in coders]
    print("".join([f"{'':22}", *(f"{coder.name:>12}" for coder in coders)]))
    for name in (field.name for field in fields(Figures)):
        values = [getattr(one, name) for one in found]
        print("".join([f"{name:22}", *(f"{v:12d}" if isinstance(v, int) else f"{v:12.3f}" for v in values)]))
    if not asked:
        print("no language-model coder: TOCSIN_CODER_URL is not set")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter, usage=argparse.SUPPRESS
    )
    parser.add_argument("labelled", type=Path, help="JSON lines, one labelled passage a line")
    parser.add_argument("--most", type=int, help="so many passages, spread evenly over the file")
    parser.add_argument("--folder", type=Path, help="where answers are kept (default: in the home)")
    given = parser.parse_args()
    try:
        main(given.labelled, given.most, given.folder)
    except UserError as error:
        sys.exit(f"compare_coders: {error}")
