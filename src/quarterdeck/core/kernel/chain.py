"""Events as stored, their canonical form and the hash that chains them (SHA-256 over canonical JSON)."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from .moments import text

GENESIS = "0" * 64


@dataclass(frozen=True, slots=True)
class Entry:
    """One stored event of one stream ("INC-1042", or "installation"). `at` is when it was recorded."""

    stream: str
    seq: int
    at: datetime
    actor: str
    kind: str
    data: Mapping[str, Any]
    prev_hash: str
    hash: str


def canonical(value: object) -> str:
    """JSON with sorted keys and no spaces, UTF-8, no NaN: the same value gives the same text everywhere."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False)


def link(
    prev_hash: str, stream: str, seq: int, at: datetime, actor: str, kind: str, data: Mapping[str, Any]
) -> str:
    """The hash of an event that follows the one with `prev_hash`."""
    body = canonical([prev_hash, stream, seq, text(at), actor, kind, data])
    return hashlib.sha256(body.encode()).hexdigest()


def first_break(entries: Iterable[Entry]) -> str | None:
    """What is wrong with a whole stream, in words, or None when the chain holds."""
    prev, expected = GENESIS, 1
    for e in entries:
        if e.seq != expected:
            return f"{e.stream}: event {expected} is missing, {e.seq} follows"
        if e.prev_hash != prev:
            return f"{e.stream}: event {e.seq} does not follow the one before it"
        if e.hash != link(prev, e.stream, e.seq, e.at, e.actor, e.kind, e.data):
            return f"{e.stream}: event {e.seq} was changed after it was written"
        prev, expected = e.hash, expected + 1
    return None
