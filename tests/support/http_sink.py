"""An HTTP server on loopback that records what arrives and answers as told. Never leaves the machine."""

from __future__ import annotations

import ssl
import threading
import time
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


@dataclass(frozen=True, slots=True)
class Answer:
    """One scripted answer. `drip_seconds` sends the body byte by byte; `hang_up` closes without an answer."""

    status: int = 200
    body: bytes = b""
    headers: tuple[tuple[str, str], ...] = ()
    delay_seconds: float = 0.0
    drip_seconds: float = 0.0
    hang_up: bool = False


@dataclass(frozen=True, slots=True)
class Arrived:
    """One request as it came in, header names in lower case."""

    method: str
    path: str
    headers: dict[str, str]
    body: bytes


@dataclass
class Sink:
    """What arrived, what will be answered (the last answer stays), and the names asked for by SNI."""

    port: int = 0
    arrived: list[Arrived] = field(default_factory=list)
    answers: deque[Answer] = field(default_factory=lambda: deque([Answer()]))
    server_names: list[str] = field(default_factory=list)

    def answer(self, *answers: Answer) -> None:
        self.answers = deque(answers)

    def next_answer(self) -> Answer:
        return self.answers.popleft() if len(self.answers) > 1 else self.answers[0]


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    sink: Sink

    def _serve(self) -> None:
        length = int(self.headers.get("content-length") or 0)
        headers = {name.lower(): value for name, value in self.headers.items()}
        self.sink.arrived.append(Arrived(self.command, self.path, headers, self.rfile.read(length)))
        answer = self.sink.next_answer()
        time.sleep(answer.delay_seconds)
        self.close_connection = True
        if answer.hang_up:
            return
        with suppress(OSError):
            self.send_response(answer.status)
            for name, value in answer.headers:
                self.send_header(name, value)
            self.send_header("content-length", str(len(answer.body)))
            self.end_headers()
            self._write(answer)

    def _write(self, answer: Answer) -> None:
        if not answer.drip_seconds:
            self.wfile.write(answer.body)
            return
        for n in range(len(answer.body)):
            self.wfile.write(answer.body[n : n + 1])
            self.wfile.flush()
            time.sleep(answer.drip_seconds)

    do_GET = do_POST = do_PUT = do_DELETE = _serve  # noqa: N815

    def log_message(self, format: str, *args: object) -> None:
        """Says nothing: tests read `Sink.arrived`."""


@contextmanager
def http_sink(tls: ssl.SSLContext | None = None) -> Iterator[Sink]:
    """A running sink; with `tls` it speaks HTTPS and notes the server name each client asks for."""
    sink = Sink()
    handler = type("Handler", (_Handler,), {"sink": sink})
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    server.daemon_threads = True
    if tls is not None:
        tls.sni_callback = lambda _sock, name, _context: sink.server_names.append(name or "")
        server.socket = tls.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
    sink.port = server.server_address[1]
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield sink
    finally:
        server.shutdown()
        server.server_close()
        thread.join(timeout=5)
