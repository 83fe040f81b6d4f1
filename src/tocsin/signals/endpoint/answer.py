"""What a language model may answer: typed, whole, and nothing beside it."""

from __future__ import annotations

import json
from functools import cache
from typing import TYPE_CHECKING, Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError, create_model

from tocsin.errors import AnswerUnread
from tocsin.framework import framework
from tocsin.signals.signal import TimeStatus

Probability = Annotated[float, Field(ge=0, le=1)]
Few = Annotated[str, Field(max_length=120)]
Side = Literal["state", "nonstate", "both", "unclear", "none"]
STRICT = ConfigDict(extra="forbid", strict=True, frozen=True, allow_inf_nan=False)


class Stated(BaseModel):
    """One claim as the model states it, before anything of it is checked."""

    model_config = STRICT
    quote: str
    indicator: Few
    iso3: Few
    place: Few
    time: TimeStatus
    relevance: Literal["context", "signal", "atrocity"]
    perpetrator: Side
    target: Few
    protective: bool
    confidence: Probability


if TYPE_CHECKING:
    Factors = BaseModel
else:
    Factors = create_model(
        "Factors", __config__=STRICT, **{factor.code: (Probability, ...) for factor in framework().factors}
    )
"""A probability for each of RF1 to RF14, none left out."""


class Answer(BaseModel):
    """The whole answer: fields of the codebook, with a claim for each thing reported."""

    model_config = STRICT
    relevance: Literal["none", "context", "signal", "atrocity"]
    score: Probability
    factors: Factors
    time: Literal["present", "past", "future", "none"]
    countries: Annotated[list[Few], Field(max_length=40)]
    perpetrator: Side
    target: Few
    mitigation: bool
    claims: Annotated[list[Stated], Field(max_length=40)]

    @property
    def odds(self) -> dict[str, float]:
        """The probability of each factor, RF1 to RF14 in order."""
        return {code: round(float(p), 4) for code, p in self.factors.model_dump().items()}


@cache
def schema() -> dict[str, Any]:
    """The JSON Schema of an answer (draft 2020-12); every property is required, none may be added."""
    return Answer.model_json_schema()


class _Twice(Exception):
    """A key that an object holds twice, so that two readers of it could see two answers."""


def _once(pairs: list[tuple[str, Any]]) -> None:
    """Raises _Twice; every key is one of the schema's by then, and may be shown."""
    told = [name for name, _ in pairs]
    if len(set(told)) != len(told):
        raise _Twice(max(told, key=told.count))


def parsed(content: str, where: str) -> Answer:
    """The answer in `content`. Raises AnswerUnread naming the field that is wrong, never what stood in it."""
    try:
        answer = Answer.model_validate_json(content)
        json.loads(content, object_pairs_hook=_once)
        return answer
    except _Twice as error:
        raise AnswerUnread(
            f"{where}: the model's answer cannot be read: {error} stands twice in it; the record is not coded"
        ) from None
    except ValidationError as error:
        first = error.errors(include_url=False, include_context=False, include_input=False)[0]
        names = ".".join(str(part)[:40] for part in first["loc"])
        field = "".join(c if c.isalnum() or c in "_." else "?" for c in names) or "whole"
        raise AnswerUnread(
            f"{where}: the model's answer cannot be read: {field}: {first['msg'][:120]}"
            f" ({error.error_count()} faults); the record is not coded"
        ) from None
