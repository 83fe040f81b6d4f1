"""tocsin warn publish, key and verify: what leaves the house as files, and whose it is."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated
from urllib.parse import urlsplit

import typer

from tocsin.cli.home import opened, progress, tell
from tocsin.errors import UserError

if TYPE_CHECKING:
    from datetime import datetime

    from tocsin.store.publishing import Publishing

Sender = Annotated[
    str | None,
    typer.Option(help="Who publishes: a mail address or domain name (default TOCSIN_CONTACT)."),
]


def publish(
    folder: Path,
    base: Annotated[str, typer.Option(help="The address under which the folder will be found.")],
    sender: Sender = None,
) -> None:
    """Write what is public as files: feeds, data and CAP documents, signed when the home has a key.

    The same alarms on the same day under the same key give the same bytes.
    """
    from tocsin.alarms.forms import FORMS
    from tocsin.clock import now
    from tocsin.store.publishing import Publishing

    with opened() as home:
        public = Publishing(home, _address(base), _sender(sender))
        written, untold = _write(folder, public, now())
        signed = "" if public.signer else "; they are not signed (tocsin warn key makes a key)"
    progress(f"{written} CAP document(s) and {len(FORMS)} lists in {folder}{signed}")
    if untold:
        raise UserError(f"all but this is written: {'; '.join(untold)}")


def key(name: Annotated[str, typer.Option(help="The name in the certificate, such as your domain.")]) -> None:
    """Make the key that signs CAP documents. Backups leave it out: keep a copy of your own."""
    from tocsin.alarms.signing import make_key
    from tocsin.clock import now
    from tocsin.store.publishing import key_folder

    with opened() as home:
        certificate = make_key(key_folder(home.folder), name, now())
    progress("a key was made for its owner alone; give readers this certificate by a way that they trust")
    tell([str(certificate)])


def verify(
    file: Path,
    certificate: Annotated[Path, typer.Option(help="PEM file of the one certificate that is trusted.")],
) -> None:
    """Check the signature of a CAP document. Needs no home."""
    from tocsin.alarms.signing import LARGEST, verify
    from tocsin.clock import now

    with file.open("rb") as document, certificate.open("rb") as pem:
        found = verify(document.read(LARGEST + 1), pem.read(LARGEST), now())
    tell(
        [
            f"{found.identifier} of {found.sender}, sent {found.sent}: the signature holds",
            f"certificate SHA-256 {found.fingerprint}",
        ]
    )


def _write(folder: Path, public: Publishing, at: datetime) -> tuple[int, list[str]]:
    """The number of documents written, and what could not be told; the lists that name them come last."""
    from importlib.resources import files

    from tocsin.alarms.forms import FORMS

    untold: list[str] = []
    (folder / "cap").mkdir(parents=True, exist_ok=True)
    rows = public.rows()
    for row in rows:
        try:
            _put(folder / "cap" / f"{row}.xml", public.document(public.issue(row)))
        except UserError as e:
            untold.append(f"{row}: {e}")
    edition = public.edition(at)
    for form, (make, _) in FORMS.items():
        _put(folder / f"alarms.{form}", make(edition))
    _put(folder / "alarms.schema.json", files("tocsin.alarms").joinpath("alarms.schema.json").read_bytes())
    if public.signer:
        _put(folder / "tocsin.crt.pem", public.signer.pem)
    return len(rows) - len(untold), untold


def _put(path: Path, content: bytes) -> None:
    """A whole file at once: whoever reads meanwhile gets the old one or the new one."""
    temporary = path.with_name(f".{path.name}.tmp")
    temporary.write_bytes(content)
    temporary.replace(path)


def _address(base: str) -> str:
    parts = urlsplit(base)
    if parts.scheme not in ("http", "https") or not parts.hostname or parts.query or parts.fragment:
        raise UserError(f"--base {base!r} is not the address of a folder; use https://HOST/PATH")
    return base.rstrip("/")


def _sender(given: str | None) -> str:
    from tocsin.alarms.issued import checked_sender
    from tocsin.settings import settings

    found = given or settings().contact
    if not found:
        raise UserError("nobody is named who publishes; give --sender or set TOCSIN_CONTACT")
    return checked_sender(found)
