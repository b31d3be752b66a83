"""Sentences of command: roles taken and released, handovers, callouts."""

from __future__ import annotations

from typing import assert_never

from ..events import (
    CalloutAnswered,
    HandoverAccepted,
    HandoverBriefed,
    HandoverDeclined,
    HandoverEffective,
    HandoverEvent,
    HandoverOffered,
    HandoverTimed,
    HandoverWithdrawn,
    RoleCalled,
    RoleEvent,
    RoleReleased,
    RoleTaken,
    RoleUnderstood,
    RoleUnreachable,
)
from .line import Said, Teller, Weight


def role(event: RoleEvent, tell: Teller) -> Said:
    match event:
        case RoleTaken():
            return Said("role", _weight(event.role), _taken(event, tell), event.reason)
        case RoleUnderstood():
            understood = f"{tell.name(event.person)} has understood the card of {tell.role(event.role)}"
            return Said("role", "system", understood)
        case RoleReleased():
            return Said("role", "system", _released(event, tell), event.reason)
        case RoleCalled():
            person, what = tell.name(event.person), tell.titles(event.role)
            if event.how == "heads_up":
                title = f"{tell.who} gave {person} a heads-up as {what}"
            else:
                title = f"{tell.who} called {person} as {what}"
            return Said("callout", "system", title, event.reason)
        case CalloutAnswered():
            return Said(
                "callout", "system", f"{tell.name(event.person)} answered as {tell.titles(event.role)}"
            )
        case RoleUnreachable():
            return Said(
                "callout", "key", f"Nobody could be reached as {tell.titles(event.role)}", event.reason
            )
        case _:
            assert_never(event)


def handover(event: HandoverEvent, tell: Teller) -> Said:
    giver, taker = tell.name(event.from_person), tell.name(event.to_person)
    what = tell.role(event.role)
    match event:
        case HandoverOffered():
            return Said("handover", "entry", f"{giver} offered {what} to {taker}", event.note)
        case HandoverAccepted():
            return Said("handover", "entry", f"{taker} accepted {what} from {giver}")
        case HandoverBriefed():
            return Said("handover", "entry", f"{taker} was briefed for {what} by {giver}", event.briefing)
        case HandoverTimed():
            when = f"at {event.effective_at:%H:%M} UTC" if event.effective_at else "when the two say so"
            return Said("handover", "key", f"{taker} takes {what} from {giver} {when}")
        case HandoverEffective():
            return Said("handover", "key", f"{taker} took {what} from {giver}")
        case HandoverDeclined():
            return Said("handover", "entry", f"{taker} declined {what} from {giver}", event.reason)
        case HandoverWithdrawn():
            title = f"The offer of {what} from {giver} to {taker} was withdrawn"
            return Said("handover", "system", title, event.reason)
        case _:
            assert_never(event)


def _weight(role_key: str) -> Weight:
    return "key" if role_key == "commander" else "entry"


def _taken(event: RoleTaken, tell: Teller) -> str:
    person, what = tell.name(event.person), tell.role(event.role)
    if event.previous:
        return f"{person} took {what} over from {tell.name(event.previous)}"
    if event.assigned_by and event.assigned_by != event.person:
        return f"{tell.name(event.assigned_by)} gave {what} to {person}"
    return f"{person} took {what}"


def _released(event: RoleReleased, tell: Teller) -> str:
    person, what = tell.name(event.person), tell.role(event.role)
    if tell.is_actor(event.person):
        return f"{person} left {what}"
    return f"{tell.who} released {person} from {what}"
