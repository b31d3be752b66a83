"""Who is asked to carry a released message to its audience, to confirm it, and who hears when they are silent."""

from __future__ import annotations

from quarterdeck.core.incidents import distribution
from quarterdeck.core.incidents import events as ev
from quarterdeck.core.incidents.distribution import Handed
from quarterdeck.core.incidents.parts import Message
from quarterdeck.core.kernel.text import line

from ..incidents.crew_notices import Desk
from ..paging.callouts import Request

_VERBS = {"distribute": "Carry out", "confirm": "Confirm"}


def follow(desk: Desk, event: ev.Event) -> list[Request]:
    """Inside the caller's transaction; asks nobody twice for the same."""
    match event:
        case ev.MessageReleased() | ev.MessageSent() | ev.MessageStepDone():
            message = desk.incident.messages.get(event.message_id)
            return _ask(desk, message) if message else []
        case ev.MessageStepLate(step="distribute" | "confirm"):
            message = desk.incident.messages.get(event.message_id)
            return _late(desk, message, event) if message else []
    return []


def _ask(desk: Desk, message: Message) -> list[Request]:
    """Whoever owns the step that begins now."""
    handed = _now(desk, message)
    if handed is None or handed.since != desk.directory.now:
        return []
    if handed.step.step == distribution.DISTRIBUTE and not distribution.waits(
        desk.template, message, message.recipients, message.page_count
    ):
        return []
    why = "Say when it is done, and where that can be seen."
    return [
        desk.tell(p, _subject(message, handed), why)
        for p in distribution.owners(desk.incident, desk.template, handed.step)
        if p != desk.act.person
    ]


def _late(desk: Desk, message: Message, event: ev.MessageStepLate) -> list[Request]:
    handed = _now(desk, message)
    if handed is None or handed.step.step != event.step:
        return []
    if event.level == 1:
        people = distribution.owners(desk.incident, desk.template, handed.step) or (desk.commander,)
        return [desk.ask(p, _subject(message, handed), "The time for it is over.") for p in people]
    held = [h.person for r in handed.step.backup if (h := desk.incident.holder(r))]
    why = "Its owner is silent. Have it done, or say that it is."
    return [desk.ask(p, _subject(message, handed), why) for p in dict.fromkeys([*held, desk.commander]) if p]


def _now(desk: Desk, message: Message) -> Handed | None:
    return next((h for h in distribution.way(desk.incident, desk.template, message) if h.open), None)


def _subject(message: Message, handed: Handed) -> str:
    return line(f"{_VERBS[handed.step.step]}: {message.headline}", 200)
