"""Finding cover for a shift: people are asked in turn, each with time to answer, by timers. Who accepts first has it.

Nobody left to ask is never silent: the one who asked and the schedule's managers are told.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from quarterdeck.core.kernel.refused import forbidden, missing
from quarterdeck.core.kernel.text import line
from quarterdeck.core.oncall import Schedule, cover, shifts
from quarterdeck.core.oncall.cover import Cover, CoverAsked, CoverFailed, CoverTaken, Event
from quarterdeck.core.oncall.fairness import burden, loads
from quarterdeck.core.oncall.swaps import Slot
from quarterdeck.store import log, models, tx
from quarterdeck.store.ids import new_id

from .. import due
from ..act import Act, engine_act, need
from ..paging.directory import Directory, people_of
from . import duty_notes, schedules
from .duty_rows import cover_of, locked, managers, manages, slot_data

KIND = "cover"
PAGE = "/on-call/mine"
WAIT_MINUTES = 60
AROUND = timedelta(days=28)


def want(
    act: Act, schedule: str, person: str, starts_at: datetime, ends_at: datetime,
    reason: str = "", wait_minutes: int = WAIT_MINUTES,
) -> models.Cover:  # fmt: skip
    """Look for somebody to take a shift of `person`: one's own, or anybody's for a manager.

    Asked are those who take turns in the schedule and the members of its team, who carries least first.
    """
    need(act, "schedule.edit")
    with tx.write("engine", "web"):
        rows, cores = locked([schedule], [person, *_team(schedule)])
        row = next(iter(rows.values()))
        if act.person != person and not manages(act, [row]):
            text_ = (
                "Only who holds a shift, or a manager of the schedule, can look for cover. Ask one of them."
            )
            raise forbidden("cover.not_yours", text_)
        wanted = Cover(
            new_id(), Slot(row.id, person, starts_at, ends_at), candidates(row, cores[row.id], starts_at),
            wait_minutes, act.person, line(reason, 300),
        )  # fmt: skip
        after = _keep(act, None, cover.want(wanted, cores, act.at))
    return find(after.id)


def accept(act: Act, cover_id: str) -> models.Cover:
    """Whoever was asked takes the shift."""
    return _answer(act, cover_id, "accept")


def decline(act: Act, cover_id: str) -> models.Cover:
    return _answer(act, cover_id, "decline")


def withdraw(act: Act, cover_id: str) -> models.Cover:
    return _answer(act, cover_id, "withdraw")


def find(cover_id: str, *, lock: bool = False) -> models.Cover:
    rows = models.Cover.objects.select_for_update() if lock else models.Cover.objects
    row = rows.filter(id=cover_id).first()
    if row is None:
        raise missing("cover.unknown", "Nobody looks for cover here. Reload the page.")
    return row


def fire(cover_id: str, directory: Directory) -> None:
    """The one asked has not answered in time: the next is (T0: inside the caller's transaction)."""
    row = models.Cover.objects.select_for_update().filter(id=cover_id).first()
    if row is None:
        return
    known = cover_of(row)
    events = cover.look(known, directory.now)
    if events:
        _keep(engine_act(directory.now), known, events)
    elif known.answer_by is not None and known.answer_by > directory.now:
        # Set by a machine whose clock is ahead, and brought back to the engine's: it was too early.
        due.arm(KIND, cover_id, known.answer_by, directory.now)


def candidates(row: models.Schedule, core: Schedule, starts_at: datetime) -> tuple[str, ...]:
    """Active people who know the schedule, by what they carry in it in the weeks around: who carries least first."""
    known = people_of(core) | set(_team(row.key))
    active = models.Person.objects.filter(id__in=known, is_active=True).exclude(
        role__in=("observer", "executive")
    )
    people = list(active.order_by("name").values_list("id", flat=True))
    carried = loads(shifts(core, starts_at - AROUND, starts_at + AROUND), people, {})
    return tuple(sorted(people, key=lambda p: burden(carried[p])))


def _team(schedule: str) -> list[str]:
    row = schedules.find(schedule)
    if not row.team_id:
        return []
    return list(models.Membership.objects.filter(team_id=row.team_id).values_list("person_id", flat=True))


def _answer(act: Act, cover_id: str, answer: str) -> models.Cover:
    need(act, "schedule.edit")
    with tx.write("engine", "web"):
        known = cover_of(find(cover_id))
        rows, cores = locked([known.slot.schedule], [known.slot.person, act.person])
        now = cover_of(find(cover_id, lock=True))
        events: Sequence[Event]
        if answer == "accept":
            events = cover.accept(now, cores, act.person, act.at)
        elif answer == "decline":
            events = cover.decline(now, act.person, act.at)
        else:
            events = cover.withdraw(now, act.person, act.at, manager=manages(act, rows.values()))
        if events:
            _keep(act, now, events)
    return find(cover_id)


def _keep(act: Act, known: Cover | None, events: Sequence[Event]) -> Cover:
    """The search after these events, with its row, timer, override, messages and audit."""
    for event in events:
        known = cover.evolve(known, event)
    assert known is not None
    columns = {
        "slot": slot_data(known.slot), "person_id": known.slot.person, "candidates": list(known.candidates),
        "asked": list(known.asked), "declined": list(known.declined), "wait_minutes": known.wait_minutes,
        "reason": known.reason, "state": known.state, "answer_by": known.answer_by,
        "taken_by": known.taken_by, "ends_at": known.slot.ends_at, "made_by": known.made_by,
    }  # fmt: skip
    models.Cover.objects.update_or_create(
        id=known.id, defaults=columns, create_defaults=columns | {"created_at": act.at}
    )
    if known.answer_by is not None:
        due.rearm(KIND, known.id, known.answer_by, act.at)
    else:
        due.disarm(KIND, [known.id], act.at)
    for event in events:
        log.audit(type(event).__name__, _told(known, event), at=act.at, actor=act.person)
        _tell(known, event, act.at)
    if any(isinstance(e, CoverTaken) for e in events):
        schedule = schedules.find(known.slot.schedule)
        schedules.put(act, schedule, cover.replacement(known, new_id()))
    return known


def _told(known: Cover, event: Event) -> dict[str, str]:
    person = getattr(event, "person", "")
    told = slot_data(known.slot) | {"cover": known.id, "reason": known.reason}
    return told | ({"asked": person} if person else {})


def _tell(known: Cover, event: Event, now: datetime) -> None:
    directory, slot = Directory(now), known.slot
    schedule = schedules.find(slot.schedule)
    holder = directory.name(slot.person)
    what = f"{holder}'s shift in {schedule.name}, {duty_notes.span(slot.starts_at, slot.ends_at)}."
    why = f"\n\n{known.reason}" if known.reason else ""
    asking = {slot.person, known.made_by}
    match event:
        case CoverAsked(_, person, answer_by):
            text_ = f"{what}{why}\n\nAnswer until {duty_notes.said(answer_by)}; then the next one is asked."
            duty_notes.tell([person], f"Can you cover for {holder}?", text_, PAGE, now)
        case CoverTaken(_, person):
            duty_notes.tell(
                asking - {person}, f"{directory.name(person)} covers for {holder}", what, PAGE, now
            )
        case CoverFailed():
            text_ = (
                f"{what} Everybody who could be asked was: {len(known.asked)}. It stays with {holder}.{why}"
            )
            path = f"/on-call/schedules/{schedule.key}"
            duty_notes.tell(asking | set(managers(schedule)), f"Nobody covers for {holder}", text_, path, now)
        case _:
            pass
