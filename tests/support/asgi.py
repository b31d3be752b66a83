"""Driving an ASGI application without a server: one request in, the whole answer out."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

Pairs = Iterable[tuple[str, str]]


@dataclass
class Answer:
    """What came back. `headers` by lower-case name, the last of several."""

    status: int = 0
    headers: dict[str, str] = field(default_factory=dict)
    body: bytes = b""

    @property
    def text(self) -> str:
        return self.body.decode()


def scope_of(method: str, path: str, headers: Pairs = (), client: str = "203.0.113.9") -> dict[str, Any]:
    """A scope as uvicorn makes it; `host` is 127.0.0.1 unless given."""
    path, _, query = path.partition("?")
    pairs = [(k.lower().encode(), v.encode("latin-1")) for k, v in headers]
    if not any(k == b"host" for k, _ in pairs):
        pairs.append((b"host", b"127.0.0.1"))
    return {
        "type": "http",
        "http_version": "1.1",
        "method": method,
        "scheme": "http",
        "path": path,
        "raw_path": path.encode(),
        "query_string": query.encode(),
        "root_path": "",
        "headers": pairs,
        "client": (client, 50000),
        "server": ("127.0.0.1", 8000),
    }


async def ask(
    app: Any,
    method: str = "GET",
    path: str = "/",
    headers: Pairs = (),
    chunks: Iterable[bytes] = (b"",),
    *,
    client: str = "203.0.113.9",
    leaves_early: bool = False,
    never_ends: bool = False,
) -> Answer:
    """One request. `leaves_early`: the client goes after the chunks; `never_ends`: it neither goes nor finishes."""
    waiting = list(chunks)
    answer = Answer()

    async def receive() -> dict[str, Any]:
        if not waiting:
            if never_ends:
                await asyncio.sleep(3600)
            return {"type": "http.disconnect"}
        body = waiting.pop(0)
        more = bool(waiting) or leaves_early or never_ends
        return {"type": "http.request", "body": body, "more_body": more}

    async def send(message: dict[str, Any]) -> None:
        if message["type"] == "http.response.start":
            answer.status = message["status"]
            answer.headers = {k.decode(): v.decode("latin-1") for k, v in message["headers"]}
        else:
            answer.body += message.get("body", b"")

    await app(scope_of(method, path, headers, client), receive, send)
    return answer
