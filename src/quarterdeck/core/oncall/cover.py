"""Finding cover for a shift: people are asked in turn, each with time to answer; who accepts first has it.

When nobody does, a manager has to know: `CoverFailed` is that, and it never comes without having asked everybody
there was time for.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Literal, assert_never

from quarterdeck.core.kernel.refused import Refused, bad, forbidden

from .schedule import Override
from .swaps import Schedules, Slot, check_free, check_holds

State = Literal["asking", "taken", "failed", "withdrawn"]
MOST_MINUTES = 7 * 24 * 60


@dataclass(frozen=True, slots=True)
class Cover:
    """`candidates` in the order in which they are asked; `asked` and `declined` are of these."""

    id: str
    slot: Slot
    candidates: tuple[str, ...]
    wait_minutes: int
    made_by: str
    reason: str = ""
    state: State = "asking"
    asked: tuple[str, ...] = ()
    declined: tuple[str, ...] = ()
    answer_by: datetime | None = None
    taken_by: str = ""


@dataclass(frozen=True, slots=True)
class CoverWanted:
    cover: Cover


@dataclass(frozen=True, slots=True)
class CoverAsked:
    at: datetime
    person: str
    answer_by: datetime


@dataclass(frozen=True, slots=True)
class CoverDeclined:
    at: datetime
    person: str


@dataclass(frozen=True, slots=True)
class CoverTaken:
    at: datetime
    person: str


@dataclass(frozen=True, slots=True)
class CoverFailed:
    """Nobody took it: the manager has to be told."""

    at: datetime


@dataclass(frozen=True, slots=True)
class CoverWithdrawn:
    at: datetime
    by: str


Event = CoverWanted | CoverAsked | CoverDeclined | CoverTaken | CoverFailed | CoverWithdrawn


def evolve(cover: Cover | None, event: Event) -> Cover:
    if isinstance(event, CoverWanted):
        return event.cover
    assert cover is not None
    match event:
        case CoverAsked(_, person, answer_by):
            return replace(cover, asked=(*cover.asked, person), answer_by=answer_by)
        case CoverDeclined(_, person):
            return replace(cover, declined=(*cover.declined, person))
        case CoverTaken(_, person):
            return replace(cover, state="taken", taken_by=person, answer_by=None)
        case CoverFailed():
            return replace(cover, state="failed", answer_by=None)
        case CoverWithdrawn():
            return replace(cover, state="withdrawn", answer_by=None)
        case _:
            assert_never(event)


def want(cover: Cover, schedules: Schedules, now: datetime) -> list[Event]:
    """Start asking. Candidates who hold the shift, are on call beside it or absent are not asked.

    With nobody to ask it has failed at once.
    """
    if not 1 <= cover.wait_minutes <= MOST_MINUTES:
        raise bad(
            "cover.wait", "Give everybody between 1 minute and 7 days to answer.", wait_minutes="out of range"
        )
    check_holds(cover.slot, schedules, now)
    free = [p for p in dict.fromkeys(cover.candidates) if _is_free(cover.slot, p, schedules)]
    begun = replace(
        cover, state="asking", candidates=tuple(free), asked=(), declined=(), answer_by=None, taken_by=""
    )
    return [CoverWanted(begun), _following(begun, now)]


def look(cover: Cover, now: datetime) -> list[Event]:
    """What is due: the next is asked when the wait of the last is over; nobody left, or the shift begins: failed.

    After a pause of the engine one person is asked, with the whole wait, not several at once.
    """
    if cover.state != "asking":
        return []
    if now >= cover.slot.starts_at:
        return [CoverFailed(now)]
    return [_following(cover, now)] if cover.answer_by is None or now >= cover.answer_by else []


def accept(cover: Cover, schedules: Schedules, person: str, now: datetime) -> list[Event]:
    """Who was asked says yes, in time or late: the first one has it, also after it had failed."""
    if cover.state == "taken" and cover.taken_by == person:
        return []
    _may_answer(cover, person)
    if cover.state in ("taken", "withdrawn"):
        raise Refused(f"cover.{cover.state}", f"This shift is {_SAID[cover.state]}. There is nothing to do.")
    check_holds(cover.slot, schedules, now)
    check_free(cover.slot, person, schedules)
    return [CoverTaken(now, person)]


def decline(cover: Cover, person: str, now: datetime) -> list[Event]:
    """Who was asked says no; if the answer was awaited, the next is asked. Twice changes nothing."""
    _may_answer(cover, person)
    if cover.state != "asking" or person in cover.declined:
        return []
    said = CoverDeclined(now, person)
    after = evolve(cover, said)
    return [said, _following(after, now)] if person == cover.asked[-1] else [said]


def withdraw(cover: Cover, by: str, now: datetime, *, manager: bool = False) -> list[Event]:
    """Cover is no longer needed. Twice changes nothing; what is taken stays taken."""
    if by not in (cover.made_by, cover.slot.person) and not manager:
        raise forbidden("cover.not_yours", "Only who asked for cover can take that back.")
    if cover.state == "withdrawn":
        return []
    if cover.state == "taken":
        raise Refused("cover.taken", "This shift is taken by somebody else. Swap it back instead.")
    return [CoverWithdrawn(now, by)]


def replacement(cover: Cover, override_id: str) -> Override:
    """The override by which whoever took it has the shift."""
    if cover.state != "taken":
        raise ValueError("only a shift that was taken has a replacement")
    slot = cover.slot
    return Override(
        override_id, cover.taken_by, slot.starts_at, slot.ends_at, cover.reason, "one", slot.person
    )


_SAID = {"taken": "taken by somebody else", "withdrawn": "no longer looking for cover"}


def _following(cover: Cover, now: datetime) -> CoverAsked | CoverFailed:
    left = cover.candidates[len(cover.asked) :]
    if not left or now >= cover.slot.starts_at:
        return CoverFailed(now)
    answer_by = min(now + timedelta(minutes=cover.wait_minutes), cover.slot.starts_at)
    return CoverAsked(now, left[0], answer_by)


def _is_free(slot: Slot, person: str, schedules: Schedules) -> bool:
    try:
        check_free(slot, person, schedules)
    except Refused:
        return False
    return person != slot.person


def _may_answer(cover: Cover, person: str) -> None:
    if person not in cover.asked:
        raise forbidden(
            "cover.not_asked", "You were not asked to cover this shift. Take it from the schedule instead."
        )


def volunteers(people: Sequence[str], slot: Slot, hours: Mapping[str, float]) -> tuple[str, ...]:
    """An order to ask in: who carries the least first, then as given; never the one who holds the shift."""
    others = [p for p in dict.fromkeys(people) if p != slot.person]
    return tuple(sorted(others, key=lambda p: hours.get(p, 0.0)))
