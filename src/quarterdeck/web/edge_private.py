"""Published pages at /status/: whoever asks for a public one gets its files at once; for any other it is asked first
whether they may. A page that is hidden answers as one that does not exist, in the same words and by the same work.
"""

from __future__ import annotations

import asyncio
import time
from concurrent.futures import Executor
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

from django.conf import settings
from django.db import close_old_connections
from django.http import parse_cookie
from django.template.loader import render_to_string
from uvicorn.middleware.proxy_headers import ProxyHeadersMiddleware

from quarterdeck.app.status import page_access, page_doors, page_readers
from quarterdeck.app.status.page_readers import Brought, Judged
from quarterdeck.channels.status_site.outside import phrases
from quarterdeck.store.models import StatusPage

from . import edge_files, reader_faults, readers, sessions
from .edge_answers import App, Headers, Receive, Scope, Send, answer, header
from .edge_missing import not_here

PREFIX = "/status/"
LOOK_AGAIN_SECONDS = 0.5
# Readers whose questions wait at once; more are asked to come again.
MOST_WAITING = 64
_BUSY = b"Many people read status pages at this moment. Try again in a few seconds.\n"
# What is for some is kept by no cache, read by no other site and found by no search engine.
CLOSED: Headers = [
    (b"cache-control", b"private, no-store"),
    (b"vary", b"cookie, accept-language"),
    (b"x-robots-tag", b"noindex, nofollow"),
    # Another site that a reader is on shows none of it: how wide a badge is would tell what it says.
    (b"cross-origin-resource-policy", b"same-origin"),
]
_ASK: Headers = [(b"www-authenticate", b'Quarterdeck realm="status page"'), *CLOSED]
_HTML = b"text/html; charset=utf-8"


@dataclass(frozen=True, slots=True)
class Turned:
    """What is answered to somebody: nothing where they may have the file."""

    status: int = 0
    body: bytes = b""
    public: bool = False


class Crowded(Exception):
    """More ask at once than are let wait."""


class Few:
    """Questions to the store, a few at once on threads of their own: nobody who asks for pages holds up anything else.

    What is known of closed pages is kept for half a second. It says no to whoever brings nothing; every yes is asked.
    """

    def __init__(self, executor: Executor) -> None:
        self._executor = executor
        self._waiting = 0
        self._looked = float("-inf")
        self._looking: asyncio.Future[dict[str, StatusPage]] | None = None
        self._stranger = page_readers.stranger()

    async def asked(self, scope: Scope) -> Turned:
        """As the store answers it. Raises Crowded."""
        if self._waiting >= MOST_WAITING:
            raise Crowded
        self._waiting += 1
        try:
            return await asyncio.get_running_loop().run_in_executor(self._executor, _asked, scope)
        finally:
            self._waiting -= 1

    async def refuses(self, scope: Scope) -> bool:
        """Whether it is plain without a question that there is nothing here for somebody who is not signed in."""
        key, _, file = scope["path"][len(PREFIX) :].partition("/")
        page = (await self._closed()).get(key)
        judged = page_readers.judge_page(
            page or self._stranger, file, _without_session(scope, key), datetime.now(UTC)
        )
        return page is None or (judged.hidden and not judged.allowed)

    async def _closed(self) -> dict[str, StatusPage]:
        """One question at a time, however many wait for its answer."""
        now = time.monotonic()
        if self._looking is None or (self._looking.done() and now - self._looked >= LOOK_AGAIN_SECONDS):
            self._looked = now
            self._looking = asyncio.get_running_loop().run_in_executor(self._executor, _closed_pages)
        return await asyncio.shield(self._looking)


class Keys:
    """The names of the pages in a folder, looked at again after half a second."""

    def __init__(self, root: Path) -> None:
        self._root = root
        self._looked = float("-inf")
        self._names: frozenset[str] = frozenset()

    def __contains__(self, key: str) -> bool:
        now = time.monotonic()
        if now - self._looked >= LOOK_AGAIN_SECONDS:
            try:
                self._names = frozenset(p.name for p in self._root.iterdir() if not p.name.startswith("."))
            except OSError:
                self._names = frozenset()
            self._looked = now
        return key in self._names


def pages(
    public_root: Path, private_root: Path, executor: Executor, security: Headers, trusted: list[str]
) -> App:
    """Both kinds of pages below /status/."""
    public = edge_files.published(public_root, PREFIX, security, missing=not_here)
    private = edge_files.published(private_root, PREFIX, security, CLOSED, not_here)
    open_keys, closed_keys = Keys(public_root), Keys(private_root)
    few = Few(executor)

    async def guarded(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["method"] not in ("GET", "HEAD"):
            await public(scope, receive, send)
            return
        plain = not _session(scope) and _key(scope) not in open_keys
        try:
            turned = Turned(404) if plain and await few.refuses(scope) else await few.asked(scope)
        except Crowded:
            await _busy(scope, send, security)
            return
        if turned.status == 401:
            kind = _HTML if turned.body.startswith(b"<") else b"text/plain; charset=utf-8"
            await answer(send, 401, turned.body, kind, [*_ASK, *security])
        elif turned.status:
            await not_here(scope, send, security)
        else:
            await (public if turned.public else private)(scope, receive, send)

    checked: App = guarded
    if trusted:
        checked = ProxyHeadersMiddleware(guarded, trusted_hosts=trusted)  # type: ignore[arg-type, assignment]

    async def status(scope: Scope, receive: Receive, send: Send) -> None:
        key = _key(scope)
        # Where it is in both, it is about to be private or has just been: the store is asked.
        if key in open_keys and key not in closed_keys:
            await public(scope, receive, send)
        else:
            await checked(scope, receive, send)

    return status


async def _busy(scope: Scope, send: Send, security: Headers) -> None:
    headers = [(b"retry-after", b"2"), *security]
    if b"text/html" in header(scope, b"accept"):
        await answer(send, 503, reader_faults.page(readers.language_in(scope), 503), _HTML, headers)
    else:
        await answer(send, 503, _BUSY, headers=headers)


def _key(scope: Scope) -> str:
    return str(scope["path"][len(PREFIX) :].partition("/")[0])


def _closed_pages() -> dict[str, StatusPage]:
    close_old_connections()
    return page_readers.closed_pages()


def _asked(scope: Scope) -> Turned:
    """What is answered to this request. On a worker thread with a connection of its own."""
    close_old_connections()
    key, _, file = scope["path"][len(PREFIX) :].partition("/")
    judged = page_readers.judge(key[:60], file, _brought(scope, key), datetime.now(UTC))
    if judged.allowed:
        return Turned(public=judged.page is not None and judged.page.public)
    if judged.page is None or judged.hidden:
        return Turned(404)
    return Turned(401, _ways_in(judged, scope, file))


def _brought(scope: Scope, key: str) -> Brought:
    visitor = sessions.visitor(_session(scope))
    brought = _without_session(scope, key)
    if visitor is None or not visitor.proven:
        return brought
    return replace(brought, person=visitor.person_id, role=visitor.role)


def _session(scope: Scope) -> str:
    return _cookies(scope).get(settings.SESSION_COOKIE_NAME, "")


def _cookies(scope: Scope) -> dict[str, str]:
    return parse_cookie(header(scope, b"cookie").decode("latin-1"))


def _without_session(scope: Scope, key: str) -> Brought:
    query = parse_qs(scope["query_string"][:2000].decode("latin-1"))
    client: Any = scope.get("client") or ("",)
    return Brought(
        right=_cookies(scope).get(page_readers.cookie_name(key), ""),
        token=query.get("token", [""])[0],
        address=str(client[0]),
    )


def _ways_in(judged: Judged, scope: Scope, file: str) -> bytes:
    page = judged.page
    assert page is not None
    if file and not file.endswith(("/", ".html")):
        return b"This status page is not public. Open it in a browser to get in, or use the address with its token.\n"
    shown = door(page, readers.language_in(scope), scope["path"])
    return render_to_string("status/door.html", shown).encode()


def door(page: Any, language: str, path: str) -> dict[str, Any]:
    """What the page before a private page shows: its title and the ways in, nothing of what is on it. No brand, which
    would tell more of it than the title does.
    """
    how = page_doors.how(page)
    row = page_access.of(page)
    return readers.around(language, path) | {
        "t": phrases(language),
        "page_title": page.title,
        "action": page_access.door_path(page),
        "next": path,
        "password": how.password,
        "mail": bool(how.domains),
        "sign_in": how.members or how.visibility == "internal",
        "network": row.network == "needed",
        "login_url": f"/accounts/login/?next={PREFIX}{page.key}/",
    }
