"""Swapping shifts: offered, then accepted, declined, withdrawn or expired. Both replacements take hold together.

A swap only ever moves future shifts that the two really hold; this is looked at when it is offered and again
when it is accepted.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Literal, assert_never

from quarterdeck.core.kernel.refused import Refused, bad, forbidden, missing

from .schedule import Override, Schedule
from .shifts import shifts

State = Literal["offered", "accepted", "declined", "withdrawn", "expired"]

# What changes hands for longer is no swap but another rotation.
LONGEST = timedelta(days=366)


@dataclass(frozen=True, slots=True)
class Slot:
    """A shift of a person, or a part of one, in a schedule (its id)."""

    schedule: str
    person: str
    starts_at: datetime
    ends_at: datetime


@dataclass(frozen=True, slots=True)
class Swap:
    """`give` goes to `other`; `take`, if there is one, comes back. `made_by` is who offered or arranged it."""

    id: str
    give: Slot
    other: str
    take: Slot | None
    made_by: str
    offered_at: datetime
    expires_at: datetime
    reason: str = ""
    state: State = "offered"
    ended_at: datetime | None = None
    ended_by: str = ""


@dataclass(frozen=True, slots=True)
class SwapOffered:
    swap: Swap


@dataclass(frozen=True, slots=True)
class SwapAccepted:
    at: datetime
    by: str


@dataclass(frozen=True, slots=True)
class SwapDeclined:
    at: datetime
    by: str


@dataclass(frozen=True, slots=True)
class SwapWithdrawn:
    at: datetime
    by: str


@dataclass(frozen=True, slots=True)
class SwapExpired:
    at: datetime


Event = SwapOffered | SwapAccepted | SwapDeclined | SwapWithdrawn | SwapExpired
Schedules = Mapping[str, Schedule]


def evolve(swap: Swap | None, event: Event) -> Swap:
    if isinstance(event, SwapOffered):
        return event.swap
    assert swap is not None
    match event:
        case SwapAccepted(at, by):
            return replace(swap, state="accepted", ended_at=at, ended_by=by)
        case SwapDeclined(at, by):
            return replace(swap, state="declined", ended_at=at, ended_by=by)
        case SwapWithdrawn(at, by):
            return replace(swap, state="withdrawn", ended_at=at, ended_by=by)
        case SwapExpired(at):
            return replace(swap, state="expired", ended_at=at)
        case _:
            assert_never(event)


def offer(swap: Swap, schedules: Schedules, now: datetime) -> list[Event]:
    """The holder of the shift offers it. The offer ends at the latest when the first of the shifts begins."""
    if swap.made_by != swap.give.person:
        raise forbidden(
            "swap.not_yours", "Only who holds a shift can offer it. Ask a manager of the schedule."
        )
    _check(swap, schedules, now)
    first = min(slot.starts_at for slot in _slots(swap))
    if swap.expires_at <= now:
        raise bad("swap.expiry", "This offer would end before anybody can accept. Choose a later end.")
    return [
        SwapOffered(replace(swap, state="offered", offered_at=now, expires_at=min(swap.expires_at, first)))
    ]


def arrange(swap: Swap, schedules: Schedules, now: datetime) -> list[Event]:
    """A manager swaps for the two, for instance when one is ill: it takes hold at once and needs a reason.

    Whether `made_by` may do so is decided by the caller.
    """
    if not swap.reason.strip():
        raise bad(
            "swap.reason", "A swap for others needs a reason that both can read. Write one.", reason="missing"
        )
    _check(swap, schedules, now)
    made = replace(swap, state="offered", offered_at=now, expires_at=min(s.starts_at for s in _slots(swap)))
    return [SwapOffered(made), SwapAccepted(now, swap.made_by)]


def accept(swap: Swap, schedules: Schedules, by: str, now: datetime) -> list[Event]:
    """The one asked says yes. Twice changes nothing."""
    if swap.state == "accepted" and by == swap.other:
        return []
    _asked(swap, by)
    _open(swap, now)
    _check(swap, schedules, now)
    return [SwapAccepted(now, by)]


def decline(swap: Swap, by: str, now: datetime) -> list[Event]:
    """The one asked says no. Twice changes nothing."""
    if swap.state == "declined" and by == swap.other:
        return []
    _asked(swap, by)
    _open(swap, now)
    return [SwapDeclined(now, by)]


def withdraw(swap: Swap, by: str, now: datetime, *, manager: bool = False) -> list[Event]:
    """Who offered it takes it back, or a manager does. Twice changes nothing."""
    if by not in (swap.made_by, swap.give.person) and not manager:
        raise forbidden("swap.not_yours", "Only who offered this swap can take it back. Decline it instead.")
    if swap.state == "withdrawn":
        return []
    _open(swap, now)
    return [SwapWithdrawn(now, by)]


def expire(swap: Swap, now: datetime) -> list[Event]:
    """What time does to an offer."""
    return [SwapExpired(now)] if swap.state == "offered" and now >= swap.expires_at else []


def replacements(swap: Swap, ids: Sequence[str]) -> list[tuple[str, Override]]:
    """The overrides of an accepted swap, each with the id of its schedule: one, or two that belong together.

    They must be stored in one transaction.
    """
    pairs = [(swap.give, swap.other)] + ([(swap.take, swap.give.person)] if swap.take else [])
    if swap.state != "accepted" or len(ids) < len(pairs):
        raise ValueError("only an accepted swap has replacements, and each needs an id")
    return [
        (
            slot.schedule,
            Override(ids[n], to, slot.starts_at, slot.ends_at, swap.reason, "one", slot.person, swap.id),
        )
        for n, (slot, to) in enumerate(pairs)
    ]


def check_holds(slot: Slot, schedules: Schedules, now: datetime) -> None:
    """Refuses a slot that has begun, and one that its person does not hold from its start to its end."""
    schedule = schedules.get(slot.schedule)
    if schedule is None:
        raise missing("schedule.unknown", "There is no such schedule. Look it up in the list of schedules.")
    if slot.ends_at <= slot.starts_at:
        raise bad("swap.times", "This shift ends before it starts. Choose a later end.")
    if slot.ends_at - slot.starts_at > LONGEST:
        raise bad("swap.long", "At most a year changes hands at once. Change the layers instead.")
    if slot.starts_at < now:
        raise Refused("swap.past", "This shift has begun. Take it over now instead, or choose a later one.")
    if any(slot.person not in s.people for s in shifts(schedule, slot.starts_at, slot.ends_at)):
        raise Refused(
            "swap.not_held", "This shift is not held by this person all the time. Reload the schedule."
        )


def check_free(slot: Slot, person: str, schedules: Schedules) -> None:
    """Refuses to give a slot to somebody who is on call in the same schedule then, or absent."""
    schedule = schedules[slot.schedule]
    if any(person in s.people for s in shifts(schedule, slot.starts_at, slot.ends_at)):
        raise Refused(
            "swap.double", "Who would get this shift is on call then already. Choose another shift or person."
        )
    away = [a for a in schedule.absences if a.person == person]
    if any(a.starts_at < slot.ends_at and slot.starts_at < a.ends_at for a in away):
        raise Refused(
            "swap.absent", "Who would get this shift is absent then. Choose another shift or person."
        )


def _check(swap: Swap, schedules: Schedules, now: datetime) -> None:
    if swap.other == swap.give.person:
        raise bad("swap.same", "Nobody can swap with themselves. Choose another person.", other="same person")
    if swap.take is not None and swap.take.person != swap.other:
        raise bad("swap.other", "The shift in return is not one of the person asked. Choose one of theirs.")
    for slot in _slots(swap):
        check_holds(slot, schedules, now)
    check_free(swap.give, swap.other, schedules)
    if swap.take is not None:
        check_free(swap.take, swap.give.person, schedules)


def _slots(swap: Swap) -> list[Slot]:
    return [swap.give] + ([swap.take] if swap.take else [])


def _asked(swap: Swap, by: str) -> None:
    if by != swap.other:
        raise forbidden("swap.not_asked", "This swap was offered to somebody else. Only they can answer it.")


def _open(swap: Swap, now: datetime) -> None:
    if swap.state == "offered" and now < swap.expires_at:
        return
    state = "expired" if swap.state == "offered" else swap.state
    raise Refused(f"swap.{state}", f"This swap is {state} already. Offer a new one.")
