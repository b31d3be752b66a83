"""Swapping shifts and finding cover, and taking over the shift that runs."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from django.db.models import Q
from ninja import Query

from quarterdeck.app.oncall import covers, schedules, swaps
from quarterdeck.app.oncall.duty_rows import cover_of, swap_of
from quarterdeck.core.oncall.cover import MOST_MINUTES
from quarterdeck.core.oncall.swaps import Slot
from quarterdeck.store import models

from .doors import Request
from .fields import Flag, Id, Key, Line, Moment, Named, Number, Read, When, Write
from .operations import Noun
from .pages import Page, PageAsked, page
from .schedules import Override, override_told

SWAPS = Noun("On call", "/swaps")
COVERS = Noun("On call", "/covers")
SCHEDULES = Noun("On call", "/schedules")


class SlotTold(Read):
    """A shift of a person, or a part of one."""

    schedule: str
    person: Named
    starts_at: Moment
    ends_at: Moment


class Swap(Read):
    """`give` goes to `other`; `take`, if there is one, comes back."""

    id: str
    state: Literal["offered", "accepted", "declined", "withdrawn", "expired"]
    give: SlotTold
    other: Named
    take: SlotTold | None
    reason: str
    made_by: Named
    offered_at: Moment
    expires_at: Moment
    ended_at: Moment | None


class Back(Write):
    """The shift in return; it is one of `other`."""

    schedule: Key
    starts_at: When
    ends_at: When


class SwapWrite(Write):
    """One's own shift, unless `person` is somebody else: then it is made at once, by a manager and with a reason."""

    schedule: Key
    person: Id | None = None
    starts_at: When
    ends_at: When
    other: Id
    take: Back | None = None
    reason: Line = ""


class Cover(Read):
    """People are asked in turn; `asked` are those who were, the last one now."""

    id: str
    state: Literal["asking", "taken", "failed", "withdrawn"]
    slot: SlotTold
    asked: list[Named]
    candidates: int
    answer_by: Moment | None
    taken_by: Named | None
    reason: str


class CoverWrite(Write):
    """One's own shift, unless a manager names another `person`. Each of those asked has `wait_minutes` to answer."""

    schedule: Key
    person: Id | None = None
    starts_at: When
    ends_at: When
    wait_minutes: Annotated[int, Number(1, MOST_MINUTES)] = covers.WAIT_MINUTES
    reason: Line = ""


class TakeWrite(Write):
    """Until the shift that runs ends, unless `until` is given; instead of the first on call, unless `instead_of` is."""

    instead_of: Id | None = None
    until: When | None = None
    reason: Line = ""


class Answer(Write):
    answer: Literal["accept", "decline", "withdraw"]


class MineAsked(PageAsked):
    """`mine=true`: only those that concern whoever asks."""

    mine: Flag = False


@SCHEDULES.post("/{schedule}/takeover", "schedule.edit", Override)
def take_shift(request: Request, schedule: Key, body: TakeWrite) -> Override:
    """Whoever asks is on call from now on instead of whoever is."""
    row = schedules.take(
        request.act, schedule, instead_of=body.instead_of or "", until=body.until, reason=body.reason
    )
    return override_told(request, row)


@SWAPS.get("", "schedule.read", Page[Swap])
def list_swaps(request: Request, asked: Query[MineAsked]) -> Page[Swap]:
    """Swaps, the newest first."""
    me, rows = request.act.person, models.Swap.objects.all()
    if asked.mine:
        rows = rows.filter(Q(giver_id=me) | Q(other_id=me) | Q(made_by=me))
    return page(asked, rows, ("-id",), lambda found: [_swap(request, r) for r in found])


@SWAPS.post("", "schedule.edit", Swap)
def make_swap(request: Request, body: SwapWrite) -> Swap:
    """Offer a shift to somebody, who is told; or, as a manager, swap for two others."""
    giver = body.person or request.act.person
    back = (body.take.schedule, body.take.starts_at, body.take.ends_at) if body.take else None
    wish = swaps.Wish(body.schedule, giver, body.starts_at, body.ends_at, body.other, back, body.reason)
    make = swaps.offer if giver == request.act.person else swaps.arrange
    return _swap(request, make(request.act, wish))


@SWAPS.put("/{swap}/answer", "schedule.edit", Swap)
def answer_swap(request: Request, swap: Id, body: Answer) -> Swap:
    """The one asked accepts or declines; whoever offered it withdraws. Accepting puts both replacements in force."""
    act = {"accept": swaps.accept, "decline": swaps.decline, "withdraw": swaps.withdraw}[body.answer]
    return _swap(request, act(request.act, swap))


@COVERS.get("", "schedule.read", Page[Cover])
def list_covers(request: Request, asked: Query[MineAsked]) -> Page[Cover]:
    """Searches for cover, the newest first."""
    me, rows = request.act.person, models.Cover.objects.all()
    if asked.mine:
        rows = rows.filter(Q(person_id=me) | Q(made_by=me) | Q(asked__contains=f'"{me}"'))
    return page(asked, rows, ("-id",), lambda found: [_cover(request, r) for r in found])


@COVERS.post("", "schedule.edit", Cover)
def find_cover(request: Request, body: CoverWrite) -> Cover:
    """Ask everybody who knows the schedule, one after the other, to take a shift."""
    row = covers.want(
        request.act, body.schedule, body.person or request.act.person, body.starts_at, body.ends_at,
        body.reason, body.wait_minutes,
    )  # fmt: skip
    return _cover(request, row)


@COVERS.put("/{cover}/answer", "schedule.edit", Cover)
def answer_cover(request: Request, cover: Id, body: Answer) -> Cover:
    """Who was asked accepts or declines; whoever looks for cover withdraws."""
    act = {"accept": covers.accept, "decline": covers.decline, "withdraw": covers.withdraw}[body.answer]
    return _cover(request, act(request.act, cover))


def _swap(request: Request, row: models.Swap) -> Swap:
    swap = swap_of(row)
    return Swap(
        id=row.id,
        state=swap.state,
        give=_slot(request, swap.give),
        other=request.names.of(swap.other),
        take=_slot(request, swap.take) if swap.take else None,
        reason=swap.reason,
        made_by=request.names.of(swap.made_by),
        offered_at=swap.offered_at,
        expires_at=swap.expires_at,
        ended_at=swap.ended_at,
    )


def _cover(request: Request, row: models.Cover) -> Cover:
    found = cover_of(row)
    names = request.names.load(found.asked)
    return Cover(
        id=row.id,
        state=found.state,
        slot=_slot(request, found.slot),
        asked=[names.of(p) for p in found.asked],
        candidates=len(found.candidates),
        answer_by=found.answer_by,
        taken_by=names.maybe(found.taken_by),
        reason=found.reason,
    )


def _slot(request: Request, slot: Slot) -> SlotTold:
    key: Any = models.Schedule.objects.filter(id=slot.schedule).values_list("key", flat=True).first()
    return SlotTold(
        schedule=key or "",
        person=request.names.of(slot.person),
        starts_at=slot.starts_at,
        ends_at=slot.ends_at,
    )
