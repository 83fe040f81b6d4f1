"""Fits signals/data/spelling.json: which three letters stand side by side in the words of a language.

usage: python scripts/fit_spelling.py TEXT_FOLDER

TEXT_FOLDER holds framework_dev.jsonl and parallel_un.jsonl; the passages of scripts/coder are read too. Only
triples leave the folder, and of languages with many passages only those that one in five thousand holds.
`ordinary` is the median share of words with another triple in passages of 60 words or more that were left
out, five folds, seed 0.
"""

import json
import random
import sys
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from pathlib import Path
from statistics import median

from tocsin.signals.damage.spelling import triples, words
from tocsin.signals.language import language
from tocsin.signals.rules.lexicon import fold, languages

OUT = Path(__file__).parents[1] / "src/tocsin/signals/data/spelling.json"
OWN = Path(__file__).parent / "coder/passages"
LANGUAGES = {*languages(), "pt"}
FOLDS, SEED, MANY, LONG = 5, 0, 5000, 60


def passages(folder: Path) -> Iterator[tuple[str, str]]:
    """Every passage with its language."""
    for path in sorted(OWN.glob("*.jsonl")):
        for row in map(json.loads, path.read_text("utf-8").splitlines()):
            yield row["language"], row["text"]
    for row in map(json.loads, (folder / "framework_dev.jsonl").read_text("utf-8").splitlines()):
        yield language(row["text"]), row["text"]
    for row in map(json.loads, (folder / "parallel_un.jsonl").read_text("utf-8").splitlines()):
        yield from ((lang, row[lang]) for lang in ("en", "es", "ar"))


def seen(texts: Sequence[list[str]]) -> set[str]:
    """The triples of the words of at least one in `MANY` texts."""
    counts = Counter(t for text in texts for t in {t for word in set(text) for t in triples(word)})
    return {t for t, n in counts.items() if n >= len(texts) / MANY}


def ordinary(texts: list[list[str]]) -> float:
    """The median share of words with a triple that the other folds do not know, in texts of `LONG` words."""
    shares = []
    for fold_ in range(FOLDS):
        known = seen([text for n, text in enumerate(texts) if n % FOLDS != fold_])
        for text in (t for t in texts[fold_::FOLDS] if len(t) >= LONG):
            shares.append(sum(not known.issuperset(triples(word)) for word in text) / len(text))
    return round(median(shares), 3)


def main() -> None:
    """Write the table."""
    told = defaultdict(list)
    for lang, text in passages(Path(sys.argv[1])):
        if lang in LANGUAGES and (found := list(words(fold(text)))):
            told[lang].append(found)
    table = {}
    for lang, texts in sorted(told.items()):
        random.Random(SEED).shuffle(texts)
        table[lang] = {"ordinary": ordinary(texts), "triples": "".join(sorted(seen(texts)))}
        sys.stderr.write(f"{lang}: {len(texts)} passages, {table[lang]['ordinary']} ordinary\n")
    OUT.write_text(json.dumps(table, ensure_ascii=False, indent=0) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
