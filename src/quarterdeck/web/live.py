"""Live updates: one reader of the feed, many streams of server-sent events. Says where to look, never what is
there.

A slow client is told to start over (`reset`) rather than remembered for ever; a stream ends within five
seconds of its session. Nothing here runs in a request thread.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import logging
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable
from concurrent.futures import Executor
from dataclasses import dataclass, field
from typing import Any, Protocol, TypeVar

from django.db import DatabaseError

from quarterdeck.store.feed import Change, Cursor

from .sessions import Visitor

log = logging.getLogger("quarterdeck.live")

Result = TypeVar("Result")
HEARTBEAT_SECONDS = 15.0
POLL_SECONDS = 1.0
# At most eight rounds a second: what happens in between goes out together.
ROUND_SECONDS = 0.125
RECHECK_SECONDS = 3.0
WAITING_MOST = 64
STREAMS_A_PERSON = 20
SLICE = 200

RESET = b"event: reset\ndata: {}\n\n"
SIGNED_OUT = b"event: signed-out\ndata: {}\n\n"


class Feed(Protocol):
    """Where changes come from (quarterdeck.store.feed) and whether sessions still stand. Called on a worker
    thread.
    """

    def now(self) -> Cursor: ...
    def changes_since(self, cursor: Cursor) -> tuple[list[Change], Cursor]: ...
    def standing(self, visitors: dict[str, str]) -> set[str]: ...


@dataclass(eq=False, slots=True)
class Stream:
    """One open connection. `waiting` holds what is still to be written; None ends it."""

    visitor: Visitor
    topics: frozenset[str]
    waiting: asyncio.Queue[bytes | None] = field(default_factory=lambda: asyncio.Queue(WAITING_MOST))

    def put(self, chunk: bytes) -> None:
        try:
            self.waiting.put_nowait(chunk)
        except asyncio.QueueFull:
            self._empty()
            self.waiting.put_nowait(RESET)

    def end(self, last: bytes = b"") -> None:
        self._empty()
        if last:
            self.waiting.put_nowait(last)
        self.waiting.put_nowait(None)

    def _empty(self) -> None:
        with contextlib.suppress(asyncio.QueueEmpty):
            while True:
                self.waiting.get_nowait()


class TooMany(Exception):
    """This person has as many streams open as one person may."""


def text(cursor: Cursor) -> str:
    return f"{cursor[0]}-{cursor[1]}"


def mark(cursor: Cursor) -> bytes:
    """Moves the client's Last-Event-ID without an event (HTML standard §9.2.6)."""
    return f"id: {text(cursor)}\n\n".encode()


def encode(changes: Iterable[Change]) -> dict[str, bytes]:
    """One event a topic for a batch of changes: topic to the bytes that go to everybody who follows it."""
    kinds: dict[str, list[str]] = defaultdict(list)
    last: dict[str, int] = {}
    for c in changes:
        if c.kind not in kinds[c.topic]:
            kinds[c.topic].append(c.kind)
        last[c.topic] = c.seq
    told = {topic: {"topic": topic, "kinds": found, "seq": last[topic]} for topic, found in kinds.items()}
    return {topic: f"event: change\ndata: {json.dumps(data)}\n\n".encode() for topic, data in told.items()}


class Hub:
    """Reads the feed once for everybody and hands each stream what it follows."""

    def __init__(self, feed: Feed, executor: Executor, stopping: Callable[[], bool]) -> None:
        self._feed = feed
        self._executor = executor
        self._stopping = stopping
        self._streams: set[Stream] = set()
        self._followers: dict[str, set[Stream]] = defaultdict(set)
        self._open: Counter[str] = Counter()
        self._nudged = asyncio.Event()
        self.cursor: Cursor | None = None

    def __len__(self) -> int:
        return len(self._streams)

    def nudge(self) -> None:
        """Something was committed: look now rather than within a second."""
        self._nudged.set()

    def open(self, visitor: Visitor, topics: frozenset[str]) -> Stream:
        """Raises TooMany."""
        if self._open[visitor.person_id] >= STREAMS_A_PERSON:
            raise TooMany
        self._open[visitor.person_id] += 1
        stream = Stream(visitor, topics)
        self._streams.add(stream)
        for topic in topics:
            self._followers[topic].add(stream)
        return stream

    def close(self, stream: Stream) -> None:
        if stream not in self._streams:
            return
        self._streams.discard(stream)
        self._open[stream.visitor.person_id] -= 1
        if not self._open[stream.visitor.person_id]:
            del self._open[stream.visitor.person_id]
        for topic in stream.topics:
            self._followers[topic].discard(stream)
            if not self._followers[topic]:
                del self._followers[topic]

    async def missed(self, since: Cursor, topics: frozenset[str]) -> bytes:
        """What a client that was away has to be told first; `reset` when it was away for too much."""
        changes, cursor = await self._call(self._feed.changes_since, since)
        if len(changes) >= 500 or (self.cursor is not None and cursor < self.cursor):
            return RESET + mark(self.cursor or cursor)
        events = encode(c for c in changes if c.topic in topics)
        return b"".join(events.values()) + mark(cursor)

    async def run(self) -> None:
        """Until the process stops: read, hand out, keep alive, check sessions."""
        beat = check = time.monotonic()
        while not self._stopping():
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(POLL_SECONDS):
                    await self._nudged.wait()
            self._nudged.clear()
            try:
                beat, check = await self._turn(beat, check)
            except DatabaseError as e:
                # Streams stay open and hear what happened once the store answers again.
                log.warning("live updates wait for the store: %s", e)
                await asyncio.sleep(POLL_SECONDS)
            await asyncio.sleep(ROUND_SECONDS)
        for stream in list(self._streams):
            stream.end()

    async def _turn(self, beat: float, check: float) -> tuple[float, float]:
        """One round; takes and returns when it last kept alive and last checked sessions."""
        await self._round()
        now = time.monotonic()
        if now - beat >= HEARTBEAT_SECONDS:
            beat = now
            await self._everybody(b": beat\n" + (mark(self.cursor) if self.cursor else b"\n"))
        if now - check >= RECHECK_SECONDS:
            check = now
            await self._recheck()
        return beat, check

    async def _round(self) -> None:
        if self.cursor is None:
            self.cursor = await self._call(self._feed.now)
            return
        if not self._streams:
            # Nobody listens: skip to the end rather than read what nobody wants.
            self.cursor = await self._call(self._feed.now)
            return
        changes, self.cursor = await self._call(self._feed.changes_since, self.cursor)
        if changes:
            await self._hand_out(encode(changes), mark(self.cursor))

    async def _hand_out(self, events: dict[str, bytes], end: bytes) -> None:
        wanted: dict[Stream, list[bytes]] = defaultdict(list)
        for topic, event in events.items():
            for stream in self._followers.get(topic, ()):
                wanted[stream].append(event)
        # Streams that follow the same things share one chunk.
        chunks: dict[tuple[bytes, ...], bytes] = {}
        for n, (stream, parts) in enumerate(wanted.items(), 1):
            key = tuple(parts)
            chunk = chunks.get(key)
            if chunk is None:
                chunk = chunks[key] = b"".join(parts) + end
            stream.put(chunk)
            if n % SLICE == 0:
                await asyncio.sleep(0)

    async def _everybody(self, chunk: bytes) -> None:
        for n, stream in enumerate(list(self._streams), 1):
            stream.put(chunk)
            if n % SLICE == 0:
                await asyncio.sleep(0)

    async def _recheck(self) -> None:
        visitors = {s.visitor.stored: s.visitor.stamp for s in self._streams}
        if not visitors:
            return
        standing = await self._call(self._feed.standing, visitors)
        for stream in list(self._streams):
            if stream.visitor.stored in visitors and stream.visitor.stored not in standing:
                stream.end(SIGNED_OUT)

    async def _call(self, function: Callable[..., Result], *args: Any) -> Result:
        return await asyncio.get_running_loop().run_in_executor(self._executor, function, *args)
