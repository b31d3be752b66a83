"""HTTP/1.1 as uvicorn speaks it, with an end to what may come before a request: so many bytes, so many seconds.

uvicorn reads a head of any length for as long as somebody likes to send it. Bodies are the edge's to watch.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Collection
from typing import Any

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

HEAD_BYTES = 64 * 1024
HEAD_SECONDS = 20.0
LOOK_SECONDS = 5.0


class BoundedHeads(HttpToolsProtocol):
    """`head_began` is when the present head, or the wait for a first one, began; 0.0 while there is none."""

    head_began = 0.0
    _head_bytes = 0

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        self.head_began = self.loop.time()

    def on_message_begin(self) -> None:
        super().on_message_begin()
        self.head_began = self.loop.time()

    def on_headers_complete(self) -> None:
        self.head_began = 0.0
        super().on_headers_complete()

    def data_received(self, data: bytes) -> None:
        super().data_received(data)
        if not self.head_began:
            self._head_bytes = 0
            return
        # What stands in memory is at most this and one read of the socket more.
        self._head_bytes += len(data)
        if self._head_bytes > HEAD_BYTES and not self.transport.is_closing():
            self.send_400_response("The head of this request is too long.")

    def give_up(self, now: float) -> None:
        """Close a connection whose head does not come to an end."""
        if self.head_began and now - self.head_began > HEAD_SECONDS:
            self.transport.close()


async def watch(connections: Collection[Any], stopped: Callable[[], bool]) -> None:
    """Until the process stops: look every few seconds for heads that take too long."""
    loop = asyncio.get_running_loop()
    while not stopped():
        await asyncio.sleep(LOOK_SECONDS)
        now = loop.time()
        for connection in list(connections):
            if isinstance(connection, BoundedHeads):
                connection.give_up(now)
