"""Signatures of CAP documents: XML-DSig, enveloped at the end of the alert.

RSA with SHA-256 (PKCS #1 v1.5) and exclusive canonicalisation (W3C XML Signature 1.1): every verifier reads
it, and the same document under the same key has the same bytes. The certificate is self-signed; a reader gets
it by another way and pins it. A key proves who wrote a document and not that it is true.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tocsin.errors import InputError, NotAllowed, TooLarge, UserError

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
    from cryptography.x509 import Certificate

KEY, CERTIFICATE = "signing.key.pem", "signing.crt.pem"
BITS = 3072
VALID = timedelta(days=5 * 365)
LARGEST = 2 * 1024 * 1024
"""Bytes of the largest document that is read; the largest of ours has some 100 kB."""
ALERT = "{urn:oasis:names:tc:emergency:cap:1.2}alert"
DS = "{http://www.w3.org/2000/09/xmldsig#}"
EXCLUSIVE = "http://www.w3.org/2001/10/xml-exc-c14n#"
TRANSFORMS = ["http://www.w3.org/2000/09/xmldsig#enveloped-signature", EXCLUSIVE]


@dataclass(frozen=True, slots=True)
class Signer:
    """A key with its certificate; the key is in no text of it."""

    key: RSAPrivateKey = field(repr=False)
    certificate: Certificate

    @property
    def pem(self) -> bytes:
        """The certificate for readers to pin."""
        from cryptography.hazmat.primitives.serialization import Encoding

        return self.certificate.public_bytes(Encoding.PEM)


@dataclass(frozen=True, slots=True)
class Verified:
    """What a verified document says of itself, and the SHA-256 of the certificate that vouches for it."""

    identifier: str
    sender: str
    sent: str
    fingerprint: str


def make_key(folder: Path, name: str, at: datetime) -> Path:
    """Make a key and its certificate in a folder that its owner alone reads; returns the certificate's path.

    `name` is the common name in the certificate. Raises NotAllowed when there is a key: a new one is a new
    identity, and whoever pinned the old one must be told first.
    """
    from cryptography.hazmat.primitives import serialization
    from cryptography.hazmat.primitives.asymmetric import rsa

    for path in (folder / KEY, folder / CERTIFICATE):
        if path.exists():
            raise NotAllowed(f"{path} exists; move it away first and give readers the new certificate")
    key = rsa.generate_private_key(65537, BITS)
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    folder.chmod(0o700)
    secret = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    certificate = _certificate(key, name, at).public_bytes(serialization.Encoding.PEM)
    _write(folder / KEY, secret)
    _write(folder / CERTIFICATE, certificate)
    return folder / CERTIFICATE


def signer(folder: Path) -> Signer | None:
    """The key of a folder; None when it has none.

    Raises UserError when others than the owner can read it, InputError when it cannot be read.
    """
    from cryptography import x509
    from cryptography.hazmat.primitives import serialization
    from cryptography.hazmat.primitives.asymmetric import rsa

    path = folder / KEY
    if not path.exists():
        return None
    if stat.S_IMODE(path.stat().st_mode) & 0o077:
        raise UserError(f"{path} can be read by others; chmod 600 it, and make a new key if others had it")
    try:
        key = serialization.load_pem_private_key(path.read_bytes(), None)
        certificate = x509.load_pem_x509_certificate((folder / CERTIFICATE).read_bytes())
    except (ValueError, TypeError, FileNotFoundError) as e:
        raise InputError("cannot be read as a key with its certificate", str(path), "make a new one") from e
    if not isinstance(key, rsa.RSAPrivateKey) or key.public_key() != certificate.public_key():
        raise InputError("the certificate beside it is not of this key", str(path), "put the right one there")
    return Signer(key, certificate)


def sign(document: bytes, by: Signer) -> bytes:
    """The document with a signature at its end. Raises InputError for one that is signed already."""
    from lxml import etree
    from signxml.algorithms import CanonicalizationMethod, DigestAlgorithm, SignatureMethod
    from signxml.signer import XMLSigner

    root = _read(document)
    if next(_signatures(root), None) is not None:
        raise InputError("this document is signed already", remedy="sign the one without a signature")
    maker = XMLSigner(
        signature_algorithm=SignatureMethod.RSA_SHA256,
        digest_algorithm=DigestAlgorithm.SHA256,
        c14n_algorithm=CanonicalizationMethod.EXCLUSIVE_XML_CANONICALIZATION_1_0,
    )
    signed = maker.sign(root, key=by.key, cert=[by.certificate])
    made: bytes = etree.tostring(signed, xml_declaration=True, encoding="utf-8")
    return made


def verify(document: bytes, certificate: bytes, at: datetime) -> Verified:
    """Check a signed CAP document against the one certificate (PEM) that is trusted, at a time.

    The signature must be the last child of the alert and cover all of it. A certificate inside the document
    is not believed. Raises TooLarge, or InputError that says what is wrong: no CAP alert, a document type, an
    entity, a comment or an instruction in it, a signature that is missing, moved, doubled, of other than this
    document or made in another way, bytes that differ, another key, or a certificate out of its time.
    """
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes

    try:
        pinned = x509.load_pem_x509_certificate(certificate)
    except ValueError as e:
        raise InputError("the certificate cannot be read", remedy="give a PEM file of one certificate") from e
    root = _read(document)
    _shape(root)
    _check(document, pinned, at)
    of = {tag: root.findtext(f"{{*}}{tag}") or "" for tag in ("identifier", "sender", "sent")}
    return Verified(**of, fingerprint=pinned.fingerprint(hashes.SHA256()).hex())


def _check(document: bytes, pinned: Certificate, at: datetime) -> None:
    from lxml.etree import LxmlError
    from signxml.algorithms import DigestAlgorithm, SignatureMethod
    from signxml.exceptions import SignXMLException
    from signxml.verifier import SignatureConfiguration, XMLVerifier

    config = SignatureConfiguration(
        location="./",
        signature_methods=frozenset({SignatureMethod.RSA_SHA256, SignatureMethod.ECDSA_SHA256}),
        digest_algorithms=frozenset({DigestAlgorithm.SHA256}),
        verification_time=at,
    )
    try:
        found = XMLVerifier().verify(document, x509_cert=pinned, parser=_parser(), expect_config=config)
    except (SignXMLException, LxmlError, ValueError) as e:
        raise InputError(f"the signature does not hold: {e}", remedy="do not trust this document") from e
    whole = _read(document)
    whole.remove(whole[-1])
    one = None if isinstance(found, list) else found.signed_xml
    if one is None or _canonical(one) != _canonical(whole):
        raise InputError("the signature covers something else", remedy="do not trust this document")


def _shape(root: Any) -> None:
    """Refuse what a forger moves about, before any cryptography looks at it."""
    found = list(_signatures(root))
    if root.tag != ALERT:
        raise InputError("this is no CAP 1.2 alert", remedy="verify the document itself")
    if len(found) != 1 or found[0] is not root[-1] or found[0].getparent() is not root:
        raise InputError(
            f"{len(found)} signatures; one must stand at the end of the alert",
            remedy="do not trust this document",
        )
    beside = [*root.itersiblings(preceding=True), *root.itersiblings()]
    if beside or any(not isinstance(node.tag, str) for node in root.iter()):
        raise InputError(
            "comments and instructions are not allowed in it", remedy="do not trust this document"
        )
    references = list(root.iter(f"{DS}Reference"))
    steps = [t.get("Algorithm") for t in root.iter(f"{DS}Transform")]
    methods = [m.get("Algorithm") for m in root.iter(f"{DS}CanonicalizationMethod")]
    own = len(references) == 1 and references[0].get("URI") == ""
    if (
        not own
        or steps != TRANSFORMS
        or methods != [EXCLUSIVE]
        or any(root.iter(f"{DS}Object", f"{DS}Manifest"))
    ):
        raise InputError(
            "its signature does not cover the whole document in the agreed way",
            remedy="do not trust this document",
        )


def _signatures(root: Any) -> Iterator[Any]:
    return iter(root.iter(f"{DS}Signature"))


def _read(document: bytes) -> Any:
    from defusedxml import ElementTree
    from defusedxml.common import DefusedXmlException
    from lxml import etree

    if len(document) > LARGEST:
        raise TooLarge(f"{len(document)} bytes; a signed alert has at most {LARGEST}")
    try:
        ElementTree.fromstring(document, forbid_dtd=True)
        return etree.fromstring(document, _parser())
    except DefusedXmlException as e:
        raise InputError("a document type or an entity in it", remedy="do not trust this document") from e
    except (ElementTree.ParseError, etree.XMLSyntaxError, LookupError, ValueError) as e:
        raise InputError(
            f"it is not well-formed XML: {e}", remedy="verify the document as it was sent"
        ) from e


def _parser() -> Any:
    from lxml import etree

    return etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False)


def _canonical(element: Any) -> bytes:
    from lxml import etree

    made: bytes = etree.tostring(element, method="c14n", exclusive=True, with_comments=False)
    return made


def _certificate(key: RSAPrivateKey, name: str, at: datetime) -> Certificate:
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes
    from cryptography.x509.oid import NameOID

    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name[:64] or "Tocsin")])
    start = at.replace(microsecond=0)
    usage = x509.KeyUsage(True, True, *[False] * 7)
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(start)
        .not_valid_after(start + VALID)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(usage, critical=True)
        .sign(key, hashes.SHA256())
    )


def _write(path: Path, content: bytes) -> None:
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        file.write(content)
