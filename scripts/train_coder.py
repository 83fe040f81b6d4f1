"""Train the coder on labelled passages, choose cuts on passages it had not seen, and write the trained file.

usage: python scripts/train_coder.py LABELLED.jsonl [--extra REVIEWED.jsonl ...] [--sources] [--figures OUT]

Each line needs id, text, relevance, factors, time, countries, perpetrator, mitigation; source, published,
title and sure are used when there. `--extra` takes exported reviews. Our own passages
(scripts/coder/passages) always take part in training, never in figures. Rows whose id starts with "t" are a
plain sample and calibrate.

Everything is chosen on five-fold predictions, documents kept together; with `--sources` the figures of
sources left out whole are printed beside them. The same input gives the same file, bit for bit, on the same
libraries.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from dataclasses import asdict
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

sys.path.insert(0, str(Path(__file__).parent / "coder"))

import choose
import readers
from packing import canonical
from rows import Material, material, own_rows, read_rows

from tocsin.evaluation.coding import factor_counts, figures
from tocsin.evidence import sha256
from tocsin.signals.model.trained import FILE, HEADS

FOLDS = 5
SEED = 0
OTHER = ("es", "ar", "fr", "ru", "sw")


def say(text: str) -> None:
    """Progress, to standard error."""
    print(text, file=sys.stderr, flush=True)


def folds(seen: Material) -> np.ndarray:
    """A fold for each row: documents together (source and title), our own passages by turn."""
    keys = [f"{row['source']}/{row['title']}" if row["title"] else str(row["id"]) for row in seen.rows]
    names = sorted(set(keys))
    drawn = dict(zip(names, np.random.default_rng(SEED).permutation(len(names)) % FOLDS, strict=True))
    return np.array([drawn[key] for key in keys])


def by_source(seen: Material) -> np.ndarray:
    """A fold for each source; our own passages are never held out."""
    names = sorted({row["source"] for row, real in zip(seen.rows, seen.real, strict=True) if real})
    return np.array(
        [names.index(r["source"]) if real else -1 for r, real in zip(seen.rows, seen.real, strict=True)]
    )


def unseen(seen: Material, counts: dict[str, readers.Counts], fold: np.ndarray) -> np.ndarray:
    """Log-odds of the four readers for every row, by readers that had not seen its fold."""
    out = np.zeros((4, len(seen.rows), len(HEADS)))
    with ProcessPoolExecutor(2) as pool:
        for test, found in pool.map(partial(_one, seen, counts, fold), sorted(set(fold[fold >= 0]))):
            out[:, test] = found
            say(f"fold of {len(test)} rows")
    return out


def _one(
    seen: Material, counts: dict[str, readers.Counts], fold: np.ndarray, held: int
) -> tuple[np.ndarray, np.ndarray]:
    train, test = np.flatnonzero(fold != held), np.flatnonzero(fold == held)
    return test, readers.logits(readers.fit_all(seen, counts, train, lambda _: None), seen, counts, test)


def report(seen: Material, answers: list[dict[str, Any]]) -> dict[str, Any]:
    """Figures of the real rows: plain English, all, other languages, each language, each factor."""
    of = choose.groups(seen)
    sets = {
        "plain sample, English": seen.plain & (of == "english"),
        "all": seen.real,
        "other languages": seen.real & (of == "other"),
    }
    sets |= {f"language {code}": seen.real & np.array([x == code for x in seen.languages]) for code in OTHER}
    out = {}
    for name, rows in sets.items():
        pairs = [(seen.rows[n], answers[n]) for n in np.flatnonzero(rows)]
        out[name] = {k: v for k, v in asdict(figures(pairs)).items() if k not in ("failed", "countries_f1")}
    pairs = [(seen.rows[n], answers[n]) for n in np.flatnonzero(seen.real)]
    out["factors"] = {
        f: {"rows": c.hit + c.missed, "precision": c.precision, "recall": c.recall, "f1": c.f1}
        for f, c in factor_counts(pairs).items()
    }
    return out


def show(title: str, told: dict[str, Any]) -> None:
    """The figures as lines."""
    print(title)
    for name, values in told.items():
        if name != "factors":
            print(f"  {name:24}" + " ".join(f"{k} {v:.3f}" for k, v in values.items()))
    for factor, values in told["factors"].items():
        print(f"  {factor:5}" + " ".join(f"{k} {v:.2f}" for k, v in values.items()))


def chosen(seen: Material, logits: np.ndarray) -> dict[str, Any]:
    """Scales, cuts and leans."""
    scales = choose.scales(seen, logits)
    full = choose.probabilities(scales, seen, logits, "full")
    quick = choose.probabilities(scales, seen, logits, "quick")
    cuts = choose.cuts(seen, full)
    return {
        "scales": scales,
        "cuts": cuts,
        "leans": choose.leans(seen, full),
        "clear": choose.clear(seen, quick, full, cuts),
        "unfounded": choose.unfounded(seen),
    }


def judged(seen: Material, logits: np.ndarray, made: dict[str, Any]) -> list[dict[str, Any]]:
    """The answers on unseen predictions, with the quick readers alone where they were sure."""
    full = choose.probabilities(made["scales"], seen, logits, "full")
    quick = choose.probabilities(made["scales"], seen, logits, "quick")
    p = np.where(quick[:, :1] <= made["clear"], quick, full)
    say(f"settled by the quick readers: {np.mean(quick[seen.plain, 0] <= made['clear']):.0%} of the sample")
    named = [name in ("signal", "atrocity") or name.startswith("RF") for name in HEADS]
    risky, bare = np.flatnonzero(named), np.flatnonzero(~seen.founded)
    p[np.ix_(bare, risky)] = np.minimum(p[np.ix_(bare, risky)], made["unfounded"])
    return choose.answers(seen, p, made["cuts"], made["leans"])


def main(
    labelled: Path, extra: list[Path], sources: bool, out: Path | None, write: Callable[..., None]
) -> None:
    """Read, fit by folds, choose, print figures, fit on everything, write."""
    real = read_rows(labelled) + [row for path in extra for row in read_rows(path, "reviewed")]
    seen = material(real, own_rows())
    say(f"{seen.real.sum()} real passages, {(~seen.real).sum()} of our own")
    counts = readers.counted(seen)
    logits = unseen(seen, counts, folds(seen))
    made = chosen(seen, logits)
    told: dict[str, Any] = {"five-fold": report(seen, judged(seen, logits, made))}
    show("five-fold, documents kept together", told["five-fold"])
    if sources:
        apart = unseen(seen, counts, by_source(seen))
        told["source left out"] = report(seen, judged(seen, apart, made))
        show("each source left out whole", told["source left out"])
    whole = readers.fit_all(seen, counts, np.arange(len(seen.rows)), say)
    write({"heads": list(HEADS), "known": "\n".join(sorted(seen.known))} | packed(whole) | made)
    if out:
        told |= {"model": sha256(FILE.read_bytes()), "labelled": sha256(labelled.read_bytes())}
        out.write_text(json.dumps(told, indent=1) + "\n", encoding="utf-8")


def packed(whole: dict[str, Any]) -> dict[str, Any]:
    """The readers with names as the lines of one text, which loads a hundred times faster than a list."""
    lists = {kind: raw for kind, raw in whole.items() if isinstance(raw["names"], list)}
    return whole | {kind: raw | {"names": "\n".join(raw["names"])} for kind, raw in lists.items()}


def dump(found: dict[str, Any]) -> None:
    """Write the trained file."""
    from skops.io import dumps

    FILE.write_bytes(canonical(dumps(found)))
    say(f"{FILE.name}: {FILE.stat().st_size / 1e6:.1f} MB")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description="Train the coder on labelled passages.")
    parser.add_argument("labelled", type=Path)
    parser.add_argument("--extra", type=Path, nargs="*", default=[])
    parser.add_argument("--sources", action="store_true")
    parser.add_argument("--figures", type=Path)
    given = parser.parse_args()
    main(given.labelled, given.extra, given.sources, given.figures, dump)
