"""Who is away and when: said by themselves or by who may change people, audited. Says which shifts it hits.

The past stays answerable: what has begun is ended, not removed.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from quarterdeck.core.kernel.moments import text
from quarterdeck.core.kernel.refused import Refused, bad, missing
from quarterdeck.core.kernel.text import line
from quarterdeck.core.oncall import Shift, shifts
from quarterdeck.store import log, models, tx
from quarterdeck.store.ids import new_id

from ..act import Act, need, need_own
from ..paging.directory import must_be_active, people_of, schedule_from
from .schedules import LENIENCE

LONGEST = timedelta(days=731)
MOST = 200
HITS_AHEAD = timedelta(days=183)
TAKEN_BACK = "-"  # before the name of an absence in its calendar


@dataclass(frozen=True, slots=True)
class Hit:
    """A shift that falls into an absence and stays with who is away."""

    schedule: models.Schedule
    shift: Shift


def add(act: Act, person_id: str, starts_at: datetime, ends_at: datetime, reason: str = "") -> models.Absence:
    """`person_id` is away. Layers that pass the absent over do so from now on; others warn."""
    need(act, "schedule.read")
    need_own(act, person_id)
    if ends_at <= starts_at:
        text_ = "This absence ends before it starts. Choose a later end."
        raise bad("absence.times", text_, ends_at=text_)
    if starts_at < act.at - LENIENCE:
        text_ = "What has been cannot be changed. Start now or later."
        raise bad("absence.past", text_, starts_at=text_)
    if ends_at - starts_at > LONGEST:
        text_ = "An absence lasts at most two years. Disable the account instead."
        raise bad("absence.long", text_, ends_at=text_)
    with tx.write("engine", "web"):
        must_be_active(person_id, "person")
        if standing(act.at, [person_id]).count() >= MOST:
            raise bad("absence.many", f"Nobody needs more than {MOST} absences ahead. Take some back.")
        row = models.Absence.objects.create(
            id=new_id(), person_id=person_id, starts_at=starts_at, ends_at=ends_at, reason=line(reason, 300),
            created_by=act.person, created_at=act.at,
        )  # fmt: skip
        log.audit("AbsenceAdded", _told(row), at=act.at, actor=act.person)
    return row


def remove(act: Act, absence_id: str) -> None:
    """Take one back: one that has not begun is gone, a running one ends now. Twice changes nothing."""
    need(act, "schedule.read")
    with tx.write("engine", "web"):
        row = models.Absence.objects.select_for_update().filter(id=absence_id).first()
        if row is None:
            raise missing("absence.unknown", "There is no such absence. Reload the page.")
        need_own(act, row.person_id)
        if row.removed_at is not None:
            return
        if row.ends_at <= act.at:
            raise Refused("absence.over", "This absence is over, and the past stays as it was.")
        change: dict[str, object] = {"removed_at": act.at} if row.starts_at > act.at else {"ends_at": act.at}
        if row.calendar_id:
            # The calendar it came from does not bring it back.
            change["source_ref"] = f"{TAKEN_BACK}{row.source_ref}"[:300]
        models.Absence.objects.filter(id=row.id).update(**change)
        log.audit("AbsenceRemoved", _told(row), at=act.at, actor=act.person)


def standing(now: datetime, people: Iterable[str] | None = None) -> models.models.QuerySet[models.Absence]:
    """Those that run or are to come, the next first; of everybody or of these."""
    rows = models.Absence.objects.filter(removed_at=None, ends_at__gt=now)
    return rows if people is None else rows.filter(person_id__in=people)


def hits(person_id: str, starts_at: datetime, ends_at: datetime) -> list[Hit]:
    """The shifts of a person, over all schedules, that fall into this time, by start; of its first half year."""
    until = min(ends_at, starts_at + HITS_AHEAD)
    found = []
    for row in models.Schedule.objects.prefetch_related("layers", "overrides"):
        core = schedule_from(row)
        if person_id in people_of(core):
            found += [Hit(row, s) for s in shifts(core, starts_at, until) if person_id in s.people]
    return sorted(found, key=lambda h: (h.shift.starts_at, h.schedule.name))


def _told(row: models.Absence) -> dict[str, str]:
    return {
        "absence": row.id, "person": row.person_id, "starts_at": text(row.starts_at),
        "ends_at": text(row.ends_at), "reason": row.reason,
    }  # fmt: skip
