"""Onsets and leads, worked out by hand."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from tests.evaluation.forecast_files import compared, write
from tocsin.evaluation.compared import compare
from tocsin.evaluation.forecast_file import read_forecasts
from tocsin.evaluation.lead_time import Onset, lead_scores, onsets
from tocsin.evaluation.outcomes_of import from_file

OTHERS = [f"X{i:02d}" for i in range(40)]


def ranked_file(rank: dict[int, int], horizon: int = 1) -> list[list[Any]]:
    """Forty others with fixed probabilities, and A at the rank wanted at each origin."""
    rows: list[list[Any]] = []
    for origin, wanted in rank.items():
        rows += [[x, origin, origin + horizon, horizon, 0.9 - i / 100] for i, x in enumerate(OTHERS)]
        rows.append(["A", origin, origin + horizon, horizon, 0.9 - (wanted - 1.5) / 100])
    return rows


def outcomes(events: list[int], last: int = 12) -> list[list[Any]]:
    quiet = [[x, t, 0] for x in OTHERS for t in range(1, last)]
    return quiet + [["A", t, int(t in events)] for t in range(1, last)]


def test_the_lead_counts_back_from_the_last_origin_while_it_stayed(tmp_path: Path) -> None:
    # A is in the top 10 at origin 2, leaves, comes back at 4 and stays: the event at 7 had a lead of 7 - 4
    rank = {1: 25, 2: 5, 3: 15, 4: 8, 5: 9, 6: 10, 7: 1}
    (found,) = onsets(compared(tmp_path, {"a": ranked_file(rank)}, outcomes([7, 8])))
    assert (found.entity, found.onset, found.last_origin, found.rank, found.of) == ("A", "7", "6", 10, 41)
    assert found.leads == (3, 5, 6)
    told = {s.measure: s.value for s in lead_scores([found])}
    assert told["onsets"] == 1 and told["onsets_in_top_10"] == 1 and told["median_lead_20"] == 5


def test_an_onset_is_new_and_a_miss_has_no_lead(tmp_path: Path) -> None:
    # events at 2 (first period of the rows: not known to be new), at 5 and 6 (one onset)
    rank = {1: 1, 2: 1, 3: 1, 4: 35, 5: 1, 6: 1}
    (found,) = onsets(compared(tmp_path, {"a": ranked_file(rank)}, outcomes([2, 5, 6])))
    assert found.onset == "5" and found.last_origin == "4" and found.leads == (0, 0, 0)


def test_level_forecasts_share_the_middle_rank_and_warn_of_nothing(tmp_path: Path) -> None:
    flat = [[*r[:4], 0.1] for r in ranked_file({1: 1, 2: 1, 3: 1})]
    (found,) = onsets(compared(tmp_path, {"a": flat}, outcomes([3])))
    assert found.rank == 21 and found.leads == (0, 0, 2)


def test_misses_come_first(tmp_path: Path) -> None:
    given = ranked_file({1: 2, 2: 2, 3: 2})
    happened = [[e, t, 1 if e in ("X30", "A") and t == 3 else 0] for e, t, _ in outcomes([])]
    found = list(onsets(compared(tmp_path, {"a": given}, happened)))
    assert [o.entity for o in found] == ["X30", "A"] and found[0].rank > found[1].rank


def test_where_the_outcome_looks_ahead_the_onset_comes_after_the_run(tmp_path: Path) -> None:
    given = ranked_file({t: 3 for t in range(1, 9)}, horizon=0)
    (found,) = onsets(compared(tmp_path, {"a": given}, outcomes([4, 5])))
    assert found.onset == "after 5" and found.last_origin == "5" and found.leads == (5, 5, 5)


def own(tmp_path: Path, years: range, started: list[int]) -> list[Onset]:
    """A file of new mass killings that begin in A in the years given, in A and a quiet state."""
    rows = [[e, y, 0.2 if e == "A" else 0.1] for e in ("A", "B") for y in years]
    happened = [[e, y, int(e == "A" and bool({y + 1, y + 2} & set(started)))] for e in "AB" for y in years]
    read = read_forecasts(write(tmp_path / "f.csv", ("entity", "period", "probability"), rows))
    known = from_file(write(tmp_path / "o.csv", ("entity", "period", "observed"), happened))
    return sorted(onsets(compare({"a": read}, known)), key=lambda o: o.onset)


def test_new_mass_killings_are_dated_by_the_two_years_of_their_rows(tmp_path: Path) -> None:
    found = own(tmp_path, range(2000, 2012), [2005])
    assert [(o.onset, o.last_origin) for o in found] == [("2005", "2004")]
    found = own(tmp_path, range(2000, 2012), [2005, 2006])
    assert [(o.onset, o.last_origin) for o in found] == [("2005", "2004"), ("2006", "2005")]
    found = own(tmp_path, range(2000, 2012), [2013])
    assert [(o.onset, o.last_origin) for o in found] == [("2013", "2011")]
    found = own(tmp_path, range(2000, 2012), [2000, 2001, 2008])
    assert [(o.onset, o.last_origin) for o in found] == [("2001", "2000"), ("2008", "2007")]


def test_a_file_of_one_origin_lists_its_events_without_leads(tmp_path: Path) -> None:
    given = ranked_file({1: 2}, horizon=0)
    found = list(onsets(compared(tmp_path, {"a": given}, outcomes([1]))))
    assert [(o.entity, o.onset, o.leads) for o in found] == [("A", "1", ())]
    assert not list(lead_scores(found))
