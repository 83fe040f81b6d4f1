"""tocsin code: text or JSON lines in, readings out; needs no home."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Annotated, Any

import typer

from tocsin.errors import InputError
from tocsin.sources.readers.lines import MAX_BYTES, decoded, text_lines


def code(
    path: Annotated[
        Path | None, typer.Argument(help="A text or JSON-lines file; - or nothing reads standard input.")
    ] = None,
    as_json: Annotated[
        bool, typer.Option("--json", help="JSON lines in (one document a line), JSON lines out.")
    ] = False,
) -> None:
    """Code text to the UN Framework of Analysis: relevance, factors, time, country, quoted words."""
    from tocsin.signals.rules.batch import code_lines
    from tocsin.signals.rules.coder import code_line

    if as_json or (path is not None and path.suffix in (".jsonl", ".ndjson")):
        for answer in code_lines(_documents(path)):
            print(json.dumps(answer, ensure_ascii=False))
        return
    reading = code_line({"id": path.name if path else "-", "text": _text(path)})
    print("\n".join(_plain(reading)))


def _documents(path: Path | None) -> Iterator[dict[str, Any]]:
    name = "standard input" if _standard(path) else str(path)
    with _stream(path) as stream:
        for number, raw in enumerate(text_lines(stream, name), 1):
            if not raw.strip():
                continue
            try:
                line = json.loads(raw)
            except ValueError as e:
                line = {"id": f"line {number}", "error": f"{name}, line {number}: not JSON ({e})"}
            yield line if isinstance(line, dict) else {"id": f"line {number}", "error": "not a JSON object"}


def _text(path: Path | None) -> str:
    with _stream(path) as stream:
        return decoded(stream.read(MAX_BYTES), "standard input" if _standard(path) else str(path))


def _standard(path: Path | None) -> bool:
    return path is None or str(path) == "-"


@contextmanager
def _stream(path: Path | None) -> Iterator[IO[bytes]]:
    if path is None or _standard(path):
        yield sys.stdin.buffer
        return
    with path.open("rb") as stream:
        yield stream


def _plain(reading: dict[str, Any]) -> list[str]:
    if reading.get("error"):
        raise InputError(str(reading["error"]))
    out = [
        f"relevance   {reading['relevance']} (P = {reading['relevance_score']:.2f})",
        f"factors     {', '.join(reading['factors_present']) or 'none'}",
        f"time        {reading['time']}",
        f"countries   {', '.join(reading['countries']) or 'none named'}",
        f"perpetrator {reading['perpetrator']}    protective act: {'yes' if reading['mitigation'] else 'no'}",
    ]
    for signal in reading["signals"]:
        place = signal.get("iso3") or "no country"
        named = signal.get("indicator") or "context"
        out.append(f'  {named:7} {place}  {signal.get("time")}: "{signal.get("quote")}"')
    return out
