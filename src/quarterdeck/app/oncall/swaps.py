"""Swapping shifts: offered and answered, or arranged by a manager. Both replacements are kept in one transaction.

Every step is audited, and whoever it concerns is told.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from quarterdeck.core.kernel.moments import text
from quarterdeck.core.kernel.refused import forbidden, missing
from quarterdeck.core.kernel.text import line
from quarterdeck.core.oncall import swaps
from quarterdeck.core.oncall.swaps import Event, Slot, Swap
from quarterdeck.store import log, models, tx
from quarterdeck.store.ids import new_id

from .. import due
from ..act import Act, engine_act, need
from ..paging.directory import Directory, must_be_active
from . import duty_notes, schedules
from .duty_rows import locked, manages, slot_data, swap_of

KIND = "swap"
PAGE = "/on-call/mine"
# How long an offer stands at most; it ends when the first of the shifts begins in any case.
STANDS = timedelta(days=14)


@dataclass(frozen=True, slots=True)
class Wish:
    """A swap as somebody asks for it. `schedule` is an id or key; `back` is the shift in return, if any."""

    schedule: str
    giver: str
    starts_at: datetime
    ends_at: datetime
    other: str
    back: tuple[str, datetime, datetime] | None = None
    reason: str = ""


def offer(act: Act, wish: Wish) -> models.Swap:
    """Offer one's own future shift to somebody, who is told."""
    return _make(act, wish, arranged=False)


def arrange(act: Act, wish: Wish) -> models.Swap:
    """Swap for two others, at once and with a reason: for administrators and the leads of the schedule's team."""
    return _make(act, wish, arranged=True)


def accept(act: Act, swap_id: str) -> models.Swap:
    """The one asked takes it. Twice changes nothing."""
    return _answer(act, swap_id, "accept")


def decline(act: Act, swap_id: str) -> models.Swap:
    return _answer(act, swap_id, "decline")


def withdraw(act: Act, swap_id: str) -> models.Swap:
    """Whoever offered it, or a manager, takes it back before it is answered."""
    return _answer(act, swap_id, "withdraw")


def find(swap_id: str, *, lock: bool = False) -> models.Swap:
    rows = models.Swap.objects.select_for_update() if lock else models.Swap.objects
    row = rows.filter(id=swap_id).first()
    if row is None:
        raise missing("swap.unknown", "There is no such swap. Reload the page.")
    return row


def fire(swap_id: str, directory: Directory) -> None:
    """The time of an offer is over (T0: inside the caller's transaction)."""
    row = models.Swap.objects.select_for_update().filter(id=swap_id).first()
    if row is None:
        return
    swap = swap_of(row)
    events = swaps.expire(swap, directory.now)
    if events:
        after = _keep(engine_act(directory.now), swap, events)
        _tell(after, directory.now)
    elif swap.state == "offered":
        # Set by a machine whose clock is ahead, and brought back to the engine's: it was too early.
        due.arm(KIND, swap_id, swap.expires_at, directory.now)


def _make(act: Act, wish: Wish, *, arranged: bool) -> models.Swap:
    need(act, "schedule.edit")
    with tx.write("engine", "web"):
        keys = [wish.schedule] + ([wish.back[0]] if wish.back else [])
        rows, cores = locked(keys, [wish.giver, wish.other])
        if arranged and not manages(act, rows.values()):
            text_ = (
                "Only an administrator or who leads the schedule's team can swap for others. Ask one of them."
            )
            raise forbidden("swap.not_manager", text_)
        must_be_active(wish.giver, "giver")
        must_be_active(wish.other, "other")
        give = Slot(schedules.find(wish.schedule).id, wish.giver, wish.starts_at, wish.ends_at)
        take = None
        if wish.back is not None:
            take = Slot(schedules.find(wish.back[0]).id, wish.other, wish.back[1], wish.back[2])
        wanted = Swap(
            new_id(), give, wish.other, take, act.person, act.at, act.at + STANDS, line(wish.reason, 300)
        )
        decide = swaps.arrange if arranged else swaps.offer
        after = _keep(act, None, decide(wanted, cores, act.at))
        _tell(after, act.at)
    return find(after.id)


def _answer(act: Act, swap_id: str, answer: str) -> models.Swap:
    need(act, "schedule.edit")
    with tx.write("engine", "web"):
        known = swap_of(find(swap_id))
        slots = [known.give] + ([known.take] if known.take else [])
        rows, cores = locked([s.schedule for s in slots], [known.give.person, known.other])
        swap = swap_of(find(swap_id, lock=True))
        if answer == "accept":
            must_be_active(swap.give.person, "giver")
            events = swaps.accept(swap, cores, act.person, act.at)
        elif answer == "decline":
            events = swaps.decline(swap, act.person, act.at)
        else:
            manager = manages(act, rows.values())
            events = swaps.withdraw(swap, act.person, act.at, manager=manager)
        if events:
            _tell(_keep(act, swap, events), act.at)
    return find(swap_id)


def _keep(act: Act, swap: Swap | None, events: list[Event]) -> Swap:
    """The swap after these events, with its row, timer, overrides and audit."""
    for event in events:
        swap = swaps.evolve(swap, event)
    assert swap is not None
    models.Swap.objects.update_or_create(
        id=swap.id,
        defaults={
            "give": slot_data(swap.give), "take": slot_data(swap.take), "giver_id": swap.give.person,
            "other_id": swap.other, "made_by": swap.made_by, "reason": swap.reason, "state": swap.state,
            "offered_at": swap.offered_at, "expires_at": swap.expires_at, "ended_at": swap.ended_at,
            "ended_by": swap.ended_by,
        },
    )  # fmt: skip
    if swap.state == "offered":
        due.rearm(KIND, swap.id, swap.expires_at, act.at)
    else:
        due.disarm(KIND, [swap.id], act.at)
    for event in events:
        log.audit(type(event).__name__, _told(swap), at=act.at, actor=act.person)
    if swap.state == "accepted":
        for schedule_id, override in swaps.replacements(swap, [new_id(), new_id()]):
            schedules.put(act, schedules.find(schedule_id), override)
    return swap


def _told(swap: Swap) -> dict[str, object]:
    told: dict[str, object] = {
        "swap": swap.id, "schedule": swap.give.schedule, "person": swap.give.person, "other": swap.other,
        "starts_at": text(swap.give.starts_at), "ends_at": text(swap.give.ends_at), "reason": swap.reason,
    }  # fmt: skip
    return told | ({"back": slot_data(swap.take)} if swap.take else {})


def _tell(swap: Swap, now: datetime) -> None:
    """Whom each state concerns: the one asked, then the one who offered; both when it was arranged for them."""
    directory = Directory(now)
    giver, other = directory.name(swap.give.person), directory.name(swap.other)
    what = f"{giver}'s shift in {_name(swap.give)}, {duty_notes.span(swap.give.starts_at, swap.give.ends_at)}"
    back = ""
    if swap.take:
        times = duty_notes.span(swap.take.starts_at, swap.take.ends_at)
        back = f"\nIn return: {other}'s shift in {_name(swap.take)}, {times}."
    why = f"\n\n{swap.reason}" if swap.reason else ""
    body = f"{what}.{back}{why}"
    arranged = swap.state == "accepted" and swap.ended_by != swap.other
    match swap.state:
        case "offered":
            people, subject = [swap.other], f"{giver} asks you to take a shift"
        case "accepted" if arranged:
            by = directory.name(swap.made_by)
            people, subject = [swap.give.person, swap.other], f"{by} has swapped a shift for you"
        case "accepted":
            people, subject = [swap.give.person], f"{other} takes your shift"
        case "declined":
            people, subject = [swap.give.person], f"{other} cannot take your shift"
        case "withdrawn":
            people, subject = [swap.other], f"{giver}'s offer of a shift is withdrawn"
        case "expired":
            people, subject = [swap.give.person], f"{other} has not answered: the shift stays yours"
    duty_notes.tell([p for p in people if p != swap.ended_by], subject, body, PAGE, now)


def _name(slot: Slot) -> str:
    return (
        models.Schedule.objects.values_list("name", flat=True).filter(id=slot.schedule).first()
        or "a schedule"
    )
