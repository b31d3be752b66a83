"""A server on loopback that speaks Twilio's REST interface, and reports back as Twilio does. Never leaves the machine."""

from __future__ import annotations

import base64
import json
import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit
from xml.etree import ElementTree

from twilio.request_validator import RequestValidator

ACCOUNT = "AC" + "0" * 32
TOKEN = "hush-0123456789abcdef"
_NUMBER = re.compile(r"^\+[1-9]\d{6,14}$")
_PATH = re.compile(r"^/2010-04-01/Accounts/(\w+)/(Messages|Calls)\.json$")


@dataclass
class Twilio:
    """`made` are the forms taken; `errors` the numbers to refuse the next requests with, with their status."""

    port: int = 0
    made: list[dict[str, list[str]]] = field(default_factory=list)
    errors: list[tuple[int, int]] = field(default_factory=list)
    answers: list[tuple[int, bytes]] = field(default_factory=list)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def take(self, path: str, authorization: str, body: bytes) -> tuple[int, bytes]:
        found = _PATH.match(path)
        if found is None:
            return _error(404, 20404)
        login = base64.b64encode(f"{ACCOUNT}:{TOKEN}".encode()).decode()
        if found[1] != ACCOUNT or authorization != f"Basic {login}":
            return _error(401, 20003)
        if self.answers:
            return self.answers.pop(0)
        if self.errors:
            return _error(*self.errors.pop(0))
        form = parse_qs(body.decode(), keep_blank_values=True)
        if not _NUMBER.match(form.get("To", [""])[0]):
            return _error(400, 21211)
        if not _NUMBER.match(form.get("From", [""])[0]) and "MessagingServiceSid" not in form:
            return _error(400, 21606)
        if found[2] == "Messages" and not 0 < len(form.get("Body", [""])[0]) <= 1600:
            return _error(400, 21617)
        if found[2] == "Calls":
            document = form["Twiml"][0]
            if len(document) > 4000:
                return _error(400, 21218)
            ElementTree.fromstring(document)
        sid = ("SM" if found[2] == "Messages" else "CA") + f"{len(self.made):032x}"
        self.made.append(form | {"sid": [sid]})
        return 201, json.dumps(
            {"sid": sid, "status": "queued", "error_code": None, "error_message": None}
        ).encode()


def reported(client: Any, url: str, token: str = TOKEN, **form: str) -> Any:
    """The provider's request to an address it was given, signed by its own library."""
    signature = RequestValidator(token).compute_signature(url, form)
    parts = urlsplit(url)
    return client.post(
        f"{parts.path}?{parts.query}" if parts.query else parts.path,
        form,
        headers={"X-Twilio-Signature": signature},
    )


def _error(status: int, code: int) -> tuple[int, bytes]:
    told = {
        "code": code,
        "message": "Told by the provider.",
        "more_info": "https://x.example",
        "status": status,
    }
    return status, json.dumps(told).encode()


@contextmanager
def twilio_fake() -> Iterator[Twilio]:
    fake = Twilio()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers.get("content-length") or 0))
            status, answer = fake.take(self.path, self.headers.get("authorization", ""), body)
            self.close_connection = True
            self.send_response(status)
            if status == 429:
                self.send_header("retry-after", "7")
            self.send_header("content-type", "application/json")
            self.send_header("content-length", str(len(answer)))
            self.end_headers()
            self.wfile.write(answer)

        def log_message(self, format: str, *args: object) -> None:
            """Says nothing: tests read `Twilio.made`."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    fake.port = server.server_address[1]
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield fake
    finally:
        server.shutdown()
        server.server_close()
        thread.join(timeout=5)
