"""Files as answers: kept in memory with their compressed forms and entity tags, checked against the disk.

Knows nothing of where files live: a `find` function turns the asked name into a path, or into nothing.
"""

from __future__ import annotations

import asyncio
import functools
import gzip
import hashlib
import mimetypes
import re
import time
from collections import OrderedDict
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

import brotli

from .edge_answers import App, Headers, Message, Receive, Scope, Send, tell

KEEP_BYTES = 64 * 1024 * 1024
LOOK_AGAIN_SECONDS = 0.5
LEAST_TO_COMPRESS = 400
HASH_CHARACTERS = 12
_TEXT = (
    "text/",
    "application/json",
    "application/javascript",
    "application/xml",
    "image/svg+xml",
    "application/atom",
)
mimetypes.add_type("text/javascript", ".js")
mimetypes.add_type("text/javascript", ".mjs")
mimetypes.add_type("image/svg+xml", ".svg")
mimetypes.add_type("application/atom+xml", ".atom")
mimetypes.add_type("application/rss+xml", ".rss")
mimetypes.add_type("font/woff2", ".woff2")

mimetypes.add_type("text/calendar", ".ics")
_FRAMED = re.compile(r"[^/]+/embed(?:\.[a-z]{2,12})?\.html")

Stamp = tuple[int, int, int]
Find = Callable[[str], Path | None]
Caching = Callable[[bool], Headers]


@dataclass(slots=True)
class Kept:
    """A file in memory. `answers` has the two ready messages by (pinned, encoding), `unchanged` the 304 by
    pinned.

    An answer is pinned when the address names the hash of this very content: only then may it be kept for
    long.
    """

    stamp: Stamp
    looked: float
    digest: bytes
    size: int
    answers: dict[tuple[bool, str], tuple[Message, Message]]
    unchanged: dict[bool, Message]


class Files:
    """Serves what `find` finds. `headers(pinned)` are the caching and other headers of an answer."""

    def __init__(self, find: Find, headers: Caching) -> None:
        self._find = find
        self._headers = headers
        self._kept: OrderedDict[str, Kept] = OrderedDict()
        self._bytes = 0

    async def serve(self, name: str, scope: Scope, send: Send) -> bool:
        """Answer with the file of this name, or 304 when the client has it. False: there is none, nothing was
        sent.
        """
        if scope["method"] not in ("GET", "HEAD"):
            await tell(send, 405, "This can only be read.", [(b"allow", b"GET, HEAD"), *self._headers(False)])
            return True
        kept = await self._get(name)
        if kept is None:
            return False
        accepted = wanted = b""
        for key, value in scope["headers"]:
            if key == b"accept-encoding":
                accepted = value
            elif key == b"if-none-match":
                wanted = value
        pinned = scope["query_string"] == b"v=" + kept.digest[:HASH_CHARACTERS]
        if wanted and (kept.digest in wanted or wanted == b"*"):
            await send(kept.unchanged[pinned])
            await send(_NOTHING)
            return True
        start, body = kept.answers.get((pinned, encoding(accepted))) or kept.answers[pinned, ""]
        await send(start)
        await send(body)
        return True

    async def _get(self, name: str) -> Kept | None:
        kept = self._kept.get(name)
        now = time.monotonic()
        if kept is not None and now - kept.looked < LOOK_AGAIN_SECONDS:
            return kept
        path = self._find(name)
        stamp = stamp_of(path) if path is not None else None
        if kept is not None and kept.stamp == stamp:
            kept.looked = now
            self._kept.move_to_end(name)
            return kept
        if path is None or stamp is None:
            self._drop(name)
            return None
        fresh = await asyncio.to_thread(_load, path, stamp, self._headers)
        self._drop(name)
        if fresh is not None:
            self._kept[name] = fresh
            self._bytes += fresh.size
            while self._bytes > KEEP_BYTES and len(self._kept) > 1:
                self._drop(next(iter(self._kept)))
        return fresh

    def _drop(self, name: str) -> None:
        kept = self._kept.pop(name, None)
        if kept is not None:
            self._bytes -= kept.size


_NOTHING: Message = {"type": "http.response.body", "body": b""}


def stamp_of(path: Path) -> Stamp | None:
    """What changes when the file does; None when it is gone or no ordinary file."""
    try:
        s = path.stat()
    except OSError:
        return None
    return (s.st_mtime_ns, s.st_size, s.st_ino) if path.is_file() else None


def _load(path: Path, stamp: Stamp, headers: Caching) -> Kept | None:
    try:
        plain = path.read_bytes()
    except OSError:
        return None
    kind = mimetypes.guess_type(path.name)[0] or "application/octet-stream"
    if kind.startswith(("text/", "application/json", "image/svg")):
        kind += "; charset=utf-8"
    bodies = {"": plain}
    if len(plain) >= LEAST_TO_COMPRESS and kind.startswith(_TEXT):
        bodies["gzip"] = gzip.compress(plain, 6, mtime=0)
        bodies["br"] = brotli.compress(plain, quality=5)
    digest = hashlib.sha256(plain).hexdigest().encode()
    answers: dict[tuple[bool, str], tuple[Message, Message]] = {}
    unchanged: dict[bool, Message] = {}
    for pinned in (False, True):
        # The tag is weak: it names the content, whatever its encoding.
        always: Headers = [
            (b"etag", b'W/"' + digest + b'"'),
            (b"vary", b"accept-encoding"),
            *headers(pinned),
        ]
        unchanged[pinned] = {"type": "http.response.start", "status": 304, "headers": always}
        for name, body in bodies.items():
            start: Headers = [
                (b"content-type", kind.encode()),
                (b"content-length", str(len(body)).encode()),
                *([(b"content-encoding", name.encode())] if name else []),
                *always,
            ]
            answers[pinned, name] = (
                {"type": "http.response.start", "status": 200, "headers": start},
                {"type": "http.response.body", "body": body},
            )
    size = sum(len(b) for b in bodies.values())
    return Kept(stamp, time.monotonic(), digest, size, answers, unchanged)


@functools.lru_cache(maxsize=512)
def encoding(accepted: bytes) -> str:
    """The best encoding we have that the client takes: "br", "gzip" or "" (RFC 9110 §12.5.3)."""
    taken = {}
    for part in accepted.decode("latin-1").lower().split(","):
        name, _, parameters = part.strip().partition(";")
        quality = parameters.strip().removeprefix("q=") or "1"
        try:
            taken[name.strip()] = float(quality)
        except ValueError:
            continue
    for name in ("br", "gzip"):
        if taken.get(name, taken.get("*", 0.0)) > 0:
            return name
    return ""


def below(root: Path) -> Find:
    """Files under a folder and nowhere else: no hidden names, no way up, no link that leads out."""
    root = root.absolute()

    def find(name: str) -> Path | None:
        if name.endswith("/") or not name:
            name += "index.html"
        parts = name.split("/")
        if any(not p or p.startswith(".") or "\\" in p or "\0" in p for p in parts):
            return None
        path = root.joinpath(*parts)
        try:
            real = path.resolve()
        except OSError:
            return None
        return real if real.is_relative_to(root.resolve()) else None

    return find


Missing = Callable[[Scope, Send, Headers], Awaitable[None]]


async def _missing(_: Scope, send: Send, security: Headers) -> None:
    await tell(send, 404, "No page is published here.", security)


# Anybody's page may read what is public anyway; clients of status pages expect it.
PUBLIC: Headers = [(b"cache-control", b"public, max-age=2"), (b"access-control-allow-origin", b"*")]


def published(
    root: Path, prefix: str, security: Headers, caching: Headers = PUBLIC, missing: Missing = _missing
) -> App:
    """The published status pages: `<prefix>acme/` is `<root>/acme/index.html`, asked for again after 2 s.

    `missing` answers where there is no file.
    """
    find = below(root)
    headers: Headers = [*caching, *security]
    framed = [(k, v.replace(b"frame-ancestors 'none'", b"frame-ancestors *")) for k, v in headers]
    files, frames = Files(find, lambda _: headers), Files(find, lambda _: framed)

    async def status(scope: Scope, receive: Receive, send: Send) -> None:
        name = scope["path"][len(prefix) :]
        # What is made to stand in other sites may be framed by them, and nothing else.
        made = frames if _FRAMED.fullmatch(name) else files
        if await made.serve(name, scope, send):
            return
        if name and not name.endswith("/") and find(f"{name}/") is not None and (root / name).is_dir():
            await tell(send, 308, "This is a folder.", [(b"location", _asked(scope) + b"/"), *security])
            return
        await missing(scope, send, security)

    return status


def _asked(scope: Scope) -> bytes:
    """The path as it came, still percent-encoded and so safe in a header; never read as another host
    ("//...").
    """
    raw: bytes = scope.get("raw_path") or quote(scope["path"]).encode()
    return b"/" + raw.partition(b"?")[0].lstrip(b"/")
