"""Who is asked: roles with a mandate, for every state of the table, the UN always among them."""

import pytest

from tocsin.errors import UnknownId, UserError
from tocsin.geography import countries, country
from tocsin.recipients import addressees


def test_every_country_of_the_table_has_addressees_and_the_un_is_always_one() -> None:
    for state in countries():
        bodies = [r.body for r in addressees(state.iso3, state.organisations)]
        assert bodies[0].startswith("UN ") and len(bodies) >= 3
        assert len(set(bodies)) == len(bodies)


@pytest.mark.parametrize(
    ("iso3", "expected"),
    [("BDI", {"AU", "EAC", "ICGLR"}), ("BIH", {"OSCE", "CoE"})],
)
def test_regional_bodies_are_asked_by_membership(iso3: str, expected: set[str]) -> None:
    assert expected <= {r.organisation for r in addressees(iso3, country(iso3).organisations)}


def test_a_state_in_no_organisation_is_followed_by_a_un_role_for_its_region() -> None:
    assert any("Political" in r.body for r in addressees("QQA", ()))


def test_a_state_whose_region_nobody_knows_is_an_error_and_so_is_an_unknown_organisation() -> None:
    with pytest.raises(UserError, match="no region is known"):
        addressees("QQA", None)
    with pytest.raises(UnknownId, match="did you mean ECOWAS"):
        addressees("QQA", ("ECOWA",))


def test_roles_are_offices_with_a_language_and_a_basis() -> None:
    for recipient in addressees("QQA", ("AU", "EU", "OAS", "ASEAN")):
        assert recipient.role and recipient.basis and recipient.languages
