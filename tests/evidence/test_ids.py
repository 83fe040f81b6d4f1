"""Ids: the same content gets the same id, another content another one."""

from hypothesis import given
from hypothesis import strategies as st

from tocsin.evidence import canonical, content_id, sha256

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda x: st.lists(x) | st.dictionaries(st.text(), x),
)


@given(st.dictionaries(st.text(), JSON))
def test_the_order_of_keys_makes_no_difference(value: dict[str, object]) -> None:
    assert canonical(value) == canonical(dict(reversed(list(value.items()))))


@given(JSON, JSON)
def test_another_content_gets_another_id(one: object, other: object) -> None:
    assert (content_id("x", one) == content_id("x", other)) == (canonical(one) == canonical(other))


def test_parts_are_kept_apart() -> None:
    assert content_id("x", "ab", "c") != content_id("x", "a", "bc")


def test_the_hash_is_sha256() -> None:
    assert sha256(b"abc") == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
