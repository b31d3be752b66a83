"""Handing a shift over: the summary, notes, and what one is told about one's shifts."""

from __future__ import annotations

from typing import Annotated

from quarterdeck.app.oncall import handoff, schedules, shift_summary
from quarterdeck.app.oncall.shift_summary import Summary
from quarterdeck.store import models

from .doors import LOGIN, Request
from .fields import Key, Moment, Named, Number, Read, Text, Write, Yes
from .operations import Noun

NOUN = Noun("On call", "/schedules/{schedule}/handoff")
ME = Noun("On call", "/me/shift-messages")


class HowOften(Read):
    name: str
    count: int


class ShiftNote(Read):
    id: str
    author: Named
    text: str
    at: Moment


class PastShift(Read):
    """`repeated` is what paged and `noisy` the services it came from, the most frequent first."""

    people: list[Named]
    since: Moment
    until: Moment
    pages: int
    wake_ups: int
    repeated: list[HowOften]
    noisy: list[HowOften]
    notes: list[ShiftNote]


class ShiftHandoff(Read):
    """The shift before and the one that runs so far; ids of alerts, incidents and silences that stand now."""

    schedule: str
    before: PastShift | None
    running: PastShift | None
    alerts: list[str]
    incidents: list[str]
    silences: list[str]


class ShiftNoteWrite(Write):
    text: Annotated[str, Text(handoff.NOTE_LENGTH, least=1)]


class ShiftMessages(Read):
    start: bool
    end: bool
    digest: bool
    lead_minutes: int
    at_night: bool


class ShiftMessagesWrite(Write):
    """Before a shift begins, when it is over, the digest on Mondays; how long ahead, and whether at night too."""

    start: Yes = True
    end: Yes = True
    digest: Yes = True
    lead_minutes: Annotated[int, Number(0, 1440)] = 30
    at_night: Yes = False


@NOUN.get("", "alert.read", ShiftHandoff)
def get_handoff(request: Request, schedule: Key) -> ShiftHandoff:
    """What the shift before was like, and what is open now."""
    row, now = schedules.find(schedule), request.act.at
    before, here = shift_summary.running(row, now)
    told = [
        shift_summary.read(row, s.people, s.starts_at, min(s.ends_at, now), now) if s else None
        for s in (before, here)
    ]
    standing = told[1] or told[0]
    return ShiftHandoff(
        schedule=row.key,
        before=_shift(request, before.people, told[0]) if before and told[0] else None,
        running=_shift(request, here.people, told[1]) if here and told[1] else None,
        alerts=[a.id for a in standing.alerts] if standing else [],
        incidents=[i.id for i in standing.incidents] if standing else [],
        silences=[s.id for s in standing.silences] if standing else [],
    )


@NOUN.post("/notes", "alert.read", ShiftNote)
def add_shift_note(request: Request, schedule: Key, body: ShiftNoteWrite) -> ShiftNote:
    """Leave something to whoever comes next: while on call, and until two hours after."""
    return _note(request, handoff.add_note(request.act, schedule, body.text))


@ME.get("", LOGIN, ShiftMessages)
def get_shift_messages(request: Request) -> ShiftMessages:
    """What one is told about one's shifts."""
    return ShiftMessages.model_validate(handoff.wish(request.act.person))


@ME.put("", LOGIN, ShiftMessages)
def set_shift_messages(request: Request, body: ShiftMessagesWrite) -> ShiftMessages:
    """Choose what one is told about one's shifts."""
    return ShiftMessages.model_validate(
        handoff.set_wish(request.act, request.act.person, **body.model_dump())
    )


def _shift(request: Request, people: tuple[str, ...], found: Summary) -> PastShift:
    return PastShift(
        people=[request.names.of(p) for p in people], since=found.since, until=found.until, pages=found.pages,
        wake_ups=found.wake_ups, repeated=[HowOften(name=n, count=c) for n, c in found.repeated],
        noisy=[HowOften(name=n, count=c) for n, c in found.noisy], notes=[_note(request, n) for n in found.notes],
    )  # fmt: skip


def _note(request: Request, row: models.ShiftNote) -> ShiftNote:
    return ShiftNote(id=row.id, author=request.names.of(row.author_id), text=row.text, at=row.at)
