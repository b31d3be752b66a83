"""An SMTP server on loopback that records envelopes and exact bytes, and refuses or stalls as told."""

from __future__ import annotations

import asyncio
import email
import email.policy
import re
import ssl
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email.message import EmailMessage
from functools import cached_property
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session


@dataclass(frozen=True)
class Mail:
    """One accepted mail: the envelope and the bytes as they came over the wire. `began_at` is when its sender said
    hello, or named the sender of a further mail, in seconds since 1970; `peer` the address it came from.
    """

    mail_from: str
    rcpt_to: tuple[str, ...]
    content: bytes
    encrypted: bool
    login: str
    began_at: float = 0.0
    peer: str = ""

    @cached_property
    def id(self) -> str:
        """Its Message-ID, angle brackets and all."""
        found = re.search(rb"^Message-ID:\s*(<[^>]+>)", self.content, re.MULTILINE | re.IGNORECASE)
        return found[1].decode() if found else ""

    @property
    def message(self) -> EmailMessage:
        parsed = email.message_from_bytes(self.content, policy=email.policy.default)
        assert isinstance(parsed, EmailMessage)
        return parsed


@dataclass
class SmtpSink:
    """`at_mail`, `at_rcpt`, `at_data` replace the answer at that step; `stall_seconds` waits after the text,
    `hello_seconds` before the first word of a session is answered.

    A mail stalled after its text is still accepted and recorded: the sender cannot know.
    """

    port: int = 0
    mails: list[Mail] = field(default_factory=list)
    at_mail: str = ""
    at_rcpt: str = ""
    at_data: str = ""
    stall_seconds: float = 0.0
    hello_seconds: float = 0.0
    users: dict[str, str] = field(default_factory=dict)

    async def handle_EHLO(  # noqa: N802
        self, server: SMTP, session: Session, envelope: Envelope, hostname: str, responses: list[str]
    ) -> list[str]:
        session.host_name = hostname
        session.began_at = time.time()
        await asyncio.sleep(self.hello_seconds)
        return responses

    async def handle_MAIL(  # noqa: N802
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        if getattr(session, "began_at", 0.0) == 0.0:  # not the first mail of its session
            session.began_at = time.time()
        if self.at_mail:
            return self.at_mail
        envelope.mail_from = address
        return "250 OK"

    async def handle_RCPT(  # noqa: N802
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        if self.at_rcpt:
            return self.at_rcpt
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(  # noqa: N802
        self, server: SMTP, session: Session, envelope: Envelope
    ) -> str:
        if self.at_data:
            return self.at_data
        content = envelope.original_content or b""
        login = session.auth_data.login.decode() if session.auth_data else ""
        encrypted = server.transport is not None and server.transport.get_extra_info("sslcontext") is not None
        began_at = getattr(session, "began_at", 0.0)
        session.began_at = 0.0
        peer = session.peer[0] if session.peer else ""
        mail = Mail(
            str(envelope.mail_from), tuple(envelope.rcpt_tos), content, encrypted, login, began_at, peer
        )
        self.mails.append(mail)
        await asyncio.sleep(self.stall_seconds)
        return f"250 queued as {len(self.mails)}"

    def authenticate(
        self, server: SMTP, session: Session, envelope: Envelope, mechanism: str, data: Any
    ) -> Any:
        if not isinstance(data, LoginPassword):
            return AuthResult(success=False, handled=False)
        known = self.users.get(data.login.decode())
        return AuthResult(success=known == data.password.decode(), handled=False, auth_data=data)


class _Controller(Controller):
    """Listens on a port the system picks; the library's own check connects to the port it was told."""

    def _trigger_server(self) -> None:
        assert self.server is not None
        self.port = self.server.sockets[0].getsockname()[1]
        super()._trigger_server()


@contextmanager
def smtp_sink(
    tls: ssl.SSLContext | None = None,
    *,
    wrapped: bool = False,
    users: dict[str, str] | None = None,
    host: str = "127.0.0.1",
) -> Iterator[SmtpSink]:
    """A running sink. `tls` offers STARTTLS, or encrypts at once when `wrapped`; `users` must log in."""
    sink = SmtpSink(users=users or {})
    controller = _Controller(
        sink,
        hostname=host,
        port=0,
        ssl_context=tls if wrapped else None,
        tls_context=None if wrapped else tls,
        require_starttls=tls is not None and not wrapped,
        authenticator=sink.authenticate if users else None,
        auth_required=bool(users),
        auth_require_tls=bool(users) and tls is not None and not wrapped,
        decode_data=False,
        enable_SMTPUTF8=True,
    )
    controller.start()
    sink.port = controller.port
    try:
        yield sink
    finally:
        controller.stop()
