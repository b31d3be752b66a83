"""A second look at a text that waits: it is still right although the facts moved, and its questions are answered."""

from __future__ import annotations

from collections.abc import Mapping

from quarterdeck.core.access import Who
from quarterdeck.core.kernel.refused import bad, forbidden

from .events import Event, MessageStillRight, PromptsTicked
from .guards import filled, known, not_ended
from .message_authority import may_draft
from .stale import changes
from .state import Incident
from .structure import Template

# What an author asks of a text before it is handed in.
PROMPTS: Mapping[str, str] = {
    "expectations": "What sets expectations?",
    "perspective": "What gives perspective?",
    "recipients": "Who receives it?",
    "details": "Which technical details matter to them?",
}


def still_right(
    incident: Incident, template: Template, by: Who, *, message_id: str, reason: str
) -> list[Event]:
    """The facts moved, and the text is right all the same: by whoever drafts or releases it."""
    not_ended(incident)
    message = known(incident.messages.get(message_id), "message.unknown", "message")
    if by.is_machine:
        raise forbidden("message.still_right", "Only a person looks at a text again.")
    may_draft(incident, template, by, message.audience)
    if not changes(incident, message):
        return []
    why = filled(reason, "reason", "Say why it is still right.")
    return [MessageStillRight(message.id, why, message.audience, message.headline)]


def tick_prompts(
    incident: Incident, template: Template, by: Who, *, message_id: str, prompts: tuple[str, ...]
) -> list[Event]:
    """Which questions the author has answered; stored with the draft, and no other text by that."""
    not_ended(incident)
    message = known(incident.messages.get(message_id), "message.unknown", "message")
    may_draft(incident, template, by, message.audience)
    ticked = known_prompts(prompts)
    if ticked == message.prompts or message.state not in ("draft", "in_review"):
        return []
    return [PromptsTicked(message.id, ticked, message.audience, message.headline)]


def known_prompts(prompts: tuple[str, ...]) -> tuple[str, ...]:
    strange = [p for p in prompts if p not in PROMPTS]
    if strange:
        raise bad("prompt.unknown", f"Choose from: {', '.join(PROMPTS)}.", prompts="unknown")
    return tuple(p for p in PROMPTS if p in prompts)
