"""Calendars that lead out, by secret addresses, and in: absences, and a schedule out of a file."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from quarterdeck.app.oncall import absence_calendars, calendar_import, schedules
from quarterdeck.app.oncall import calendars as acts
from quarterdeck.core.kernel.refused import bad
from quarterdeck.intake.ical import MOST_BYTES
from quarterdeck.store import models

from .doors import Request
from .fields import Id, Key, LongLine, Moment, Named, Read, Text, Word, Write, Yes
from .operations import Noun
from .pages import Page, whole

NOUN = Noun("On call", "/calendars")
INCOMING = Noun("On call", "/absence-calendars")
IMPORTS = Noun("On call", "/schedules/{schedule}/import")
Kind = Literal["person", "schedule", "team", "prevention", "maintenance"]
Name = Annotated[str, Text(120)]
File = Annotated[str, Text(MOST_BYTES, least=1)]


class Calendar(Read):
    """An address under which calendar programs read shifts; `hint` is the end of its secret."""

    id: str
    name: str
    kind: Kind
    hint: str
    created_at: Moment
    last_read_at: Moment | None


class CalendarMade(Calendar):
    """`url` is said once, here, and never again. Whoever has it reads the shifts without signing in."""

    url: str


class CalendarWrite(Write):
    """One's own shifts and training (`person`), everybody's shifts in a schedule (its key) or in all of a team (its
    key), preventive work (`prevention`) or `maintenance`.
    """

    kind: Kind = "person"
    subject: Word = ""
    name: Name = ""


class CalendarFault(Read):
    """An event that cannot be taken; `row` counts the events of the file, 0 is the file."""

    row: int
    text: str


class AbsenceCalendar(Read):
    """Where absences come from. `subscribed`: asked every hour. `failure` is why the last reading failed, if it did."""

    id: str
    name: str
    subscribed: bool
    read_at: Moment | None
    failure: str


class AbsenceCalendarMade(AbsenceCalendar):
    """What a file changed, and what of it could not be read."""

    added: int
    changed: int
    ended: int
    faults: list[CalendarFault]


class AbsenceCalendarWrite(Write):
    """A `url` that is asked every hour, or the text of a `file`. Every event in it that is not free counts as away."""

    url: Annotated[str, Text(2000)] = ""
    file: Annotated[str, Text(MOST_BYTES)] = ""
    name: Name = ""


class Meant(Write):
    """Who is meant by a name of the file; without a person its events are left out."""

    said: LongLine
    person: Id | None = None


class ImportWrite(Write):
    """The text of an iCalendar `file`. Without `keep` nothing is changed: the answer says what would be. `people` says
    who is meant by names that nobody here has.
    """

    file: File
    name: Name = ""
    keep: Yes = False
    people: Annotated[list[Meant], Field(max_length=500)] = Field(default_factory=list)


class ImportedShift(Read):
    row: int
    title: str
    people: list[Named]
    starts_at: Moment
    ends_at: Moment


class Imported(Read):
    """`layer` is the id of the layer that was made. With any fault none is made: all of the file, or nothing. `unknown`
    are the names that nobody here has: say who is meant, under `people`.
    """

    layer: str | None
    shifts: list[ImportedShift]
    faults: list[CalendarFault]
    unknown: list[str]


@NOUN.get("", "schedule.read", Page[Calendar])
def list_calendars(request: Request) -> Page[Calendar]:
    """One's own calendar addresses."""
    return whole(Calendar.model_validate(row) for row in acts.standing(request.act.person))


@NOUN.post("", "schedule.read", CalendarMade)
def create_calendar(request: Request, body: CalendarWrite) -> CalendarMade:
    """A new address, said once."""
    return _made(*acts.create(request.act, body.kind, body.subject, body.name))


@NOUN.post("/{calendar}/renewal", "schedule.read", CalendarMade)
def renew_calendar(request: Request, calendar: Id) -> CalendarMade:
    """Another address for the same calendar; the old one answers nothing from now on."""
    return _made(*acts.renew(request.act, calendar))


@NOUN.delete("/{calendar}", "schedule.read")
def revoke_calendar(request: Request, calendar: Id) -> None:
    """From now on its address answers nothing."""
    acts.revoke(request.act, calendar)


@INCOMING.get("", "schedule.read", Page[AbsenceCalendar])
def list_absence_calendars(request: Request) -> Page[AbsenceCalendar]:
    """Where one's own absences come from."""
    return whole(AbsenceCalendar(**_plain(row)) for row in absence_calendars.standing(request.act.person))


@INCOMING.post("", "schedule.read", AbsenceCalendarMade)
def add_absence_calendar(request: Request, body: AbsenceCalendarWrite) -> AbsenceCalendarMade:
    """Take one's absences from a calendar: at once from a file, within a minute from an address."""
    person = request.act.person
    if bool(body.url) == bool(body.file):
        raise bad("ical.missing", "Give either a url or a file.", url="one of both", file="one of both")
    if body.url:
        row = absence_calendars.subscribe(request.act, person, body.url, body.name)
        return AbsenceCalendarMade(**_plain(row), added=0, changed=0, ended=0, faults=[])
    taken = absence_calendars.upload(request.act, person, body.file.encode(), body.name)
    return AbsenceCalendarMade(
        **_plain(taken.calendar), added=taken.added, changed=taken.changed, ended=taken.ended,
        faults=[CalendarFault(row=f.row, text=f.text) for f in taken.faults],
    )  # fmt: skip


@INCOMING.delete("/{calendar}", "schedule.read")
def remove_absence_calendar(request: Request, calendar: Id) -> None:
    """Forget a calendar, with the absences to come from it."""
    absence_calendars.remove(request.act, calendar)


@IMPORTS.post("", "schedule.edit", Imported, status=200)
def import_schedule(request: Request, schedule: Key, body: ImportWrite) -> Imported:
    """A layer of fixed shifts out of an iCalendar file, or what it would be."""
    row = schedules.find(schedule)
    meant = {m.said: m.person or "" for m in body.people}
    found = calendar_import.preview(request.act, row.id, body.file.encode(), meant)
    layer = None
    if body.keep and found.ready:
        layer = calendar_import.put(request.act, row.id, body.name or found.name, found.shifts).id
    names = request.names.load(p for f in found.found for p in f.people)
    return Imported(
        layer=layer,
        shifts=[
            ImportedShift(
                row=f.event.row,
                title=f.event.title,
                people=[names.of(p) for p in f.people],
                starts_at=f.event.starts_at,
                ends_at=f.event.ends_at,
            )
            for f in found.found
            if f.people
        ],
        faults=[
            *(CalendarFault(row=f.row, text=f.text) for f in found.faults),
            *(CalendarFault(row=f.event.row, text=f"“{f.event.title}”: {f.why}.") for f in found.unknown),
        ],
        unknown=list(found.names),
    )


def _made(row: models.CalendarFeed, token: str) -> CalendarMade:
    told = {name: getattr(row, name) for name in Calendar.model_fields}
    return CalendarMade(**told, url=acts.address(token))


def _plain(row: models.AbsenceCalendar) -> dict[str, object]:
    return {
        "id": row.id, "name": row.name, "subscribed": bool(row.url), "read_at": row.read_at, "failure": row.failure,
    }  # fmt: skip
