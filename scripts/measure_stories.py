"""How well copies and same-event pairs are found on ECB+, and whether sibling events of one topic stay apart.

usage: python scripts/measure_stories.py ECB_Dev_corpus.txt.gz [parallel_un.jsonl]

Documents X_Necb and X_Necbplus tell of two different events of topic X. Source: ECB+ (Cybulska and Vossen,
2014, CC BY 3.0). Of the parallel sentences only those with an odd id are used. Prints figures only.
"""

import gzip
import itertools
import json
import random
import re
import sys
from collections import Counter, defaultdict
from datetime import UTC, datetime

from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.metrics import average_precision_score

from tocsin.evidence import content_id
from tocsin.signals.same_event import Scale, account, in_company, likely
from tocsin.signals.stories import similar, tell
from tocsin.sources.record import Record


def documents(path: str) -> dict[str, str]:
    """The text of each document, tokens joined by spaces."""
    words: dict[str, list[str]] = defaultdict(list)
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        for line in lines:
            row = line.rstrip("\n").split("\t")
            if len(row) > 3:
                words[row[0]].append(row[3])
    return {name: " ".join(tokens) for name, tokens in words.items()}


def topic_of(name: str) -> str:
    """The topic of a document by its name."""
    return name.partition("_")[0]


def event_of(name: str) -> str:
    """The event of a document by its name."""
    return re.sub(r"_\d+", "_", name)


def pairs(names: list[str]) -> dict[str, list[tuple[str, str]]]:
    """Pairs of one topic: of the same event, and of sibling events."""
    found: dict[str, list[tuple[str, str]]] = {"same": [], "sibling": []}
    for one, other in itertools.combinations(names, 2):
        if topic_of(one) == topic_of(other):
            found["same" if event_of(one) == event_of(other) else "sibling"].append((one, other))
    return found


def measure(path: str) -> dict[str, Counter[bool]]:
    """How many pairs of each kind are tied as copies and are not."""
    texts = documents(path)
    return {
        kind: Counter(similar(texts[one], texts[other]) for one, other in rows)
        for kind, rows in pairs(list(texts)).items()
    }


def precisions(texts: dict[str, str]) -> dict[str, tuple[float, float]]:
    """Average precision over all pairs and over the pairs of one topic, by way of scoring."""
    names, told = list(texts), list(texts.values())
    ij = list(itertools.combinations(range(len(names)), 2))
    same = [event_of(names[n]) == event_of(names[m]) for n, m in ij]
    topic = [topic_of(names[n]) == topic_of(names[m]) for n, m in ij]
    rows = TfidfVectorizer(sublinear_tf=True, stop_words="english").fit_transform(told)
    cosine = (rows @ rows.T).toarray()
    accounts = [account(text) for text in told]
    scores = {
        "TF-IDF cosine": [cosine[n, m] for n, m in ij],
        "pair alone": [likely(accounts[n], accounts[m]) for n, m in ij],
        "in company": [score for _, _, score in in_company(told)],
    }
    return {name: _both(same, given, topic) for name, given in scores.items()}


def _both(same: list[bool], scores: list[float], topic: list[bool]) -> tuple[float, float]:
    inside = [(s, x) for s, x, t in zip(same, scores, topic, strict=True) if t]
    within = average_precision_score(*zip(*inside, strict=True))
    return round(float(average_precision_score(same, scores)), 4), round(float(within), 4)


def grouped(texts: dict[str, str], by: Scale | None = None) -> Counter[str]:
    """Counts of pairs put into one story (joined; right; sibling events) and of all true pairs (same)."""
    day = datetime(2010, 1, 1, tzinfo=UTC)
    stories = tell((undated(name, text, day) for name, text in texts.items()), by=by)
    counts: Counter[str] = Counter()
    for one, other in itertools.combinations(texts, 2):
        joined = stories[one].story == stories[other].story
        same = event_of(one) == event_of(other)
        counts["joined"] += joined
        counts["same"] += same
        counts["right"] += joined and same
        counts["sibling"] += joined and not same and topic_of(one) == topic_of(other)
    return counts


def undated(name: str, text: str, recorded: datetime) -> Record:
    """A record without a date; its id is the name given."""
    digest = content_id("sha", text)
    return Record(name, "ecb", "", "", text, "", digest, "", "", name, None, None, recorded)


def translated(path: str, lots: int = 50) -> dict[str, tuple[float, float]]:
    """For two languages: average precision of the true among `lots` false pairs; how often it comes first."""
    with open(path, encoding="utf-8") as lines:
        odd = [row for line in lines if int((row := json.loads(line))["id"]) % 2]
    chance, found = random.Random(1), {}
    for one, other in (("en", "es"), ("en", "ar"), ("es", "ar")):
        left = [account(row[one], one) for row in odd]
        right = [account(row[other], other) for row in odd]
        same: list[bool] = []
        scores: list[float] = []
        first = 0
        for n in range(0, len(odd), 5):
            picks = [n, *(k for k in chance.sample(range(len(odd)), lots) if k != n)]
            given = [likely(left[n], right[k]) for k in picks]
            same += [k == n for k in picks]
            scores += given
            first += given[0] > max(given[1:])
        found[f"{one}-{other}"] = (
            round(float(average_precision_score(same, scores)), 3),
            round(first / len(range(0, len(odd), 5)), 3),
        )
    return found


if __name__ == "__main__":
    texts = documents(sys.argv[1])
    tied = measure(sys.argv[1])
    print("copies", {kind: dict(count) for kind, count in tied.items()})
    for way, (everywhere, within) in precisions(texts).items():
        print(f"average precision, {way}: all pairs {everywhere}, pairs of one topic {within}")
    n = grouped(texts)
    print(
        f"stories: precision {n['right'] / max(1, n['joined']):.3f} recall {n['right'] / n['same']:.3f}",
        dict(n),
    )
    if len(sys.argv) > 2:
        print("translated: (average precision, comes first)", translated(sys.argv[2]))
