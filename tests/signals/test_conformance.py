"""Every coder keeps the promises of a Coder."""

from dataclasses import replace

import pytest

from tests.signals import conformance
from tests.signals.reports import SPEECH, record
from tocsin.errors import UnknownId
from tocsin.signals.coder import HybridCoder
from tocsin.signals.signal import Reading
from tocsin.sources.record import Record


def test_the_default_coder_keeps_them() -> None:
    conformance.check_coder(HybridCoder())


class Broken:
    """The default coder with one fault put into its readings."""

    name, version = "broken", "1"

    def __init__(self, fault: dict[str, object]) -> None:
        self.fault = fault

    def code(self, record: Record) -> Reading:
        return replace(HybridCoder().code(record), **self.fault)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "fault",
    [
        {"record": "another"},
        {"score": 1.5},
        {"score": float("nan")},
        {"factors": {"RF1": 0.5}},
        {"factors_present": ("RF15",)},
        {"indicators": ("99.9",)},
        {"countries": ("XXX",)},
        {"countries": ("SDN", "SDN")},
        {"perpetrator": "them"},
    ],
    ids=str,
)
def test_the_checks_find_a_coder_that_breaks_one(fault: dict[str, object]) -> None:
    with pytest.raises((AssertionError, UnknownId)):
        conformance.check_coder(Broken(fault), {"speech": SPEECH})


def test_the_checks_find_words_that_are_not_in_the_record() -> None:
    reading = HybridCoder().code(record(SPEECH))
    assert reading.claims
    moved = replace(reading.claims[0], quote="words that nobody wrote")
    with pytest.raises(AssertionError):
        conformance.quotes_the_words_of_the_record(record(SPEECH), replace(reading, claims=(moved,)))
