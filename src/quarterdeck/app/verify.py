"""The proof that the event log is whole: every hash computed anew. Reads only."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from quarterdeck.store import log, models


def streams(wanted: Sequence[str] = ()) -> Iterator[tuple[str, int, str | None]]:
    """Each stream (or each wanted one that exists): its name, how many events, and what is wrong or None."""
    for name in log.streams():
        if not wanted or name in wanted:
            yield name, models.Event.objects.filter(stream=name).count(), log.verify(name)
