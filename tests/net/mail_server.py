"""A real mail server on this machine, with one habit of mail servers at a time."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session


class Box:
    """Keeps what it takes. `habit` says what it does wrong; `at_data` is called before it confirms."""

    def __init__(self, habit: str = "") -> None:
        self.habit, self.taken, self.at_data = habit, list[tuple[str, bytes]](), lambda: None
        self.sessions = 0
        self.at_connect: Callable[[], object] = lambda: None

    async def handle_EHLO(
        self, server: SMTP, session: Session, envelope: Envelope, name: str, said: list[str]
    ) -> list[str]:
        self.sessions += 1
        session.host_name = name
        self.at_connect()
        if self.habit == "hangs":
            await asyncio.sleep(5)
        return said

    async def handle_RCPT(
        self, server: SMTP, session: Session, envelope: Envelope, to: str, options: list[str]
    ) -> str:
        if self.habit == "refuses" or (self.habit == "refuses one" and to.startswith("gone")):
            return "550 5.1.1 no such desk"
        if self.habit == "later":
            return "450 4.2.1 come again"
        envelope.rcpt_tos.append(to)
        return "250 OK"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        if self.habit == "spam":
            return "554 5.7.1 not wanted"
        self.taken += [(to, bytes(envelope.content or b"")) for to in envelope.rcpt_tos]
        self.at_data()
        if self.habit == "slow":
            await asyncio.sleep(0.02)
        if self.habit == "drops" and server.transport is not None:
            server.transport.abort()
        return "250 taken"

    def letters(self) -> list[EmailMessage]:
        read = [message_from_bytes(raw, policy=policy.default) for _, raw in self.taken]
        return [m for m in read if isinstance(m, EmailMessage)]


class _AnyPort(Controller):
    """Listens where there is room."""

    def _trigger_server(self) -> None:
        self.port = self.server.sockets[0].getsockname()[1]
        super()._trigger_server()


@contextmanager
def taking(box: Box, **how: Any) -> Iterator[int]:
    """The port of a server that puts letters into the box while the block runs."""
    up = _AnyPort(box, hostname="127.0.0.1", port=0, **how)
    up.start()
    try:
        yield up.port
    finally:
        up.stop(no_assert=True)
