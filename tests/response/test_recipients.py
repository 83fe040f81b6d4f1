"""Who is asked and who is told: roles with a mandate for every state, the UN always among them."""

from dataclasses import replace
from datetime import date

import pytest

from tocsin.clock import today
from tocsin.errors import UnknownId, UserError
from tocsin.geography import Country, countries, country
from tocsin.recipients import Recipient, addressees, keys, known_key, told


def asked(iso3: str) -> tuple[Recipient, ...]:
    place = country(iso3)
    return addressees(iso3, place.organisations, place.region)


@pytest.mark.parametrize("day", [None, date(1994, 4, 6), today()])
def test_every_country_of_the_table_has_addressees_and_the_un_is_always_one(day: date | None) -> None:
    for state in countries(day):
        bodies = [r.body for r in asked(state.iso3)]
        assert bodies[0].startswith("UN ") and len(bodies) >= 3
        assert len(set(bodies)) == len(bodies)
        every = told(state)
        assert set(asked(state.iso3)) <= set(every)
        assert len({r.key for r in every}) == len(every)


@pytest.mark.parametrize(
    ("iso3", "expected"),
    [("BDI", {"AU", "EAC", "ICGLR"}), ("BIH", {"EU", "OSCE", "CoE"})],
)
def test_regional_bodies_are_asked_by_mandate_and_the_un_beside_them(iso3: str, expected: set[str]) -> None:
    assert expected <= {r.organisation for r in asked(iso3)}
    assert {"un-osapg", "un-ohchr", "un-dppa"} <= {r.key for r in asked(iso3)}


def test_the_union_hears_of_european_states_that_are_no_members_and_of_none_elsewhere() -> None:
    europe = {c.iso3 for c in countries(today()) if "eu" in {r.key for r in asked(c.iso3)}}
    assert {"FRA", "SRB", "XKX", "UKR", "ARM", "BLR"} <= europe
    assert not {"BDI", "USA", "ISR", "MMR"} & europe


def test_a_state_in_no_organisation_is_followed_by_a_un_role_for_its_region() -> None:
    assert any("Political" in r.body for r in addressees("QQA", ()))


def test_a_state_whose_region_nobody_knows_is_an_error_and_so_is_an_unknown_organisation() -> None:
    with pytest.raises(UserError, match="no region is known"):
        addressees("QQA", None)
    with pytest.raises(UnknownId, match="did you mean ECOWAS"):
        addressees("QQA", ("ECOWA",))
    with pytest.raises(UserError, match="no region is known"):
        told(replace(country("BDI"), organisations=None))  # type: ignore[arg-type]


def test_roles_are_offices_with_a_language_and_a_basis() -> None:
    for recipient in addressees("QQA", ("AU", "EU", "OAS", "ASEAN")):
        assert recipient.role and recipient.basis and recipient.languages


def test_the_state_concerned_is_told_by_default_what_everyone_may_read_and_is_not_asked() -> None:
    for state in countries(today()):
        own = [r for r in told(state) if r.state == state.iso3]
        assert {r.key for r in own} == {f"state-mission-{state.iso3}", f"state-r2p-{state.iso3}"}
        assert all(r.clearance == "public" and not r.asked and r.basis for r in own)


def near(place: str, *others: str) -> set[str]:
    rows = told(country(place), [country(o) for o in others])
    return {r.key for r in rows if r.state and r.state != place}


def test_a_neighbour_is_told_where_an_organisation_of_both_says_so() -> None:
    assert near("BDI", "RWA", "TZA") == {"near-committee-RWA", "near-committee-TZA"}
    assert near("BIH", "HRV", "SRB") == set(), "a member of the Union beside a state that is none"
    assert near("NER", "NGA") == set() and near("BEN", "NGA") == {"near-ecowarn-NGA"}
    assert near("BDI", "BDI") == set()


def test_no_state_is_routed_by_its_name() -> None:
    """The same organisations and region give the same roles, whatever the state is called."""
    for one in countries(today()):
        other = replace(country("NAM"), organisations=one.organisations, region=one.region)
        assert [r.key for r in stateless(other)] == [r.key for r in stateless(one)]


def stateless(place: Country) -> list[Recipient]:
    return [r for r in told(place) if not r.state]


def test_nobody_is_told_of_a_mere_risk_and_only_the_mandate_holders_learn_who_signed() -> None:
    every = {r.key: r for c in countries() for r in told(c)}
    assert {r.hears for r in every.values()} <= {"warning", "alarm", "ongoing"}
    assert {k for k, r in every.items() if r.clearance == "private"} == {"un-osapg", "un-ohchr"}


def test_keys_are_known_by_name_and_those_of_states_by_code() -> None:
    states = [c.iso3 for c in countries()]
    assert all(known_key(r.key, states) for c in countries() for r in told(c))
    assert not known_key("state-mission-QQQ", states) and not known_key("state-mission", states)
    assert "state-mission-ISO3" in keys() and "au" in keys()
