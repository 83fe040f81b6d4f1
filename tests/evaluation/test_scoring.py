"""Scores of whole files: against scikit-learn and scoringrules, and what must not change them."""

from __future__ import annotations

import math
import random
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import scoringrules as sr
from sklearn import metrics

from tests.evaluation.forecast_files import NAMES, binary_rows, compared, count_rows, outcome_rows
from tocsin.errors import InputError
from tocsin.evaluation.compared import Compared, slices
from tocsin.evaluation.scored import Scored, measures, scored
from tocsin.evaluation.scoring import DIFFERENCE, Score


@pytest.fixture(scope="module")
def rows(tmp_path_factory: pytest.TempPathFactory) -> Compared:
    folder = tmp_path_factory.mktemp("binary")
    return compared(folder, {"a": binary_rows(1), "b": binary_rows(2)}, outcome_rows(3))


@pytest.fixture(scope="module")
def counts(tmp_path_factory: pytest.TempPathFactory) -> Compared:
    folder = tmp_path_factory.mktemp("count")
    return compared(folder, {"a": count_rows(1), "b": count_rows(2)}, outcome_rows(3, most=60))


def figures(found: Scored) -> dict[tuple[Any, ...], tuple[float, ...]]:
    def key(s: Score) -> tuple[Any, ...]:
        return s.forecasts, s.horizon, s.threshold, s.kind, s.group, s.measure

    return {key(s): (s.value, s.low, s.high) for s in found.scores}


def same(one: dict[Any, Any], other: dict[Any, Any]) -> bool:
    return one.keys() == other.keys() and all(
        np.allclose(one[k], other[k], rtol=1e-9, atol=1e-12, equal_nan=True) for k in one
    )


def test_the_estimates_are_those_of_scikit_learn(rows: Compared) -> None:
    found = scored(rows, 0.95)
    for one in slices(rows):
        for label, p in zip(rows.labels, one.p, strict=True):
            by = {name: of[label].value for name, of in found.named(one.horizon, 1).items()}
            assert by["brier"] == pytest.approx(metrics.brier_score_loss(one.y, p))
            assert by["log_score"] == pytest.approx(metrics.log_loss(one.y, p))
            assert by["auc"] == pytest.approx(metrics.roc_auc_score(one.y, p))
            assert by["average_precision"] == pytest.approx(metrics.average_precision_score(one.y, p))
            base = np.full(len(p), one.y.mean())
            assert by["brier_skill"] == pytest.approx(1 - by["brier"] / metrics.brier_score_loss(one.y, base))
            assert by["forecast_over_observed"] == pytest.approx(p.sum() / one.y.sum())


def test_every_decomposition_adds_up(rows: Compared, counts: Compared) -> None:
    for found in (scored(rows, 0.95), scored(counts, 0.95)):
        for horizon, threshold in found.slices():
            for label in found.rows.labels:
                by = {n: of[label].value for n, of in found.named(horizon, threshold).items() if label in of}
                for score, up, down, rest in (
                    ("brier", "brier_reliability", "brier_resolution", "brier_uncertainty"),
                    ("brier", "brier_miscalibration", "brier_discrimination", "brier_uncertainty"),
                    ("log_score", "log_miscalibration", "log_discrimination", "log_uncertainty"),
                    ("crps", "crps_miscalibration", "crps_discrimination", "crps_uncertainty"),
                ):
                    if score in by and math.isfinite(by[score]):
                        assert by[up] - by[down] + by[rest] == pytest.approx(by[score])


def test_quantiles_are_scored_as_scoringrules_does(counts: Compared) -> None:
    found = scored(counts, 0.9)
    for horizon in counts.horizons:
        here = counts.horizon == horizon
        for label, f in zip(counts.labels, counts.forecasts, strict=True):
            assert f.quantiles is not None
            q, y = f.quantiles[here], counts.y[here]
            by = {n: of[label].value for n, of in found.named(horizon, 0).items()}
            assert by["crps"] == pytest.approx(sr.crps_quantile(y, q, np.arange(1, 100) / 100).mean())
            fine = sr.interval_score(y, q[:, 4], q[:, 94], 0.1).mean()
            assert by["interval_score_90"] == pytest.approx(fine)
            inside = np.mean((y >= q[:, 24]) & (y <= q[:, 74]))
            assert by["coverage_50"] == pytest.approx(inside)


def test_a_file_against_itself_differs_by_nothing(tmp_path: Path) -> None:
    for given, most in ((binary_rows(1), 2), (count_rows(1), 60)):
        found = scored(compared(tmp_path, {"a": given, "b": given}, outcome_rows(3, most=most)), 0.95)
        gaps = [s for s in found.scores if s.forecasts == DIFFERENCE and not math.isnan(s.value)]
        assert len(gaps) > 30
        for s in gaps:
            assert s.value == 0
            assert math.isnan(s.low) or s.low == s.high == 0


def test_the_order_of_the_rows_changes_nothing(tmp_path: Path, rows: Compared) -> None:
    shuffled = [binary_rows(1), binary_rows(2), outcome_rows(3)]
    for some in shuffled:
        random.Random(4).shuffle(some)
    found = scored(compared(tmp_path, {"a": shuffled[0], "b": shuffled[1]}, shuffled[2]), 0.95)
    assert same(figures(found), figures(scored(rows, 0.95)))


def test_other_names_change_nothing_but_the_regions(tmp_path: Path, rows: Compared) -> None:
    new = dict(zip(NAMES, ("zz", "m1", "Q", "a long name", "b", "0"), strict=True))

    def renamed(some: list[list[Any]]) -> list[list[Any]]:
        return [[new[r[0]], *r[1:]] for r in some]

    given = {"a": renamed(binary_rows(1)), "b": renamed(binary_rows(2))}
    found = scored(compared(tmp_path, given, renamed(outcome_rows(3))), 0.95)
    before, after = figures(scored(rows, 0.95)), figures(found)
    assert {k[4] for k in before if k[3] == "region"} >= {"Eastern Africa", "Western Europe"}
    assert not [k for k in after if k[3] == "region"]
    assert same({k: v for k, v in before.items() if k[3] != "region"}, after)


def test_groups_are_the_rows_of_a_decade_or_region_ranked_among_all(rows: Compared) -> None:
    found = scored(rows, 0.95)
    by = {
        (s.kind, s.group, s.measure): s.value for s in found.scores if (s.forecasts, s.horizon) == ("a", "1")
    }
    for kind in ("decade", "region"):
        for measure in ("n", "events"):
            parts = [v for (k, _, m), v in by.items() if (k, m) == (kind, measure)]
            assert sum(parts) == by["all", "", measure] and len(parts) > 1
        hits = sum(
            by[kind, g, "recall_10"] * by[kind, g, "events"] for k, g, m in by if (k, m) == (kind, "n")
        )
        assert hits == pytest.approx(by["all", "", "recall_10"] * by["all", "", "events"])


def test_rows_of_one_file_and_unknown_outcomes_are_counted_aloud(tmp_path: Path) -> None:
    outcomes = [r for r in outcome_rows(3) if r[0] != "PER"]
    found = compared(tmp_path, {"a": binary_rows(1), "b": binary_rows(2)[:-4]}, outcomes)
    told = " / ".join(found.notes)
    assert "not in the other file: 4 of 144 rows of a" in told
    assert "120 of 140 rows have one" in told and "outcome not known: 20 of 140 rows" in told
    assert len(found.y) == 120 and "PER" not in found.names


def test_files_that_cannot_be_compared_are_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"a\.csv: has no kind of outcome in common with b\.csv"):
        compared(tmp_path, {"a": binary_rows(1), "b": count_rows(1)}, outcome_rows(3))
    with pytest.raises(InputError, match="shares no row"):
        compared(tmp_path, {"a": binary_rows(1), "b": binary_rows(1, ["X"])}, outcome_rows(3))
    with pytest.raises(InputError, match="none of its 144 rows has a known outcome"):
        compared(tmp_path, {"a": binary_rows(1)}, outcome_rows(3, ["X"]))


def test_the_impossible_that_happened_is_counted_and_makes_the_log_score_infinite(tmp_path: Path) -> None:
    given = [["E1", 1, 2, 1, 0.0], ["E2", 1, 2, 1, 0.5], ["E3", 1, 2, 1, 1.0]]
    found = scored(compared(tmp_path, {"a": given}, [["E1", 2, 1], ["E2", 2, 1], ["E3", 2, 0]]), 0.95)
    by = {n: of["a"].value for n, of in found.named("1", 1).items()}
    assert by["impossible"] == 2 and by["log_score"] == math.inf


@pytest.mark.parametrize("happened", [0, 1])
def test_rows_without_events_or_with_nothing_else_give_no_made_up_ranking(
    tmp_path: Path, happened: int
) -> None:
    outcomes = [[name, year, happened] for name in NAMES for year in range(2000, 2015)]
    found = scored(compared(tmp_path, {"a": binary_rows(1)}, outcomes), 0.95)
    by = {n: of["a"].value for n, of in found.named("1", 1).items()}
    assert math.isnan(by["auc"]) and math.isnan(by["brier_skill"])
    assert math.isfinite(by["brier"])
    assert happened or math.isnan(by["recall_10"])


def test_every_measure_has_its_words(rows: Compared, counts: Compared) -> None:
    made = {s.measure for r in (rows, counts) for s in scored(r, 0.95).scores}
    assert made == set(measures())
    assert all(m.meaning.endswith((".", ")")) for m in measures().values())
