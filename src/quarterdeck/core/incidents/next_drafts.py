"""The next set of drafts when the phase moves on: who hears of it, each with its own text (R-120, R-216)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from quarterdeck.core.access import Who

from .content import Content
from .events import Event
from .guards import not_ended
from .messages import draft_message
from .state import Incident
from .structure import Template

# What is said after the end is written out of the review.
_QUIET = ("analysis", "closed", "dismissed")


def audiences(incident: Incident, template: Template, before: Incident) -> tuple[str, ...]:
    """Whose drafts are opened: whoever has a running clock, had a draft, or was told something before."""
    if incident.told_phase in _QUIET or not incident.number:
        return ()
    told = {m.audience for m in before.messages.values() if m.state != "superseded"}
    heard = {m.audience for m in incident.messages.values() if m.state in ("released", "sent")}
    running = {c.audience for c in before.clocks.values() if c.running}
    waiting = {
        m.audience
        for m in incident.messages.values()
        if m.phase == incident.told_phase and m.state in ("draft", "in_review")
    }
    wanted = (told | heard | running) - waiting
    return tuple(a.key for a in template.audiences if a.key in wanted)


def open_drafts(
    incident: Incident, template: Template, by: Who, *, drafts: Mapping[str, Content], at: datetime
) -> list[Event]:
    """`drafts` maps fresh ids to what each text begins with."""
    not_ended(incident)
    made: list[Event] = []
    for message_id, content in drafts.items():
        made += draft_message(incident, template, by, message_id=message_id, content=content, at=at)
    return made
