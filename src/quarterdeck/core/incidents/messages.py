"""Messages to audiences: drafted, edited, released by their hash, sent. Nothing goes out unreleased."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime

from quarterdeck.core.access import Who
from quarterdeck.core.kernel.refused import Refused, bad

from . import chain, consent, publish
from .authority import authorise
from .clocks import after_sending
from .closing import may_speak, speaking
from .content import Content, checked, incomplete, must_promise
from .content import content_hash as _hash_of
from .distribution import waits
from .events import (
    Event,
    MessageDrafted,
    MessageEdited,
    MessageReleased,
    MessageSent,
    MessageSuperseded,
)
from .guards import filled, known
from .message_authority import may_draft
from .parts import Message
from .second_look import known_prompts, tick_prompts
from .state import Incident
from .structure import Template


def draft_message(
    incident: Incident, template: Template, by: Who, *, message_id: str, content: Content, at: datetime
) -> list[Event]:
    """A draft for one audience, about the phase the incident is in now."""
    incident = may_speak(incident, content)
    may_draft(incident, template, by, content.audience)
    if message_id in incident.messages:
        return []
    c = checked(incident, template, content, at)
    return [MessageDrafted(message_id, c.audience, incident.told_phase, *_rest(c))]


def edit_message(
    incident: Incident,
    template: Template,
    by: Who,
    *,
    message_id: str,
    content: Content,
    at: datetime,
    read_hash: str = "",
) -> list[Event]:
    """Another content. What was handed in is a draft again, and what was said about it counts no more.

    `read_hash` is the hash of the text that was changed: where somebody else has changed it since, nothing is lost.
    """
    incident = may_speak(incident, content)
    message = known(incident.messages.get(message_id), "message.unknown", "message")
    may_draft(incident, template, by, message.audience)
    may_draft(incident, template, by, content.audience)
    if message.state not in ("draft", "in_review"):
        raise Refused(
            "message.not_draft", f"This message is {message.state}. Draft a new one with the new text."
        )
    c = checked(incident, template, content, at)
    if _same(c, message) and message.phase == incident.told_phase:
        return tick_prompts(incident, template, by, message_id=message_id, prompts=c.prompts)
    if read_hash and read_hash != _hash_of(message):
        raise Refused(
            "message.changed",
            "Somebody changed this text while you wrote. Read both, then save yours again.",
            details={"content_hash": _hash_of(message), "changed_by": message.edited_by},
        )
    return [MessageEdited(message.id, c.audience, incident.told_phase, *_rest(c))]


def release_message(
    incident: Incident,
    template: Template,
    by: Who,
    *,
    message_id: str,
    content_hash: str,
    at: datetime,
    break_glass: str = "",
    faults: Sequence[str] = (),
    override: str = "",
    executives: Collection[str] = (),
) -> list[Event]:
    """The word that it may go out, for exactly the text with this hash, once everybody on its way said yes.

    By the role that releases for this audience (message.release, or the release step of its chain); no
    organisation role gives it. Refused when the text has changed, is incomplete, or promises a past time.
    `break_glass` is the reason to send it past its chain: a second person signs afterwards. `faults` are errors found
    in the text; with them, or where facts moved since, it goes only with a reason to `override`. Nothing passes
    over the consent of the person in whose name it speaks; `executives` are those who may lend theirs as one.
    """
    incident = may_speak(incident, incident.messages.get(message_id))
    message = known(incident.messages.get(message_id), "message.unknown", "message")
    publish.may_let_go(incident, template, by, message, at)
    current = _hash_of(message)
    if message.state in ("released", "sent") and message.content_hash == content_hash:
        return []
    if message.state not in ("draft", "in_review"):
        raise Refused("message.not_draft", f"This message is {message.state}. Draft a new one.")
    if content_hash != current:
        raise Refused(
            "message.changed",
            "The text was changed after you read it. Read it again, then release it.",
            details={"content_hash": current},
        )
    must_promise(message, at)
    lacking = incomplete(template, message)
    if lacking:
        raise bad("message.incomplete", " ".join(lacking.values()), **lacking)
    lacks = chain.missing(incident, template, message, at)
    why = break_glass.strip()
    if lacks and not why:
        todo = f"{' '.join(lacks)} Or send it past them with a reason; a second person signs afterwards."
        raise Refused("message.unapproved", todo, details={str(n): t for n, t in enumerate(lacks, 1)})
    speaker = consent.must_stand(incident, template, message, executives)
    broke = (why, lacks) if lacks else ("", ())
    passed = publish.passed_over(incident, message, faults, override)
    released = MessageReleased(
        message.id, current, message.audience, message.headline, *broke, *passed,
        sender_identity=message.sender_identity, spoken_by=speaker,
    )  # fmt: skip
    return [released]


def message_sent(
    incident: Incident,
    template: Template,
    by: Who,
    *,
    message_id: str,
    recipients: int,
    pages: int,
    at: datetime,
) -> list[Event]:
    """It left the building: its audience's clock starts again. By the product, or by who distributes.

    Nothing where it reached nobody and its chain names who carries it: they say so, with proof (R-105).

    Recorded even when the incident has ended meanwhile: what was sent was sent.
    """
    message = known(incident.messages.get(message_id), "message.unknown", "message")
    if not by.is_system:
        incident = speaking(incident)
        authorise(incident, template, by, "message.distribute", "page.publish", "message.release")
    if message.state == "sent":
        return []
    if message.state != "released":
        raise Refused("message.not_released", f"This message is {message.state}. It must be released first.")
    if by.is_system and not incident.drill and waits(template, message, recipients, pages):
        return []
    sent = MessageSent(message.id, recipients, pages, message.audience, message.headline)
    return [sent, *after_sending(incident, template, message, at)]


def supersede_message(
    incident: Incident, template: Template, by: Who, *, message_id: str, reason: str
) -> list[Event]:
    """A draft that will not be sent. What is released or sent cannot be called back."""
    incident = may_speak(incident)
    message = known(incident.messages.get(message_id), "message.unknown", "message")
    may_draft(incident, template, by, message.audience)
    if message.state == "superseded":
        return []
    if message.state not in ("draft", "in_review"):
        raise Refused(
            "message.not_draft", f"This message is {message.state}. Send another one that corrects it."
        )
    why = filled(reason, "reason", "Say why it will not be sent.")
    return [MessageSuperseded(message.id, why, message.audience, message.headline)]


def _rest(
    c: Content,
) -> tuple[
    str,
    str,
    str,
    str,
    datetime | None,
    bool,
    str,
    dict[str, str],
    tuple[str, ...],
    bool,
    str,
    tuple[str, ...],
    str,
    str,
]:
    return (
        c.headline,
        c.body,
        c.customer_effect,
        c.action,
        c.next_update_at,
        c.final,
        c.status_word,
        dict(c.components),
        c.pages,
        c.agreed,
        c.corrects,
        known_prompts(c.prompts),
        c.sender_identity,
        c.sender_person,
    )


def _same(c: Content, message: Message) -> bool:
    return _hash_of(c) == _hash_of(message) and (c.agreed, c.corrects) == (message.agreed, message.corrects)
