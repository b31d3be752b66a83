"""Standing in for somebody on call: overrides, added and taken back, each audited.

The past stays answerable: what has begun is ended, not removed, and what is over cannot be changed.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db.models import F

from quarterdeck.core.kernel.moments import text
from quarterdeck.core.kernel.refused import Refused, bad, missing
from quarterdeck.core.kernel.text import line
from quarterdeck.core.oncall import Override
from quarterdeck.core.oncall.check import check_override
from quarterdeck.core.oncall.data import override_data
from quarterdeck.core.oncall.schedule import Effect
from quarterdeck.core.oncall.taking import take_now
from quarterdeck.store import log, models, tx
from quarterdeck.store.ids import new_id

from ..act import Act, need
from ..paging.directory import Directory, must_be_active, schedule_from
from ..people import competence
from . import duty_notes

LONGEST = timedelta(days=366)
# Whoever takes over "from now" sends a time that has passed when it arrives.
LENIENCE = timedelta(minutes=5)


def add_override(
    act: Act,
    schedule_id: str,
    person_id: str,
    starts_at: datetime,
    ends_at: datetime,
    reason: str = "",
    *,
    effect: Effect = "all",
    instead_of: str = "",
) -> models.Override:
    """`person_id` is on call in the schedule (id or key) from `starts_at` until `ends_at`: instead of everybody, of one
    (`instead_of`) or in addition; or, with the effect "remove", is not.
    """
    need(act, "schedule.edit")
    _check_times(starts_at, ends_at, act.at)
    with tx.write("engine", "web"):
        schedule = find(schedule_id, lock=True)
        must_be_active(person_id, "person")
        wanted = Override(
            new_id(), person_id, starts_at, ends_at, line(reason, 300), effect,
            instead_of if effect == "one" else "",
        )  # fmt: skip
        check_override(wanted)
        if wanted.instead_of and not models.Person.objects.filter(id=wanted.instead_of).exists():
            raise bad("person.unknown", "There is no such person to replace. Choose one from the list.",
                      instead_of="unknown person")  # fmt: skip
        return put(act, schedule, wanted)


def take(
    act: Act, schedule_id: str, *, instead_of: str = "", until: datetime | None = None, reason: str = ""
) -> models.Override:
    """Whoever acts takes the shift that runs now, of one of several (`instead_of`) or of the first, until it ends."""
    need(act, "schedule.edit")
    if until is not None and until - act.at > LONGEST:
        raise _too_long()
    with tx.write("engine", "web"):
        schedule = find(schedule_id, lock=True)
        must_be_active(act.person, "person")
        wanted = take_now(
            schedule_from(schedule), act.person, act.at, new_id(),
            instead_of=instead_of, until=until, reason=line(reason, 300),
        )  # fmt: skip
        row = put(act, schedule, wanted)
        if wanted.instead_of:
            who = Directory(act.at).name(act.person)
            duty_notes.tell(
                [wanted.instead_of], f"{who} has taken your shift in {schedule.name}",
                f"{who} is on call in {schedule.name} in your place until {duty_notes.said(wanted.ends_at)}."
                + (f"\n\n{wanted.reason}" if wanted.reason else ""),
                f"/on-call/schedules/{schedule.key}", act.at,
            )  # fmt: skip
        return row


def put(act: Act, schedule: models.Schedule, wanted: Override) -> models.Override:
    """Keep an override, inside the caller's transaction, which holds the schedule and has checked everything but
    whether the installation lets this person command.
    """
    if wanted.effect != "remove":
        competence.may_be_rostered(schedule.id, {wanted.person}, act.at)
    row = models.Override.objects.create(
        id=wanted.id, schedule=schedule, person_id=wanted.person, starts_at=wanted.starts_at,
        ends_at=wanted.ends_at, reason=wanted.reason, created_by=act.person, created_at=act.at,
        effect=wanted.effect, instead_of=wanted.instead_of, swap_id=wanted.swap,
    )  # fmt: skip
    models.Schedule.objects.filter(id=schedule.id).update(version=F("version") + 1)
    told = {"override": row.id, "schedule": schedule.id} | {
        k: v for k, v in override_data(wanted).items() if k != "id"
    }
    log.audit("OverrideAdded", told, at=act.at, actor=act.person)
    return row


def remove_override(act: Act, override_id: str) -> models.Override:
    """Take an override back: one that has not begun is gone, a running one ends now. Twice changes nothing."""
    need(act, "schedule.edit")
    with tx.write("engine", "web"):
        row = models.Override.objects.select_for_update().filter(id=override_id).first()
        if row is None:
            raise missing("override.unknown", "There is no such override. Reload the schedule.")
        if row.removed_at is not None:
            return row
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
    return row


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
        raise _too_long()


def _too_long() -> Refused:
    text = "An override lasts at most a year. Change the layers instead."
    return bad("override.long", text, ends_at="too late")
