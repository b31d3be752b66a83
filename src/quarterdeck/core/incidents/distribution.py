"""What comes after release: who carries a message to its audience, and who confirms that it arrived, with proof.

A message counts as sent by delivery records or by a proof, never by release alone (R-105). Nothing here sends.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from quarterdeck.core.access import Who
from quarterdeck.core.kernel.refused import Refused, bad, forbidden

from .approval import StepDone
from .authority import stands_for
from .clocks import after_sending
from .closing import may_speak
from .events import Event, MessageSent, MessageStepDone
from .events.approval import MessageStepLate
from .guards import filled, known
from .parts import Message
from .state import Incident
from .structure import ChainStep, Template

DISTRIBUTE, CONFIRM = "distribute", "confirm"
AFTER = (DISTRIBUTE, CONFIRM)
PROOF_LIMIT = 1000
# Reminded once; then the backups and the commander hear of it.
MOST_LEVELS = 2


@dataclass(frozen=True, slots=True)
class Handed:
    """A step after release: since when its owner is asked, until when, and what they did. `records`: it was carried
    out by the product itself, which has a record of each delivery.
    """

    step: ChainStep
    role: str
    since: datetime | None
    due: datetime | None
    level: int
    done: StepDone | None
    records: bool = False

    @property
    def open(self) -> bool:
        return self.since is not None and self.done is None and not self.records


def asks(template: Template, audience: str) -> tuple[ChainStep, ...]:
    """The steps after release of this audience, in order."""
    return tuple(s for s in template.chains.get(audience, ()) if s.step in AFTER and s.roles)


def way(incident: Incident, template: Template, message: Message) -> tuple[Handed, ...]:
    """Each step after release; the next begins when the one before is done."""
    since = message.released_at
    found: list[Handed] = []
    for step in asks(template, message.audience):
        done = _done(incident, message, step)
        records = step.step == DISTRIBUTE and _delivered(message)
        role = done.role if done else step.roles[0]
        due = since + step.eta if since is not None and step.eta is not None else None
        level = incident.approval.level(message.id, step.step, role)
        found.append(Handed(step, role, since, due, level, done, records))
        since = done.at if done else message.sent_at if records else None
    return tuple(found)


def waits(template: Template, message: Message, recipients: int, pages: int) -> bool:
    """Whether release alone sent it nowhere, and somebody has to carry it."""
    by_hand = any(s.step == DISTRIBUTE for s in asks(template, message.audience))
    return by_hand and not recipients and not pages


def carry_out(
    incident: Incident,
    template: Template,
    by: Who,
    *,
    message_id: str,
    step: str,
    proof: str,
    at: datetime,
) -> list[Event]:
    """The owner of a step says that it is done and where that can be seen. The first one makes the message sent."""
    incident = may_speak(incident, incident.messages.get(message_id))
    message = known(incident.messages.get(message_id), "message.unknown", "message")
    if step not in AFTER:
        raise bad("step.unknown", "Name one of these steps: distribute, confirm.", step="unknown")
    if message.state not in ("released", "sent"):
        raise Refused("message.not_released", f"This message is {message.state}. It must be released first.")
    handed = next((h for h in way(incident, template, message) if h.step.step == step), None)
    if handed is None:
        raise bad("step.unknown", "This audience has no such step.", step="unknown")
    role = _role_of(incident, template, by, handed.step)
    if handed.done is not None:
        return []
    if handed.since is None:
        raise Refused("step.early", "It has not been carried out yet. Say that first, with its proof.")
    words = proof.strip()
    if not _delivered(message):
        words = filled(words, "proof", "Say where it can be seen: a link, a number, who received it.")
    if len(words) > PROOF_LIMIT:
        why = f"The proof has {len(words)} characters; {PROOF_LIMIT} fit. Shorten it."
        raise bad("proof.long", why, proof=why)
    events: list[Event] = [MessageStepDone(message.id, step, role, words, message.audience, message.headline)]
    if message.state == "released" and step == DISTRIBUTE:
        events.append(MessageSent(message.id, 0, 0, message.audience, message.headline))
        events += after_sending(incident, template, message, at)
    return events


def due_events(incident: Incident, template: Template, now: datetime) -> list[Event]:
    """Steps after release that nobody has done within their time, each level once."""
    events: list[Event] = []
    for message, handed in _open(incident, template):
        level = _level_at(handed, now)
        if level > handed.level:
            events.append(
                MessageStepLate(
                    message.id, handed.step.step, handed.role, level, message.audience, message.headline
                )
            )
    return events


def wake_at(incident: Incident, template: Template) -> datetime | None:
    moments = [
        handed.due + _every(handed.step) * handed.level
        for _, handed in _open(incident, template)
        if handed.due is not None and handed.level < MOST_LEVELS
    ]
    return min(moments, default=None)


def owners(incident: Incident, template: Template, step: ChainStep) -> tuple[str, ...]:
    """Who may say that this step is done: whoever holds one of its roles or stands in for it."""
    people = dict.fromkeys(a.person for a in incident.open_assignments())
    return tuple(p for p in people if not stands_for(incident, template, Who(p)).isdisjoint(step.roles))


def may_carry(incident: Incident, template: Template, by: Who, step: ChainStep) -> bool:
    return not by.is_machine and not stands_for(incident, template, by).isdisjoint(step.roles)


def _role_of(incident: Incident, template: Template, by: Who, step: ChainStep) -> str:
    holds = stands_for(incident, template, by)
    role = next((r for r in step.roles if r in holds), "")
    if role and not by.is_machine:
        return role
    titles = " or the ".join(t.title if (t := template.role(r)) else r for r in step.roles)
    raise forbidden("step.role", f"Only the {titles} says this. Ask them, or the commander to fill the role.")


def _done(incident: Incident, message: Message, step: ChainStep) -> StepDone | None:
    found = (d for d in incident.approval.done.values() if (d.message, d.step) == (message.id, step.step))
    return next(found, None)


def _delivered(message: Message) -> bool:
    return message.sent_at is not None and bool(message.recipients or message.page_count)


def _open(incident: Incident, template: Template) -> Iterator[tuple[Message, Handed]]:
    if incident.has_ended:
        return
    for message in incident.messages.values():
        if message.state in ("released", "sent"):
            yield from ((message, h) for h in way(incident, template, message) if h.open and h.due)


def _every(step: ChainStep) -> timedelta:
    return step.check_back or step.eta or timedelta(hours=1)


def _level_at(handed: Handed, now: datetime) -> int:
    if handed.due is None or now < handed.due:
        return 0
    return min(1 + (now - handed.due) // _every(handed.step), MOST_LEVELS)
