"""What a message says: fields, limits, hash, what it still lacks. Decides nothing about who sends it."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from quarterdeck.core.kernel.chain import canonical
from quarterdeck.core.kernel.moments import text as iso
from quarterdeck.core.kernel.refused import bad

from . import speakers
from .guards import filled, one_line
from .parts import Message
from .state import Incident
from .structure import Audience, Template

BODY_LIMIT = 10_000
# Glossary 2.3: the word a status page shows while the incident is in a phase.
STATUS_WORDS: Mapping[str, str] = {
    "triage": "investigating",
    "investigating": "investigating",
    "identified": "identified",
    "monitoring": "monitoring",
    "resolved": "resolved",
    "analysis": "postmortem",
    "closed": "postmortem",
}


@dataclass(frozen=True, slots=True)
class Content:
    """What a message says. `next_update_at` None is allowed only for the `final` one (R-044).

    `status_word` "" follows the phase. `components` maps component id -> state, `pages` are page ids. `agreed`: its
    locked wording is untouched; `corrects` is the message it puts right. Neither is part of what readers see. Who it
    speaks as (see speakers) is: `sender_person` names an executive.
    """

    audience: str
    headline: str
    body: str = ""
    customer_effect: str = ""
    action: str = ""
    next_update_at: datetime | None = None
    final: bool = False
    status_word: str = ""
    components: Mapping[str, str] = field(default_factory=dict)
    pages: tuple[str, ...] = ()
    agreed: bool = False
    corrects: str = ""
    prompts: tuple[str, ...] = ()
    sender_identity: str = ""
    sender_person: str = ""


def content_hash(message: Message | Content) -> str:
    """SHA-256 over everything a reader will see. A release names it, so nobody releases another text."""
    said = [
        message.audience,
        message.headline,
        message.body,
        message.customer_effect,
        message.action,
        iso(message.next_update_at) if message.next_update_at else None,
        message.final,
        message.status_word,
        dict(message.components),
        list(message.pages),
    ]
    if message.sender_identity:
        said.append([message.sender_identity, message.sender_person])
    return hashlib.sha256(canonical(said).encode()).hexdigest()


def incomplete(template: Template, message: Message | Content) -> dict[str, str]:
    """Field -> what is still to be said. Public audiences hear what they notice and what we do (R-044)."""
    audience = template.audience(message.audience)
    lacking: dict[str, str] = {}
    if audience is None or not audience.public:
        return lacking
    if not message.customer_effect.strip():
        lacking["customer_effect"] = "Say what customers notice."
    if not message.action.strip() and not message.final:
        lacking["action"] = "Say what you are doing."
    return lacking


def checked(incident: Incident, template: Template, content: Content, at: datetime) -> Content:
    """The content as it will be kept. Refuses what a reader could not be sent."""
    audience = _audience(template, content.audience)
    if len(content.body) > BODY_LIMIT:
        message = f"The text has {len(content.body)} characters; {BODY_LIMIT} fit. Shorten it."
        raise bad("body.long", message, body=message)
    must_promise(content, at)
    words = tuple(dict.fromkeys(STATUS_WORDS.values()))
    word = content.status_word or STATUS_WORDS.get(incident.told_phase, words[0])
    if word not in words:
        raise bad("status_word.unknown", f"There is no status {word!r}. Choose one of: {', '.join(words)}.")
    identity, person = speakers.chosen(
        incident, template, audience.key, content.sender_identity, content.sender_person
    )
    headline = filled(content.headline, "headline", "Say the news in one line.")
    return Content(
        audience=audience.key,
        headline=one_line(headline, "headline", audience.headline_limit),
        body=content.body.strip(),
        customer_effect=content.customer_effect.strip(),
        action=content.action.strip(),
        next_update_at=content.next_update_at,
        final=content.final,
        status_word=word,
        components=dict(content.components),
        pages=tuple(dict.fromkeys(content.pages)),
        agreed=content.agreed,
        corrects=_corrected(incident, audience.key, content.corrects),
        prompts=content.prompts,
        sender_identity=identity,
        sender_person=person,
    )


def must_promise(message: Message | Content, at: datetime) -> None:
    """An update says when the next one comes, unless it is the last (R-044)."""
    if message.next_update_at is None and not message.final:
        text = "Say when the next update comes, or mark this one as final."
        raise bad("next_update_at.missing", text, next_update_at=text)
    if message.next_update_at is not None and message.next_update_at <= at:
        text = "The time of the next update has passed. Set a later one."
        raise bad("next_update_at.past", text, next_update_at=text)


def _corrected(incident: Incident, audience: str, message_id: str) -> str:
    """Only what an audience was really told is put right, and to that audience."""
    if not message_id:
        return ""
    found = incident.messages.get(message_id)
    if found is None or found.audience != audience or found.state not in ("released", "sent"):
        why = "Only a message that went out to this audience can be corrected. Choose one."
        raise bad("message.corrects", why, corrects=why)
    return message_id


def _audience(template: Template, key: str) -> Audience:
    found = template.audience(key)
    if found is None:
        keys = ", ".join(a.key for a in template.audiences)
        raise bad("audience.unknown", f"There is no audience {key!r} here. Choose one of: {keys}.")
    return found
