"""Names of GDELT files and the publisher's lists: nothing is guessed, nothing lost, nothing believed."""

from __future__ import annotations

import random
from datetime import UTC, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.shared_data import shared
from tocsin.errors import InputError
from tocsin.sources import sort_paths
from tocsin.sources.feeds.gdelt.lists import LONGEST, QUARTER, Bounds, Index, Seen, gap, mark, offers
from tocsin.sources.feeds.gdelt.names import ENDINGS, FIRST, FileName, file_name
from tocsin.sources.slices import layout

HOME, MIRROR = "http://data.example/gdeltv2/", "https://storage.example/data.example/gdeltv2/"
UNTIL = datetime(2026, 11, 20, 13, tzinfo=UTC)
BOUNDS = Bounds((HOME, MIRROR), ("export", "mentions"), FIRST[True], UNTIL)
MD5 = "0123456789abcdef0123456789abcdef"

instants = st.datetimes(datetime(2015, 2, 19), datetime(2026, 11, 20), timezones=st.just(UTC)).map(
    lambda at: at.replace(microsecond=0)
)
files = st.builds(FileName, instants, st.booleans(), st.sampled_from(sorted(ENDINGS)), st.just(True))


def refusals() -> tuple[list[tuple[str, str]], object]:
    kept: list[tuple[str, str]] = []
    return kept, lambda where, why: kept.append((where, why))


def written(*lines: str | bytes) -> bytes:
    return b"".join(one if isinstance(one, bytes) else one.encode() for one in lines)


def read(body: bytes, bounds: Bounds = BOUNDS) -> tuple[list[str], list[tuple[str, str]], Index]:
    """The names that a list on the disk gives, day by day, and what was refused."""
    kept, refuse = refusals()
    with TemporaryDirectory() as folder:
        path = Path(folder) / "list.txt"
        path.write_bytes(body)
        index = Index(path, "list.txt", bounds)
        index.read(refuse)  # type: ignore[arg-type]
        names = [offer.file.slice for day in sorted(index.runs) for offer in index.day(day)]
    return names, kept, index


@given(files)
def test_a_name_says_its_instant_kind_and_language_and_nothing_else_does(file: FileName) -> None:
    name = f"{file.slice}.zip"
    assert file_name(name) == file
    assert file_name(name.lower()) == file, "the publisher's capitals are a habit, not a meaning"
    assert file_name(file.slice).slice == file.slice and not file_name(file.slice).packed
    assert list(sort_paths([Path(name)])) == ["gdelt_gkg" if file.kind == "gkg" else "gdelt"]


@given(st.text())
def test_any_other_text_is_refused_in_one_line(name: str) -> None:
    with pytest.raises(InputError) as refused:
        file_name(name)
    assert refused.value.where == name


@pytest.mark.parametrize(
    ("name", "why"),
    [
        ("mentions.CSV", "states no instant"),
        ("20191024.export.CSV.zip", "GDELT 1"),
        ("20191324143000.export.CSV", "impossible instant"),
        ("20191024250000.export.CSV", "impossible instant"),
        ("20140101000000.export.CSV", "before GDELT 2 began"),
        ("20191024143000.export.CSV.gz", "states no instant"),
        ("٢٠١٩١٠٢٤١٤٣٠٠٠.export.CSV", "states no instant"),
        ("20191024143000.export.CSV\n", "states no instant"),
        ("../20191024143000.export.CSV", "states no instant"),
    ],
)
def test_a_name_that_states_no_possible_instant_is_refused(name: str, why: str) -> None:
    with pytest.raises(InputError, match=why):
        file_name(name)


def test_files_of_other_names_stay_where_they_were() -> None:
    assert list(sort_paths([Path("export.csv"), Path("ged251.csv"), Path("a.txt")])) == ["ucdp", "folder"]


def test_what_cannot_be_taken_is_refused_by_line_and_the_others_go_on() -> None:
    good = "20191024143000.export.CSV.zip"
    kept, refuse = refusals()
    body = written(
        f"10 {MD5} {HOME}{good}\n",
        "\n   \n",
        f"{MD5} {HOME}{good}\n",
        f"{HOME}{good}\n",
        "12\n",
        f"0 {MD5} {HOME}20191024144500.export.CSV.zip\n",
        f"10 {MD5} http://evil.example/gdeltv2/{good}\n",
        f"10 {MD5} ftp://data.example/gdeltv2/{good}\n",
        f"10 {MD5} {HOME}../{good}\n",
        f"10 {MD5} {HOME}20191024143000.export.CSV\n",
        f"10 {MD5} {HOME}20271024143000.export.CSV.zip\n",
        f"10 {MD5} {HOME}readme.html\n",
        b"\xff\xfe\x00 \x80\n",
        f"10 {MD5} {HOME}20191024143000.gkg.csv.zip\n",
        f"7 {MD5.upper()} {MIRROR}20191024143000.mentions.CSV.zip\r\n",
    )
    found = offers(body, "list.txt", BOUNDS, refuse)  # type: ignore[arg-type]
    assert [offer.file.slice for offer in found] == [good[:-4], "20191024143000.mentions.CSV"]
    assert found[1].md5 == MD5 and found[1].address.startswith(MIRROR)
    assert len(kept) == 11 and kept[0] == (
        "list.txt, line 4",
        f"is not 'size md5 address': {MD5 + ' ' + HOME + good!r}",
    )
    for why in ("no bytes", "another host", "no zip archive", "of the future", "states no instant"):
        assert any(why in told for _, told in kept), why
    assert read(body)[1] == kept, "a list on the disk is judged as one in memory"


@settings(deadline=None)
@given(st.lists(st.one_of(files, st.binary(max_size=60), st.just(b"x" * (LONGEST * 3)))))
def test_every_line_of_a_list_is_taken_left_out_or_refused(lines: list[FileName | bytes]) -> None:
    told = [
        f"5 {MD5} {HOME}{one.slice}.zip" if isinstance(one, FileName) else one.replace(b"\n", b" ")
        for one in lines
    ]
    body = b"".join((one.encode() if isinstance(one, str) else one) + b"\n" for one in told)
    names, kept, index = read(body)
    mine = [one for one in lines if isinstance(one, FileName) and one.kind != "gkg"]
    assert sorted(names) == sorted(one.slice for one in mine)
    assert len(kept) == sum(isinstance(one, bytes) and bool(one.split()) for one in lines)
    assert index.newest == max((one.at for one in mine), default=None)


@settings(deadline=None)
@given(st.lists(files, min_size=1, max_size=20), st.data())
def test_a_list_that_ends_anywhere_gives_the_lines_before(lines: list[FileName], data: st.DataObject) -> None:
    rows = [f"5 {MD5} {HOME}{one.slice}.zip\n".encode() for one in lines]
    body = b"".join(rows)
    cut = data.draw(st.integers(0, len(body)))
    names, kept, _ = read(body[:cut], Bounds((HOME,), tuple(ENDINGS), FIRST[True], UNTIL))
    ends = 0
    whole = 0
    for row in rows:
        ends += len(row)
        whole += cut >= ends - 1
    assert sorted(names) == sorted(one.slice for one in lines[:whole])
    assert len(kept) <= 1 and all("the list ends in it" in why for _, why in kept)


@settings(deadline=None)
@given(st.lists(files, max_size=40, unique=True), st.randoms(use_true_random=False))
def test_a_list_out_of_order_gives_the_same_days(lines: list[FileName], shuffle: random.Random) -> None:
    body = [f"5 {MD5} {HOME}{one.slice}.zip\n" for one in lines]
    before = read(written(*body))
    shuffle.shuffle(body)
    after = read(written(*body))
    assert sorted(before[0]) == sorted(after[0]) and before[2].seen == after[2].seen
    assert before[2].runs.keys() == after[2].runs.keys()


@settings(deadline=None)
@given(st.sets(st.integers(0, 300)), st.integers(0, 300), st.integers(0, 300))
def test_missing_quarters_of_an_hour_are_counted(there: set[int], low: int, high: int) -> None:
    start = datetime(2019, 10, 24, 22, 15, tzinfo=UTC)
    seen: Seen = {("export", False): {}}
    for n in there:
        mark(seen, FileName(start + n * QUARTER, False, "export"))
    lacking = [n for n in range(low, high + 1) if n not in there]
    first = start + lacking[0] * QUARTER if lacking else None
    days, since, until = seen["export", False], start + low * QUARTER, start + high * QUARTER
    assert gap(days, since, until) == (len(lacking), max(0, high - low + 1), first)
    earlier = since - timedelta(minutes=5)
    assert gap(days, earlier, until) == gap(days, since, until), "a quarter that began before is not missed"


@pytest.mark.parametrize(
    ("table", "width", "samples"),
    [
        ("gdelt_events", 61, ("20191024143000.export.CSV", "translingual.export.CSV")),
        ("gdelt_mentions", 16, ("mentions.CSV", "translingual.mentions.CSV")),
        ("gdelt_gkg", 27, ("gkg.csv", "translingual.gkg.csv")),
    ],
)
def test_real_files_have_the_columns_of_the_layout(table: str, width: int, samples: tuple[str, ...]) -> None:
    form = layout(table)
    assert len(form.columns) == width
    for sample in samples:
        path = shared("data/gdelt_raw_samples") / sample
        rows = path.read_bytes().decode("utf-8").removesuffix("\n").split("\n")
        cells = [row.split(form.separator) for row in rows]
        assert len(cells) >= 100 and {len(row) for row in cells} == {width}
        for n, column in enumerate(form.columns):
            filled = [row[n] for row in cells if row[n]]
            assert len(filled) == len(cells) or not column.needed, column.name
            assert column.kind != "whole" or all(v.lstrip("-").isdigit() for v in filled), column.name
            assert column.kind != "instant" or all(len(v) == 14 and v.isdigit() for v in filled), column.name
            assert column.kind != "number" or all(float(v) == float(v) for v in filled), column.name
            assert column.kind != "flag" or {*filled} <= {"0", "1"}, column.name
        keys = [tuple(row[[c.name for c in form.columns].index(k)] for k in form.key) for row in cells]
        assert len({*keys}) == len(keys), "the key tells every row apart"
