"""Standing in for somebody on call: overrides, added and taken back, each audited.

The past stays answerable: what has begun is ended, not removed, and what is over cannot be changed.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db.models import F

from quarterdeck.core.kernel.moments import text
from quarterdeck.core.kernel.refused import Refused, bad, missing
from quarterdeck.core.kernel.text import line
from quarterdeck.store import log, models, tx
from quarterdeck.store.ids import new_id

from .act import Act, need

LONGEST = timedelta(days=366)
# Whoever takes over "from now" sends a time that has passed when it arrives.
LENIENCE = timedelta(minutes=5)


def add_override(
    act: Act, schedule_id: str, person_id: str, starts_at: datetime, ends_at: datetime, reason: str = ""
) -> models.Override:
    """`person_id` is on call in the schedule (id or key) instead of whoever its layers name, until `ends_at`."""
    need(act, "schedule.edit")
    _check_times(starts_at, ends_at, act.at)
    with tx.write("engine", "web"):
        schedule = find(schedule_id, lock=True)
        person = models.Person.objects.filter(id=person_id, is_active=True).first()
        if person is None:
            raise bad(
                "person.unknown",
                "There is no such active person. Choose one from the list.",
                person="unknown person",
            )
        row = models.Override.objects.create(
            id=new_id(), schedule=schedule, person=person, starts_at=starts_at, ends_at=ends_at,
            reason=line(reason, 300), created_by=act.person, created_at=act.at,
        )  # fmt: skip
        models.Schedule.objects.filter(id=schedule.id).update(version=F("version") + 1)
        told = {
            "override": row.id, "schedule": schedule.id, "person": person.id, "starts_at": text(starts_at),
            "ends_at": text(ends_at), "reason": row.reason,
        }  # fmt: skip
        log.audit("OverrideAdded", told, at=act.at, actor=act.person)
    return row


def remove_override(act: Act, override_id: str) -> None:
    """Take an override back: one that has not begun is gone, a running one ends now. Twice changes nothing."""
    need(act, "schedule.edit")
    with tx.write("engine", "web"):
        row = models.Override.objects.select_for_update().filter(id=override_id).first()
        if row is None:
            raise missing("override.unknown", "There is no such override. Reload the schedule.")
        if row.removed_at is not None:
            return
        if row.ends_at <= act.at:
            raise Refused(
                "override.over", "This override is over, and the past stays as it was. Add a new one."
            )
        if row.starts_at > act.at:
            models.Override.objects.filter(id=row.id).update(removed_at=act.at)
        else:
            models.Override.objects.filter(id=row.id).update(ends_at=act.at)
        models.Schedule.objects.filter(id=row.schedule_id).update(version=F("version") + 1)
        told = {
            "override": row.id,
            "schedule": row.schedule_id,
            "person": row.person_id,
            "ended_at": text(act.at),
        }
        log.audit("OverrideRemoved", told, at=act.at, actor=act.person)


def find(schedule: str, *, lock: bool = False) -> models.Schedule:
    """A schedule by id or key. Whoever changes it or its layers locks it: layers are ended and followed in turn."""
    rows = models.Schedule.objects
    if lock:
        rows = rows.select_for_update(of=("self",))
    found = rows.filter(id=schedule).first() or rows.filter(key=schedule).first()
    if found is None:
        raise missing("schedule.unknown", "There is no such schedule. Look it up in the list of schedules.")
    return found


def _check_times(starts_at: datetime, ends_at: datetime, now: datetime) -> None:
    if ends_at <= starts_at:
        raise bad(
            "override.times",
            "This override ends before it starts. Choose a later end.",
            ends_at="before the start",
        )
    if starts_at < now - LENIENCE:
        raise bad(
            "override.past",
            "Who was on call cannot be changed afterwards. Start now or later.",
            starts_at="past",
        )
    if ends_at - starts_at > LONGEST:
        raise bad(
            "override.long",
            "An override lasts at most a year. Change the layers instead.",
            ends_at="too late",
        )
