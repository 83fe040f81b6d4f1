"""Everything that was found about one or two forecast files, and the reviewed words for it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

import yaml

from tocsin.evaluation.compared import Compared
from tocsin.evaluation.lead_time import Onset, lead_scores, onsets
from tocsin.evaluation.scoring import Calibration, Score, calibrations, score


@dataclass(frozen=True, slots=True)
class Measure:
    """What a measure is called and means; `better` is low, high, one, nominal or none."""

    label: str
    better: str
    meaning: str


@dataclass(frozen=True, slots=True, eq=False)
class Scored:
    """The scores of `rows` with intervals that hold `share` of the resamples."""

    rows: Compared
    share: float
    scores: tuple[Score, ...]
    calibration: tuple[Calibration, ...]
    onsets: tuple[Onset, ...]

    def slices(self) -> Iterator[tuple[str, float]]:
        """Every horizon with its thresholds, then 0 for the whole distribution, in order."""
        for horizon in self.rows.horizons:
            yield from ((horizon, t) for t in self.rows.thresholds)
            if self.rows.quantiles:
                yield horizon, 0.0

    def named(self, horizon: str, threshold: float) -> dict[str, dict[str, Score]]:
        """The scores over all rows of a slice, by measure, then by file (or `difference`)."""
        found: dict[str, dict[str, Score]] = {}
        for s in self.scores:
            if (s.horizon, s.threshold, s.kind) == (horizon, threshold, "all"):
                found.setdefault(s.measure, {})[s.forecasts] = s
        return found

    @property
    def first(self) -> tuple[str, float]:
        """The slice that is told first: the nearest horizon, and the middle threshold of counts."""
        thresholds = self.rows.thresholds
        return self.rows.horizons[0], thresholds[(len(thresholds) - 1) // 2]


def scored(rows: Compared, share: float) -> Scored:
    """Score everything; the same rows give the same figures."""
    seen = tuple(onsets(rows))
    made = (*score(rows, share), *lead_scores(seen))
    return Scored(rows, share, made, tuple(calibrations(rows)), seen)


@cache
def measures() -> Mapping[str, Measure]:
    """The words for every measure, in the order of the file."""
    text = files("tocsin.evaluation").joinpath("measures.yml").read_text(encoding="utf-8")
    return {key: Measure(**said) for key, said in yaml.load(text, yaml.CSafeLoader).items()}
