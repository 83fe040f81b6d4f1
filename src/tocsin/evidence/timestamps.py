"""Timestamps of heads (RFC 3161): an authority outside says that a root existed at a time.

The answer is kept whole, so that anyone can check it with other tools (`openssl ts -verify`).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from tocsin.errors import AnswerUnread, InputError
from tocsin.evidence.custody import Head
from tocsin.settings import settings

if TYPE_CHECKING:
    from cryptography.x509 import Certificate
    from rfc3161_client import TimeStampResponse

    from tocsin.net import Fetched

QUERY, REPLY = "application/timestamp-query", "application/timestamp-reply"
"""Media types of RFC 3161, section 3.4."""


class BytesPoster(Protocol):
    """Whoever can send bytes of a media type to an address."""

    def post_bytes(self, url: str, content: bytes, kind: str, accept: str = ...) -> Fetched:
        """The answer (status 200); raises AddressRefused, FetchFailed or TooLarge."""


@dataclass(frozen=True, slots=True)
class Stamped:
    """What is known of the timestamps of a log.

    `newest` is the last head whose timestamp fits; `unchecked` counts those without a root certificate to
    hold them to: they name the right head, but anybody could have signed them.
    """

    newest: Head | None
    unchecked: int
    faults: tuple[str, ...]


def stamp(poster: BytesPoster, authority: str, roots: Sequence[Certificate], head: Head) -> Head:
    """The head with the authority's timestamp, checked against the roots, our nonce and the head itself.

    Raises FetchFailed (AnswerUnread when the answer is none or does not fit).
    """
    from rfc3161_client import HashAlgorithm, TimestampRequestBuilder, VerifierBuilder

    asked = replace(head, authority=authority, token=b"")
    request = TimestampRequestBuilder().data(asked.message).hash_algorithm(HashAlgorithm.SHA256).build()
    answer = poster.post_bytes(authority, request.as_bytes(), QUERY, REPLY)
    if answer.content_type != REPLY:
        told = answer.content_type or "no media type"
        raise AnswerUnread(f"{answer.url}: answered with {told}, which is no timestamp")
    builder = VerifierBuilder.from_request(request)
    for certificate in roots:
        builder = builder.add_root_certificate(certificate)
    try:
        reply = _decoded(answer.body)
        builder.build().verify_message(reply, asked.message)
    except _misfits() as error:
        raise AnswerUnread(f"{answer.url}: the timestamp does not fit: {_said(error)}") from error
    return replace(asked, at=_time(reply), token=answer.body)


def stamps(heads: Sequence[Head], roots: Sequence[Certificate]) -> Stamped:
    """Check the timestamps of a log: against the roots, or without any only that they name their head."""
    newest, unchecked, faults = None, 0, []
    for head in heads:
        if not head.token:
            continue
        if why := _misfit(head, roots):
            faults.append(f"head {head.seq}: its timestamp does not fit: {why}")
        else:
            newest, unchecked = head, unchecked + (not roots)
    return Stamped(newest, unchecked, tuple(faults))


def root_certificates(path: Path) -> list[Certificate]:
    """The certificates of a PEM file. Raises InputError when there is none to be read."""
    from cryptography.x509 import load_pem_x509_certificates

    try:
        return load_pem_x509_certificates(path.read_bytes())
    except OSError as error:
        raise InputError(f"cannot be read ({error.strerror or error})", str(path)) from error
    except ValueError as error:
        raise InputError("holds no certificate in PEM", str(path), "give the authority's root") from error


def trusted() -> list[Certificate]:
    """The root certificates of the settings; none when TOCSIN_TSA_ROOTS is not set."""
    path = settings().tsa_roots
    return root_certificates(path) if path else []


def _misfit(head: Head, roots: Sequence[Certificate]) -> str:
    """Why a timestamp is not that of its head; empty when it is."""
    from rfc3161_client import VerifierBuilder

    try:
        reply = _decoded(head.token)
        if roots:
            VerifierBuilder(roots=list(roots)).build().verify_message(reply, head.message)
        else:
            _named(reply, head)
    except _misfits() as error:
        return _said(error)
    return "" if head.at == _time(reply) else f"it says {_time(reply)}, the head {head.at}"


def _named(reply: TimeStampResponse, head: Head) -> None:
    """Raises ValueError for a timestamp of other bytes than the head's."""
    import hashlib

    imprint = reply.tst_info.message_imprint
    widths = {32: "sha256", 48: "sha384", 64: "sha512"}
    name = widths.get(len(imprint.message))
    if name is None or hashlib.new(name, head.message).digest() != imprint.message:
        raise ValueError("it is of another head")


def _decoded(raw: bytes) -> TimeStampResponse:
    """The answer. Raises ValueError for bytes that are none, or that end in something else."""
    from rfc3161_client import decode_timestamp_response

    reply = decode_timestamp_response(raw)
    if reply.as_bytes() != raw:
        raise ValueError("it is not in DER")
    return reply


def _misfits() -> tuple[type[Exception], ...]:
    from rfc3161_client.errors import VerificationError

    return (VerificationError, ValueError)


def _said(error: Exception) -> str:
    return " ".join(str(error).split()) or type(error).__name__


def _time(reply: TimeStampResponse) -> str:
    """When the authority says it was, in UTC without a zone, as all times of the log."""
    at: datetime = reply.tst_info.gen_time
    return at.astimezone(UTC).replace(tzinfo=None).isoformat()
