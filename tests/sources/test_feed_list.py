"""The reviewed feeds: enough of the world, each with its voice, its grade and who it could hurt."""

from __future__ import annotations

from collections import Counter
from functools import cache
from pathlib import Path

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from tocsin.errors import InputError, UnknownId
from tocsin.geography import countries, country
from tocsin.sources import factsheet
from tocsin.sources.factsheet import DATA, FEED_KINDS, Feed, built, feed_list, feeds_named, unchecked_feeds

EASTERN_EUROPE = (
    """ALB ARM AZE BLR BIH BGR HRV CZE EST GEO HUN LVA LTU MDA MNE MKD POL ROU RUS SRB SVK SVN UKR"""
)
WEST = """AND AUS AUT BEL CAN DNK FIN FRA DEU GRC ISL IRL ISR ITA LIE LUX MLT MCO NLD NZL NOR PRT SMR ESP SWE
CHE TUR GBR USA"""
"""Members of two of the regional groups of the General Assembly; the United States sits in as an observer."""


def group(iso3: str) -> str:
    """The regional group of a state in the General Assembly."""
    if iso3 in EASTERN_EUROPE:
        return "Eastern European"
    if iso3 in WEST:
        return "Western European and Others"
    of = {"Africa": "African", "Americas": "Latin American and Caribbean"}
    return of.get(country(iso3).region, "Asia-Pacific")


GROUPS = {group(c.iso3) for c in countries() if c.status == "member"}


@cache
def covered() -> dict[str, set[str]]:
    """The feeds that cover each state, by the places they name themselves."""
    out: dict[str, set[str]] = {}
    for feed in feed_list():
        for c in countries():
            if c.status == "member" and {c.iso3, c.region, c.sub_region} & set(feed.covers):
                out.setdefault(c.iso3, set()).add(feed.id)
    return out


def test_there_are_enough_feeds_in_enough_languages_and_of_every_kind() -> None:
    feeds = feed_list()
    languages = Counter(feed.language for feed in feeds)
    assert len(feeds) >= 100 and len(languages) >= 20
    assert {"ar", "fr", "es", "pt", "ru", "sw", "ha", "am", "ti", "my", "fa", "zh", "tr", "bn"} <= set(
        languages
    )
    assert {feed.kind for feed in feeds} == set(FEED_KINDS)
    assert {feed.ownership for feed in feeds} == set(factsheet.OWNERSHIP)


def test_the_fact_sheet_names_the_languages_of_the_list() -> None:
    assert set(factsheet.fact_sheet("feeds").languages) == {feed.language for feed in feed_list()}


def test_every_regional_group_and_every_part_of_the_world_speaks_and_is_spoken_of() -> None:
    assert len(GROUPS) == 5
    press = [feed for feed in feed_list() if feed.kind == "press"]
    assert {group(feed.country) for feed in press if feed.country} == GROUPS
    assert {group(place) for feed in press for place in feed.covers if len(place) == 3} == GROUPS
    by_state = covered()
    seen = {country(iso3).sub_region for iso3 in by_state}
    assert seen == {c.sub_region for c in countries() if c.status == "member"}
    assert {country(feed.country).region for feed in press} == {c.region for c in countries()}


def test_states_where_mass_killing_is_near_are_covered_by_more_than_one_voice() -> None:
    groups = {feed.id: feed.independence_group for feed in feed_list()}
    by_state = covered()
    for iso3 in ("SDN", "SSD", "COD", "ETH", "MMR", "AFG", "PSE", "SYR", "UKR", "HTI", "MLI", "BFA", "NGA"):
        found = by_state.get(iso3) or {feed.id for feed in feed_list() if iso3 in feed.covers}
        assert len({groups[feed] for feed in found}) >= 3, iso3


def test_ids_and_addresses_are_unique_over_both_lists_and_nearly_all_are_encrypted() -> None:
    feeds = (*feed_list(), *unchecked_feeds())
    assert len({feed.id for feed in feeds}) == len({feed.address for feed in feeds}) == len(feeds)
    assert sum(feed.address.startswith("https://") for feed in feeds) >= 0.95 * len(feeds)


def test_each_feed_says_where_it_was_seen_and_none_of_memory_stands_among_them() -> None:
    assert not [feed.id for feed in feed_list() if "memory" in feed.seen]
    assert all("from memory" in feed.seen and "not seen" in feed.checked for feed in unchecked_feeds())
    assert all("not yet run against the live service" in feed.checked for feed in feed_list())
    assert not {feed.address for feed in feed_list()} & {feed.address for feed in unchecked_feeds()}


def test_each_review_is_of_this_feed_and_no_other() -> None:
    reviews = [feed.review for feed in (*feed_list(), *unchecked_feeds())]
    assert len(set(reviews)) == len(reviews) and min(map(len, reviews)) > 35


def test_media_of_one_state_are_one_voice_and_never_the_best_grade() -> None:
    state = [feed for feed in feed_list() if feed.ownership == "state"]
    assert len({feed.country for feed in state}) >= 10
    for feed in state:
        assert feed.independence_group == f"state_{feed.country.lower()}" and feed.grade != "A"
    assert Counter(feed.country for feed in state).most_common(1)[0][1] > 1


def test_one_publisher_is_one_voice() -> None:
    voices: dict[str, set[str]] = {}
    for feed in (*feed_list(), *unchecked_feeds()):
        voices.setdefault(feed.publisher, set()).add(feed.independence_group)
    assert not {publisher: found for publisher, found in voices.items() if len(found) > 1}


def test_what_names_people_at_risk_is_not_public_and_is_kept_for_a_year_at_most() -> None:
    internal = [feed for feed in feed_list() if feed.sensitivity == "internal"]
    assert len(internal) >= 10 and all(feed.retention_days <= 365 for feed in internal)


def test_feeds_are_named_by_id_and_a_wrong_one_is_answered_with_the_nearest() -> None:
    assert [feed.id for feed in feeds_named(("hrw", "gcr2p", "hrw"))] == ["hrw", "gcr2p"]
    with pytest.raises(UnknownId, match="unknown feed 'amnesti'; did you mean amnesty"):
        feeds_named(("amnesti",))


FIRST = (DATA / "feeds.yml").read_text(encoding="utf-8").split("\n- id: ")[:2]


def entry(**change: object) -> dict[str, object]:
    given = yaml.safe_load("\n- id: ".join(FIRST))[0]
    given |= {"covers": tuple(given["covers"])} | change
    return {name: value for name, value in given.items() if value is not None}


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"grade": "G"}, "grade 'G' is none of A, B"),
        ({"kind": "blog"}, "kind 'blog' is none of UN"),
        ({"ownership": "unknown"}, "ownership 'unknown' is none of"),
        ({"sensitivity": "secret"}, "sensitivity 'secret' is none of"),
        ({"review": " "}, "review is empty"),
        ({"seen": ""}, "seen is empty"),
        ({"licence": None}, "lacks licence"),
        ({"covers": ()}, "covers is empty"),
        ({"covers": 7}, "covers no list"),
        ({"country": 7}, "country is no text"),
        ({"covers": ("SUD",)}, "unknown place 'SUD'; did you mean"),
        ({"country": "UK"}, "unknown country 'UK'"),
        ({"ownership": "NGO"}, "unknown country ''"),
        ({"language": "English"}, "language 'English' is not of the form"),
        ({"id": "UN News"}, "id 'UN News' is not of the form"),
        ({"address": "feeds.example"}, "address 'feeds.example' is no web address"),
        ({"address": "https://user:word@x.example/"}, "is no web address"),
        ({"retention_days": 0}, "retention_days 0 is not a number from 1"),
        ({"cadence_hours": "6"}, "cadence_hours '6' is not a number from 1"),
        ({"cadence_hours": True}, "cadence_hours True is not a number from 1"),
        ({"country": "RUS", "ownership": "state"}, "media of a state share the group state_rus"),
        ({"independence_group": "state_rus"}, "is for media of a state"),
        ({"licence_url": "x"}, "unknown key 'licence_url'"),
    ],
)
def test_an_entry_that_is_wrong_is_refused_with_its_name_and_the_reason(
    change: dict[str, object], reason: str
) -> None:
    with pytest.raises(InputError) as raised:
        built(Feed, entry(**change), "a list: feed 1 (un_news)")
    assert reason in str(raised.value) and "un_news" in str(raised.value) and "\n" not in str(raised.value)


@given(
    st.dictionaries(
        st.sampled_from([*entry(), "x"]), st.one_of(st.none(), st.text(max_size=9), st.integers())
    )
)
def test_any_change_of_an_entry_is_a_feed_or_one_clear_line(change: dict[str, object]) -> None:
    try:
        built(Feed, {**entry(), **change}, "a list")
    except InputError as error:
        assert str(error).startswith("a list")


def test_two_entries_with_one_id_or_address_are_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    twice = [entry(), entry(id="other")]
    for feed in twice:
        feed["covers"] = list(feed["covers"])  # type: ignore[call-overload]
    (tmp_path / "two.yml").write_text(yaml.safe_dump(twice), encoding="utf-8")
    monkeypatch.setattr(factsheet, "DATA", tmp_path)
    with pytest.raises(InputError, match=r"two\.yml: feed 2 \(other\): has the id or address of un_news"):
        factsheet._feeds("two.yml")
