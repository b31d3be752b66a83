"""Handing a shift over: who comes is told ahead and gets a summary, who goes is asked for notes, a digest every week.

Messages, never pages; nobody is written to at night who has not asked for it. Each goes out once, however many engines
look: its key says which change of which schedule it is about.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, time, timedelta

from quarterdeck.core.kernel.refused import bad, forbidden
from quarterdeck.core.kernel.text import clean, counted, line
from quarterdeck.core.oncall.hours import NIGHT, Home, is_night
from quarterdeck.core.oncall.wall import instant, wall, zone
from quarterdeck.store import log, models, tx
from quarterdeck.store.ids import new_id

from ..act import Act, need, need_own
from ..paging.directory import Directory, people_of, schedule_from
from ..people.people import find as find_person
from . import coverage, duty_notes, shift_summary
from .duty_rows import manages
from .schedules import find
from .shift_summary import NOTES_AFTER, Span, Summary

LONGEST_LEAD = timedelta(hours=24)
# An engine that was away tells nobody of a change that is older than this.
LATE = timedelta(hours=2)
# Digests go out on Mondays in the morning of the schedule's zone.
DIGEST_FROM, DIGEST_UNTIL = time(8), time(18)
NOTE_LENGTH = 4000


def set_wish(
    act: Act, person_id: str, *, start: bool, end: bool, digest: bool, lead_minutes: int, at_night: bool
) -> models.DutyWish:
    """What somebody wants to be told about their shifts, and how long ahead."""
    need_own(act, person_id)
    if not 0 <= lead_minutes <= LONGEST_LEAD // timedelta(minutes=1):
        raise bad("wish.lead", "You are told at most 24 hours ahead.", lead_minutes="out of range")
    kept = {"start": start, "end": end, "digest": digest, "lead_minutes": lead_minutes, "at_night": at_night}
    with tx.write("web"):
        row, _ = models.DutyWish.objects.update_or_create(
            person=find_person(person_id, lock=True), defaults=kept
        )
        log.audit("ShiftMessagesSet", {"person": person_id, "after": kept}, at=act.at, actor=act.person)
    return row


def wish(person_id: str) -> models.DutyWish:
    """A person's wishes; without any, what is usual."""
    return models.DutyWish.objects.filter(person_id=person_id).first() or models.DutyWish(person_id=person_id)


def add_note(act: Act, schedule: str, text: str) -> models.ShiftNote:
    """Leave something to whoever comes next: by whoever is on call, until two hours after, and by managers."""
    need(act, "alert.read")
    text = clean(text, NOTE_LENGTH).strip()
    if not text:
        raise bad("note.empty", "Write what the next one should know.", text="missing")
    with tx.write("engine", "web"):
        row = find(schedule)
        mine = _held(act, row)
        if not mine and not manages(act, [row]):
            raise forbidden(
                "note.not_yours",
                "Notes are left by who is on call, until two hours after. Tell whoever is on call now.",
            )
        ends = mine[-1].ends_at if mine else None
        note = models.ShiftNote.objects.create(
            id=new_id(), schedule=row, author_id=act.person, text=text, at=act.at,
            shift_ends_at=ends if ends is not None and ends <= act.at else None,
        )  # fmt: skip
        log.audit("ShiftNoteWritten", {"schedule": row.id, "note": note.id}, at=act.at, actor=act.person)
        if note.shift_ends_at is not None:
            # Who came has the summary already.
            _, here = shift_summary.running(row, act.at)
            name = Directory(act.at).name(act.person)
            others = [p for p in (here.people if here else ()) if p != act.person]
            duty_notes.tell(
                others,
                f"A note about the shift before: {row.name}",
                f"{name} writes:\n\n{text}",
                _path(row),
                act.at,
            )
    return note


def may_note(act: Act, row: models.Schedule) -> bool:
    return bool(_held(act, row)) or manages(act, [row])


def _held(act: Act, row: models.Schedule) -> list[Span]:
    """The shifts of whoever acts that run, or ended within the time for notes."""
    lately = shift_summary.spans(row, act.at - NOTES_AFTER, act.at + timedelta(days=1))
    return [s for s in lately if act.person in s.people and s.starts_at <= act.at]


def look(now: datetime) -> int:
    """Write the messages that are due about every change of shifts, once each; how many."""
    made, wishes = 0, _Wishes()
    for row in models.Schedule.objects.select_related("team").prefetch_related("layers", "overrides"):
        for before, after in shift_summary.changes(row, now - LATE, now + LONGEST_LEAD + timedelta(hours=12)):
            made += _change(row, before, after, now, wishes)
        made += _digest(row, now, wishes)
    return made


class _Wishes:
    """What everybody wants to be told, read once: there are many schedules, and this is asked every minute."""

    def __init__(self) -> None:
        self._rows = {w.person_id: w for w in models.DutyWish.objects.all()}

    def of(self, person_id: str) -> models.DutyWish:
        return self._rows.get(person_id) or models.DutyWish(person_id=person_id)


def _change(row: models.Schedule, before: Span, after: Span, now: datetime, wishes: _Wishes) -> int:
    comes = [p for p in after.people if p not in before.people]
    goes = [p for p in before.people if p not in after.people]
    key, made = f"handoff/{row.id}/{int(after.starts_at.timestamp())}", 0
    for person in _active(comes):
        wanted = wishes.of(person.id)
        if wanted.start and _start_due(person, wanted, after.starts_at) <= now < after.starts_at:
            subject, text = _start(row, after)
            made += _tell(person, f"{key}/start", subject, text, row, now, now)
    if after.starts_at > now:
        return made
    new = _untold(comes, f"{key}/summary")
    over = [p for p in _untold(goes, f"{key}/end") if wishes.of(p.id).end]
    if not new and not over:
        return made
    told = shift_summary.read(row, before.people, before.starts_at, after.starts_at, now)
    text = said(told, Directory(now), nobody=not before.people)
    for person in new:
        subject = f"You are on call: {row.name}"
        made += _tell(person, f"{key}/summary", subject, text, row, _by_day(person, now, wishes), now)
    for person in over:
        until = duty_notes.said(after.starts_at + NOTES_AFTER)
        asked = (
            f"Your shift in {row.name} is over. Until {until} you can add notes for whoever comes.\n\n{text}"
        )
        subject = f"Your shift is over: {row.name}"
        made += _tell(person, f"{key}/end", subject, asked, row, _by_day(person, now, wishes), now)
    return made


def _untold(people: Sequence[str], key: str) -> list[models.Person]:
    keys = models.Delivery.objects.filter(key__in=[f"{key}/{p}" for p in people]).values_list(
        "key", flat=True
    )
    told = set(keys)
    return [p for p in _active(people) if f"{key}/{p.id}" not in told]


def _start(row: models.Schedule, after: Span) -> tuple[str, str]:
    text = f"You are on call in {row.name}: {duty_notes.span(after.starts_at, after.ends_at)}."
    return f"On call soon: {row.name}", text


def _start_due(person: models.Person, wanted: models.DutyWish, starts_at: datetime) -> datetime:
    """As long ahead as asked for; at night only if asked for, else an hour before that night."""
    at = starts_at - timedelta(minutes=wanted.lead_minutes)
    home = Home(person.timezone)
    if wanted.at_night or not is_night(at, home):
        return at
    tz = zone(home.zone)
    evening = datetime.combine(NIGHT.evening(wall(at, tz)), NIGHT.starts)
    return instant(evening - timedelta(hours=1), tz)


def _by_day(person: models.Person, at: datetime, wishes: _Wishes) -> datetime:
    """When somebody reads: now, or when their night is over, if they have not asked to be told at night."""
    home = Home(person.timezone)
    if wishes.of(person.id).at_night or not is_night(at, home):
        return at
    tz = zone(home.zone)
    shown = wall(at, tz)
    day = shown.date() if shown.time() < NIGHT.ends else shown.date() + timedelta(days=1)
    return instant(datetime.combine(day, NIGHT.ends), tz)


def _tell(
    person: models.Person,
    key: str,
    subject: str,
    text: str,
    row: models.Schedule,
    at: datetime,
    now: datetime,
) -> int:
    """Once. What was told already is seen without a transaction: this is asked every minute."""
    if models.Delivery.objects.filter(key=f"{key}/{person.id}").exists():
        return 0
    with tx.write("engine"):
        return duty_notes.tell([person.id], subject, text, _path(row), now, key=key, send_at=at)


def _active(ids: Sequence[str]) -> list[models.Person]:
    return list(models.Person.objects.filter(id__in=ids, is_active=True))


def _path(row: models.Schedule) -> str:
    return f"/on-call/handoff/{row.key}"


def said(found: Summary, names: Directory, *, nobody: bool = False) -> str:
    """A summary as a message says it; `nobody`: there was no shift before, as with a new schedule."""
    nights = f", {counted(found.wake_ups, 'wake-up')}" if found.wake_ups else ""
    before = (
        f"The shift from {duty_notes.said(found.since)} to {duty_notes.said(found.until)}: "
        f"{counted(found.pages, 'page')}{nights}."
    )
    lines = ["Nobody was on call before you." if nobody else before]
    lines += _listed("What paged", (f"{line(n, 120)} ({c})" for n, c in found.repeated))
    lines += _listed("Noisiest services", (f"{n} ({c})" for n, c in found.noisy))
    lines += _listed("Open alerts", (f"{a.severity}: {line(a.summary, 120)}" for a in found.alerts))
    if found.more_alerts:
        lines.append(f"- and {found.more_alerts} more")
    lines += _listed(
        "Open incidents", (f"{i.id} SEV{i.severity}: {line(i.title, 120)}" for i in found.incidents)
    )
    lines += _listed(
        "Silences", (f"until {duty_notes.said(s.ends_at)}: {line(s.comment, 120)}" for s in found.silences)
    )
    lines += _listed("Notes", (f"{names.name(n.author_id)}: {n.text}" for n in found.notes))
    return "\n".join(lines)


def _listed(title: str, items: Iterator[str]) -> list[str]:
    found = [f"- {x}" for x in items]
    return ["", f"{title}:", *found] if found else []


def _digest(row: models.Schedule, now: datetime, wishes: _Wishes) -> int:
    """The week of one schedule, on Monday, to everybody in it who wants it."""
    here = wall(now, zone(row.timezone))
    if here.weekday() != 0 or not DIGEST_FROM <= here.time() < DIGEST_UNTIL:
        return 0
    year, week, _ = here.isocalendar()
    key = f"digest/{row.id}/{year}-{week:02}"
    people = sorted(people_of(schedule_from(row)))
    wanted = _active([p for p in people if wishes.of(p).digest])
    told = models.Delivery.objects.filter(key__in=[f"{key}/{p.id}" for p in wanted]).count()
    if told >= len(wanted):
        return 0
    text = week_said(row, now)
    with tx.write("engine"):
        return duty_notes.tell(
            [p.id for p in wanted], f"The week on call: {row.name}", text, _path(row), now, key=key
        )


def week_said(row: models.Schedule, now: datetime) -> str:
    """The last seven days of a schedule, and what is missing ahead."""
    since, names = now - timedelta(days=7), Directory(now)
    hours: dict[str, timedelta] = {}
    lines: list[str] = []
    for span in shift_summary.spans(row, since, now):
        for person in span.people:
            hours[person] = hours.get(person, timedelta()) + (span.ends_at - span.starts_at)
    for person, held in sorted(hours.items(), key=lambda item: -item[1]):
        own = shift_summary.read(row, [person], since, now, now)
        woken = f", {counted(own.wake_ups, 'wake-up')}" if own.wake_ups else ""
        lines.append(
            f"- {names.name(person)}: {held // timedelta(hours=1)} h on call, {counted(own.pages, 'page')}{woken}"
        )
    whole = shift_summary.read(row, list(hours), since, now, now)
    text = [
        f"{row.name}, the seven days until {now.astimezone(UTC):%a %d %b}: {counted(whole.pages, 'page')}.",
        *lines,
    ]
    text += _listed("Noisiest services", (f"{n} ({c})" for n, c in whole.noisy))
    missing = coverage.after_saving(row.id, now)
    text += ["", f"Ahead: {missing or 'somebody is on call at every moment of the next 90 days.'}"]
    return "\n".join(text)
