"""Who is asked to let a message of a business response go: whoever commands the technical incident, once for all that
wait (R-113).
"""

from __future__ import annotations

from quarterdeck.core.incidents.parts import Message
from quarterdeck.core.incidents.response import PARENT_COMMANDER
from quarterdeck.store import models

from ..incidents.crew_notices import Desk
from ..paging.callouts import Request


def by_parent(desk: Desk, message: Message) -> bool:
    """Whether another incident's commander releases it."""
    steps = desk.template.chains.get(message.audience, ())
    return bool(desk.incident.response.parent_commander) and any(
        s.step == "release" and PARENT_COMMANDER in s.roles for s in steps
    )


def ask_once(desk: Desk) -> list[Request]:
    """One card in their queue at most: while it is open, further messages only raise its count on the page."""
    person = desk.incident.response.parent_commander
    subject = f"Messages of {desk.incident.key} wait for your release"
    waiting = models.Callout.objects.filter(
        person_id=person, incident_id=desk.incident.key, subject=subject, state="waiting"
    )
    if person == desk.act.person or waiting.exists():
        return []
    why = f"You command {desk.incident.response.parent}. Check that what they say is still true."
    return [desk.ask(person, subject, why)]
