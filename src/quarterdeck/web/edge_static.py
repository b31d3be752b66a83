"""Scripts, styles and pictures out of the packages that bring them: no collecting step, hashed addresses.

`{% static %}` adds the hash of the content (`?v=`), so such an address may be kept for a year; one without it
is asked for again each time (a short 304).
"""

from __future__ import annotations

import functools
import hashlib
import time
from pathlib import Path
from typing import Any

from django.contrib.staticfiles.finders import AppDirectoriesFinder
from django.contrib.staticfiles.storage import StaticFilesStorage

from .edge_answers import App, Headers, Receive, Scope, Send, tell
from .edge_files import HASH_CHARACTERS, LOOK_AGAIN_SECONDS, Files, stamp_of

FOREVER = (b"cache-control", b"public, max-age=31536000, immutable")
EACH_TIME = (b"cache-control", b"no-cache")


@functools.cache
def index() -> dict[str, Path]:
    """Every static file of every installed application by its name. What is not here cannot be asked for."""
    return {name: Path(storage.path(name)) for name, storage in AppDirectoriesFinder().list([])}


@functools.lru_cache(maxsize=1024)
def _hash_of(path: Path, stamp: object) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()[:HASH_CHARACTERS]


class HashedUrls(StaticFilesStorage):
    """`url("app.js")` is "/static/app.js?v=<hash>"; a name that does not exist keeps its plain address.

    A page has a hundred such addresses, so that each is looked at again only after half a second, as the file is.
    """

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._kept: dict[str | None, tuple[float, str]] = {}

    def url(self, name: str | None) -> str:
        now = time.monotonic()
        looked, kept = self._kept.get(name, (0.0, ""))
        if kept and now - looked < LOOK_AGAIN_SECONDS:
            return kept
        found = self._hashed(name)
        self._kept[name] = now, found
        return found

    def _hashed(self, name: str | None) -> str:
        plain = super().url(name)
        path = index().get(name or "")
        stamp = stamp_of(path) if path else None
        return f"{plain}?v={_hash_of(path, stamp)}" if path and stamp else plain


def static(prefix: str, security: Headers) -> App:
    """The edge's route for static files."""
    files = Files(index().get, lambda pinned: [FOREVER if pinned else EACH_TIME, *security])

    async def serve(scope: Scope, receive: Receive, send: Send) -> None:
        if not await files.serve(scope["path"][len(prefix) :], scope, send):
            await tell(send, 404, "There is no such file.", security)

    return serve
