"""What each published file is said to be where a server cannot know: its kind, its encoding, how long it keeps."""

from __future__ import annotations

_KINDS = {
    ".html": "text/html; charset=utf-8",
    ".json": "application/json; charset=utf-8",
    ".atom": "application/atom+xml; charset=utf-8",
    ".rss": "application/rss+xml; charset=utf-8",
    ".xml": "application/xml; charset=utf-8",
    ".ics": "text/calendar; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".svg": "image/svg+xml; charset=utf-8",
    ".txt": "text/plain; charset=utf-8",
    ".png": "image/png",
    ".webp": "image/webp",
    ".ico": "image/x-icon",
    ".woff2": "font/woff2",
}
_ENCODINGS = {".gz": "gzip", ".br": "br"}
_ASSETS = (".css", ".js", ".png", ".webp", ".ico", ".woff2")
# A page is old news within seconds; what it is drawn with changes with a release.
PAGE, ASSET = "public, max-age=10", "public, max-age=300"


def headers(name: str) -> dict[str, str]:
    """Content-Type, Content-Encoding and Cache-Control; a compressed twin is of the kind of what it holds."""
    encoding = next((e for end, e in _ENCODINGS.items() if name.endswith(end)), "")
    plain = name[:-3] if encoding else name
    kind = next((k for end, k in _KINDS.items() if plain.endswith(end)), "application/octet-stream")
    found = {"content-type": kind, "cache-control": ASSET if plain.endswith(_ASSETS) else PAGE}
    return found | ({"content-encoding": encoding} if encoding else {})
