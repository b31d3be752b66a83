"""The front of the web process: decides for each request, in as few steps as possible, who answers it.

Alert ingest comes first and passes nothing else on its way. Whatever Django answers waits here until its body
is complete and a thread is free; no header of a stranger reaches it that it could take for a proxy's.
"""

from __future__ import annotations

import asyncio
import logging
import os
import re
import time
from collections.abc import Awaitable, Mapping
from typing import Any

from uvicorn.middleware.proxy_headers import ProxyHeadersMiddleware

from .edge_answers import App, Headers, Receive, Scope, Send, answer, header, tell, with_headers
from .edge_body import Gone, Unusable, replay, whole_body
from .edge_health import Figures
from .routes import NATIVE

log = logging.getLogger("quarterdeck.edge")
_DROPPED = frozenset(
    {b"forwarded", b"x-real-ip", b"x-request-id", b"x-original-url", b"x-rewrite-url", b"proxy"}
)

_CHARSET = re.compile(rb"""charset\s*=\s*["']?([^;"'\s]*)""", re.IGNORECASE)


# Files for incidents, and calendars that may be too large to be taken but not to be told so in their form: each stands
# in memory once while it is taken in.
UPLOADS_AT_ONCE = 4
UPLOAD_SECONDS = 120.0
_UPLOAD = re.compile(
    r"(?:/api/v1)?/incidents/[^/]{1,40}/files|/on-call/(?:schedules/[^/]{1,60}/import|absence-calendars)"
    r"|/api/v1/audience-imports|/catalog/audiences/imports"
    r"|/api/v1/page-imports|/status-pages/[^/]{1,60}/import"
)


class Busy(Exception):
    """Every thread is taken and the queue before them is full."""


class Pages:
    """Django behind its bridge: a fixed number at a time, a bounded queue before it, whole bodies only."""

    def __init__(
        self,
        bridge: App,
        threads: int,
        queue: int,
        limit: int,
        busy_page: bytes,
        figures: Figures,
        upload_limit: int = 0,
    ) -> None:
        self._bridge = bridge
        self._free = asyncio.Semaphore(threads)
        self._queue = queue
        self._limit = limit
        self._upload_limit = upload_limit
        self._uploads = asyncio.Semaphore(UPLOADS_AT_ONCE)
        self._busy_page = busy_page
        self._figures = figures

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if not _is_readable(header(scope, b"content-type")):
            # Django decodes forms by whatever codec is named, and some of Python's fail in ways it does not expect.
            await tell(send, 415, "Send text as UTF-8: leave the charset out, or name utf-8.")
            return
        try:
            if scope["method"] in ("GET", "HEAD") and not header(scope, b"content-length"):
                body = b""
            else:
                if await self._uploaded(scope, receive, send):
                    return
                body = await whole_body(scope, receive, self._limit)
            await self._run(scope, replay(body, receive), send)
        except Unusable as e:
            # Part of the body may still be on its way: the connection cannot be used again.
            await tell(send, e.status, e.text, [(b"connection", b"close")])
        except Busy:
            self._figures.pages_refused += 1
            wait: Headers = [(b"retry-after", b"2")]
            if b"text/html" in header(scope, b"accept"):
                await answer(send, 503, self._busy_page, b"text/html; charset=utf-8", wait)
            else:
                await tell(send, 503, "All workers are busy. Send it again in two seconds.", wait)
        except Gone:
            return

    async def _uploaded(self, scope: Scope, receive: Receive, send: Send) -> bool:
        """Takes a file for an incident, which may be larger and slower than a form; a few at a time, and only from
        somebody who says who they are. False: this request is no such thing.
        """
        known = header(scope, b"cookie") or header(scope, b"authorization")
        if self._upload_limit <= self._limit or not known or not _UPLOAD.fullmatch(scope["path"]):
            return False
        if self._uploads.locked():
            raise Busy
        async with self._uploads:
            body = await whole_body(scope, receive, self._upload_limit, UPLOAD_SECONDS)
            await self._run(scope, replay(body, receive), send)
        return True

    async def _run(self, scope: Scope, receive: Receive, send: Send) -> None:
        f = self._figures
        if self._free.locked() and f.pages_waiting >= self._queue:
            raise Busy
        came = time.monotonic()
        f.pages_waiting += 1
        try:
            await self._free.acquire()
        finally:
            f.pages_waiting -= 1
        began = time.monotonic()
        f.queue_seconds += began - came
        f.pages_running += 1
        try:
            await self._bridge(scope, receive, send)
        finally:
            self._free.release()
            f.pages_running -= 1
            f.pages += 1
            f.pages_seconds += time.monotonic() - began


def _is_readable(content_type: bytes) -> bool:
    """Whether a body of this type is text that we can read; without a charset it is UTF-8."""
    if b"charset" not in content_type.lower():
        return True
    found = _CHARSET.findall(content_type)
    return bool(found) and all(name.lower() in (b"utf-8", b"utf8") for name in found)


class Front:
    """What every request but ingest, static files and published pages passes: host, headers, an id, a last
    resort.
    """

    def __init__(self, native: Mapping[str, App], pages: App, hosts: list[str], security: Headers) -> None:
        self._native = dict(native)
        self._pages = pages
        self._any_host = "*" in hosts
        self._hosts = frozenset(h.encode() for h in hosts)
        self._security = security

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        request_id = os.urandom(9).hex()
        send = with_headers(send, [(b"x-request-id", request_id.encode()), *self._security])
        app = self._native.get(scope["path"])
        if app is None and not self._answers_to(scope):
            name = header(scope, b"host").decode("latin-1")[:100]
            text = f"This server does not answer to '{name}'. Set public_url or allowed_hosts."
            await tell(send, 400, text)
            return
        if app is None and ("\0" in scope["path"] or b"%00" in scope["query_string"]):
            # No text of ours holds one, and a database refuses it only after work was done.
            await tell(send, 400, "This address holds a NUL character. Take it out.")
            return
        if app is None:
            app = self._pages
            # What a page says is for whoever is signed in: no cache keeps it, unless the page says otherwise.
            send = with_headers(send, [(b"cache-control", b"private, no-store")])
            scope["headers"] = [h for h in scope["headers"] if _passes(h[0])]
            scope["headers"].append((b"x-request-id", request_id.encode()))
        elif scope["method"] not in ("GET", "HEAD"):
            await tell(send, 405, "This can only be read.", [(b"allow", b"GET, HEAD")])
            return
        await _last_resort(app, scope, receive, send, request_id)

    def _answers_to(self, scope: Scope) -> bool:
        if self._any_host:
            return True
        host = header(scope, b"host").lower()
        if host.endswith(b"]") or b":" not in host:
            return host in self._hosts
        name, _, port = host.rpartition(b":")
        return port.isdigit() and len(port) <= 5 and name in self._hosts


def _passes(name: bytes) -> bool:
    """Whether a header may reach Django, which cannot tell X_Forwarded_For from X-Forwarded-For."""
    return b"_" not in name and not name.startswith(b"x-forwarded") and name not in _DROPPED


async def _last_resort(app: App, scope: Scope, receive: Receive, send: Send, request_id: str) -> None:
    started = False

    async def watched(message: Any) -> None:
        nonlocal started
        started = True
        await send(message)

    try:
        await app(scope, receive, watched)
    except Exception:
        # The server writes the traceback; this line gives it the number the client is told.
        log.error("request %s failed: %s", request_id, scope["path"][:200])
        if not started:
            await tell(send, 500, f"This failed. The fault is recorded under {request_id}.")
        raise


def build(
    *,
    ingest: App,
    static: App,
    status: App,
    native: Mapping[str, App],
    pages: App,
    hosts: list[str],
    trusted_proxies: list[str],
    security: Headers,
) -> App:
    """The ASGI application. `native` are the remaining native routes by their exact path.

    Raises RuntimeError when a native route is not declared in `routes.NATIVE`, or a declared one has no
    handler.
    """
    declared = {n.prefix for n in NATIVE}
    given = {"/in/", "/static/", "/status/", *native}
    if declared != given:
        raise RuntimeError(f"native routes and routes.NATIVE differ: {sorted(declared ^ given)}")
    front: App = Front(native, pages, hosts, security)
    if trusted_proxies:
        ingest, front = _behind(ingest, trusted_proxies), _behind(front, trusted_proxies)

    # Not `async`: the coroutine of whoever answers is handed straight to the server, one frame less a
    # request.
    def edge(scope: Scope, receive: Receive, send: Send) -> Awaitable[None]:
        if scope["type"] == "http":
            path = scope["path"]
            if path[:4] == "/in/":
                return ingest(scope, receive, send)
            if path[:8] == "/status/":
                return status(scope, receive, send)
            if path[:8] == "/static/":
                return static(scope, receive, send)
            return front(scope, receive, send)
        return _refuse_other(scope, receive, send)

    return edge


def _behind(app: App, trusted: list[str]) -> App:
    wrapped: App = ProxyHeadersMiddleware(app, trusted_hosts=trusted)  # type: ignore[arg-type, assignment]
    return wrapped


async def _refuse_other(scope: Scope, receive: Receive, send: Send) -> None:
    if scope["type"] == "websocket":
        await receive()
        await send({"type": "websocket.close", "code": 1000})
