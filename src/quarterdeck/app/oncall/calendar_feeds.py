"""What a calendar feed holds now: shifts, training, preventive work, each with an identity that stays, and a number
that rises when it changes.

Reveals names, schedules and times; never a reason, an address or an id.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from quarterdeck.core.kernel.moments import from_micros, micros
from quarterdeck.core.oncall import Shift, shifts
from quarterdeck.store import models, tx

from ..paging.directory import people_of, schedule_from
from . import calendar_extras
from .calendar_entry import Entry
from .calendars import MAINTENANCE, PREVENTION, READ_EVERY

BACK, AHEAD = timedelta(days=28), timedelta(days=183)
MOST_EVENTS = 10_000
Told = dict[str, list[Any]]


@dataclass(frozen=True, slots=True)
class Content:
    """A feed as it is now: `digest` changes with it, `changed_at` is when it last did. `cut`: it was too much."""

    name: str
    entries: tuple[Entry, ...]
    changed_at: datetime
    digest: str
    cut: bool = False


def window(now: datetime) -> tuple[datetime, datetime]:
    """At least 4 weeks back and 6 months ahead, from month to month, so that the ends do not move every day."""
    first = (now - BACK).replace(day=1, hour=0, minute=0, second=0, microsecond=0)
    last = now + AHEAD
    following = (last.replace(day=1) + timedelta(days=32)).replace(day=1)
    return first, following.replace(hour=0, minute=0, second=0, microsecond=0)


def content(feed: models.CalendarFeed, now: datetime) -> Content:
    """What the feed holds, with what was told before taken into account. Writes only when something has changed."""
    start, end = window(now)
    found = sorted(_entries(feed, start, end), key=lambda e: (e.starts_at, e.key, e.uid))
    entries, told, changed = _numbered(found[:MOST_EVENTS], feed.told, now, start)
    changed_at = feed.changed_at
    if changed or told != feed.told:
        changed_at = now if changed else feed.changed_at
        with tx.write():
            models.CalendarFeed.objects.filter(id=feed.id, revoked_at=None).update(
                told=told, changed_at=changed_at
            )
    if feed.last_read_at is None or feed.last_read_at < now - READ_EVERY:
        models.CalendarFeed.objects.filter(id=feed.id).update(last_read_at=now)
    cut = len(found) > MOST_EVENTS
    return Content(feed.name, tuple(entries), changed_at, _digest(feed, entries, cut), cut)


def _entries(feed: models.CalendarFeed, start: datetime, end: datetime) -> Iterator[Entry]:
    if feed.kind == PREVENTION:
        yield from calendar_extras.prevention(feed.owner, start, end)
        return
    if feed.kind == MAINTENANCE:
        yield from calendar_extras.maintenance(feed.owner, start, end)
        return
    if feed.kind == "person":
        yield from calendar_extras.training_of(feed.owner, start, end)
    rows = models.Schedule.objects.prefetch_related("layers", "overrides")
    only = ""
    if feed.kind == "schedule":
        rows = rows.filter(id=feed.subject_id)
    elif feed.kind == "team":
        rows = rows.filter(team_id=feed.subject_id)
    else:
        only = feed.subject_id
    held = [
        (row, core) for row in rows for core in (schedule_from(row),) if not only or only in people_of(core)
    ]
    names = dict(
        models.Person.objects.filter(id__in={p for _, core in held for p in people_of(core)}).values_list(
            "id", "name"
        )
    )
    for row, core in held:
        for shift in shifts(core, start, end):
            if shift.people and (not only or only in shift.people):
                people = tuple(names.get(p, "somebody who left") for p in shift.people)
                yield _entry(row, shift, people, only, start)


def _entry(row: models.Schedule, shift: Shift, people: tuple[str, ...], only: str, start: datetime) -> Entry:
    # One that runs since before the window has no beginning here that would stay.
    begun = f"{micros(shift.starts_at)}" if shift.starts_at > start else f"since {shift.ref}"
    identity = f"{row.id}|{begun}|{only}"
    uid = f"{hashlib.sha256(identity.encode()).hexdigest()[:32]}@quarterdeck"
    title = f"On call: {row.name}" if only else f"{row.name}: {', '.join(people)}"
    return Entry(uid, shift.starts_at, shift.ends_at, row.timezone, title, row.name, row.key, people)


def _numbered(
    found: Iterable[Entry], before: Told, now: datetime, start: datetime
) -> tuple[list[Entry], Told, bool]:
    """Each entry with its number, what to remember of all, and whether anything is not as it was told.

    What has gone is remembered until its time is over: should it come back, its number goes on rising.
    """
    entries: list[Entry] = []
    told: Told = {}
    changed = False
    for entry in found:
        mark = hashlib.sha256(
            f"{micros(entry.starts_at)}|{micros(entry.ends_at)}|{entry.zone}|{entry.title}".encode()
        ).hexdigest()[:16]
        known = before.get(entry.uid)
        if known is None:
            sequence, at = 0, now
        elif known[0] != mark:
            sequence, at = known[1] + 1, now
        else:
            sequence, at = known[1], from_micros(known[2])
        changed = changed or at == now
        told[entry.uid] = [mark, sequence, micros(at), micros(entry.ends_at)]
        entries.append(replace(entry, sequence=sequence, changed_at=at))
    for uid, (mark, sequence, at_micros, ends) in before.items():
        if uid not in told and ends > micros(start):
            changed = changed or mark != ""
            told[uid] = ["", sequence, at_micros, ends]
    return entries, told, changed


def _digest(feed: models.CalendarFeed, entries: Iterable[Entry], cut: bool) -> str:
    made = hashlib.sha256(f"{feed.id}|{feed.name}|{cut}".encode())
    for e in entries:
        made.update(f"|{e.uid}|{e.sequence}|{micros(e.changed_at)}".encode())
    return made.hexdigest()[:32]
