"""Appending to the event log, and reading streams back. Imported by `app` and `store` alone."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from functools import reduce
from operator import or_
from typing import Any

from django.db.models import Q

from quarterdeck.core.kernel.chain import GENESIS, Entry, canonical, first_break, link

from .models import Event
from .tx import Busy, lock, try_lock

INSTALLATION = "installation"


def append(
    stream: str, new: Iterable[tuple[str, Mapping[str, Any]]], *, at: datetime, actor: str
) -> list[Entry]:
    """Put events (kind, data) at the end of a stream, inside the caller's transaction.

    On PostgreSQL the stream is locked until the transaction ends; two writers cannot take the same place.
    """
    lock(f"stream:{stream}")
    seq, prev = head(stream)
    entries = []
    for kind, data in new:
        seq += 1
        plain = json.loads(canonical(data))
        digest = link(prev, stream, seq, at, actor, kind, plain)
        entries.append(Entry(stream, seq, at, actor, kind, plain, prev, digest))
        prev = digest
    Event.objects.bulk_create(
        [
            Event(
                stream=e.stream, seq=e.seq, at=e.at, actor=e.actor, kind=e.kind,
                data=canonical(e.data), prev_hash=e.prev_hash, hash=e.hash,
            )
            for e in entries
        ]
    )  # fmt: skip
    return entries


def audit(kind: str, data: Mapping[str, Any], *, at: datetime, actor: str) -> None:
    """One event in the installation's own chain: configuration, access, people."""
    append(INSTALLATION, [(kind, data)], at=at, actor=actor)


def head(stream: str) -> tuple[int, str]:
    """Sequence and hash of the last event of a stream; (0, GENESIS) when it is empty."""
    last = Event.objects.filter(stream=stream).order_by("-seq").values_list("seq", "hash").first()
    return last or (0, GENESIS)


def read(stream: str, after: int = 0) -> list[Entry]:
    """The events of a stream in order, from behind `after`."""
    return list(entries(Event.objects.filter(stream=stream, seq__gt=after).order_by("seq")))


def read_many(after: Mapping[str, int]) -> dict[str, list[Entry]]:
    """The same of many streams with one query: each in order, from behind what is named for it."""
    found: dict[str, list[Entry]] = {stream: [] for stream in after}
    if not after:
        return found
    wanted = reduce(or_, (Q(stream=stream, seq__gt=seq) for stream, seq in after.items()))
    for row in Event.objects.filter(wanted).order_by("stream", "seq"):
        found[row.stream].extend(entries([row]))
    return found


def streams() -> list[str]:
    return list(Event.objects.values_list("stream", flat=True).distinct().order_by("stream"))


def verify(stream: str) -> str | None:
    """What is wrong with a stream's chain, in words; None when it holds."""
    return first_break(entries(Event.objects.filter(stream=stream).order_by("seq").iterator(2000)))


def lock_incident(stream: str) -> None:
    """Commands on one incident run one after the other (on SQLite every writer is alone anyway)."""
    lock(f"stream:{stream}")


def lock_incident_at_once(stream: str) -> None:
    """As `lock_incident`, for the engine, which holds timers that a command on the incident may be waiting for: it
    never waits for the incident. Raises Busy.
    """
    if not try_lock(f"stream:{stream}"):
        raise Busy(stream)


def entries(rows: Iterable[Event]) -> Iterator[Entry]:
    """Rows of the log as the core knows them."""
    for r in rows:
        yield Entry(r.stream, r.seq, r.at, r.actor, r.kind, json.loads(r.data), r.prev_hash, r.hash)
