"""An ntfy-shaped server on this machine that takes every push and keeps where it went. For drills; nothing leaves."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


@dataclass
class PushSink:
    """A running server: when (monotonic seconds) which topic was pushed to."""

    port: int
    pushes: list[tuple[float, str]] = field(default_factory=list)


@contextmanager
def push_sink() -> Iterator[PushSink]:
    """A sink on a port the system chooses."""
    sink = PushSink(0)

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        timeout = 30

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers.get("content-length") or 0))
            sink.pushes.append((time.monotonic(), str(json.loads(body).get("topic", ""))))
            answer = json.dumps({"id": f"push{len(sink.pushes)}"}).encode()
            self.send_response(200)
            self.send_header("content-type", "application/json")
            self.send_header("content-length", str(len(answer)))
            self.end_headers()
            self.wfile.write(answer)

        def log_message(self, *_: Any) -> None:
            """Nobody reads it."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        server.daemon_threads = True
        sink.port = int(server.server_address[1])
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield sink
        server.shutdown()
