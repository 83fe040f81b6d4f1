"""The coder inside Spark gives the answers that it gives outside."""

import json
from collections.abc import Iterator
from datetime import date
from typing import Any

import pytest

from tests.signals.reports import SAME_SPEECH, SPEECH
from tocsin.errors import InputError
from tocsin.signals.lines import code_line
from tocsin.signals.spark import SCHEMA, code_batches

LINES: list[dict[str, Any]] = [
    {"id": "1", "text": SPEECH, "published": "2017-10-12", "source": "wire", "language": "en"},
    {"id": "2", "text": SAME_SPEECH, "title": "A conference"},
    {"id": "3", "text": "La police a tué trente manifestants non armés à Conakry."},
    {"id": "4", "text": " "},
    {"id": "5"},
    {"id": "6", "text": "Soldiers killed nine civilians in Mali.", "published": "soon"},
    {"id": "7", "text": "Soldiers\x00 killed <b>nine</b> civilians in Mali today \U0001f525 \u202e."},
    *({"id": f"n{n}", "text": f"Police in Khartoum arrested {n} protesters on Monday."} for n in range(30)),
]
COLUMNS = ("id", "text", "title", "published", "source", "language", "note")
ROWS = [tuple(line.get(name) for name in COLUMNS) for line in LINES]
EXPECTED = [json.dumps(code_line(line), ensure_ascii=False) for line in LINES]


def batches(size: int) -> Iterator[Any]:
    pyarrow = pytest.importorskip("pyarrow", reason="needs the spark extra: pyarrow is not installed")
    schema = pyarrow.schema([(name, pyarrow.string()) for name in COLUMNS])
    table = pyarrow.Table.from_pylist([dict(zip(COLUMNS, row, strict=True)) for row in ROWS], schema)
    return iter(table.to_batches(max_chunksize=size))


@pytest.mark.parametrize("size", [1, 7, 1000])
def test_every_row_of_a_batch_is_answered_in_order_as_outside(size: int) -> None:
    rows = [row for batch in code_batches(batches(size)) for row in batch.to_pylist()]
    assert [row["answer"] for row in rows] == EXPECTED
    assert [row["id"] for row in rows] == [line["id"] for line in LINES]


def test_a_batch_without_rows_gives_one_without_rows() -> None:
    (empty,) = code_batches([next(batches(10)).slice(0, 0)])
    assert empty.num_rows == 0 and empty.schema.names == ["id", "answer"]


def test_a_date_and_a_number_as_id_are_read_as_their_text() -> None:
    pyarrow = pytest.importorskip("pyarrow", reason="needs the spark extra: pyarrow is not installed")
    text = "In 2016 soldiers killed civilians in Mali."
    batch = pyarrow.RecordBatch.from_pylist([{"id": 8, "text": text, "published": date(2024, 5, 1)}])
    (row,) = next(code_batches([batch])).to_pylist()
    assert row["answer"] == json.dumps(code_line({"id": 8, "text": text, "published": "2024-05-01"}))


def test_a_missing_column_is_named() -> None:
    with pytest.raises(InputError, match="at least id and text"):
        next(code_batches([next(batches(10)).select(["id"])]))


@pytest.fixture(scope="module")
def spark() -> Iterator[Any]:
    server_module = pytest.importorskip(
        "pysail.spark", reason="needs the spark extra: pysail is not installed"
    )
    sql = pytest.importorskip("pyspark.sql", reason="needs pyspark-client, which speaks to a Spark server")
    server = server_module.SparkConnectServer(ip="127.0.0.1", port=0)
    server.start(background=True)
    session = sql.SparkSession.builder.remote(f"sc://127.0.0.1:{server.listening_address[1]}").getOrCreate()
    yield session
    session.stop()
    server.stop()


@pytest.mark.parametrize("partitions", [1, 3])
def test_spark_gives_the_same_answers_on_any_number_of_partitions(spark: Any, partitions: int) -> None:
    frame = spark.createDataFrame(ROWS, ", ".join(f"{name} string" for name in COLUMNS))
    rows = frame.repartition(partitions).mapInArrow(code_batches, SCHEMA).collect()
    assert len(rows) == len(LINES)
    told = {row["id"]: row["answer"] for row in rows}
    assert told == {line["id"]: answer for line, answer in zip(LINES, EXPECTED, strict=True)}
