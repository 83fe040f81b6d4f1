"""Reading the Framework's data file, refusing what is malformed with the place of the fault."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

import yaml

from tocsin.errors import InputError
from tocsin.framework.model import CONFIDENCES, SCOPES, TEMPORALITIES, Framework, Indicator, RiskFactor

DATA = Path(__file__).parent / "data" / "framework.yaml"


@cache
def framework() -> Framework:
    """The Framework that ships with the package. Source: A/70/741-S/2016/71, in short paraphrase."""
    return load(DATA)


def factor(code: str) -> RiskFactor:
    """The risk factor of a code such as "RF7". Raises UnknownId with the nearest known codes."""
    return framework().factor(code)


def indicator(id: str) -> Indicator:
    """The indicator of an id such as "7.14". Raises UnknownId with the nearest known ids."""
    return framework().indicator(id)


def load(path: Path) -> Framework:
    """A Framework from a YAML file. Raises InputError naming file, factor and indicator at fault."""
    try:
        raw = yaml.load(path.read_text(encoding="utf-8"), yaml.CSafeLoader)
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        raise InputError(f"cannot be read: {error}", str(path), "restore the file of the package") from error
    rows = _field(raw, "factors", list, str(path))
    source = {str(k): str(v) for k, v in _field(raw, "source", dict, str(path)).items()}
    notes = tuple(_field(raw, "notes", list, str(path)))
    return Framework(
        source, notes, tuple(_factor(row, f"{path}, factor {n}") for n, row in enumerate(rows, 1))
    )


def _factor(row: Any, where: str) -> RiskFactor:
    code = _field(row, "code", str, where)
    where = f"{where} ({code})"
    scope = _one_of(_field(row, "scope", str, where), SCOPES, where)
    temporality = tuple(_one_of(t, TEMPORALITIES, where) for t in _field(row, "temporality", list, where))
    indicators = tuple(
        _indicator(item, code, scope, temporality, f"{where}, indicator {n}")
        for n, item in enumerate(_field(row, "indicators", list, where), 1)
    )
    return RiskFactor(
        code=code,
        title=_field(row, "title", str, where),
        scope=scope,
        gist=_field(row, "gist", str, where),
        temporality=temporality,
        count_confidence=_one_of(_field(row, "count_confidence", str, where), CONFIDENCES, where),
        proxies=tuple(_field(row, "proxies", list, where)),
        indicators=indicators,
    )


def _indicator(row: Any, code: str, scope: str, temporality: tuple[str, ...], where: str) -> Indicator:
    id = _field(row, "id", str, where)
    if id.partition(".")[0] != code.removeprefix("RF"):
        raise InputError(f"indicator {id} does not belong to {code}", where, "number it after its factor")
    confidence = _one_of(_field(row, "confidence", str, where), CONFIDENCES, where)
    return Indicator(id, code, _field(row, "label", str, where), confidence, scope, temporality)


def _field(row: Any, name: str, kind: type, where: str) -> Any:
    value = row.get(name) if isinstance(row, dict) else None
    if not isinstance(value, kind) or not value:
        raise InputError(f"{name} is {value!r}, not a filled {kind.__name__}", where, f"give {name}")
    return value


def _one_of(value: str, allowed: tuple[str, ...], where: str) -> str:
    if value not in allowed:
        raise InputError(f"{value!r} is not one of {', '.join(allowed)}", where, "use one of them")
    return value
