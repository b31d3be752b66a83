"""The proof that the event log is whole: every hash computed anew. Reads only."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from quarterdeck.core.kernel.moments import text
from quarterdeck.store import log, models


def names() -> list[str]:
    """Every stream there is."""
    return list(log.streams())


def streams(wanted: Sequence[str] = ()) -> Iterator[tuple[str, int, str | None]]:
    """Each stream (or each wanted one that exists): its name, how many events, and what is wrong or None."""
    for name in log.streams():
        if not wanted or name in wanted:
            yield name, models.Event.objects.filter(stream=name).count(), log.verify(name)


def events(stream: str) -> Iterator[dict[str, object]]:
    """The events of one stream as plain data, with what proves them."""
    for e in log.read(stream):
        yield {
            "stream": e.stream,
            "seq": e.seq,
            "at": text(e.at),
            "actor": e.actor,
            "kind": e.kind,
            "data": dict(e.data),
            "prev_hash": e.prev_hash,
            "hash": e.hash,
        }
