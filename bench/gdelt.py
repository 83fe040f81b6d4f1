"""Times a year of GDELT events from the publisher's zip files into a home, and its sum to country and week.

usage: python bench/gdelt.py [--rows N] [--folder DIR] [--out FILE]

The rows are those of ../shared/data/gdelt_raw_samples/20191024143000.export.CSV, again and again: each
delivered file has all of them under new event ids and addresses of articles, with every date moved, 26 files
a day through a year (20 million rows, 8 GB unpacked). They compress better than a real year does.

Ours is the command `tocsin gather gdelt --from FOLDER`, a process of its own: it unzips, hashes, checks every
row, commits step by step and writes the account. Beside it, in the same run and on as many threads, DuckDB's
own read_csv with typed columns writes the same columns as one Parquet file from files that are unzipped
already, once before ours and once after. Spark Connect is pysail in a process of its own.
"""

import argparse
import json
import os
import platform
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from datetime import date, timedelta
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path
from time import perf_counter
from typing import NamedTuple
from zipfile import ZIP_DEFLATED, ZipFile

from tocsin.clock import now
from tocsin.sources.slices import layout
from tocsin.store.engine import quoted
from tocsin.store.lake import Lake
from tocsin.store.weeks import weeks

SAMPLE = Path(__file__).resolve().parents[2] / "shared/data/gdelt_raw_samples/20191024143000.export.CSV"
TAKEN, FIRST, DAYS, A_DAY = date(2019, 10, 24), date(2024, 1, 1), 365, 26
FIRST_ID, THREADS = 1_200_000_000, 2
TYPES = {
    "text": "VARCHAR", "whole": "BIGINT", "number": "DOUBLE", "flag": "BOOLEAN", "day": "DATE",
    "instant": "TIMESTAMP", "latitude": "DOUBLE", "longitude": "DOUBLE",
}  # fmt: skip


def main() -> None:
    """Make the year, run everything once, print the table."""
    given = argparse.ArgumentParser()
    given.add_argument("--rows", type=int, default=20_000_000)
    given.add_argument("--folder", type=Path, help="where the files go (10 GB); default: a temporary folder")
    given.add_argument("--out", type=Path)
    given.add_argument("--job", nargs=3, help=argparse.SUPPRESS)
    asked = given.parse_args()
    if asked.job:
        name, source, target = asked.job
        JOBS[name](Path(source), Path(target))
        return
    with tempfile.TemporaryDirectory(prefix="tocsin-bench-", dir=asked.folder) as folder:
        lines = measured(Path(folder), asked.rows)
    print("\n".join(lines))
    if asked.out:
        asked.out.write_text("\n".join(lines) + "\n", encoding="utf-8")


def measured(folder: Path, wanted: int) -> list[str]:
    """The lines of the result."""
    zips, plain, home = folder / "zips", folder / "plain", folder / "home"
    files, rows, size = year(zips, plain, wanted)
    say(f"{files:,} files made")
    before = job("read_csv", plain, folder / "rival.parquet")
    say(f"read_csv {before.wall:.1f} s")
    gather = ["-m", "tocsin.cli", "gather", "gdelt", "--from", str(zips)]
    ours = process(gather, {"TOCSIN_HOME": str(home)})
    say(f"ours {ours.wall:.1f} s")
    after = job("read_csv", plain, folder / "rival.parquet")
    say(f"read_csv {after.wall:.1f} s")
    job("duckdb", home, folder / "duckdb.json")
    told = json.loads((folder / "duckdb.json").read_text())
    theirs, busy = (before.wall + after.wall) / 2, (before.busy + after.busy) / 2
    return [
        f"{rows:,} rows of GDELT events, {size / 1e9:.2f} GB unpacked, {files:,} zip files",
        f"{os.cpu_count()} cores; {platform.system()} {platform.machine()}, "
        f"Python {platform.python_version()}, DuckDB {version('duckdb')}",
        f"tocsin {version('tocsin')}: gather from the zip files, every row checked, a commit a step",
        f"  seconds                       {ours.wall:.1f}",
        f"  seconds of processor          {ours.busy:.1f}",
        f"  rows a second                 {rows / ours.wall:,.0f}",
        f"  peak memory, MB               {ours.peak:.0f}",
        *parts(home, rows),
        "DuckDB read_csv: typed columns, from unzipped files, into one Parquet file",
        f"  seconds, before and after     {before.wall:.1f}, {after.wall:.1f}",
        f"  seconds of processor          {before.busy:.1f}, {after.busy:.1f}",
        f"  rows a second                 {rows / theirs:,.0f}",
        f"  peak memory, MB               {max(before.peak, after.peak):.0f}",
        f"ours has {theirs / ours.wall:.2f} of the rate of read_csv (asked: no less than 0.50); "
        f"by seconds of processor {busy / ours.busy:.2f}",
        f"country and week: {len(told['rows']):,} rows",
        f"  seconds on DuckDB             {told['seconds']:.2f}",
        *spark(home, folder, told["rows"]),
        f"gathered and summed in {ours.wall + told['seconds']:.0f} seconds (asked: under 300)",
    ]


def parts(home: Path, rows: int) -> list[str]:
    """What the lake is made of. Stops when a row is missing."""
    state = Lake(home / "lake", home / "writer.lock").generation()
    own = state.of("gdelt_events")
    if sum(p.rows for p in own) != rows:
        sys.exit(f"the lake holds {sum(p.rows for p in own):,} rows")
    manifest = (home / "lake" / "manifest.json").stat().st_size
    return [
        f"  parts of events and slices    {len(own)} and {len(state.of('slices'))}",
        f"  manifest, KB                  {manifest / 1000:.0f}",
    ]


def spark(home: Path, folder: Path, rows: list[object]) -> list[str]:
    """The time of Spark, and whether its rows are the same."""
    if not (find_spec("pysail") and find_spec("pyspark")):
        return ["  Spark is not installed (extra `spark`): not timed, not compared"]
    job("spark", home, folder / "spark.json")
    told = json.loads((folder / "spark.json").read_text())
    same = "equal rows" if told["rows"] == rows else "OTHER ROWS"
    return [f"  seconds on Spark Connect      {told['seconds']:.2f}, {same} (pysail {version('pysail')})"]


def year(zips: Path, plain: Path, wanted: int) -> tuple[int, int, int]:
    """Files in the publisher's names, zipped and not, until there are enough rows: files, rows, bytes."""
    zips.mkdir()
    plain.mkdir()
    sample = [line.split(b"\t") for line in SAMPLE.read_bytes().splitlines()]
    files = rows = size = 0
    for name, day, stamp in stamps():
        if rows >= wanted:
            break
        body = moved(sample, day - TAKEN, stamp, FIRST_ID + rows)
        (plain / name).write_bytes(body)
        with ZipFile(zips / f"{name}.zip", "w", ZIP_DEFLATED) as out:
            out.writestr(name, body)
        files, rows, size = files + 1, rows + len(sample), size + len(body)
    return files, rows, size


def stamps() -> Iterator[tuple[str, date, str]]:
    """The name, day and instant of every file, some quarters of an hour apart."""
    for n in range(DAYS * A_DAY):
        day = FIRST + timedelta(days=n // A_DAY)
        quarter = n % A_DAY * 96 // A_DAY
        stamp = f"{day:%Y%m%d}{quarter // 4:02d}{quarter % 4 * 15:02d}00"
        yield f"{stamp}.export.CSV", day, stamp


def moved(sample: list[list[bytes]], by: timedelta, stamp: str, first: int) -> bytes:
    """The sample once more: other ids and addresses, later dates."""
    dates: dict[bytes, bytes] = {}
    mark = b"?" + stamp.encode()
    out = []
    for n, row in enumerate(sample):
        if row[1] not in dates:
            day = date(int(row[1][:4]), int(row[1][4:6]), int(row[1][6:])) + by
            part = day.year + day.timetuple().tm_yday / 366
            dates[row[1]] = f"{day:%Y%m%d}\t{day:%Y%m}\t{day:%Y}\t{part:.4f}".encode()
        kept = b"\t".join(row[5:59])
        out.append(b"%d\t%b\t%b\t%b\t%b\n" % (first + n, dates[row[1]], kept, stamp.encode(), row[60] + mark))
    return b"".join(out)


def read_csv(plain: Path, target: Path) -> None:
    """DuckDB's own reader on the same columns."""
    import duckdb

    columns = ", ".join(f"{quoted(c.name)}: '{TYPES[c.kind]}'" for c in layout("gdelt_events").columns)
    con = duckdb.connect(config={"threads": str(THREADS)})
    con.execute(
        f"COPY (SELECT * FROM read_csv({quoted(str(plain / '*.CSV'))}, columns={{{columns}}}, delim='\t', "
        "header=false, quote='', escape='', auto_detect=false, dateformat='%Y%m%d', "
        f"timestampformat='%Y%m%d%H%M%S')) TO {quoted(str(target))} (FORMAT parquet, COMPRESSION zstd)"
    )


def on_duckdb(home: Path, target: Path) -> None:
    """The weeks by the engine of the product."""
    timed(home, target, None)


def on_spark(home: Path, target: Path) -> None:
    """The weeks by Spark Connect, the session opened before."""
    from pysail.spark import SparkConnectServer
    from pyspark.sql import SparkSession

    server = SparkConnectServer(ip="127.0.0.1", port=0)
    server.start(background=True)
    session = SparkSession.builder.remote(f"sc://127.0.0.1:{server.listening_address[1]}").getOrCreate()
    session.range(1).collect()
    timed(home, target, session)
    session.stop()
    server.stop()


def timed(home: Path, target: Path, session: object) -> None:
    """Write the rows and the seconds."""
    start = perf_counter()
    rows = weeks(Lake(home / "lake", home / "writer.lock"), now(), spark=session)
    told = {"seconds": perf_counter() - start, "rows": [[str(v) for v in row.values()] for row in rows]}
    target.write_text(json.dumps(told))


JOBS = {"read_csv": read_csv, "duckdb": on_duckdb, "spark": on_spark}


class Used(NamedTuple):
    """What a process took: seconds by the clock and of processors, peak memory in MB."""

    wall: float
    busy: float
    peak: float


def job(name: str, source: Path, target: Path) -> Used:
    """One job of this file in a process of its own."""
    return process([str(Path(__file__).resolve()), "--job", name, str(source), str(target)], {})


def process(arguments: list[str], more: dict[str, str]) -> Used:
    """What a Python process takes. Stops when it fails."""
    start = perf_counter()
    running = subprocess.Popen([sys.executable, *arguments], env={**os.environ, **more})
    _, status, used = os.wait4(running.pid, 0)
    running.returncode = os.waitstatus_to_exitcode(status)
    if running.returncode:
        sys.exit(f"{arguments[-3:]} ended with {running.returncode}")
    return Used(perf_counter() - start, used.ru_utime + used.ru_stime, used.ru_maxrss / 1024)


def say(line: str) -> None:
    """How far it is, to standard error."""
    print(line, file=sys.stderr, flush=True)


if __name__ == "__main__":
    main()
