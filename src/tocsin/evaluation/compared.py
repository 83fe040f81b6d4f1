"""The rows that are scored: in every file given, with a known outcome; what is left out is counted aloud."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from tocsin.errors import InputError
from tocsin.evaluation.columns import Floats
from tocsin.evaluation.forecast_file import Forecasts, horizon_rank
from tocsin.evaluation.outcomes_of import Happened

Ints = NDArray[np.int64]
Flags = NDArray[np.bool_]


@dataclass(frozen=True, slots=True, eq=False)
class Compared:
    """One or two forecast files on the same n rows, with the outcome `y` (n,).

    `entity` (n,) numbers the entities `names` in an order that depends on their rows alone, so that the
    resamples do not change with what they are called. `notes` say what was left out.
    """

    labels: tuple[str, ...]
    forecasts: tuple[Forecasts, ...]
    names: tuple[str, ...]
    entity: Ints
    horizon: NDArray[np.str_]
    origin: Ints
    period: Ints
    y: Floats
    notes: tuple[str, ...]

    @property
    def binary(self) -> bool:
        """Whether the outcome is yes or no."""
        return self.forecasts[0].binary

    @property
    def own(self) -> bool:
        """Whether the file is of a form without horizons."""
        return self.forecasts[0].own

    @property
    def thresholds(self) -> tuple[float, ...]:
        """The thresholds that every file has, rising."""
        return tuple(t for t in self.forecasts[0].exceed if all(t in f.exceed for f in self.forecasts))

    @property
    def horizons(self) -> tuple[str, ...]:
        """The horizons that have rows, in order."""
        return tuple(sorted(np.unique(self.horizon).tolist(), key=horizon_rank))

    @property
    def quantiles(self) -> bool:
        """Whether every file has quantiles."""
        return all(f.quantiles is not None for f in self.forecasts)


@dataclass(frozen=True, slots=True, eq=False)
class Slice:
    """The rows of one horizon and threshold: `y` is 1 where it was reached, `p` holds one array a file."""

    horizon: str
    threshold: float
    entity: Ints
    origin: Ints
    period: Ints
    y: Floats
    p: tuple[Floats, ...]

    @property
    def ahead(self) -> bool:
        """Whether the outcome of a row lies ahead of its period by itself."""
        return self.horizon == "0"


def compare(given: Mapping[str, Forecasts], happened: Happened) -> Compared:
    """Join the files by key and set the outcome beside. Raises InputError when nothing is left to score."""
    files = tuple(given.values())
    same = _of_one_form(files)
    kept = [f for f in files[0].keys if all(f in keys for keys in same)]
    if not kept:
        raise InputError(
            f"shares no row with {files[-1].name}", files[0].name, "compare files of the same rows"
        )
    files = tuple(_take(f, [of[k] for k in kept]) for f, of in zip(files, same, strict=True))
    y = happened.observed(files[0])
    known = ~np.isnan(y)
    if not known.any():
        raise InputError(
            f"none of its {len(y)} rows has a known outcome in {happened.name}",
            files[0].name,
            "give --outcomes",
        )
    notes = [*_notes(given, len(kept)), *_unknown(len(y), int(known.sum()), happened)]
    files = tuple(_take(f, np.flatnonzero(known).tolist()) for f in files)
    names, entity = _entities(files, y[known])
    keys = files[0].keys
    return Compared(
        tuple(given),
        files,
        names,
        entity,
        np.array([k.horizon for k in keys]),
        np.array([k.origin for k in keys], dtype=np.int64),
        np.array([k.period for k in keys], dtype=np.int64),
        y[known],
        tuple(notes),
    )


def slices(rows: Compared) -> Iterator[Slice]:
    """Every horizon and threshold, in order."""
    for horizon in rows.horizons:
        here = rows.horizon == horizon
        for threshold in rows.thresholds:
            yield Slice(
                horizon,
                threshold,
                rows.entity[here],
                rows.origin[here],
                rows.period[here],
                np.asarray(rows.y[here] >= threshold, dtype=np.float64),
                tuple(f.exceed[threshold][here] for f in rows.forecasts),
            )


def _of_one_form(files: Sequence[Forecasts]) -> list[dict[object, int]]:
    """The rows of each file by key. Raises InputError when the files cannot be compared."""
    first, last = files[0], files[-1]
    for word, differ in (
        ("kind of outcome", first.binary != last.binary),
        ("form", first.own != last.own),
        ("kind of period", first.dated != last.dated),
        ("threshold", not set(first.exceed) & set(last.exceed)),
    ):
        if differ:
            raise InputError(
                f"has no {word} in common with {last.name}", first.name, "compare like with like"
            )
    return [{key: i for i, key in enumerate(f.keys)} for f in files]


def _take(f: Forecasts, at: Sequence[int]) -> Forecasts:
    index = np.asarray(at, dtype=np.int64)
    return replace(
        f,
        keys=tuple(f.keys[i] for i in at),
        exceed={t: p[index] for t, p in f.exceed.items()},
        quantiles=None if f.quantiles is None else f.quantiles[index],
    )


def _notes(given: Mapping[str, Forecasts], kept: int) -> Iterator[str]:
    for label, f in given.items():
        if len(f) > kept:
            yield f"left out, not in the other file: {len(f) - kept} of {len(f)} rows of {label}"
        if f.unread:
            yield f"columns of {label} that are not read: {', '.join(f.unread)}"
    shared = set.intersection(*(set(f.exceed) for f in given.values()))
    for label, f in given.items():
        if odd := [f"{t:g}" for t in f.exceed if t not in shared]:
            yield f"left out, thresholds that only {label} has: {', '.join(odd)}"
        if f.quantiles is not None and any(g.quantiles is None for g in given.values()):
            yield f"left out, quantiles that only {label} has"


def _unknown(n: int, known: int, happened: Happened) -> Iterator[str]:
    yield f"outcomes from {happened.name}: {known} of {n} rows have one"
    if known < n:
        yield f"left out, outcome not known: {n - known} of {n} rows"


def _entities(files: Sequence[Forecasts], y: Floats) -> tuple[tuple[str, ...], Ints]:
    """Names and numbers of the entities, ordered by a digest of their rows."""
    names, code = np.unique([k.entity for k in files[0].keys], return_inverse=True)
    numbers = [
        np.array([[k.origin, k.period] for k in files[0].keys], dtype=np.float64),
        y[:, None],
        *(p[:, None] for f in files for p in f.exceed.values()),
    ]
    block = np.ascontiguousarray(np.concatenate(numbers, axis=1))
    horizon = np.array([k.horizon for k in files[0].keys], dtype="S8")
    digest = []
    for i in range(len(names)):
        mine = code == i
        digest.append(hashlib.sha256(block[mine].tobytes() + horizon[mine].tobytes()).digest())
    order = sorted(range(len(names)), key=digest.__getitem__)
    place = np.empty(len(names), dtype=np.int64)
    place[order] = np.arange(len(names))
    return tuple(str(names[i]) for i in order), place[code]
