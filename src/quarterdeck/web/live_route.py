"""`GET /live?topics=incident:INC-1042,alerts&after=812-4410`: checks who asks for what, then writes what the
hub hands.

Permission and session are checked at the open (and by the hub from then on); no database work while it
streams.
"""

from __future__ import annotations

import asyncio
import contextlib
from concurrent.futures import Executor
from urllib.parse import parse_qs, urlsplit

from django.conf import settings
from django.db import close_old_connections
from django.http import parse_cookie

from quarterdeck.app.visibility import known_to
from quarterdeck.core.access import Who, allowed
from quarterdeck.store import feed as store_feed
from quarterdeck.store.feed import Change, Cursor

from . import sessions
from .edge_answers import App, Headers, Receive, Scope, Send, header, tell
from .live import Hub, Stream, TooMany, mark
from .sessions import Visitor

TOPICS_MOST = 40
TOPIC_PERMISSIONS = {
    "incident": "incident.read",
    "incidents": "brief.read",  # it says only that one of them moved
    "alert": "alert.read",
    "alerts": "alert.read",
    "settings": "settings.read",
}


class StoreFeed:
    """The hub's feed from the store, on a worker thread that keeps its own connection."""

    def now(self) -> Cursor:
        close_old_connections()
        return store_feed.now()

    def changes_since(self, cursor: Cursor) -> tuple[list[Change], Cursor]:
        close_old_connections()
        return store_feed.changes_since(cursor)

    def standing(self, visitors: dict[str, str]) -> set[str]:
        close_old_connections()
        stamps = sessions.stamps(list(visitors))
        return {stored for stored, stamp in visitors.items() if stamps.get(stored) == stamp}


def topics_of(query: str) -> frozenset[str]:
    """The topics a client asks for; commas and spaces both separate."""
    asked = parse_qs(query).get("topics", [""])
    return frozenset(",".join(asked).replace(" ", ",").split(",")[: TOPICS_MOST + 1]) - {""}


def may_follow(topic: str, role: str) -> bool:
    """Whether this role may hear that something changed there."""
    permission = TOPIC_PERMISSIONS.get(topic.partition(":")[0])
    return permission is not None and allowed(role, permission)


def live(hub: Hub, executor: Executor, security: Headers) -> App:
    """The native route."""
    opening: Headers = [
        (b"content-type", b"text/event-stream; charset=utf-8"),
        (b"cache-control", b"no-cache, no-transform"),
        (b"x-accel-buffering", b"no"),
        *security,
    ]

    async def serve(scope: Scope, receive: Receive, send: Send) -> None:
        if not _same_site(scope):
            await tell(send, 403, "Live updates are for pages of this server only.", security)
            return
        query = scope["query_string"].decode("latin-1")
        asked = topics_of(query)
        loop = asyncio.get_running_loop()
        visitor, topics = await loop.run_in_executor(executor, _admitted, _cookie(scope), asked)
        if visitor is None:
            await tell(send, 401, "Sign in first.", security)
            return
        if not topics or len(asked) > TOPICS_MOST:
            await tell(
                send, 403, "Name between 1 and 40 topics that you may see, as ?topics=alerts.", security
            )
            return
        since = store_feed.parse(header(scope, b"last-event-id").decode("latin-1") or _after(query))
        try:
            stream = hub.open(visitor, topics)
        except TooMany:
            await tell(send, 429, "You have too many live pages open. Close some.", security)
            return
        try:
            await send({"type": "http.response.start", "status": 200, "headers": opening})
            await _write(hub, stream, since, receive, send)
        finally:
            hub.close(stream)

    return serve


async def _write(hub: Hub, stream: Stream, since: Cursor | None, receive: Receive, send: Send) -> None:
    first = b"retry: 2000\n\n"
    if since is not None:
        first += await hub.missed(since, stream.topics)
    elif hub.cursor is not None:
        first += mark(hub.cursor)
    await send({"type": "http.response.body", "body": first, "more_body": True})
    # The server swallows what is written to a closed connection; only `receive` tells that the client has
    # gone.
    gone = asyncio.create_task(_until_gone(receive, stream))
    try:
        while (chunk := await stream.waiting.get()) is not None:
            await send({"type": "http.response.body", "body": chunk, "more_body": True})
        with contextlib.suppress(OSError):
            await send({"type": "http.response.body", "body": b""})
    finally:
        gone.cancel()


async def _until_gone(receive: Receive, stream: Stream) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass
    stream.end()


def _admitted(session_key: str, asked: frozenset[str]) -> tuple[Visitor | None, frozenset[str]]:
    """Who asks, and which of the topics they may follow: restricted incidents are no topics for outsiders."""
    close_old_connections()
    visitor = sessions.visitor(session_key)
    if visitor is None:
        return None, frozenset()
    topics = {t for t in asked if may_follow(t, visitor.role)}
    incidents = {t for t in topics if t.startswith("incident:")}
    who = Who(visitor.person_id, frozenset({visitor.role}))
    known = known_to(who, [t.removeprefix("incident:") for t in incidents])
    return visitor, frozenset(topics - incidents | {f"incident:{i}" for i in known})


def _cookie(scope: Scope) -> str:
    cookies = parse_cookie(header(scope, b"cookie").decode("latin-1"))
    return cookies.get(settings.SESSION_COOKIE_NAME, "")


def _after(query: str) -> str:
    return parse_qs(query).get("after", [""])[0]


def _same_site(scope: Scope) -> bool:
    site = header(scope, b"sec-fetch-site")
    if site and site not in (b"same-origin", b"none"):
        return False
    origin = header(scope, b"origin").decode("latin-1")
    host = header(scope, b"host").decode("latin-1")
    return not origin or urlsplit(origin).netloc in (host, urlsplit(settings.QUARTERDECK_PUBLIC_URL).netloc)
