"""Schedules, their shifts and overrides."""

from __future__ import annotations

from datetime import timedelta
from typing import Any, Literal

from ninja import Query

from quarterdeck.app.oncall import schedules as acts
from quarterdeck.app.paging.directory import schedule_from
from quarterdeck.core.kernel.refused import bad
from quarterdeck.core.oncall import shifts
from quarterdeck.store import models

from .doors import Request
from .fields import Asked, Id, Key, Line, Moment, Named, Read, When, Write
from .layer_words import Layer, layer_told
from .operations import Noun
from .pages import Page, PageAsked, page, whole

NOUN = Noun("On call", "/schedules")
OVERRIDES = Noun("On call", "/overrides")
LONGEST = timedelta(days=92)


Effect = Literal["all", "one", "add", "remove"]


class Schedule(Read):
    id: str
    key: str
    name: str
    timezone: str
    team: str | None
    version: int


class ScheduleDetail(Schedule):
    layers: list[Layer]


class Shift(Read):
    """A stretch with the same people on call, `person` the first of them; no person is a gap. `reason` is a clause."""

    person: Named | None
    people: list[Named]
    starts_at: Moment
    ends_at: Moment
    source: str
    reason: str


class Override(Read):
    id: str
    schedule: str
    person: Named
    starts_at: Moment
    ends_at: Moment
    reason: str
    effect: Effect
    instead_of: Named | None
    created_by: Named
    created_at: Moment


class OverrideWrite(Write):
    """Somebody stands in, from now or later, for a year at most: `all`: instead of everybody; `one`: instead of
    `instead_of`; `add`: beside the others; `remove`: the person is not on call.
    """

    person: Id
    starts_at: When
    ends_at: When
    reason: Line = ""
    effect: Effect = "all"
    instead_of: Id | None = None


class ShiftsAsked(Asked):
    """The next seven days unless given; 92 days at most."""

    since: When | None = None
    until: When | None = None


class OverridesAsked(PageAsked):
    """Those that have not ended, unless `until` reaches back."""

    since: When | None = None


@NOUN.get("", "schedule.read", Page[Schedule])
def list_schedules(request: Request, asked: Query[PageAsked]) -> Page[Schedule]:
    """Every schedule, by key."""
    rows = models.Schedule.objects.select_related("team")
    return page(asked, rows, ("key",), lambda found: [Schedule(**_plain(r)) for r in found])


@NOUN.get("/{schedule}", "schedule.read", ScheduleDetail)
def get_schedule(request: Request, schedule: Key) -> ScheduleDetail:
    """One schedule with its layers."""
    row = acts.find(schedule)
    layers = schedule_from(row).layers
    told = [layer_told(request, layer) for layer in layers]
    return ScheduleDetail(**_plain(row), layers=told)


@NOUN.get("/{schedule}/shifts", "schedule.read", Page[Shift])
def list_shifts(request: Request, schedule: Key, asked: Query[ShiftsAsked]) -> Page[Shift]:
    """The final schedule without hole or overlap; a gap is a shift without a person."""
    start = asked.since or request.act.at
    end = asked.until or start + timedelta(days=7)
    if not timedelta(0) < end - start <= LONGEST:
        raise bad("shifts.window", "Ask for a time between a moment and 92 days.", until="out of range")
    found = shifts(schedule_from(acts.find(schedule)), start, end)
    names = request.names.load(p for s in found for p in s.people)
    return whole(
        Shift(
            person=names.maybe(s.person or ""),
            people=[names.of(p) for p in s.people],
            starts_at=s.starts_at,
            ends_at=s.ends_at,
            source=s.source,
            reason=s.reason,
        )
        for s in found
    )


@NOUN.get("/{schedule}/overrides", "schedule.read", Page[Override])
def list_overrides(request: Request, schedule: Key, asked: Query[OverridesAsked]) -> Page[Override]:
    """Overrides that stand and end after `since` (now, unless given)."""
    rows = models.Override.objects.select_related("schedule").filter(
        schedule=acts.find(schedule), removed_at=None
    )
    rows = rows.filter(ends_at__gt=asked.since or request.act.at)
    return page(asked, rows, ("id",), lambda found: _told(request, found))


@NOUN.post("/{schedule}/overrides", "schedule.edit", Override)
def add_override(request: Request, schedule: Key, body: OverrideWrite) -> Override:
    """Somebody stands in for whoever the layers name."""
    row = acts.add_override(
        request.act, schedule, body.person, body.starts_at, body.ends_at, body.reason,
        effect=body.effect, instead_of=body.instead_of or "",
    )  # fmt: skip
    return _told(request, [row])[0]


@OVERRIDES.delete("/{override}", "schedule.edit")
def remove_override(request: Request, override: Id) -> None:
    """Take an override back; a running one ends now, one that is over stays."""
    acts.remove_override(request.act, override)


def override_told(request: Request, row: models.Override) -> Override:
    return _told(request, [row])[0]


def schedule_told(row: models.Schedule) -> Schedule:
    return Schedule(**_plain(row))


def _plain(row: models.Schedule) -> dict[str, Any]:
    return {
        "id": row.id,
        "key": row.key,
        "name": row.name,
        "timezone": row.timezone,
        "team": row.team.key if row.team else None,
        "version": row.version,
    }


def _told(request: Request, rows: list[models.Override]) -> list[Override]:
    names = request.names.load(i for r in rows for i in (r.person_id, r.created_by, r.instead_of))
    return [
        Override(
            id=r.id,
            schedule=r.schedule.key,
            person=names.of(r.person_id),
            starts_at=r.starts_at,
            ends_at=r.ends_at,
            reason=r.reason,
            effect=r.effect,
            instead_of=names.maybe(r.instead_of),
            created_by=names.of(r.created_by),
            created_at=r.created_at,
        )
        for r in rows
    ]
