"""A greeted, encrypted, logged-in connection to the operator's mail server that cannot outlast its time."""

from __future__ import annotations

import contextlib
import smtplib
import socket
import ssl
import threading
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import lru_cache

from .deadlines import Deadline, TooLate, look_up, system_resolver


@dataclass(frozen=True, slots=True)
class Server:
    """Where to connect and how. `tls` is "starttls", "tls" or "none"; `own_name` is said in EHLO."""

    host: str
    port: int
    tls: str
    own_name: str
    user: str = ""
    password: str = field(default="", repr=False)
    ca_file: str = ""


@contextlib.contextmanager
def session(server: Server, deadline: Deadline) -> Iterator[smtplib.SMTP]:
    """Raises OSError, smtplib.SMTPException, UnicodeError or TooLate. Always closes the connection."""
    addresses = look_up(system_resolver, server.host, server.port, deadline)
    smtp = _Timed(server, addresses, deadline)
    watchdog = threading.Timer(deadline.left(), smtp.cut_off)
    watchdog.daemon = True
    watchdog.start()
    try:
        smtp.open()
        yield smtp
    finally:
        watchdog.cancel()
        smtp.close()


def why(failed: Exception, deadline: Deadline) -> str:
    """What went wrong with a session and what to do about it, in words."""
    if isinstance(failed, UnicodeError):
        return "The login has characters in it that mail servers do not take. Check user and password."
    if isinstance(failed, smtplib.SMTPAuthenticationError):
        return f"The mail server refuses our login ({failed.smtp_code}). Check user and password."
    if isinstance(failed, smtplib.SMTPNotSupportedError):
        return "The mail server offers no encryption or no login. Check port and encryption."
    if isinstance(failed, ssl.SSLError):
        return "The mail server's certificate is not trusted. Check host, port and encryption."
    if isinstance(failed, smtplib.SMTPResponseException):
        return f"The mail server answered {failed.smtp_code} before it took a mail."
    try:
        deadline.left()
    except TooLate:
        return f"The mail server gave no answer within {deadline.seconds:g} s."
    hung_up = isinstance(failed, smtplib.SMTPServerDisconnected | ConnectionResetError | BrokenPipeError)
    return "The mail server hung up." if hung_up else "The mail server could not be reached."


def certificate_until(smtp: smtplib.SMTP) -> datetime | None:
    """Until when the certificate of the server we talk to is valid; None on a connection without encryption."""
    if not isinstance(smtp.sock, ssl.SSLSocket):
        return None
    said = (smtp.sock.getpeercert() or {}).get("notAfter")
    return datetime.fromtimestamp(ssl.cert_time_to_seconds(str(said)), UTC) if said else None


class _Timed(smtplib.SMTP):
    """`smtplib` limits each read; `cut_off`, called by a watchdog, ends a trickle of them in any state."""

    def __init__(self, server: Server, addresses: Sequence[str], deadline: Deadline) -> None:
        self._server = server
        self._addresses = addresses
        self._deadline = deadline
        super().__init__(timeout=deadline.left(), local_hostname=server.own_name)
        self._host = server.host  # STARTTLS checks the certificate against it

    def open(self) -> None:
        code, said = self.connect(self._server.host, self._server.port)
        if code != 220:
            raise smtplib.SMTPConnectError(code, said)
        self.ehlo_or_helo_if_needed()
        if self._server.tls == "starttls":
            code, said = self.starttls(context=self._context())
            if code != 220:
                raise smtplib.SMTPResponseException(code, said)
            self.ehlo_or_helo_if_needed()
        if self._server.user:
            self.login(self._server.user, self._server.password)

    def cut_off(self) -> None:
        sock = self.sock
        if sock is not None:
            with contextlib.suppress(OSError):
                sock.shutdown(socket.SHUT_RDWR)

    def _get_socket(self, host: str, port: int, timeout: float) -> socket.socket:
        sock = self._first_socket(port)
        sock.settimeout(self._deadline.left())
        if self._server.tls == "tls":
            return self._context().wrap_socket(sock, server_hostname=self._server.host)
        return sock

    def _first_socket(self, port: int) -> socket.socket:
        last = len(self._addresses) - 1
        for n, address in enumerate(self._addresses):
            # An address that swallows packets must leave time for the next one.
            wait = self._deadline.left() / (last - n + 1)
            try:
                return socket.create_connection((address, port), wait)
            except OSError:
                if n == last:
                    raise
        raise OSError("the mail server's name has no address")

    def _context(self) -> ssl.SSLContext:
        return _trusting(self._server.ca_file)


@lru_cache(maxsize=8)
def _trusting(ca_file: str) -> ssl.SSLContext:
    """Made once: reading the system's authorities takes longer than a mail."""
    return ssl.create_default_context(cafile=ca_file or None)
