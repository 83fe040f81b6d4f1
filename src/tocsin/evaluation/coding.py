"""How well a coder reads: figures over pairs of a gold row and the answer given for it.

A gold row holds what the codebook asks for: `relevance`, `factors`, `time`, `countries`, `perpetrator` and
`mitigation`. An answer is a line of `tocsin code --json` (or `answer_of` a reading). An answer that failed
(an `error`, nothing else) is counted in `failed` and is wrong wherever something was to be said: it has no
relevance, no time and no side, so that silence earns nothing.

F1 is 2 hits / (2 hits + wrong + missed). A figure that has no meaning on the rows given is nan.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from statistics import fmean
from typing import TYPE_CHECKING, Any

from tocsin.errors import TocsinError
from tocsin.framework import framework
from tocsin.signals.lines import answer_of

if TYPE_CHECKING:
    from tocsin.signals.signal import Coder
    from tocsin.sources.record import Record

Row = Mapping[str, Any]
Pair = tuple[Row, Row]
"""(gold, answer)"""

SIGNALS = ("signal", "atrocity")
TIMES = ("present", "past", "future")
FEWEST = 5
"""A factor with fewer gold rows than this has no F1 of its own."""
NAN = float("nan")


@dataclass(frozen=True, slots=True)
class Counts:
    """Labels rightly given, wrongly given and missed."""

    hit: int
    wrong: int
    missed: int

    @property
    def f1(self) -> float:
        """Harmonic mean of precision and recall; nan when there was nothing to find and nothing was given."""
        whole = 2 * self.hit + self.wrong + self.missed
        return 2 * self.hit / whole if whole else NAN

    @property
    def precision(self) -> float:
        """Share of the labels given that are right."""
        return _share(self.hit, self.hit + self.wrong)

    @property
    def recall(self) -> float:
        """Share of the gold labels that were given."""
        return _share(self.hit, self.hit + self.missed)


@dataclass(frozen=True, slots=True)
class Figures:
    """All figures of one coder on one set of rows; each field is the function of that name."""

    rows: int
    failed: int
    signal_f1: float
    signal_auc: float
    false_signals: float
    factors_micro: float
    factors_macro: float
    time_accuracy: float
    past_recall: float
    countries_f1: float
    perpetrator_accuracy: float
    mitigation_f1: float


def figures(pairs: Sequence[Pair]) -> Figures:
    """Every figure of these pairs."""
    return Figures(
        rows=len(pairs),
        failed=sum(bool(answer.get("error")) for _, answer in pairs),
        signal_f1=signal(pairs).f1,
        signal_auc=signal_auc(pairs),
        false_signals=false_signals(pairs),
        factors_micro=factors_micro(pairs),
        factors_macro=factors_macro(pairs),
        time_accuracy=time_accuracy(pairs),
        past_recall=past_recall(pairs),
        countries_f1=countries(pairs).f1,
        perpetrator_accuracy=perpetrator_accuracy(pairs),
        mitigation_f1=mitigation(pairs).f1,
    )


def measured(coder: Coder, record: Record) -> dict[str, Any]:
    """The answer of a coder for one record; one that failed is an `error` and nothing else."""
    try:
        return {"id": record.id} | answer_of(coder.code(record)) | {"error": ""}
    except TocsinError as error:
        return {"id": record.id, "error": str(error)}


def is_signal(row: Row) -> bool:
    """Whether a gold row or an answer says signal or atrocity."""
    return row.get("relevance") in SIGNALS


def signal(pairs: Iterable[Pair]) -> Counts:
    """Signal or not: rows whose relevance is signal or atrocity."""
    return _flags((is_signal(gold), is_signal(answer)) for gold, answer in pairs)


def signal_auc(pairs: Sequence[Pair]) -> float:
    """P(`relevance_score` of a gold signal > that of another row), ties one half; a failed row scores 0."""
    import numpy as np

    from tocsin.scores import auc

    p = np.array([float(answer.get("relevance_score") or 0.0) for _, answer in pairs])
    return auc(p, np.array([float(is_signal(gold)) for gold, _ in pairs]))


def false_signals(pairs: Iterable[Pair]) -> float:
    """Share of the gold context rows (history, courts, speeches, policy) that are called a signal."""
    context = [answer for gold, answer in pairs if gold["relevance"] == "context"]
    return _share(sum(map(is_signal, context)), len(context))


def factors_micro(pairs: Iterable[Pair]) -> float:
    """F1 over all factor labels of all rows, with the factors decided on (`factors_present`)."""
    return labels((gold["factors"], answer.get("factors_present", ())) for gold, answer in pairs).f1


def factor_counts(pairs: Sequence[Pair]) -> dict[str, Counts]:
    """The counts of every factor, RF1 to RF14, in order."""
    return {
        factor.code: _flags(
            (factor.code in gold["factors"], factor.code in answer.get("factors_present", ()))
            for gold, answer in pairs
        )
        for factor in framework().factors
    }


def factors_macro(pairs: Sequence[Pair], fewest: int = FEWEST) -> float:
    """Mean F1 over the factors that have at least `fewest` gold rows."""
    each = [c.f1 for c in factor_counts(pairs).values() if c.hit + c.missed >= fewest]
    return fmean(each) if each else NAN


def time_accuracy(pairs: Iterable[Pair], times: Collection[str] = TIMES) -> float:
    """Share of the rows whose gold time is present, past or future that are told that time."""
    dated = [(gold["time"], answer.get("time")) for gold, answer in pairs if gold["time"] in times]
    return _share(sum(gold == told for gold, told in dated), len(dated))


def past_recall(pairs: Iterable[Pair]) -> float:
    """Share of the rows whose gold time is past that are told past."""
    return time_accuracy(pairs, ("past",))


def countries(pairs: Iterable[Pair]) -> Counts:
    """ISO3 codes over all rows, each row a set."""
    return labels((gold["countries"], answer.get("countries", ())) for gold, answer in pairs)


def perpetrator_accuracy(pairs: Iterable[Pair]) -> float:
    """Share of the gold signals and atrocities whose side (state, nonstate, both, unclear, none) is told."""
    told = [gold["perpetrator"] == answer.get("perpetrator") for gold, answer in pairs if is_signal(gold)]
    return _share(sum(told), len(told))


def mitigation(pairs: Iterable[Pair]) -> Counts:
    """Protective or preventive act reported, or not."""
    return _flags((bool(gold["mitigation"]), bool(answer.get("mitigation"))) for gold, answer in pairs)


def labels(pairs: Iterable[tuple[Iterable[str], Iterable[str]]]) -> Counts:
    """Counts over pairs of label sets (gold, given)."""
    hit = wrong = missed = 0
    for gold, given in ((set(g), set(a)) for g, a in pairs):
        hit, wrong, missed = hit + len(gold & given), wrong + len(given - gold), missed + len(gold - given)
    return Counts(hit, wrong, missed)


def _flags(pairs: Iterable[tuple[bool, bool]]) -> Counts:
    return labels((("yes",) if gold else (), ("yes",) if given else ()) for gold, given in pairs)


def _share(part: int, whole: int) -> float:
    return part / whole if whole else NAN
