"""An ntfy-shaped server on loopback: takes JSON at its root and keeps it. Never leaves the machine."""

from __future__ import annotations

import json
import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

_TOPIC = re.compile(r"^[-_A-Za-z0-9]{1,64}$")


@dataclass
class Ntfy:
    """`messages` in the order of arrival, as the server understood them."""

    port: int = 0
    token: str = ""
    messages: list[dict[str, Any]] = field(default_factory=list)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def publish(self, path: str, authorization: str, body: bytes) -> tuple[int, dict[str, Any]]:
        """The rules of the server: root path, token, topic, priority 1 to 5, at most 4096 bytes of text."""
        if path != "/":
            return 404, {"code": 40401, "http": 404, "error": "page not found"}
        if self.token and authorization != f"Bearer {self.token}":
            return 401, {"code": 40101, "http": 401, "error": "unauthorized"}
        try:
            sent = json.loads(body)
        except ValueError:
            return 400, {
                "code": 40024,
                "http": 400,
                "error": "request body must be valid JSON",
            }
        if not _TOPIC.match(str(sent.get("topic", ""))) or sent.get("priority", 3) not in range(1, 6):
            return 400, {"code": 40009, "http": 400, "error": "invalid topic or priority"}
        if len(str(sent.get("message", "")).encode()) > 4096:
            return 413, {"code": 41301, "http": 413, "error": "message too large"}
        message = {"id": f"msg{len(self.messages):09d}", "event": "message", **sent}
        self.messages.append(message)
        return 200, message


@contextmanager
def ntfy_fake(token: str = "") -> Iterator[Ntfy]:
    ntfy = Ntfy(token=token)

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers.get("content-length") or 0))
            status, told = ntfy.publish(self.path, self.headers.get("authorization", ""), body)
            answer = json.dumps(told).encode()
            self.close_connection = True
            self.send_response(status)
            self.send_header("content-type", "application/json")
            self.send_header("content-length", str(len(answer)))
            self.end_headers()
            self.wfile.write(answer)

        def log_message(self, format: str, *args: object) -> None:
            """Says nothing: tests read `Ntfy.messages`."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    ntfy.port = server.server_address[1]
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield ntfy
    finally:
        server.shutdown()
        server.server_close()
        thread.join(timeout=5)
