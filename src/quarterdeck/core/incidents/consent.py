"""Nobody's name stands under a text they have not agreed to (X-15): asked, given, withdrawn; and what a release needs.

Consent is the person's own act, for exactly the text with one hash. An edit, another holder of the role, or their word
ends it. No reason passes over it.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator

from quarterdeck.core.access import Who
from quarterdeck.core.kernel.refused import Refused, forbidden

from . import speakers
from .approval import Consent
from .content import content_hash, incomplete
from .events import Event, MessageSuperseded
from .events.consent import ConsentAsked, ConsentGiven, ConsentWithdrawn
from .guards import known, not_ended
from .message_authority import may_draft
from .parts import Message
from .state import Incident
from .structure import Template

ASKED, GIVEN, WITHDRAWN = "asked", "given", "withdrawn"
UNSENT = ("draft", "in_review")


def standing(incident: Incident, message: Message, executives: Collection[str]) -> Consent | None:
    """The consent that counts for this text, by the person whose name it would be now."""
    found = incident.approval.consents.get(message.id)
    if found is None or found.state != GIVEN or found.sender_identity != message.sender_identity:
        return None
    now = speakers.speaker(incident, message.sender_identity, message.sender_person, executives)
    return found if found.person == now and found.content_hash == content_hash(message) else None


def must_stand(incident: Incident, template: Template, message: Message, executives: Collection[str]) -> str:
    """The person in whose name it goes, "" the organisation's. Refused without their consent to this text, and where
    the structure wants another name under what this audience hears.
    """
    fixed = template.senders.get(message.audience, "")
    if fixed and message.sender_identity != fixed:
        name = speakers.title(template, fixed)
        raise Refused(
            "sender.fixed",
            f"Messages to this audience go in the name of the {name}. Save the text again: then it does.",
        )
    if not message.sender_identity:
        return ""
    found = standing(incident, message, executives)
    if found is not None:
        return found.person
    title = speakers.title(template, message.sender_identity)
    if not speakers.speaker(incident, message.sender_identity, message.sender_person, executives):
        raise Refused(
            "consent.vacant",
            f"It speaks as {title}, and nobody does at present. Fill the role, or change in whose name it goes.",
        )
    raise Refused(
        "consent.missing",
        f"It speaks as {title}, who has not agreed to this text. Ask them; nobody can agree in their place.",
    )


def missing(incident: Incident, template: Template, message: Message, executives: Collection[str]) -> str:
    """What keeps it from speaking in its name, in words; "" where nothing does."""
    try:
        must_stand(incident, template, message, executives)
    except Refused as refused:
        return refused.message
    return ""


def ask(
    incident: Incident, template: Template, by: Who, *, message_id: str, executives: Collection[str]
) -> list[Event]:
    """Ask the person whose name it would be. Nothing where they were asked about this text, or agreed to it."""
    not_ended(incident)
    message = _spoken(incident, message_id)
    may_draft(incident, template, by, message.audience)
    _must_be_unsent(message)
    if not speakers.speaker(incident, message.sender_identity, message.sender_person, executives):
        must_stand(incident, template, message, executives)
    return list(_asked(incident, message, executives, again=True))


def unasked(incident: Incident, executives: Collection[str]) -> list[Event]:
    """Whoever's name stands under a text in review and who was not asked about it: on handing in, and when the role
    has passed to somebody else.
    """
    if incident.has_ended:
        return []
    waiting = [m for m in incident.messages.values() if m.state == "in_review" and m.sender_identity]
    return [event for message in waiting for event in _asked(incident, message, executives, again=False)]


def give(
    incident: Incident,
    template: Template,
    by: Who,
    *,
    message_id: str,
    text_hash: str,
    executives: Collection[str],
    via: str = "",
) -> list[Event]:
    """Agree that exactly this text goes out in one's own name. A second time changes nothing."""
    not_ended(incident)
    message = _spoken(incident, message_id)
    _must_be_unsent(message)
    person = speakers.speaker(incident, message.sender_identity, message.sender_person, executives)
    if by.is_machine or by.person != person:
        title = speakers.title(template, message.sender_identity)
        raise forbidden("consent.person", f"Only the {title} in whose name it speaks agrees, by themselves.")
    current = content_hash(message)
    if text_hash != current:
        raise Refused(
            "message.changed",
            "The text was changed after you read it. Read it again, then agree.",
            details={"content_hash": current},
        )
    lacking = incomplete(template, message)
    if lacking:
        raise Refused("message.incomplete", f"{' '.join(lacking.values())} It changes, so agree then.")
    if standing(incident, message, executives):
        return []
    return [
        ConsentGiven(message.id, current, message.sender_identity, via, message.audience, message.headline)
    ]


def withdraw(
    incident: Incident, by: Who, *, message_id: str, reason: str = "", on_its_way: bool = False
) -> list[Event]:
    """Say no to what one was asked, or take one's name back. What was released and not yet carried to anybody goes to
    nobody; what is being sent, as `on_its_way` says, stops where it is.
    """
    message = _spoken(incident, message_id)
    found = incident.approval.consents.get(message.id)
    if found is None or found.state not in (ASKED, GIVEN) or by.is_machine or found.person != by.person:
        if found is not None and found.state == WITHDRAWN and found.person == by.person:
            return []
        raise forbidden("consent.person", "Only who was asked for their name says no, or takes it back.")
    if message.state == "superseded" or (message.state == "sent" and not on_its_way):
        raise Refused(
            "consent.sent", f"This message is {message.state}. Have another one sent that corrects it."
        )
    stopped = message.state == "sent"
    events: list[Event] = [
        ConsentWithdrawn(message.id, reason.strip(), stopped, message.audience, message.headline)
    ]
    if message.state == "released":
        why = "Whoever it spoke for took their name back."
        events.append(MessageSuperseded(message.id, why, message.audience, message.headline))
    return events


def _asked(
    incident: Incident, message: Message, executives: Collection[str], *, again: bool
) -> Iterator[Event]:
    """`again`: also whoever took their name back from this very text."""
    person = speakers.speaker(incident, message.sender_identity, message.sender_person, executives)
    text, found = content_hash(message), incident.approval.consents.get(message.id)
    knows = found is not None and (found.person, found.content_hash) == (person, text)
    if not person or (knows and not (again and found and found.state == WITHDRAWN)):
        return
    yield ConsentAsked(message.id, person, text, message.sender_identity, message.audience, message.headline)


def _spoken(incident: Incident, message_id: str) -> Message:
    message = known(incident.messages.get(message_id), "message.unknown", "message")
    if not message.sender_identity:
        raise Refused("consent.none", "It speaks for the organisation, so nobody lends their name to it.")
    return message


def _must_be_unsent(message: Message) -> None:
    if message.state not in UNSENT:
        raise Refused("message.not_draft", f"This message is {message.state}. Draft a new one.")
