"""Who hears of consent: the person whose name is asked for, with the link to answer; the author, of what they said."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from django.conf import settings

from quarterdeck.core.incidents import Incident, Stamped, consent, speakers
from quarterdeck.core.incidents import events as ev
from quarterdeck.core.incidents.events.consent import ConsentAsked, ConsentGiven, ConsentWithdrawn
from quarterdeck.core.kernel.text import line

from ..incidents.crew_notices import Desk
from ..paging.callouts import Request
from . import links, speaking

PURPOSE = "consent"
_CALL_FOR_IT = (ev.MessageSubmitted, ev.RoleTaken, ev.HandoverEffective)


def url(incident_id: str, message_id: str, person: str, text_hash: str) -> str:
    """Where this person reads exactly this text and says yes or no; it opens nothing for any other text."""
    token = links.token(PURPOSE, f"{incident_id}/{message_id}/{person}/{text_hash}")
    return (
        f"{settings.QUARTERDECK_PUBLIC_URL}/consent/{incident_id}/{message_id}/{person}/{text_hash}/{token}/"
    )


def to_ask(after: Incident, new: Sequence[Stamped]) -> list[ev.Event]:
    """Whoever's name stands under a text that was handed in, or whose role has just passed to them, is asked."""
    if not any(isinstance(s.event, _CALL_FOR_IT) for s in new):
        return []
    return consent.unasked(after, speaking.executives_of(after.messages.values()))


def told(desk: Desk, event: ev.Event) -> list[Request]:
    match event:
        case ConsentAsked() if event.person != desk.act.person:
            title = speakers.title(desk.template, event.sender_identity)
            subject = line(f"Your name under: {event.headline}", 200)
            why = f"It would go out in your name, as {title}. Read it, then agree or do not: nobody else can."
            link = url(desk.incident.key, event.message_id, event.person, event.content_hash)
            asked = desk.tell(event.person, subject, why)
            return [replace(asked, urgency="high", link=link, link_label="Read and answer")]
        case ConsentGiven():
            return _author(
                desk, event.message_id, f"In their name: {event.headline}", "They agree to this text."
            )
        case ConsentWithdrawn():
            why = event.reason or "They took their name back."
            people = [desk.commander, desk.incident.messages[event.message_id].released_by]
            subject = line(f"No longer in their name: {event.headline}", 200)
            others = [
                desk.tell(p, subject, why) for p in dict.fromkeys(people) if p not in ("", desk.act.person)
            ]
            return [*_author(desk, event.message_id, subject, why, people), *others]
    return []


def _author(
    desk: Desk, message_id: str, subject: str, why: str, known: list[str] | None = None
) -> list[Request]:
    message = desk.incident.messages[message_id]
    author = message.edited_by or message.drafted_by
    if author in ("", "engine", "system", desk.act.person, *(known or ())):
        return []
    return [desk.tell(author, line(subject, 200), f"{desk.name(desk.act.person)}: {why}")]
