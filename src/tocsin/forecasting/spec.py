"""What a back-test is asked: the TOML file beside a panel, read strictly.

A word that is not known is refused, so that a slip of the pen never becomes a default.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from tocsin.errors import InputError
from tocsin.forecasting.axis import Period

MOST = 10**12
"""The largest number that a spec may hold."""

KINDS = ("binary", "count")
WORDS: Mapping[str, tuple[str, ...]] = {
    "panel": ("entity", "period", "label", "kind", "label_lag"),
    "features": ("history", "known"),
    "origins": ("first", "last", "refit_every", "horizons", "sums", "thresholds"),
}
NEEDED = {
    "panel": ("entity", "period", "label", "kind"),
    "features": (),
    "origins": ("first", "last", "horizons"),
}


@dataclass(frozen=True, slots=True)
class Task:
    """One thing to forecast at an origin: the label `ahead` periods on, or the total of the next `ahead`.

    `key` is the horizon as it stands in the output: a number, or sum and a number.
    """

    key: str
    ahead: int
    total: bool


@dataclass(frozen=True, slots=True)
class Spec:
    """`tocsin evaluate backtest`: which columns mean what, and from where to look ahead how far.

    `label_lag` periods pass before a row's label is known; until then it is in no predictor either. `history`
    columns give lags, means, decays and times since; `known` ones are used as they stand at the origin (the
    label, named there, as late as it is known). Horizon 0 is the label of the origin's own row (a label that
    looks ahead by itself); it is known one period later at the earliest. `first` and `last` are the periods
    last known at the first and last origin; models are refitted at every `refit_every`-th. A total of a
    binary label asks whether there was any in the next k periods.
    """

    entity: str
    period: str
    label: str
    kind: str
    label_lag: int
    history: tuple[str, ...]
    known: tuple[str, ...]
    first: Period
    last: Period
    refit_every: int
    horizons: tuple[int, ...]
    sums: tuple[int, ...]
    thresholds: tuple[int, ...]

    @property
    def columns(self) -> tuple[str, ...]:
        """The columns with figures that are read, label first, each once."""
        return tuple(dict.fromkeys((self.label, *self.history, *self.known)))

    @property
    def tasks(self) -> tuple[Task, ...]:
        """Every horizon, then every total."""
        single = (Task(str(h), h, False) for h in self.horizons)
        return (*single, *(Task(f"sum{k}", k, True) for k in self.sums))

    def gap(self, task: Task) -> int:
        """Periods from a row's base until its outcome is known: at the earliest the one after its origin."""
        return max(task.ahead + self.label_lag, 1)

    def first_lag(self, task: Task) -> int:
        """How many periods before an origin the newest label lies that may be looked at."""
        return max(self.label_lag, 1 if task.ahead == 0 else 0)


def load_spec(path: Path) -> Spec:
    """Read a spec. Raises InputError that names the file, the table and the word."""
    try:
        found = tomllib.loads(path.read_text(encoding="utf-8-sig"))
    except FileNotFoundError:
        raise InputError("there is no such file", str(path), "name a TOML file") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise InputError(f"not TOML: {error}", str(path)) from error
    return parse(found, str(path))


def parse(found: Mapping[str, Any], where: str) -> Spec:
    """A spec from its tables. Raises InputError."""
    _words(found, where)
    panel, features, origins = (dict(found.get(name, {})) for name in WORDS)
    if panel["kind"] not in KINDS:
        raise InputError(
            f"unknown kind {panel['kind']!r}", f"{where}: [panel] kind", "use " + " or ".join(KINDS)
        )
    if panel["kind"] == "count" and not origins.get("thresholds"):
        raise InputError(
            "thresholds are missing", f"{where}: [origins]", "a count needs them, such as [1, 25, 100]"
        )
    spec = Spec(
        **{key: _text(panel, key, where) for key in ("entity", "period", "label", "kind")},
        label_lag=_whole(panel, "label_lag", 0, where),
        history=_names(features, "history", where),
        known=_names(features, "known", where),
        first=_period(origins, "first", where),
        last=_period(origins, "last", where),
        refit_every=_whole({"refit_every": 1} | origins, "refit_every", 1, where),
        horizons=_wholes(origins, "horizons", 0, where),
        sums=_wholes(origins, "sums", 1, where),
        thresholds=_wholes(origins, "thresholds", 1, where),
    )
    return _sensible(spec, where)


def _sensible(spec: Spec, where: str) -> Spec:
    if type(spec.first) is not type(spec.last):
        raise InputError(
            "first and last are not of one kind", f"{where}: [origins]", "give two numbers or two dates"
        )
    if spec.first > spec.last:  # type: ignore[operator]
        raise InputError(f"first {spec.first} is after last {spec.last}", f"{where}: [origins]")
    if not spec.tasks:
        raise InputError("nothing to forecast", f"{where}: [origins]", "name horizons or sums")
    twice = {spec.entity, spec.period} & set(spec.columns)
    if twice or spec.entity == spec.period:
        raise InputError(f"column {(sorted(twice) or [spec.entity])[0]!r} has two meanings", where)
    return spec


def _words(found: Mapping[str, Any], where: str) -> None:
    for name, table in found.items():
        if name not in WORDS or not isinstance(table, Mapping):
            raise InputError(f"unknown table [{name}]", where, "use " + ", ".join(WORDS))
        for key in table:
            if key not in WORDS[name]:
                raise InputError(
                    f"unknown word {key!r}", f"{where}: [{name}]", "use " + ", ".join(WORDS[name])
                )
    for name, keys in NEEDED.items():
        for key in keys:
            if key not in found.get(name, {}):
                raise InputError(f"{key} is missing", f"{where}: [{name}]")


def _text(table: Mapping[str, Any], key: str, where: str) -> str:
    value = table[key]
    if not isinstance(value, str) or not value:
        raise InputError(f"{key} is {value!r}", where, "a text is needed")
    return value


def _names(table: Mapping[str, Any], key: str, where: str) -> tuple[str, ...]:
    value = table.get(key, [])
    if not isinstance(value, list) or not all(isinstance(v, str) and v for v in value):
        raise InputError(f"{key} is {value!r}", f"{where}: [features]", "a list of column names is needed")
    if len(set(value)) < len(value):
        raise InputError(f"{key} names a column twice", f"{where}: [features]")
    return tuple(value)


def _whole(table: Mapping[str, Any], key: str, least: int, where: str) -> int:
    value = table.get(key, least)
    if type(value) is not int or not least <= value <= MOST:
        raise InputError(f"{key} is {value!r}", where, f"a whole number from {least} is needed")
    return value


def _wholes(table: Mapping[str, Any], key: str, least: int, where: str) -> tuple[int, ...]:
    value = table.get(key, [])
    if not isinstance(value, list) or not all(type(v) is int and least <= v <= MOST for v in value):
        raise InputError(
            f"{key} is {value!r}", f"{where}: [origins]", f"whole numbers from {least} are needed"
        )
    if len(set(value)) < len(value):
        raise InputError(f"{key} names a number twice", f"{where}: [origins]")
    return tuple(sorted(value))


def _period(table: Mapping[str, Any], key: str, where: str) -> Period:
    value = table[key]
    if isinstance(value, str):
        try:
            return date.fromisoformat(value)
        except ValueError:
            pass
    if type(value) is int or type(value) is date:
        return value
    raise InputError(
        f"{key} is {value!r}", f"{where}: [origins]", "a whole number or a date (YYYY-MM-DD) is needed"
    )
