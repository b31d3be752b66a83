"""The proof that the event log is whole: every hash computed anew. Reads only."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from quarterdeck.core.kernel.moments import text
from quarterdeck.store import log, models

PURGED = "IncidentPurged"


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


def unexplained() -> list[str]:
    """Incidents that are in neither the log nor among those that the audit chain says were purged, in words."""
    kept = set(log.streams())
    told = {
        str(e.data.get("incident")): e for e in log.read(log.INSTALLATION) if e.kind == PURGED
    }  # each names the length and the last hash of the chain that went
    found = []
    for row in models.PurgedIncident.objects.order_by("number"):
        said = told.get(row.id)
        if said is None:
            found.append(f"{row.id}: was removed, and the audit chain does not say so")
        elif (said.data.get("events"), said.data.get("head")) != (row.events, row.head):
            found.append(f"{row.id}: was removed, and the audit chain says something else about it")
    numbers = [int(s[4:]) for s in kept if s.startswith("INC-") and s[4:].isdigit()]
    for number in range(1, max(numbers, default=0)):
        key = f"INC-{number}"
        if key not in kept and key not in told and not models.PurgedIncident.objects.filter(id=key).exists():
            found.append(f"{key}: its events are gone, and nothing says why")
    return found


def purged() -> list[tuple[str, int, str]]:
    """What was removed after its time: incident, events, the hash of the last."""
    return list(models.PurgedIncident.objects.order_by("number").values_list("id", "events", "head"))
