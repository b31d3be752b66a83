"""The monthly rehearsal: whoever is on call gets a test page over every contact, and confirms each with one tap.

Only in working hours of their zone, never at night and never while away. It wakes nobody and counts as no call.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from quarterdeck.channels import channels
from quarterdeck.core.kernel.refused import Refused, bad, missing
from quarterdeck.core.oncall import shifts
from quarterdeck.core.oncall.rehearsal import EARLIEST, LATEST, is_working, next_working, slot
from quarterdeck.core.oncall.wall import wall, zone
from quarterdeck.store import log, models, tx
from quarterdeck.store.ids import new_id

from .. import due
from ..act import Act, need
from ..oncall import duty_notes
from .callouts import Request, call
from .directory import Directory, absences_of, schedule_from

KIND = "rehearsal"
PATIENCE = timedelta(hours=48)
# The link of one that was not confirmed works on: late is better than never.
GOOD_FOR = timedelta(days=14)
AHEAD = timedelta(days=31)
MOST_POSTPONED, LONGEST_DAYS = 2, 7
PAGE = "/settings/me#rehearsal"


@dataclass(frozen=True, slots=True)
class Open:
    """A rehearsal that was not confirmed in time."""

    person: models.Person
    sent_at: datetime
    reached: bool
    ways: tuple[str, ...] = ()  # the contacts that were not confirmed, by what they are called


@dataclass(frozen=True, slots=True)
class Tried:
    """One contact of a rehearsal: `way` is what it is called, `callout` its page."""

    contact: str
    way: str
    callout: models.Callout


def is_on() -> bool:
    """Whether this installation rehearses. It does not until an administrator says so."""
    row = models.Preference.objects.filter(name=KIND).first()
    return row is not None and bool(row.value.get("on"))


def switch(act: Act, on: bool) -> None:
    """Rehearse every month from now on, or no longer; what is planned then does not take place."""
    need(act, "settings.edit")
    with tx.write("engine", "web"):
        if is_on() != on:
            models.Preference.objects.update_or_create(name=KIND, defaults={"value": {"on": on}})
            log.audit("RehearsalsSwitched", {"on": on}, at=act.at, actor=act.person)


def postpone(act: Act, days: int) -> models.Rehearsal:
    """One's own, by up to a week and twice a month."""
    if not 1 <= days <= LONGEST_DAYS:
        raise bad("rehearsal.days", "Postpone it by 1 to 7 days.", days="out of range")
    with tx.write("engine", "web"):
        rows = models.Rehearsal.objects.select_for_update().filter(person_id=act.person, sent_at=None)
        row = rows.order_by("-due_at").first()
        if row is None:
            raise missing("rehearsal.none", "No rehearsal of yours is ahead.")
        if row.postponed >= MOST_POSTPONED:
            text = "This rehearsal was postponed twice already. It takes less than a minute."
            raise Refused("rehearsal.often", text, kind="conflict")
        wanted = max(row.due_at, act.at) + timedelta(days=days)
        at = _free(row.person, wanted)
        models.Rehearsal.objects.filter(id=row.id).update(due_at=at, postponed=row.postponed + 1)
        due.rearm(KIND, row.id, at, act.at)
        log.audit("RehearsalPostponed", {"person": act.person, "days": days}, at=act.at, actor=act.person)
    return models.Rehearsal.objects.get(id=row.id)


def newest(person_id: str) -> models.Rehearsal | None:
    return models.Rehearsal.objects.filter(person_id=person_id).order_by("-month").first()


def asked(row: models.Rehearsal) -> list[models.Callout]:
    """The pages of one rehearsal, one for each contact: all of them were made in the instant it was sent."""
    if row.sent_at is None:
        return []
    return list(
        models.Callout.objects.filter(created_at=row.sent_at, person_id=row.person_id, kind=KIND).order_by(
            "id"
        )
    )


def tried(row: models.Rehearsal) -> list[Tried]:
    """Each contact of one rehearsal with its page, in the order in which they were tried."""
    callouts = asked(row)
    sent = models.Delivery.objects.filter(callout_id__in=[c.id for c in callouts]).order_by("id")
    ways = {d.callout_id: d for d in sent.only("callout_id", "contact_id", "channel")}
    labels = dict(models.ContactMethod.objects.filter(person_id=row.person_id).values_list("id", "label"))
    return [
        Tried(d.contact_id, _called(d.channel, labels.get(d.contact_id, "")), c)
        for c in callouts
        if (d := ways.get(c.id)) is not None
    ]


def _called(kind: str, label: str) -> str:
    module = channels().get(kind)
    name = str(module.NAME) if module is not None else kind
    return f"{name}, {label}" if label else name


def confirmed_at(row: models.Rehearsal) -> datetime | None:
    """When the last contact was confirmed; None while one is not."""
    found = [c.acknowledged_at for c in asked(row)]
    known = [at for at in found if at is not None]
    return max(known) if known and len(known) == len(found) else None


def unconfirmed(now: datetime) -> list[Open]:
    """Whose newest rehearsal was sent two days ago or longer and is not confirmed for every contact, by name."""
    if not is_on():
        return []
    rows = (
        models.Rehearsal.objects.select_related("person").filter(person__is_active=True).exclude(sent_at=None)
    )
    latest = {r.person_id: r for r in rows.filter(sent_at__gt=now - timedelta(days=62)).order_by("sent_at")}
    late = [r for r in latest.values() if r.sent_at is not None and now - r.sent_at >= PATIENCE]
    found = []
    for r in sorted(late, key=lambda r: r.person.name):
        open_ = [c for c in asked(r) if c.acknowledged_at is None]
        if r.sent_at is not None and (open_ or not asked(r)):
            ids = {c.id for c in open_}
            ways = tuple(t.way for t in tried(r) if t.callout.id in ids)
            reached = any(c.state != "unreachable" for c in asked(r))
            found.append(Open(r.person, r.sent_at, reached, ways))
    return found


class Monthly:
    """A chore: called once a minute, it looks when it is started and every hour after."""

    EVERY = timedelta(hours=1)

    def __init__(self) -> None:
        self._due: datetime | None = None

    def __call__(self, now: datetime) -> None:
        if self._due is None or now >= self._due:
            plan(now)
            self._due = now + self.EVERY


def plan(now: datetime) -> int:
    """Set the timers of this month for everybody who is on call within a month and has none; how many."""
    if not is_on():
        return 0
    people = _on_call(now)
    months = {p.id: wall(now, zone(p.timezone)).date().replace(day=1) for p in people}
    known = set(
        models.Rehearsal.objects.filter(
            person__in=people, created_at__gt=now - timedelta(days=70)
        ).values_list("person_id", "month")
    )
    new = [p for p in people if (p.id, f"{months[p.id]:%Y-%m}") not in known]
    made = 0
    for person in new:
        month = months[person.id]
        at = _free(person, max(slot(person.id, month, person.timezone), now + timedelta(minutes=1)))
        if wall(at, zone(person.timezone)).month != month.month:
            continue  # too late in the month: the next one comes soon
        with tx.write("engine"):
            tx.lock("rehearsals")
            row, created = models.Rehearsal.objects.get_or_create(
                person=person,
                month=f"{month:%Y-%m}",
                defaults={"due_at": at, "created_at": now, "id": new_id()},
            )
            if created:
                due.arm(KIND, row.id, at, now)
                made += 1
    return made


def fire(ref: str, directory: Directory) -> None:
    """Its timer: the page, and two days later a reminder where it was not confirmed (T1)."""
    now = directory.now
    row = models.Rehearsal.objects.select_related("person").filter(id=ref).first()
    if row is None or not row.person.is_active or not is_on():
        return
    if row.sent_at is not None:
        _remind(row, now)
        return
    at = _free(row.person, now)
    if at > now or not is_working(now, row.person.timezone):
        # The engine was away when it was due, or the person is now.
        models.Rehearsal.objects.filter(id=row.id).update(due_at=at)
        due.arm(KIND, row.id, at, now)
        return
    # A page of its own for each: what one contact confirms says nothing of another.
    known = [c for c in directory.contacts(row.person_id).values() if not c.disabled]
    asked_by = [((c.id,), f" ({_called(c.kind, c.label)})") for c in known] or [((), "")]
    made = [
        call(
            Request(
                person=row.person_id, kind=KIND, subject=f"Rehearsal: does this reach you?{way}", only=only,
                reason="Once a month every contact is tried. Nothing is wrong: confirm it here, and that is all",
                expires_at=now + GOOD_FOR, link_label="It has reached me",
            ),
            directory,
        )
        for only, way in asked_by
    ]  # fmt: skip
    models.Rehearsal.objects.filter(id=row.id).update(sent_at=now, callout_id=made[0].id)
    due.arm(KIND, row.id, now + PATIENCE, now)


def _remind(row: models.Rehearsal, now: datetime) -> None:
    if row.reminded_at is not None or confirmed_at(row) is not None:
        return
    models.Rehearsal.objects.filter(id=row.id).update(reminded_at=now)
    open_ = [t.way for t in tried(row) if t.callout.acknowledged_at is None]
    text = (
        f"Two days ago a test page went out over every contact of yours. Not confirmed: {'; '.join(open_) or 'all'}."
        " If it never came there, look at that contact: a real page would not come either."
    )
    at = next_working(now, row.person.timezone)
    duty_notes.tell(
        [row.person_id], "Rehearsal not confirmed", text, f"/callouts/{row.callout_id}", now,
        key=f"rehearsal/{row.id}", send_at=at,
    )  # fmt: skip


def _free(person: models.Person, at: datetime) -> datetime:
    """The first working time from then on at which the person is not away; its clock stays where it can."""
    away = [(a.starts_at, a.ends_at) for a in absences_of([person.id])]
    shown = wall(at, zone(person.timezone)).time()
    clock = shown if EARLIEST <= shown < LATEST else EARLIEST
    return next_working(at, person.timezone, away, clock)


def _on_call(now: datetime) -> Sequence[models.Person]:
    rows = models.Schedule.objects.prefetch_related("layers", "overrides")
    ids = {p for row in rows for s in shifts(schedule_from(row), now, now + AHEAD) for p in s.people}
    return list(models.Person.objects.filter(id__in=ids, is_active=True))
