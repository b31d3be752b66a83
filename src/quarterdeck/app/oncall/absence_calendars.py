"""Absences out of a person's own calendar: from a file, or from an address that the engine asks about once an hour.

Every event that blocks time is an absence; its title is not kept. Each reading takes the place of the one before as a
whole, the past stays, and where a reading fails the last good one counts on.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.db.models import F, Q, QuerySet

from quarterdeck.channels.safe_http import SafeClient
from quarterdeck.core.kernel.moments import text
from quarterdeck.core.kernel.refused import Refused, bad, missing
from quarterdeck.core.kernel.text import line
from quarterdeck.intake.ical import Event, Fault, read
from quarterdeck.store import log, models, tx
from quarterdeck.store.ids import new_id

from ..act import Act, need, need_own
from .absences import TAKEN_BACK

EVERY = timedelta(hours=1)
AHEAD = timedelta(days=400)
MOST = 5
MOST_ABSENCES = 500
AT_ONCE = 10


@dataclass(frozen=True, slots=True)
class Taken:
    """What a reading changed, and what of the file could not be read."""

    calendar: models.AbsenceCalendar
    added: int
    changed: int
    ended: int
    faults: tuple[Fault, ...] = ()


def upload(act: Act, person_id: str, data: bytes, name: str = "") -> Taken:
    """The absences of a file. A file of the same name takes the place of the one before."""
    _allowed(act, person_id)
    reading = read(data, zone_of(person_id), act.at, act.at + AHEAD)
    name = line(name, 120) or reading.name or "Uploaded calendar"
    with tx.write("engine", "web"):
        tx.lock(f"absence calendars {person_id}")
        row = standing(person_id).filter(name=name, url="").first()
        if row is None:
            row = _made(act, person_id, name, "")
        taken = _take(row, reading.events, act.at, act.person)
        models.AbsenceCalendar.objects.filter(id=row.id).update(read_at=act.at, tried_at=act.at)
    return Taken(taken.calendar, taken.added, taken.changed, taken.ended, tuple(reading.faults))


def subscribe(act: Act, person_id: str, url: str, name: str = "") -> models.AbsenceCalendar:
    """An address that is asked once an hour from now on. Refuses one that nothing may be fetched from."""
    _allowed(act, person_id)
    url = line(url, 2000).strip()
    if url.lower().startswith("webcal://"):
        url = f"https://{url[9:]}"
    SafeClient(allow=settings.QUARTERDECK_ALLOW_TARGETS).check(url)
    with tx.write("engine", "web"):
        tx.lock(f"absence calendars {person_id}")
        if any(row.url == url for row in standing(person_id)):
            raise Refused("calendar.exists", "This address is there already. Remove it first to begin anew.")
        return _made(act, person_id, line(name, 120) or "Subscribed calendar", url)


def remove(act: Act, calendar_id: str) -> None:
    """Forget a calendar: absences to come are gone, one that runs ends now, what was stays. Twice changes nothing."""
    need(act, "schedule.read")
    with tx.write("engine", "web"):
        row = models.AbsenceCalendar.objects.select_for_update().filter(id=calendar_id).first()
        if row is None:
            raise missing("calendar.unknown", "There is no such calendar. Reload the page.")
        need_own(act, row.person_id)
        if row.removed_at is None:
            _take(row, (), act.at, act.person)
            models.AbsenceCalendar.objects.filter(id=row.id).update(removed_at=act.at, url="")
            told = {"calendar": row.id, "person": row.person_id, "name": row.name}
            log.audit("AbsenceCalendarRemoved", told, at=act.at, actor=act.person)


def standing(person: str) -> QuerySet[models.AbsenceCalendar]:
    return models.AbsenceCalendar.objects.filter(person_id=person, removed_at=None)


def claim(now: datetime) -> list[models.AbsenceCalendar]:
    """The subscribed calendars whose hour has come; nobody else is handed them before the next."""
    due = Q(tried_at=None) | Q(tried_at__lte=now - EVERY)
    rows = models.AbsenceCalendar.objects.filter(due, removed_at=None, person__is_active=True).exclude(url="")
    found = []
    for row in rows.select_related("person").order_by(F("tried_at").asc(nulls_first=True))[:AT_ONCE]:
        mine = models.AbsenceCalendar.objects.filter(due, id=row.id, removed_at=None)
        if mine.update(tried_at=now):
            found.append(row)
    return found


def keep(calendar_id: str, events: Sequence[Event] | None, marks: tuple[str, str], now: datetime) -> None:
    """A reading that went well; None: nothing has changed since the last. The failure before it is forgotten."""
    with tx.write("engine", "web"):
        row = (
            models.AbsenceCalendar.objects.select_for_update().filter(id=calendar_id, removed_at=None).first()
        )
        if row is None:
            return
        if events is not None:
            _take(row, events, now, "engine")
        etag, last_modified = marks
        models.AbsenceCalendar.objects.filter(id=row.id).update(
            read_at=now, failure="", etag=etag[:200], last_modified=last_modified[:100]
        )


def fail(calendar_id: str, why: str) -> None:
    """A reading that failed: its words are shown to the person, and what was read before counts on."""
    models.AbsenceCalendar.objects.filter(id=calendar_id).update(failure=line(why, 300))


def zone_of(person_id: str) -> str:
    found = models.Person.objects.filter(id=person_id).values_list("timezone", flat=True).first()
    return found or "UTC"


def _allowed(act: Act, person_id: str) -> None:
    need(act, "schedule.read")
    need_own(act, person_id)
    if not models.Person.objects.filter(id=person_id, is_active=True).exists():
        raise bad(
            "person.unknown", "There is no such active person. Choose one from the list.", person="unknown"
        )


def _made(act: Act, person_id: str, name: str, url: str) -> models.AbsenceCalendar:
    if standing(person_id).count() >= MOST:
        raise Refused("calendar.many", f"There are {MOST} calendars already. Remove one first.")
    row = models.AbsenceCalendar.objects.create(
        id=new_id(), person_id=person_id, name=name, url=url, created_at=act.at
    )
    told = {"calendar": row.id, "person": person_id, "name": name, "subscribed": bool(url)}
    log.audit("AbsenceCalendarAdded", told, at=act.at, actor=act.person)
    return row


def _take(row: models.AbsenceCalendar, events: Sequence[Event], now: datetime, actor: str) -> Taken:
    """Inside the caller's transaction: what the calendar says now, in place of what it said before."""
    refused = models.Absence.objects.filter(calendar_id=row.id, source_ref__startswith=TAKEN_BACK)
    back = {ref.removeprefix(TAKEN_BACK) for ref in refused.values_list("source_ref", flat=True)}
    wanted = {e.ref: e for e in events if e.busy and e.ends_at > now and e.ref not in back}
    if len(wanted) > MOST_ABSENCES:
        text_ = (
            f"This calendar has more than {MOST_ABSENCES} absences ahead. Use one that holds only absences."
        )
        raise bad("ical.many", text_)
    known = {
        a.source_ref: a
        for a in models.Absence.objects.filter(calendar_id=row.id, removed_at=None, ends_at__gt=now)
    }
    added = [_absence(row, e, now, actor) for ref, e in wanted.items() if ref not in known]
    models.Absence.objects.bulk_create(added)
    changed = sum(_moved(known[ref], e, now) for ref, e in wanted.items() if ref in known)
    gone = [a for ref, a in known.items() if ref not in wanted]
    for absence in gone:
        change = {"removed_at": now} if absence.starts_at > now else {"ends_at": now}
        models.Absence.objects.filter(id=absence.id).update(**change)
    if added or changed or gone:
        told = {
            "calendar": row.id, "person": row.person_id, "added": len(added), "changed": changed,
            "ended": len(gone), "at": text(now),
        }  # fmt: skip
        log.audit("AbsencesRead", told, at=now, actor=actor)
    return Taken(row, len(added), changed, len(gone))


def _absence(row: models.AbsenceCalendar, e: Event, now: datetime, actor: str) -> models.Absence:
    return models.Absence(
        id=new_id(), person_id=row.person_id, starts_at=max(e.starts_at, now), ends_at=e.ends_at,
        reason=f"calendar: {row.name}", created_by=actor, created_at=now, calendar_id=row.id, source_ref=e.ref,
    )  # fmt: skip


def _moved(a: models.Absence, e: Event, now: datetime) -> bool:
    """An absence that runs keeps its start: what has been stays."""
    starts = a.starts_at if a.starts_at <= now else max(e.starts_at, now)
    if (a.starts_at, a.ends_at) == (starts, e.ends_at):
        return False
    models.Absence.objects.filter(id=a.id).update(starts_at=starts, ends_at=e.ends_at)
    return True
