"""Reading a request body whole, within a size and a time, before anything else may wait for it."""

from __future__ import annotations

import asyncio

from .edge_answers import Message, Receive, Scope, header

DEADLINE_SECONDS = 10.0


class Unusable(Exception):
    """The body cannot be taken; `status` is the answer."""

    def __init__(self, status: int, text: str) -> None:
        super().__init__(text)
        self.status = status
        self.text = text


class Gone(Exception):
    """The client went away before it had sent everything; there is nobody to answer."""


async def whole_body(scope: Scope, receive: Receive, limit: int, seconds: float = DEADLINE_SECONDS) -> bytes:
    """The complete body, at most `limit` bytes, within `seconds`.

    Raises Unusable (400, 408, 413) or Gone. The length is compared with Content-Length, because an upload
    that was cut off would otherwise look complete.
    """
    claimed = header(scope, b"content-length")
    length: int | None = None
    if claimed:
        if not claimed.isdigit():
            raise Unusable(400, "Content-Length is not a number.")
        length = int(claimed)
        if length > limit:
            raise _too_large(limit)
    try:
        async with asyncio.timeout(seconds):
            body = await _collect(receive, limit)
    except TimeoutError:
        raise Unusable(408, f"The body did not arrive within {seconds:g} seconds. Send it again.") from None
    if length is not None and len(body) != length:
        raise Unusable(400, f"The body has {len(body)} bytes where Content-Length says {length}.")
    return body


async def _collect(receive: Receive, limit: int) -> bytes:
    first = await receive()
    if first["type"] == "http.disconnect":
        raise Gone
    if not first.get("more_body", False):
        body: bytes = first.get("body", b"")
        if len(body) > limit:
            raise _too_large(limit)
        return body
    parts = bytearray(first.get("body", b""))
    more = True
    while more:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise Gone
        parts += message.get("body", b"")
        more = message.get("more_body", False)
        if len(parts) > limit:
            raise _too_large(limit)
    return bytes(parts)


def _too_large(limit: int) -> Unusable:
    return Unusable(413, f"The body is larger than the {limit // 1024} KiB this server takes.")


def replay(body: bytes, receive: Receive) -> Receive:
    """A `receive` that hands out the body that was read, then what still comes (the disconnect)."""
    given = False

    async def receiving() -> Message:
        nonlocal given
        if given:
            return await receive()
        given = True
        return {"type": "http.request", "body": body, "more_body": False}

    return receiving
