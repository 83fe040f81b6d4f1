"""How well text reuse finds same-event pairs on ECB+, and that it does not merge sibling events of one topic.

usage: python scripts/measure_stories.py ECB_Train_corpus.txt.gz

Documents X_Necb and X_Necbplus tell of two different events of topic X. Source: ECB+ (Cybulska and Vossen,
2014, CC BY 3.0). Prints counts only.
"""

import gzip
import itertools
import re
import sys
from collections import Counter, defaultdict

from tocsin.signals.stories import similar


def documents(path: str) -> dict[str, str]:
    """The text of each document, tokens joined by spaces."""
    words: dict[str, list[str]] = defaultdict(list)
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        for line in lines:
            row = line.rstrip("\n").split("\t")
            if len(row) > 3:
                words[row[0]].append(row[3])
    return {name: " ".join(tokens) for name, tokens in words.items()}


def pairs(names: list[str]) -> dict[str, list[tuple[str, str]]]:
    """Pairs of one topic: of the same event, and of sibling events."""
    topics: dict[str, list[str]] = defaultdict(list)
    for name in names:
        topics[name.split("_")[0]].append(name)
    found: dict[str, list[tuple[str, str]]] = {"same": [], "sibling": []}
    for group in topics.values():
        for one, other in itertools.combinations(group, 2):
            same = re.sub(r"^\d+_\d+", "", one) == re.sub(r"^\d+_\d+", "", other)
            found["same" if same else "sibling"].append((one, other))
    return found


def measure(path: str) -> dict[str, Counter[bool]]:
    """How many pairs of each kind are joined and are not."""
    texts = documents(path)
    return {
        kind: Counter(similar(texts[one], texts[other]) for one, other in rows)
        for kind, rows in pairs(list(texts)).items()
    }


if __name__ == "__main__":
    counts = measure(sys.argv[1])
    joined = counts["same"][True] + counts["sibling"][True]
    print({kind: dict(count) for kind, count in counts.items()})
    print(f"precision {counts['same'][True] / max(1, joined):.3f}")
    print(f"recall of all same-event pairs {counts['same'][True] / counts['same'].total():.3f}")
