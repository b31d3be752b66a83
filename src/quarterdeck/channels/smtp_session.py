"""A greeted, encrypted, logged-in connection to the operator's mail server that cannot outlast its time.

Kept for some seconds after a mail that went well: in a storm, greeting and encryption cost more than the mails.
"""

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
from pathlib import Path

from .deadlines import Deadline, TooLate, look_up, system_resolver
from .watchdog import Watchdog


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


# How long a kept connection may take to answer the first command: a firewall that has forgotten it gives no answer.
PATIENCE_SECONDS = 1.0
IDLE_SECONDS = 5.0
_LONGEST_LINE = 8_192
# Some servers end a connection after a hundred mails.
MAILS = 50


@contextlib.contextmanager
def session(server: Server, deadline: Deadline, *, kept: bool = False) -> Iterator[Session]:
    """Raises OSError, smtplib.SMTPException, UnicodeError, TooLate or, with `kept`, Stale.

    With `kept`, a connection that has carried a mail is taken where there is one. It is kept again after a mail that
    went well (`is_clean`), and closed in any other case.
    """
    smtp = (_kept.take(server) if kept else None) or Session(server, deadline)
    try:
        _watchdog.watch(smtp, deadline.left(), lambda: smtp.cut_off(deadline))
        smtp.renew(deadline)
        if smtp.mails == 0:
            smtp.open()
        yield smtp
    finally:
        _watchdog.forget(smtp)
        if smtp.is_clean:
            _kept.put(smtp)
        else:
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


class Stale(Exception):
    """A kept connection that turned out to be over before the server was told of any mail."""


class Session(smtplib.SMTP):
    """`smtplib` limits each read; `cut_off`, called by a watchdog, ends a trickle of them in any state."""

    def __init__(self, server: Server, deadline: Deadline) -> None:
        self.server = server
        self.mails = 0
        self.is_clean = False
        self._deadline = deadline
        super().__init__(timeout=deadline.left(), local_hostname=server.own_name)
        self._host = server.host  # STARTTLS checks the certificate against it

    def renew(self, deadline: Deadline) -> None:
        """Begin with a mail, in the time it has."""
        self.is_clean = False
        self._deadline = deadline
        self._limit(deadline.left())

    def ask(self, commands: Sequence[str]) -> Iterator[tuple[int, bytes]]:
        """The answers to these commands, which are sent at once where the server takes them so (RFC 2920).

        Whoever does not like an answer closes the connection: then no text follows a DATA that was sent in advance.
        """
        at_once = self.has_extn("pipelining")
        for n, command in enumerate(commands):
            words = "\r\n".join(commands) if at_once else command
            if n == 0:
                yield self._first(words)
                continue
            if not at_once:
                self.putcmd_line(words)
            yield self.getreply()

    def getreply(self) -> tuple[int, bytes]:
        """As `smtplib`'s, but a line that breaks off is no answer: "2" and the end of the connection is not code 2."""
        found: list[bytes] = []
        if self.file is None and self.sock is not None:
            self.file = self.sock.makefile("rb")
        while True:
            line = self.file.readline(_LONGEST_LINE) if self.file is not None else b""
            if not line.endswith(b"\n"):
                self.close()
                raise smtplib.SMTPServerDisconnected("the answer broke off")
            found.append(line[4:].strip(b" \t\r\n"))
            if not line[:3].isdigit() or line[3:4] != b"-":
                code = int(line[:3]) if line[:3].isdigit() else -1
                return code, b"\n".join(found)

    def putcmd_line(self, words: str) -> None:
        self.send(f"{words}\r\n".encode("ascii"))

    def _first(self, words: str) -> tuple[int, bytes]:
        if self.mails == 0:
            self.putcmd_line(words)
            return self.getreply()
        self._limit(min(PATIENCE_SECONDS, self._deadline.left() / 2))
        try:
            self.putcmd_line(words)
            code, said = self.getreply()
        except (OSError, smtplib.SMTPException) as over:
            raise Stale from over
        if code != 250:
            raise Stale  # it may only be that this connection has carried enough: a new one shows it
        self._limit(self._deadline.left())
        return code, said

    def _limit(self, seconds: float) -> None:
        if self.sock is not None:
            self.sock.settimeout(seconds)

    def open(self) -> None:
        self._addresses = look_up(system_resolver, self.server.host, self.server.port, self._deadline)
        code, said = self.connect(self.server.host, self.server.port)
        if code != 220:
            raise smtplib.SMTPConnectError(code, said)
        self.ehlo_or_helo_if_needed()
        if self.server.tls == "starttls":
            code, said = self.starttls(context=self._context())
            if code != 220:
                raise smtplib.SMTPResponseException(code, said)
            self.ehlo_or_helo_if_needed()
        if self.server.user:
            self.login(self.server.user, self.server.password)

    def cut_off(self, deadline: Deadline) -> None:
        """The time of a mail is over; that of the next one on this connection, with a time of its own, is not."""
        sock = self.sock
        if sock is not None and self._deadline is deadline:
            with contextlib.suppress(OSError):
                # Not the encrypted socket's own: that goes back to plain text first, and its user may be writing.
                socket.socket.shutdown(sock, socket.SHUT_RDWR)

    def _get_socket(self, host: str, port: int, timeout: float) -> socket.socket:
        sock = self._first_socket(port)
        sock.settimeout(self._deadline.left())
        # The end of a mail must not wait until the server has confirmed its beginning.
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        if self.server.tls == "tls":
            return self._context().wrap_socket(sock, server_hostname=self.server.host)
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
        return _trusting(self.server.ca_file, _written_at(self.server.ca_file))


def _written_at(file: str) -> int:
    """When it was last written, in nanoseconds; 0 where there is none."""
    try:
        return Path(file).stat().st_mtime_ns if file else 0
    except OSError:
        return 0


@lru_cache(maxsize=8)
def _trusting(ca_file: str, _: int) -> ssl.SSLContext:
    """Made once while the file stays as it is: reading the system's authorities takes longer than a mail."""
    return ssl.create_default_context(cafile=ca_file or None)


class _Kept:
    """Connections that have carried a mail and may carry another, for some seconds."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._idle: dict[Server, list[Session]] = {}

    def take(self, server: Server) -> Session | None:
        with self._lock:
            idle = self._idle.get(server)
            return idle.pop() if idle else None

    def put(self, smtp: Session) -> None:
        smtp.mails += 1
        if smtp.mails >= MAILS:
            _part(smtp)
            return
        # Watched before anybody can take it, so that this watch never replaces that of the next mail.
        _watchdog.watch(smtp, IDLE_SECONDS, lambda: self._drop(smtp))
        with self._lock:
            self._idle.setdefault(smtp.server, []).append(smtp)

    def _drop(self, smtp: Session) -> None:
        with self._lock:
            idle = self._idle.get(smtp.server, [])
            if smtp not in idle:
                return  # somebody has just taken it
            idle.remove(smtp)
        _part(smtp)


def _part(smtp: Session) -> None:
    """In good order, without waiting for the answer."""
    with contextlib.suppress(OSError, smtplib.SMTPException):
        smtp.putcmd("QUIT")
    smtp.close()


_kept = _Kept()
_watchdog = Watchdog()
