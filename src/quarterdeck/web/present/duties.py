"""What one person arranges around their shifts, in words: swaps, cover, absences. Reads only."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlencode, urlsplit

from django.db.models import Q
from django.utils.formats import date_format

from quarterdeck.app.oncall import absence_calendars, absences
from quarterdeck.app.oncall.duty_rows import cover_of, swap_of
from quarterdeck.app.oncall.holidays import between
from quarterdeck.app.paging.directory import people_of, schedule_from
from quarterdeck.core.kernel.text import counted
from quarterdeck.core.oncall import Schedule, Shift, on_call, shifts
from quarterdeck.core.oncall.swaps import Slot
from quarterdeck.store import models

from .oncall import SOURCES, Names, day_time, wall

AHEAD = timedelta(days=56)
MOST = 20
_STATES = {
    "accepted": ("green", "check", "accepted"),
    "declined": ("grey", "x", "declined"),
    "withdrawn": ("grey", "x", "withdrawn"),
    "expired": ("amber", "clock", "not answered"),
    "taken": ("green", "check", "taken"),
    "failed": ("red", "triangle", "nobody took it"),
}


def own_shifts(rows: Sequence[models.Schedule], person: str, now: datetime) -> list[dict[str, Any]]:
    """The shifts of the next eight weeks with where each can be swapped; one that runs can no longer be."""
    found = []
    for row in rows:
        core = schedule_from(row)
        if person not in people_of(core):
            continue
        found += [
            (s.starts_at, row, _whole(core, s, now))
            for s in shifts(core, now, now + AHEAD)
            if person in s.people
        ]
    found.sort(key=lambda f: (f[0], f[1].name))
    region = models.Person.objects.filter(id=person).values_list("holiday_region", flat=True).first() or ""
    return [_own(row, s, now, region) for _, row, s in found[:MOST]]


def _whole(core: Schedule, s: Shift, now: datetime) -> tuple[Shift, bool]:
    """With its real end: the last one is cut at the end of what is looked at. Whether it has one."""
    if s.ends_at < now + AHEAD:
        return s, True
    end = on_call(core, s.starts_at).until
    return (s._replace(ends_at=end), True) if end else (s, False)


def _own(row: models.Schedule, found: tuple[Shift, bool], now: datetime, region: str) -> dict[str, Any]:
    s, ends = found
    runs = s.starts_at <= now
    asked = {"schedule": row.key, "start": s.starts_at.isoformat(), "end": s.ends_at.isoformat()}
    when = "now" if runs else day_time(s.starts_at)
    return {
        "title": row.name,
        "handoff": f"/on-call/handoff/{row.key}",
        "href": f"/on-call/schedules/{row.key}",
        "when": f"{when} to {day_time(s.ends_at)}" if ends else f"{when}, no end in sight",
        "note": SOURCES.get(s.source, ""),
        "holidays": _holidays(s, region),
        "runs": runs,
        "swap": "" if runs or not ends else f"/on-call/swaps/new?{urlencode(asked)}",
    }


def _holidays(s: Shift, region: str) -> str:
    """The public holidays that a shift falls on, of the first weeks of it."""
    last = min(s.ends_at - timedelta(microseconds=1), s.starts_at + AHEAD)
    found = between([region], wall(s.starts_at).date(), wall(last).date())
    return ", ".join(f"{date_format(day, 'D j M')}: {name}" for day, name in found.items())


class Arranged:
    """Swaps and searches for cover that concern one person; the names of schedules are read once."""

    def __init__(self, viewer: str, names: Names, now: datetime) -> None:
        self.viewer, self.names, self.now = viewer, names, now
        self._schedules = dict(models.Schedule.objects.values_list("id", "name"))

    def waiting(self) -> list[dict[str, Any]]:
        """What waits for the viewer's answer."""
        offers = models.Swap.objects.filter(other_id=self.viewer, state="offered", expires_at__gt=self.now)
        asked = models.Cover.objects.filter(
            state__in=("asking", "failed"), ends_at__gt=self.now, asked__contains=f'"{self.viewer}"'
        )
        lines = [self._offer(row) for row in offers[:MOST]]
        searches = [cover_of(row) for row in asked[:MOST]]
        return lines + [
            {
                "title": f"Cover for {self.names.full(c.slot.person)}",
                "note": self._slot(c.slot),
                "back": "",
                "reason": c.reason,
                "until": c.answer_by if c.asked and c.asked[-1] == self.viewer else None,
                "href": f"/on-call/covers/{c.id}",
            }
            for c in searches
            if self.viewer not in c.declined and c.slot.starts_at > self.now
        ]

    def _offer(self, row: models.Swap) -> dict[str, Any]:
        swap = swap_of(row)
        return {
            "title": f"{self.names.full(swap.give.person)} asks you to take a shift",
            "note": self._slot(swap.give),
            "back": f"In return for yours: {self._slot(swap.take)}" if swap.take else "Nothing in return",
            "reason": swap.reason,
            "until": swap.expires_at,
            "href": f"/on-call/swaps/{row.id}",
        }

    def own(self) -> list[dict[str, Any]]:
        """What the viewer has asked others, and what came of it within the last days."""
        since = self.now - timedelta(days=7)
        mine = Q(giver_id=self.viewer) | Q(made_by=self.viewer)
        recent = Q(state="offered") | Q(ended_at__gt=since)
        lines = [self._swap(row) for row in models.Swap.objects.filter(mine).filter(recent)[:MOST]]
        asked = Q(person_id=self.viewer) | Q(made_by=self.viewer)
        searches = models.Cover.objects.filter(asked, ends_at__gt=since)[:MOST]
        return lines + [self._cover(row) for row in searches]

    def _swap(self, row: models.Swap) -> dict[str, Any]:
        swap = swap_of(row)
        tone, icon, state = _STATES.get(swap.state, ("amber", "clock", "waits for an answer"))
        return {
            "title": f"{self.names(swap.give.person)} to {self.names(swap.other)}",
            "note": self._slot(swap.give),
            "back": f"In return: {self._slot(swap.take)}" if swap.take else "",
            "state": {"tone": tone, "icon": icon, "text": state},
            "withdraw": f"/on-call/swaps/{row.id}" if swap.state == "offered" else "",
        }

    def _cover(self, row: models.Cover) -> dict[str, Any]:
        c = cover_of(row)
        asking = f"asks {self.names.full(c.asked[-1])}" if c.asked else "asks"
        tone, icon, state = _STATES.get(c.state, ("amber", "clock", asking))
        if c.state == "taken":
            state = f"taken by {self.names.full(c.taken_by)}"
        return {
            "title": f"Cover for {self.names(c.slot.person)}",
            "note": self._slot(c.slot),
            "back": f"{counted(len(c.asked), 'person', 'people')} asked of {len(c.candidates)}",
            "state": {"tone": tone, "icon": icon, "text": state},
            "withdraw": f"/on-call/covers/{row.id}" if c.state in ("asking", "failed") else "",
        }

    def _slot(self, slot: Slot) -> str:
        name = self._schedules.get(slot.schedule, "a deleted schedule")
        return f"{name}, {day_time(slot.starts_at)} to {day_time(slot.ends_at)}"


def away(now: datetime, person: str) -> list[dict[str, Any]]:
    """Absences that run or are to come, each with the shifts that stay with who is away."""
    found = []
    for row in absences.standing(now, [person])[:MOST]:
        hit = absences.hits(person, max(row.starts_at, now), row.ends_at)
        found.append(
            {
                "id": row.id,
                "when": f"{day_time(row.starts_at)} to {day_time(row.ends_at)}",
                "reason": row.reason,
                "runs": row.starts_at <= now,
                "hits": [
                    f"{h.schedule.name}, {day_time(h.shift.starts_at)} to {day_time(h.shift.ends_at)}"
                    for h in hit[:5]
                ],
                "more": max(len(hit) - 5, 0),
            }
        )
    return found


def calendars(person: str, now: datetime) -> list[dict[str, Any]]:
    """Where a person's absences come from, with how each was read last."""
    ahead: dict[str, int] = {}
    for found in (
        absences.standing(now, [person]).exclude(calendar_id="").values_list("calendar_id", flat=True)
    ):
        ahead[found] = ahead.get(found, 0) + 1
    return [
        {
            "id": row.id,
            "name": row.name,
            "source": f"from {urlsplit(row.url).netloc}, every hour" if row.url else "uploaded",
            "ahead": f"{counted(ahead.get(row.id, 0), 'absence')} ahead",
            "read_at": row.read_at,
            "failure": row.failure,
        }
        for row in absence_calendars.standing(person)
    ]


def choices(
    core: Schedule, slot: Slot, people: dict[str, str], now: datetime
) -> list[tuple[str, list[tuple[str, str]]]]:
    """Whom a shift can go to, as a gift or against one of theirs; who is on call then is left out."""
    busy = {p for s in shifts(core, slot.starts_at, slot.ends_at) for p in s.people}
    ahead = shifts(core, now, now + AHEAD)
    found = []
    for person, name in people.items():
        if person in busy or person == slot.person:
            continue
        lines = [(person, f"{name}, nothing in return")]
        for s in ahead:
            # The last one is cut where the look ahead ends: a part of a shift that goes on.
            if (
                person in s.people
                and s.starts_at > now
                and slot.person not in s.people
                and s.ends_at < now + AHEAD
            ):
                value = f"{person}|{s.starts_at.isoformat()}|{s.ends_at.isoformat()}"
                lines.append((value, f"{name}, for {day_time(s.starts_at)} to {day_time(s.ends_at)}"))
        found.append((name, lines[:9]))
    return found
