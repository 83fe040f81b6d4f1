"""The line of `tocsin code --json` by the language model, with the keys that the default coder's has."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from tocsin.errors import FetchFailed, UserError
from tocsin.signals.endpoint.coder import OPEN, EndpointCoder
from tocsin.signals.lines import answer_of, record_of


def line_coder(coder: EndpointCoder) -> Callable[[dict[str, Any]], dict[str, Any]]:
    """What answers one line by asking this coder; a line that fails is answered with `error` alone.

    A line says nothing of its sensitivity: whoever types the command sends it, so it counts as public.
    """

    def code_line(line: dict[str, Any]) -> dict[str, Any]:
        id, text = str(line.get("id", "")), line.get("text")
        if not isinstance(text, str) or not text.strip():
            return {"id": id, "error": str(line.get("error") or "no text in this line; give id and text")}
        record = replace(record_of(line), sensitivity=OPEN)
        if line.get("published") and record.published is None:
            return {"id": id, "error": f"published is {line['published']!r}, not a date; use YYYY-MM-DD"}
        try:
            reading = coder.code(record)
        except (FetchFailed, UserError) as error:
            return {"id": id, "error": str(error)}
        return {"id": id, **answer_of(reading), "story": "", "error": ""}

    return code_line
