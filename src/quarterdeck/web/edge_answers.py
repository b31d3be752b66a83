"""Whole answers of the edge itself, and the security headers on every answer of the web process."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
App = Callable[[Scope, Receive, Send], Awaitable[None]]
Headers = list[tuple[bytes, bytes]]

POLICY = (
    b"default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
    b"font-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'; manifest-src 'self'"
)
SECURITY: Headers = [
    (b"content-security-policy", POLICY),
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"same-origin"),
    (b"cross-origin-opener-policy", b"same-origin"),
    (b"permissions-policy", b"camera=(), geolocation=(), microphone=(), payment=(), usb=()"),
]
STRICT_TRANSPORT = (b"strict-transport-security", b"max-age=31536000")


def secured(https: bool) -> Headers:
    """The headers for an installation that people reach by https, or not (yet)."""
    return [*SECURITY, STRICT_TRANSPORT] if https else list(SECURITY)


def with_headers(send: Send, extra: Headers) -> Send:
    """`send`, adding to the start of an answer what the answer does not set itself."""

    async def sending(message: Message) -> None:
        if message["type"] == "http.response.start":
            own = {name.lower() for name, _ in message.get("headers", ())}
            message["headers"] = [*message.get("headers", ()), *(h for h in extra if h[0] not in own)]
        await send(message)

    return sending


async def answer(
    send: Send,
    status: int,
    body: bytes,
    kind: bytes = b"text/plain; charset=utf-8",
    headers: Headers | None = None,
) -> None:
    """A complete answer in two messages."""
    start: Headers = [
        (b"content-type", kind),
        (b"content-length", str(len(body)).encode()),
        (b"cache-control", b"no-store"),
        *(headers or ()),
    ]
    await send({"type": "http.response.start", "status": status, "headers": start})
    await send({"type": "http.response.body", "body": body})


async def tell(send: Send, status: int, text: str, headers: Headers | None = None) -> None:
    """One sentence as plain text."""
    await answer(send, status, text.encode() + b"\n", headers=headers)


async def tell_json(send: Send, status: int, value: object, headers: Headers | None = None) -> None:
    await answer(send, status, json.dumps(value).encode() + b"\n", b"application/json", headers)


def header(scope: Scope, name: bytes) -> bytes:
    """The first header of this (lower case) name, or empty."""
    for found, value in scope["headers"]:
        if found == name:
            return value
    return b""
