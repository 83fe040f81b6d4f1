"""tocsin code: text or JSON lines in, readings out; needs no home."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Annotated, Any

import typer

from tocsin.cli.home import lines, tell
from tocsin.errors import InputError, UnknownId, UserError
from tocsin.sources.readers.lines import MAX_BYTES, decoded, text_lines


def code(
    path: Annotated[
        Path | None, typer.Argument(help="A text or JSON-lines file; - or nothing reads standard input.")
    ] = None,
    as_json: Annotated[
        bool, typer.Option("--json", help="JSON lines in (one document a line), JSON lines out.")
    ] = False,
    coder: Annotated[
        str, typer.Option(help="hybrid (the default), or endpoint: the language model of TOCSIN_CODER_URL.")
    ] = "hybrid",
    offline: Annotated[bool, typer.Option(help="With endpoint: only answers that are kept here.")] = False,
    pairs: Annotated[
        bool, typer.Option(help="Instead: for every two lines, how likely both report the same event.")
    ] = False,
) -> None:
    """Code text to the UN Framework of Analysis: relevance, factors, time, country, quoted words."""
    from tocsin.signals.lines import code_lines, same_event_lines

    if pairs:
        lines(same_event_lines(_documents(path)))
        return
    one = _coder(coder, offline)
    if as_json or (path is not None and path.suffix in (".jsonl", ".ndjson")):
        lines(code_lines(_documents(path), one))
        return
    reading = one({"id": path.name if path else "-", "text": _text(path)})
    tell(_plain(reading))


def _coder(name: str, offline: bool) -> Callable[[dict[str, Any]], dict[str, Any]]:
    """What answers one line. Raises UnknownId for another name, UserError when no model is set."""
    from tocsin.signals.lines import code_line

    if name == "hybrid":
        return code_line
    if name != "endpoint":
        raise UnknownId("coder", name, ("hybrid", "endpoint"))
    from tocsin.signals.endpoint.coder import endpoint_coder
    from tocsin.signals.endpoint.lines import line_coder

    made = endpoint_coder(offline=offline)
    if made is None:
        raise UserError("no language model is set; set TOCSIN_CODER_URL and TOCSIN_CODER_MODEL")
    return line_coder(made)


def _documents(path: Path | None) -> Iterator[dict[str, Any]]:
    name = "standard input" if _standard(path) else str(path)
    with _stream(path) as stream:
        for number, raw in enumerate(text_lines(stream, name), 1):
            if not raw.strip():
                continue
            try:
                line = json.loads(raw)
            except (ValueError, RecursionError) as e:
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
    from tocsin.framework import factor

    if reading.get("error"):
        raise InputError(str(reading["error"]))
    out = [
        f"relevance   {reading['relevance']} (P = {reading['relevance_score']:.2f})",
        f"factors     {', '.join(reading['factors_present']) or 'none'}  (decided on the whole text)",
        *(f"  {code:5} {factor(code).title}" for code in reading["factors_present"]),
        f"time        {reading['time']}",
        f"countries   {', '.join(reading['countries']) or 'none named'}",
        f"perpetrator {reading['perpetrator']}    protective act: {'yes' if reading['mitigation'] else 'no'}",
    ]
    if reading["signals"]:
        out.append("claims      indicator, then place, time, relevance and the quoted words")
    return out + [line for signal in reading["signals"] for line in _claim(signal)]


def _claim(signal: dict[str, Any]) -> list[str]:
    from tocsin.framework import indicator

    id, place = signal.get("indicator"), signal.get("iso3") or "no country"
    what = f"{id:5} {indicator(id).label}" if id else "no indicator"
    protective = ", protective act" if signal.get("protective") else ""
    said = f'{place}, {signal.get("time")}, {signal.get("relevance")}{protective}: "{signal.get("quote")}"'
    return [f"  {what}", f"        {said}"]
