"""A mail server on loopback that keeps what it is given, for self-tests. It delivers nothing to anybody."""

from __future__ import annotations

import contextlib
import email
import email.policy
import socketserver
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email.message import EmailMessage


@dataclass(frozen=True, slots=True)
class Taken:
    """One mail; `at` is monotonic seconds."""

    at: float
    to: tuple[str, ...]
    message: EmailMessage

    @property
    def subject(self) -> str:
        return str(self.message["Subject"])

    @property
    def text(self) -> str:
        return str(self.message.get_content())


@dataclass
class Sink:
    """A running server and what it took, oldest first. While it `refuses`, every mail is told to come back later."""

    port: int
    mails: list[Taken] = field(default_factory=list)
    refuses: bool = False


class _Session(socketserver.StreamRequestHandler):
    """As much of SMTP as a client needs that trusts us."""

    timeout = 30

    def handle(self) -> None:
        # A client that was killed or stands still says no goodbye.
        with contextlib.suppress(OSError):
            self._talk()

    def _talk(self) -> None:
        self._to: list[str] = []
        self._say("220 sink")
        while line := self.rfile.readline(2048):
            verb = line[:4].upper().strip()
            if verb == b"DATA":
                self._say("354 go on")
                self._take()
            elif verb == b"QUIT":
                self._say("221 bye")
                return
            else:
                if verb == b"MAIL" and self.server.sink.refuses:  # type: ignore[attr-defined]
                    self._say("451 not now")
                    continue
                if verb == b"RCPT":
                    self._to.append(line.decode("ascii", "replace").partition("<")[2].partition(">")[0])
                self._say("250 fine")

    def _say(self, text: str) -> None:
        self.wfile.write(f"{text}\r\n".encode())

    def _take(self) -> None:
        lines = []
        while (line := self.rfile.readline(65536)) not in (b".\r\n", b""):
            lines.append(line[1:] if line.startswith(b"..") else line)
        parsed = email.message_from_bytes(b"".join(lines), policy=email.policy.default)
        assert isinstance(parsed, EmailMessage)
        mails: list[Taken] = self.server.sink.mails  # type: ignore[attr-defined]
        mails.append(Taken(time.monotonic(), tuple(self._to), parsed))
        self._to = []
        self._say("250 taken")


class _Server(socketserver.ThreadingTCPServer):
    daemon_threads = True
    allow_reuse_address = True


@contextmanager
def mail_sink() -> Iterator[Sink]:
    """A sink on a port the system chooses."""
    with _Server(("127.0.0.1", 0), _Session) as server:
        sink = Sink(int(server.server_address[1]))
        server.sink = sink  # type: ignore[attr-defined]
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield sink
        server.shutdown()
