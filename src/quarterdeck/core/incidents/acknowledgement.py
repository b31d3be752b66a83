"""The first word to customers: a text approved beforehand, sent in one act by who keeps the clocks or commands (R-152).

It is the one message that passes no chain during an incident, because its wording passed it before. So only the first
word to its audience may be sent this way, and only as it is written in the catalogue.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from quarterdeck.core.access import Who
from quarterdeck.core.kernel.refused import Refused, forbidden

from .authority import authorise, may
from .cadence import SCOPE
from .content import Content, checked, content_hash, incomplete
from .events import Event, MessageDrafted, MessageReleased
from .guards import not_ended
from .state import COMMANDER, Incident
from .structure import Template

AUDIENCE = "customers_all"
LEADS = ("communications_lead", COMMANDER)


@dataclass(frozen=True, slots=True)
class Wording:
    """An acknowledgement as it was agreed. Empty `services` and `types` stand for all; texts hold `{{ field }}`."""

    key: str
    title: str
    headline: str
    customer_effect: str
    action: str
    approved_by: str
    approved_on: str
    services: tuple[str, ...] = ()
    types: tuple[str, ...] = ()
    templates: tuple[str, ...] = ()
    audience: str = AUDIENCE

    def fits(self, incident: Incident) -> int:
        """How closely it is made for this incident: -1 not at all, then 0 up."""
        if self.templates and incident.template not in self.templates:
            return -1
        if self.services and not set(self.services) & set(incident.services):
            return -1
        if self.types and incident.type not in self.types:
            return -1
        return 4 * bool(self.services) + 2 * bool(self.types) + bool(self.templates)


def chosen(incident: Incident, wordings: Sequence[Wording]) -> Wording | None:
    """The wording made most closely for this incident; of equals, the first."""
    fitting = [(w.fits(incident), -n, w) for n, w in enumerate(wordings) if w.fits(incident) >= 0]
    return max(fitting, key=lambda f: f[:2])[2] if fitting else None


def first_word_sent(incident: Incident, audience: str = AUDIENCE) -> bool:
    return any(m.audience == audience and m.state in ("released", "sent") for m in incident.messages.values())


def may_send(incident: Incident, template: Template, by: Who) -> bool:
    return not incident.response.parent and may(incident, template, by, "clock.manage", "incident.phase")


def next_word_at(incident: Incident, template: Template, audience: str, at: datetime) -> datetime:
    """What the acknowledgement promises: the word that says who is affected, else the clock's next."""
    clock = incident.clocks.get(audience)
    cadence = template.cadence(audience, incident.severity)
    every = timedelta(seconds=clock.every_seconds) if clock and clock.running else timedelta(minutes=30)
    return at + (cadence.wait(SCOPE, every) if cadence else every)


def acknowledge(
    incident: Incident,
    template: Template,
    by: Who,
    *,
    message_id: str,
    content: Content,
    wording: Wording,
    at: datetime,
) -> list[Event]:
    """Drafted and released in one act. Refused once a word was sent, or where the text lacks a fact."""
    not_ended(incident)
    if by.is_machine:
        raise forbidden("acknowledgement.person", "Only a person sends the first word.")
    authorise(incident, template, by, "clock.manage", "incident.phase")
    if message_id in incident.messages:
        return []
    if incident.response.parent:
        raise Refused(
            "acknowledgement.business",
            f"The first word comes from {incident.response.parent}. Write a message on the board; its commander "
            "releases it.",
        )
    if not incident.is_open:
        raise Refused(
            "acknowledgement.over", "It is resolved: write what was, not that it is being looked into."
        )
    if first_word_sent(incident, wording.audience):
        raise Refused(
            "acknowledgement.sent", "They have heard from us already. Write an update on the board."
        )
    c = checked(incident, template, replace(content, audience=wording.audience), at)
    if c.sender_identity:
        raise Refused(
            "acknowledgement.named",
            "They hear from us in somebody's name, who has to agree. Draft a message.",
        )
    lacking = incomplete(template, c)
    if lacking:
        raise Refused(
            "acknowledgement.incomplete", "The agreed text is not complete: " + " ".join(lacking.values())
        )
    return [
        MessageDrafted(
            message_id, c.audience, incident.phase, c.headline, c.body, c.customer_effect, c.action, c.next_update_at,
            False, c.status_word, dict(c.components), c.pages,
        ),
        MessageReleased(message_id, content_hash(c), c.audience, c.headline, preapproved=wording.key),
    ]  # fmt: skip
