"""What a turn over every place promises: to name a place is not to read about it, and age is told."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests.assessment.made import AS_OF, DAY, a_signal
from tocsin.alarms.decide import decide
from tocsin.alarms.policy import policy
from tocsin.assessment.belief import Assessment, Seen
from tocsin.assessment.everywhere import Belief, Material, assess_everywhere
from tocsin.clock import day_moment
from tocsin.forecasting.panel import load_panel
from tocsin.signals.coded import CodedRecord, coded
from tocsin.signals.coder import HybridCoder
from tocsin.signals.make import signals_of
from tocsin.signals.signal import Relevance, Signal
from tocsin.signals.stories import Told
from tocsin.sources.record import Record

PANEL = load_panel()
HARMLESS = [
    "Mali beat the champions 2-1 in the last minute.",
    "The coach of Mali praised the striker, who shot twice.",
    "It was a sunny day in Mali.",
    "Fans from Mali attacked the referee's decision.",
    "Mali will play the final on Sunday.",
    "The president of Mali opened a school.",
]


def a_coded(n: int, **changes: Any) -> CodedRecord:
    given: dict[str, Any] = {
        "id": f"cod-{n}",
        "record": f"rec-{n}",
        "story": f"story-{n}",
        "source": "made",
        "origin": f"origin-{n}",
        "coder": "test",
        "coder_version": "1",
        "relevance": Relevance.CONTEXT,
        "score": 0.2,
        "countries": ("MLI",),
        "claims": 1,
        "published": day_moment(DAY - timedelta(days=2)),
        "known": day_moment(DAY - timedelta(days=2)),
        "recorded": AS_OF,
        "run": "run",
    }
    return CodedRecord(**{**given, **changes})


def about(
    read: list[CodedRecord], signals: list[Signal] | None = None, iso3: str = "MLI", as_of: datetime = AS_OF
) -> Assessment:
    found = assess_everywhere(Material(PANEL, (), read, signals or [], {}), as_of, "run", as_of)
    return next(b.assessment for b in found if b.assessment.iso3 == iso3)


def a_record(n: int, text: str) -> Record:
    day = day_moment(DAY - timedelta(days=2))
    return Record(
        id=f"rec-{n}",
        source="made",
        address="",
        title="",
        text=text,
        language="en",
        raw_sha256="",
        licence="",
        sensitivity="",
        origin=f"origin-{n}",
        published=day,
        known=day,
        recorded=AS_OF,
    )


def test_harmless_texts_that_name_a_place_are_no_reading_of_it() -> None:
    coder = HybridCoder()
    read, signals = [], []
    for n, text in enumerate(HARMLESS):
        reading = coder.code(a_record(n, text))
        place = Told(f"story-{n}", f"story-{n}")
        read.append(
            coded(
                a_record(n, text),
                reading,
                place,
                (coder.name, coder.version),
                "run",
            )
        )
        signals += signals_of(a_record(n, text), reading, place, "run", AS_OF, coder=coder)
    told, silent = about(read, signals), about([])
    assert told.coverage.records == 0
    assert [(r.seen, r.missing) for r in told.readings] == [(r.seen, r.missing) for r in silent.readings]


def test_context_without_a_claim_counts_nowhere_and_with_one_where_it_names() -> None:
    bare = [a_coded(n, claims=0) for n in range(6)]
    none = [a_coded(n, relevance=Relevance.NONE) for n in range(6)]
    real = [a_coded(n) for n in range(6)]
    assert about(bare).coverage.records == about(none).coverage.records == 0
    assert (about(real).coverage.records, about(real).coverage.origins) == (6, 6)
    assert about(real, iso3="TCD").coverage.records == 0
    seen = {r.factor: r.seen for r in about(real).readings}
    assert seen["RF10"] is Seen.NOT_SEEN


def test_a_claim_about_a_place_is_a_reading_of_it_whatever_the_record_names() -> None:
    read = [a_coded(1, countries=())]
    assert about(read, [a_signal(1, iso3="MLI")]).coverage.records == 1
    assert about(read, [a_signal(1, iso3="TCD")]).coverage.records == 0


@pytest.mark.parametrize(("days", "count"), [(-1, 0), (1, 1), (89, 1), (90, 1), (91, 0), (400, 0)], ids=str)
def test_only_records_known_in_the_window_of_words_are_counted(days: int, count: int) -> None:
    known = day_moment(DAY - timedelta(days=days))
    told = about([a_coded(1, known=known)], [a_signal(1, iso3="MLI", known=known)])
    assert told.coverage.records == count


def test_a_record_without_a_date_is_not_counted() -> None:
    assert about([a_coded(1, known=None)], [a_signal(1, iso3="MLI")]).coverage.records == 0


def fresh(as_of: datetime) -> list[Belief]:
    return assess_everywhere(Material(PANEL, (), (), (), {}), as_of, "run", as_of)


def test_when_the_figures_have_aged_every_place_is_no_data_and_its_decision_says_so() -> None:
    ended = max(PANEL.known_year(c, AS_OF) for c in ("os_deaths", "acd_intensity"))
    aged = fresh(datetime(ended + 3, 1, 5, tzinfo=UTC))
    assert len(aged) > 190 and all(b.assessment.no_data for b in aged)
    for b in aged:
        decision, _ = decide(b.assessment, (), (), None, policy())
        assert "unknown, which is not low" in decision.sentences[-1]
    assert sum(b.assessment.no_data for b in fresh(AS_OF)) < 20


def test_a_level_of_the_shipped_figures_stays_when_they_have_aged() -> None:
    before = {b.assessment.iso3: decide(b.assessment, (), (), None, policy())[0] for b in fresh(AS_OF)}
    high = {iso3: d for iso3, d in before.items() if d.level.step}
    ended = PANEL.known_year("os_deaths", AS_OF)
    assert high
    for years in (3, 5):
        for b in fresh(datetime(ended + years, 1, 5, tzinfo=UTC)):
            earlier = high.get(b.assessment.iso3)
            if earlier:
                later, _ = decide(b.assessment, (), (), earlier, policy())
                assert later.level is earlier.level and later.held.startswith("not measured")
