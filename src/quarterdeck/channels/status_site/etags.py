"""Entity tags by content: the same bytes have the same tag on every node and after every restart."""

from __future__ import annotations

import hashlib


def etag(content: bytes, encoding: str = "") -> str:
    """A strong tag in quotes; each encoding ("gzip", "br") of a file is a representation of its own."""
    digest = hashlib.sha256(content).hexdigest()[:32]
    return f'"{digest}-{encoding}"' if encoding else f'"{digest}"'


def matches(if_none_match: str, tag: str) -> bool:
    """Whether a request's If-None-Match names this tag, weakly compared (RFC 9110, 13.1.2)."""
    if if_none_match.strip() == "*":
        return True
    return tag in (given.strip().removeprefix("W/") for given in if_none_match.split(","))
