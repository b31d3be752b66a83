"""What changed since a place in the log: the source of live updates. Only says where to look, never what is there."""

from __future__ import annotations

from typing import NamedTuple

from . import gaps
from .models import AlertEntry, Event, IncidentRow


class Change(NamedTuple):
    """`topic` is "incident:INC-1042", "alerts" or "settings"; `id` orders changes of one kind."""

    topic: str
    id: str
    kind: str
    seq: int


Cursor = tuple[int, int]
# An entry that asks for a follow-up is told of as a kind of its own: it changes what stands above the record, too.
WRITTEN, FOLLOWED_UP = "EntryWritten", "EntryFollowedUp"


def now() -> Cursor:
    """The place behind everything there is, and before what is about to be there with a lower id."""
    return gaps.end(Event), gaps.end(AlertEntry)


def parse(text: str) -> Cursor | None:
    """A cursor from a Last-Event-ID such as "812-4410"; None when it is not one."""
    event, _, entry = text.partition("-")
    if event.isdecimal() and entry.isdecimal() and len(text) < 40:
        return int(event), int(entry)
    return None


def changes_since(cursor: Cursor, limit: int = 500) -> tuple[list[Change], Cursor]:
    """Changes behind the cursor, oldest first, and the next cursor."""
    event_id, entry_id = cursor
    found: list[Change] = []
    rows = Event.objects.filter(id__gt=event_id, id__lte=gaps.reach(Event, event_id, limit)).order_by("id")
    events = list(rows.values_list("id", "stream", "seq", "kind"))
    # Whoever follows the list hears that it may have changed, never what happened in a restricted incident.
    hidden = set(
        IncidentRow.objects.filter(id__in={e[1] for e in events}, restricted=True).values_list(
            "id", flat=True
        )
        if events
        else ()
    )
    marked = _marked([e[0] for e in events if e[3] == WRITTEN])
    for event_id, stream, seq, written in events:
        kind = FOLLOWED_UP if event_id in marked else written
        topic = f"incident:{stream}" if stream.startswith("INC-") else "settings"
        found.append(Change(topic, f"{event_id}-{entry_id}", kind, seq))
        if topic != "settings":
            told = ("Changed", 0) if stream in hidden else (kind, seq)
            found.append(Change("incidents", f"{event_id}-{entry_id}", *told))
    noted = AlertEntry.objects.filter(id__gt=entry_id, id__lte=gaps.reach(AlertEntry, entry_id, limit))
    entries = noted.order_by("id").values_list("id", "alert_id", "kind")
    for entry_id, alert, kind in entries:
        found.append(Change("alerts", f"{event_id}-{entry_id}", kind, entry_id))
        found.append(Change(f"alert:{alert}", f"{event_id}-{entry_id}", kind, entry_id))
    return found, (event_id, entry_id)


def _marked(entries: list[int]) -> set[int]:
    """Those of these events that ask for a follow-up."""
    if not entries:
        return set()
    rows = Event.objects.filter(id__in=entries, data__contains='"followup":true')
    return set(rows.values_list("id", flat=True))
