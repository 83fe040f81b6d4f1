"""Seals: whatever single thing is changed afterwards, it is found; and what nobody touched verifies."""

from collections.abc import Callable
from dataclasses import replace

from hypothesis import assume, given
from hypothesis import strategies as st

from tocsin.evidence.sealing import Seal, chain_faults, digest, first_digest, leaf, row_faults, seal

Rows = list[dict[str, object]]
VALUES = st.floats(0, 1) | st.text(max_size=4) | st.integers() | st.none() | st.booleans()
BATCHES = st.lists(
    st.lists(VALUES, min_size=1, max_size=4).map(
        lambda values: [{"id": f"row-{n}", "value": value, "other": "x"} for n, value in enumerate(values)]
    ),
    min_size=2,
    max_size=4,
)


def chain(batches: list[Rows]) -> list[Seal]:
    made: list[Seal] = []
    for n, rows in enumerate(batches):
        made.append(seal(made[-1] if made else None, f"run-{n}", "forecasts", rows, f"2026-01-0{n + 1}"))
    return made


def faults(seals: list[Seal], batches: list[Rows]) -> list[str]:
    return [
        *chain_faults(seals),
        *(f for s, rows in zip(seals, batches, strict=True) for f in row_faults(s, rows)),
    ]


@given(BATCHES)
def test_what_nobody_touched_verifies_in_whatever_order_the_rows_lie(batches: list[Rows]) -> None:
    assert faults(chain(batches), [rows[::-1] for rows in batches]) == []


@given(BATCHES, st.data())
def test_one_changed_missing_added_or_doubled_row_is_found_in_one_line(
    batches: list[Rows], data: st.DataObject
) -> None:
    seals = chain(batches)
    n = data.draw(st.integers(0, len(batches) - 1))
    rows, spot = batches[n], data.draw(st.integers(0, len(batches[n]) - 1))
    value = data.draw(VALUES)
    assume(leaf("", {"v": value}, ["v"]) != leaf("", {"v": rows[spot]["value"]}, ["v"]))
    touched: dict[str, Rows] = {
        "changed": [{**row, "value": value} if k == spot else row for k, row in enumerate(rows)],
        "missing": [row for k, row in enumerate(rows) if k != spot],
        "added": [*rows, {"id": "row-new", "value": value, "other": "x"}],
        "twice": [*rows, rows[spot]],
    }
    for how, now in touched.items():
        (line,) = faults(seals, [*batches[:n], now, *batches[n + 1 :]])
        assert f"seal {n + 1} " in line and ("added" if how == "twice" else how) in line


@given(BATCHES, st.data())
def test_rows_that_change_places_are_found(batches: list[Rows], data: st.DataObject) -> None:
    n = data.draw(st.integers(0, len(batches) - 1))
    rows = batches[n]
    assume(len(rows) > 1 and leaf("", rows[0], ["value"]) != leaf("", rows[1], ["value"]))
    swapped = [{**rows[0], "value": rows[1]["value"]}, {**rows[1], "value": rows[0]["value"]}, *rows[2:]]
    assert faults(chain(batches), [*batches[:n], swapped, *batches[n + 1 :]])


CHANGES: dict[str, Callable[[Seal], Seal]] = {
    "run": lambda s: replace(s, run=s.run + "x"),
    "kind": lambda s: replace(s, kind="outcomes"),
    "count": lambda s: replace(s, count=s.count + 1),
    "recorded": lambda s: replace(s, recorded="2025-12-31"),
    "digest": lambda s: replace(s, digest="0" * 64),
    "previous": lambda s: replace(s, previous="0" * 64),
    "chain": lambda s: replace(s, chain="0" * 64),
    "schema": lambda s: replace(s, schema=0),
    "fields": lambda s: replace(s, fields=s.fields[:-1]),
    "leaf": lambda s: replace(s, leaves=((s.leaves[0][0], "0" * 64), *s.leaves[1:])),
    "name": lambda s: replace(s, leaves=(("row-other", s.leaves[0][1]), *s.leaves[1:])),
    "leaves": lambda s: replace(s, leaves=s.leaves[1:]),
}


@given(BATCHES, st.sampled_from(sorted(CHANGES)), st.data())
def test_any_one_part_of_a_seal_that_is_changed_is_found(
    batches: list[Rows], part: str, data: st.DataObject
) -> None:
    seals = chain(batches)
    n = data.draw(st.integers(0, len(seals) - 1))
    assert faults([*seals[:n], CHANGES[part](seals[n]), *seals[n + 1 :]], batches)


@given(BATCHES, st.data())
def test_a_seal_that_is_taken_out_or_moved_breaks_the_chain(batches: list[Rows], data: st.DataObject) -> None:
    seals = chain(batches)
    n = data.draw(st.integers(0, len(seals) - 2))
    assert chain_faults(seals[:n] + seals[n + 1 :])
    assert chain_faults([*seals[:n], seals[n + 1], seals[n], *seals[n + 2 :]])


def test_one_row_can_be_shown_to_belong_to_a_seal_without_the_others() -> None:
    rows: Rows = [{"id": f"row-{n}", "p": n / 10} for n in range(5)]
    one = seal(None, "run-1", "forecasts", rows, "2026-01-01")
    assert dict(one.leaves)["row-3"] == leaf("forecasts", rows[3], one.fields)
    assert digest(one.leaves) == one.digest


def test_a_column_that_rows_gain_later_breaks_no_older_seal() -> None:
    rows: Rows = [{"id": "row-1", "p": 0.1}]
    one = seal(None, "run-1", "forecasts", rows, "2026-01-01")
    assert row_faults(one, [{**rows[0], "quantiles": None}]) == []
    assert row_faults(one, [{**rows[0], "p": 0.2, "quantiles": None}])


def test_a_seal_of_the_first_schema_still_verifies_and_still_finds_a_change() -> None:
    from tocsin.evidence.sealing import chained

    rows: Rows = [{"id": "row-2", "p": 0.2}, {"id": "row-1", "p": 0.1}]
    fields = ("id", "p")
    told = first_digest(rows, fields)
    old = Seal(1, 0, "run-0", "forecasts", 2, "", (), (), told, "", chained("", "run-0", "forecasts", told))
    new = seal(old, "run-1", "forecasts", rows, "2026-01-01")
    assert chain_faults([old, new]) == [] == row_faults(old, rows[::-1], fields)
    (line,) = row_faults(old, [{"id": "row-2", "p": 0.3}, rows[1]], fields)
    assert "seal 1" in line
