"""Who borders on whom, by the shapes that ship."""

import numpy as np

from tocsin.geography.neighbours import are_states, borders

NAMES = ("RWA", "BDI", "COD", "ISR", "PSE", "ISL", "YUG", "HRV", "GBR", "FRA")


def of(name: str) -> set[str]:
    return {NAMES[i] for i in np.flatnonzero(borders(NAMES)[NAMES.index(name)])}


def test_neighbours_are_those_of_the_map():
    assert of("RWA") == {"BDI", "COD"}
    assert of("ISR") == {"PSE"}
    assert of("ISL") == set()


def test_a_former_state_has_the_land_of_those_that_followed():
    assert of("YUG") == {"HRV"}


def test_bordering_is_mutual_and_nobody_borders_on_itself():
    table = borders(NAMES)
    assert (table == table.T).all()
    assert not table.diagonal().any()


def test_names_that_are_no_states_are_told_apart():
    assert are_states(NAMES)
    assert not are_states(["RWA", "Atlantis"])
