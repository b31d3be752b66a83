"""A schedule out of somebody else's calendar: each event a shift of whoever it names. Shown first, then kept as a layer
of fixed shifts, whole or not at all.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta

from quarterdeck.core.kernel.moments import text
from quarterdeck.core.kernel.refused import bad
from quarterdeck.core.kernel.text import line
from quarterdeck.core.oncall import FixedShift, Layer, Turn
from quarterdeck.core.oncall.check import MAX_FIXED
from quarterdeck.intake.ical import Event, Fault, read
from quarterdeck.store import models

from ..act import Act, need
from . import rotations, schedules

AHEAD = timedelta(days=366)
_LEFT_OUT = "left out"


@dataclass(frozen=True, slots=True)
class Found:
    """One event and the people it names, by id; none of them, or `why` not."""

    event: Event
    people: tuple[str, ...]
    why: str = ""


@dataclass(frozen=True, slots=True)
class Preview:
    """What an import would do. It is `ready` only when every event names somebody and every event could be read."""

    name: str
    found: tuple[Found, ...]
    faults: tuple[Fault, ...]

    @property
    def unknown(self) -> tuple[Found, ...]:
        return tuple(f for f in self.found if not f.people)

    @property
    def names(self) -> tuple[str, ...]:
        """What the events say that name nobody here, each once: somebody can say who is meant."""
        said = (name for f in self.unknown for name in (f.event.people or (f.event.title,)))
        return tuple({_key(name): name for name in reversed([*said]) if name.strip()}.values())[::-1]

    @property
    def shifts(self) -> tuple[FixedShift, ...]:
        return tuple(
            FixedShift(p, f.event.starts_at, f.event.ends_at, f.event.ref[-120:])
            for f in self.found
            for p in f.people
        )

    @property
    def ready(self) -> bool:
        return bool(self.found) and not self.unknown and not self.faults


def preview(act: Act, schedule: str, data: bytes, meant: Mapping[str, str] | None = None) -> Preview:
    """Which shifts a file would give the schedule (id or key) in the year ahead, and what keeps it from doing so.

    `meant` says who is meant by a name of the file, by id, and goes before what would be found; with "" events that
    name nobody else are left out.
    """
    need(act, "schedule.edit")
    if meant:
        known_ids = set(
            models.Person.objects.filter(id__in=meant.values(), is_active=True).values_list("id", flat=True)
        )
        if {p for p in meant.values() if p} - known_ids:
            raise bad("person.unknown", "Choose somebody from the list for each name.", person="unknown")
    row = schedules.find(schedule)
    reading = read(data, row.timezone, act.at, act.at + AHEAD)
    known = People(meant)
    found = tuple(f for event in reading.events if (f := known.named_in(event)).why != _LEFT_OUT)
    if sum(len(f.people) for f in found) > MAX_FIXED:
        raise bad("layer.fixed", f"This calendar has more than {MAX_FIXED:,} shifts. Export a shorter time.")
    return Preview(reading.name, found, tuple(reading.faults))


def put(act: Act, schedule: str, name: str, shifts: Sequence[FixedShift]) -> models.Layer:
    """The shifts as a layer over the others, from now on. Refuses strangers and shifts without length."""
    if not shifts:
        raise bad("layer.fixed", "There is no shift to take over. Choose another file.")
    return rotations.put_layer(act, schedule, fixed_layer(act.at, line(name, 120) or "Imported", shifts))


def fixed_layer(at: datetime, name: str, shifts: Sequence[FixedShift]) -> Layer:
    """A layer that holds these shifts alone."""
    return Layer(
        id="", name=name, people=(), turn=Turn("weeks"), handover_time=time(9), handover_weekday=None,
        starts_at=at, ends_at=None, zone="", fixed=tuple(shifts),
    )  # fmt: skip


def shifts_data(shifts: Sequence[FixedShift]) -> list[list[str]]:
    return [[s.person, text(s.starts_at), text(s.ends_at), s.ref] for s in shifts]


class People:
    """Who is meant by a mail address, a handle or a name; two of one name are nobody."""

    def __init__(self, meant: Mapping[str, str] | None = None) -> None:
        self._meant = {_key(said): person for said, person in (meant or {}).items()}
        rows = list(models.Person.objects.filter(is_active=True).values_list("id", "email", "handle", "name"))
        self._exact: dict[str, str] = {}
        self._names: dict[str, list[str]] = {}
        for person, email, handle, name in rows:
            self._exact |= {email.casefold(): person, handle.casefold(): person}
            self._names.setdefault(_plain(name), []).append(person)

    def named_in(self, event: Event) -> Found:
        """Everybody among the attendees; else whoever the title is, or has in it."""
        people = [p for said in event.people for p in self._one(said)]
        if not people:
            people = self._one(event.title) or self._within(event.title)
        if people:
            return Found(event, tuple(dict.fromkeys(people)))
        if any(self._meant.get(_key(said)) == "" for said in (*event.people, event.title)):
            return Found(event, (), _LEFT_OUT)
        for said in (*event.people, event.title):
            if len(self._names.get(_plain(said), ())) > 1:
                return Found(event, (), f"two people are called {said}: use the mail address")
        return Found(event, (), "nobody here is called that")

    def _one(self, said: str) -> list[str]:
        if meant := self._meant.get(_key(said)):
            return [meant]
        found = self._exact.get(said.strip().casefold().removeprefix("@"))
        if found:
            return [found]
        named = self._names.get(_plain(said), [])
        return named if len(named) == 1 else []

    def _within(self, title: str) -> list[str]:
        """Mail addresses, @handles and whole names in a title, such as "On call: Ana Ruiz"."""
        plain = f" {_plain(title)} "
        found = [
            self._exact[word]
            for word in re.findall(r"[^\s,;:()<>\[\]]+", title.casefold())
            for word in (word.removeprefix("@"),)
            if word in self._exact
        ]
        found += [
            people[0] for name, people in self._names.items() if len(people) == 1 and f" {name} " in plain
        ]
        return found


def _key(said: str) -> str:
    return said.strip().casefold()


def _plain(name: str) -> str:
    return " ".join(re.findall(r"[\w'’.-]+", name.casefold()))


def names(found: Sequence[Found]) -> Mapping[str, str]:
    """What the people found are called."""
    ids = {p for f in found for p in f.people}
    return dict(models.Person.objects.filter(id__in=ids).values_list("id", "name"))
