"""What a signature promises: one key, the whole document, and no way around it for who forges."""

import base64
import re
from collections.abc import Callable
from copy import deepcopy
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from capvalidator import check_schema, check_signature
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from tests.alarms.laid import NS, decoded, history, messages
from tocsin.alarms.signing import KEY, LARGEST, VALID, Signer, make_key, sign, signer, verify
from tocsin.clock import now
from tocsin.errors import InputError, NotAllowed, TooLarge, UserError

START = now() - timedelta(hours=1)
DS = "{http://www.w3.org/2000/09/xmldsig#}"
PLAIN = messages(history())[0]


@pytest.fixture(scope="module")
def keys(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("home") / "keys"
    make_key(folder, "alarms.tocsin.example", START)
    return folder


@pytest.fixture(scope="module")
def by(keys: Path) -> Signer:
    found = signer(keys)
    assert found is not None
    return found


@pytest.fixture(scope="module")
def pem(keys: Path) -> bytes:
    return (keys / "signing.crt.pem").read_bytes()


@pytest.fixture(scope="module")
def signed(by: Signer) -> bytes:
    return sign(PLAIN, by)


def test_a_signed_document_verifies_is_valid_and_another_checker_agrees(signed: bytes, pem: bytes) -> None:
    found = verify(signed, pem, now())
    assert found.identifier == history()[1].row and found.sender == "alarms@tocsin.example"
    assert re.fullmatch(r"[0-9a-f]{64}", found.fingerprint)
    assert decoded(signed)["identifier"] == found.identifier
    assert check_schema(signed).passed and check_signature(signed).passed


def test_the_same_document_under_the_same_key_has_the_same_bytes(by: Signer, signed: bytes) -> None:
    assert sign(PLAIN, by) == signed


def test_the_signature_is_the_last_child_and_says_how_it_was_made(signed: bytes) -> None:
    root = etree.fromstring(signed)
    assert root[-1].tag == f"{DS}Signature"
    said = {e.get("Algorithm") for e in root[-1].iter() if e.get("Algorithm")}
    assert said == {
        "http://www.w3.org/2001/10/xml-exc-c14n#",
        "http://www.w3.org/2001/04/xmldsig-more#rsa-sha256",
        "http://www.w3.org/2000/09/xmldsig#enveloped-signature",
        "http://www.w3.org/2001/04/xmlenc#sha256",
    }


def test_a_signed_document_is_not_signed_twice(by: Signer, signed: bytes) -> None:
    with pytest.raises(InputError, match="signed already"):
        sign(signed, by)


def test_the_key_is_for_its_owner_alone_and_never_in_a_text(keys: Path, by: Signer) -> None:
    assert (keys / KEY).stat().st_mode & 0o777 == 0o600
    assert keys.stat().st_mode & 0o777 == 0o700
    assert "PRIVATE" not in repr(by) and "key=" not in repr(by)


def test_a_key_that_others_can_read_is_refused(tmp_path: Path) -> None:
    make_key(tmp_path / "keys", "x", START)
    (tmp_path / "keys" / KEY).chmod(0o640)
    with pytest.raises(UserError, match="chmod 600"):
        signer(tmp_path / "keys")


def test_a_key_is_never_written_over(keys: Path) -> None:
    before = (keys / KEY).read_bytes()
    with pytest.raises(NotAllowed, match="exists"):
        make_key(keys, "other", START)
    assert (keys / KEY).read_bytes() == before


def test_no_key_is_none_and_a_broken_one_is_an_error(tmp_path: Path) -> None:
    assert signer(tmp_path) is None
    make_key(tmp_path / "a", "a", START)
    make_key(tmp_path / "b", "b", START)
    (tmp_path / "a" / "signing.crt.pem").write_bytes((tmp_path / "b" / "signing.crt.pem").read_bytes())
    with pytest.raises(InputError, match="not of this key"):
        signer(tmp_path / "a")
    (tmp_path / "b" / KEY).write_text("-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n")
    with pytest.raises(InputError, match="cannot be read"):
        signer(tmp_path / "b")


def test_another_key_does_not_verify_even_when_its_certificate_is_inside(pem: bytes, tmp_path: Path) -> None:
    make_key(tmp_path, "alarms.tocsin.example", START)
    forger = signer(tmp_path)
    assert forger is not None
    with pytest.raises(InputError, match="does not hold"):
        verify(sign(PLAIN, forger), pem, now())


def test_a_certificate_out_of_its_time_does_not_verify(signed: bytes, pem: bytes) -> None:
    for at in (START - timedelta(days=1), START + VALID + timedelta(days=1)):
        with pytest.raises(InputError):
            verify(signed, pem, at)


@given(where=st.integers(0, 10**6), bit=st.integers(0, 7))
def test_no_changed_bit_of_what_is_said_verifies(signed: bytes, pem: bytes, where: int, bit: int) -> None:
    start, end = signed.index(b"<identifier>"), signed.index(b"<ds:Signature")
    at = start + where % (end - start)
    changed = signed[:at] + bytes([signed[at] ^ (1 << bit)]) + signed[at + 1 :]
    try:
        found = verify(changed, pem, now())
    except InputError:
        return
    whole, other = (etree.tostring(etree.fromstring(d), method="c14n") for d in (signed, changed))
    assert whole == other and found.identifier, "only what canonicalisation calls the same may pass"


def moved_in(root: etree._Element) -> None:
    root.find("c:info", NS).append(root[-1])


def moved_first(root: etree._Element) -> None:
    root.insert(0, root[-1])


def doubled(root: etree._Element) -> None:
    root.append(deepcopy(root[-1]))


def wrapped(root: etree._Element) -> None:
    """The signed alert is hidden in an object of the signature, and another one stands outside."""
    hidden = etree.SubElement(root[-1], f"{DS}Object")
    copy = deepcopy(root)
    hidden.append(copy)
    root.find("c:info/c:headline", NS).text = "Forged"


def pointed_elsewhere(root: etree._Element) -> None:
    root.find(".//ds:Reference", NS).set("URI", "http://127.0.0.1:1/other.xml")


def pointed_at_a_file(root: etree._Element) -> None:
    root.find(".//ds:Reference", NS).set("URI", "file:///etc/hostname")


def pointed_at_a_part(root: etree._Element) -> None:
    root.find("c:info", NS).set("Id", "part")
    root.find(".//ds:Reference", NS).set("URI", "#part")


def transformed(root: etree._Element) -> None:
    step = etree.SubElement(root.find(".//ds:Transforms", NS), f"{DS}Transform")
    step.set("Algorithm", "http://www.w3.org/TR/1999/REC-xslt-19991116")


def weakened(root: etree._Element) -> None:
    root.find(".//ds:DigestMethod", NS).set("Algorithm", "http://www.w3.org/2000/09/xmldsig#sha1")


def keyed_with_the_certificate(root: etree._Element) -> None:
    method = root.find(".//ds:SignatureMethod", NS)
    method.set("Algorithm", "http://www.w3.org/2001/04/xmldsig-more#hmac-sha256")


def unsigned(root: etree._Element) -> None:
    root.remove(root[-1])


def added_to(root: etree._Element) -> None:
    extra = deepcopy(root.find("c:info", NS))
    root.insert(len(root) - 1, extra)


def commented(root: etree._Element) -> None:
    headline = root.find("c:info/c:headline", NS)
    headline.append(etree.Comment("x"))


def instructed(root: etree._Element) -> None:
    root.insert(0, etree.ProcessingInstruction("xml-stylesheet", 'href="http://127.0.0.1:1/x.xsl"'))


def renamed(root: etree._Element) -> None:
    root.tag = "{urn:oasis:names:tc:emergency:cap:1.1}alert"


@pytest.mark.parametrize(
    "forge",
    [
        moved_in, moved_first, doubled, wrapped, pointed_elsewhere, pointed_at_a_file, pointed_at_a_part,
        transformed, weakened, keyed_with_the_certificate, unsigned, added_to, commented, instructed, renamed,
    ],
)  # fmt: skip
def test_what_forgers_do_is_refused(
    signed: bytes, pem: bytes, forge: Callable[[etree._Element], None]
) -> None:
    root = etree.fromstring(signed)
    forge(root)
    with pytest.raises(InputError):
        verify(etree.tostring(root), pem, now())


@pytest.mark.parametrize(
    "beside", [b'<?xml-stylesheet href="http://127.0.0.1:1/x.xsl"?>', b"<!-- forged -->"]
)
def test_nothing_may_stand_beside_the_alert(signed: bytes, pem: bytes, beside: bytes) -> None:
    head, alert = signed.split(b"?>", 1)
    for document in (head + b"?>" + beside + alert, signed + beside):
        with pytest.raises(InputError, match="not allowed"):
            verify(document, pem, now())


def test_a_document_type_is_refused_although_the_signature_holds_with_it(signed: bytes, pem: bytes) -> None:
    head, alert = signed.split(b"?>", 1)
    with pytest.raises(InputError, match="document type"):
        verify(head + b"?><!DOCTYPE alert>" + alert, pem, now())


HEAD = b'<?xml version="1.0"?>'


@pytest.mark.parametrize(
    "document",
    [
        HEAD + b'<!DOCTYPE alert [<!ENTITY x SYSTEM "file:///etc/hostname">]><alert>&x;</alert>',
        HEAD + b'<!DOCTYPE alert SYSTEM "http://127.0.0.1:1/x.dtd"><alert/>',
        HEAD + b'<!DOCTYPE a [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;&a;&a;">]><a>&b;</a>',
        '<?xml version="1.0" encoding="utf-16"?><!DOCTYPE a [<!ENTITY a "b">]><a>&a;</a>'.encode("utf-16"),
        b"",
        b"\x00\xff",
        b"<alert>",
        b'<?xml version="1.0" encoding="no-such"?><a/>',
    ],
)
def test_hostile_documents_are_refused_in_one_line(pem: bytes, document: bytes) -> None:
    with pytest.raises(InputError) as e:
        verify(document, pem, now())
    assert "Traceback" not in str(e.value)


def test_a_huge_or_deep_document_is_refused(pem: bytes) -> None:
    with pytest.raises(TooLarge):
        verify(b"<a>" + b" " * LARGEST + b"</a>", pem, now())
    with pytest.raises(InputError):
        verify(b"<a>" * 100_000 + b"</a>" * 100_000, pem, now())


@given(st.binary(max_size=300))
def test_any_bytes_are_refused_and_never_crash(pem: bytes, document: bytes) -> None:
    with pytest.raises(InputError):
        verify(document, pem, now())


@given(st.binary(max_size=300))
def test_any_certificate_is_refused_and_never_crashes(signed: bytes, certificate: bytes) -> None:
    with pytest.raises(InputError):
        verify(signed, certificate, now())


@given(data=st.binary(min_size=1, max_size=400))
def test_any_signature_value_is_refused(signed: bytes, pem: bytes, data: bytes) -> None:
    root = etree.fromstring(signed)
    root.find(".//ds:SignatureValue", NS).text = base64.b64encode(data).decode()
    with pytest.raises(InputError):
        verify(etree.tostring(root), pem, datetime.now(UTC))
