"""What people do around their shifts: absences, swaps, notes for the next, quiet hours, certifications, calendars."""

from __future__ import annotations

from datetime import datetime, time, timedelta
from typing import Any

from quarterdeck.app.oncall import absences, calendars, handoff, schedules, swaps
from quarterdeck.app.paging import quiet_hours
from quarterdeck.app.paging.directory import schedule_from
from quarterdeck.app.people import competence
from quarterdeck.core.oncall import Shift, shifts
from quarterdeck.core.oncall.wall import instant, wall, zone
from quarterdeck.store import models

from .company import Corvane
from .stage import Stage
from .tables import table

# How far shifts are looked for.
AHEAD = timedelta(days=60)
DAY = timedelta(days=1)


def before(stage: Stage, corvane: Corvane, now: datetime) -> None:
    """Lay out the notes of shifts that are over: they can only be left while somebody has the shift."""
    for row in table("duties")["note"]:
        if "before_handover" in row:
            who = corvane.people[row["person"]]
            held = [s for s in _shifts(row["schedule"], now - AHEAD, AHEAD) if who in s.people]
            over = max(s.ends_at for s in held if s.ends_at < now)
            _note(stage, corvane, row, over - timedelta(hours=row["before_handover"]))


def tell(stage: Stage, corvane: Corvane, now: datetime) -> None:
    """Lay out everything else, in the hours before now."""
    told = table("duties")
    for row in told["note"]:
        if "ago" in row:
            _note(stage, corvane, row, now - timedelta(hours=row["ago"]))
    stage.at(now - timedelta(hours=9), lambda: _own(stage, corvane))
    stage.at(now - timedelta(hours=7), lambda: _certify(stage, corvane))
    for hours, row in enumerate(told["swap"], 3):
        stage.at(now - timedelta(hours=hours), lambda r=row: _offer(stage, corvane, r))


def _note(stage: Stage, corvane: Corvane, row: dict[str, Any], at: datetime) -> None:
    stage.at(
        at, lambda: handoff.add_note(corvane.act(row["person"], stage.now), row["schedule"], row["text"])
    )


def _own(stage: Stage, corvane: Corvane) -> None:
    """What people say of themselves."""
    told, now = table("duties"), stage.now
    for row in told["absence"]:
        act = corvane.act(row["person"], now)
        tz = zone(models.Person.objects.get(id=act.person).timezone)
        today = wall(now, tz).date()
        monday = today - today.weekday() * DAY
        starts, ends = (
            instant(datetime.combine(monday + n * DAY, time(0)), tz) for n in (row["days"], row["until"])
        )
        absences.add(act, act.person, starts, ends, row["reason"])
    for row in told["quiet"]:
        act = corvane.act(row["person"], now)
        quiet_hours.put(act, act.person, row["from"], row["until"], range(7))
    for row in told["calendar"]:
        calendars.create(corvane.act(corvane.first, now), row["kind"], row["subject"], row["name"])


def _certify(stage: Stage, corvane: Corvane) -> None:
    """Certifications last two years; who trains next is planned."""
    told, now = table("duties"), stage.now
    admin = corvane.act(corvane.first, now)
    for row in told["certified"]:
        for name, days in row["people"].items():
            since = now - days * DAY
            competence.certify(
                admin, corvane.people[name], row["role"], certified_at=since, expires_at=since + 730 * DAY,
                note=row["note"],
            )  # fmt: skip
    for row in told["planned"]:
        competence.plan(
            admin, corvane.people[row["person"]], row["role"], now + row["days"] * DAY, row["note"]
        )


def _offer(stage: Stage, corvane: Corvane, row: dict[str, Any]) -> None:
    """The next shift of one, offered to another, perhaps for the first of theirs behind it."""
    giver, other, now = corvane.people[row["giver"]], corvane.people[row["other"]], stage.now
    ahead = [s for s in _shifts(row["schedule"], now, AHEAD) if s.starts_at > now + DAY and _is_week(s)]
    given = next(s for s in ahead if giver in s.people)
    back = None
    if row.get("in_return"):
        theirs = next(s for s in ahead if other in s.people and s.starts_at > given.ends_at)
        back = (row["schedule"], theirs.starts_at, theirs.ends_at)
    wish = swaps.Wish(row["schedule"], giver, given.starts_at, given.ends_at, other, back, row["reason"])
    swaps.offer(corvane.act(giver, now), wish)


def _is_week(shift: Shift) -> bool:
    """Not a piece that an override has left of one."""
    return shift.ends_at - shift.starts_at > 6 * DAY


def _shifts(schedule: str, start: datetime, span: timedelta) -> list[Shift]:
    return list(shifts(schedule_from(schedules.find(schedule)), start, start + span))
