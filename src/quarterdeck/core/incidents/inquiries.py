"""Questions from outside and from staff: their words, from which text they may be answered, and when that is stale.

Decides from what it is given and knows no inquiry itself.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta

from quarterdeck.core.kernel.refused import Refused, bad

from .parts import Message
from .state import COMMANDER, Incident
from .structure import Template

KINDS = {
    "customer": "Customer",
    "support": "Support",
    "staff": "Staff",
    "partner": "Partner",
    "media": "Media",
    "social": "Social",
}
CHANNELS = {
    "email": "Mail",
    "phone": "Phone",
    "chat": "Chat",
    "web": "Web",
    "social": "Social network",
    "person": "In person",
    "api": "Another tool",
}
TIERS = {"": "No tier", "strategic": "Strategic", "standard": "Standard"}
SENTIMENTS = {"": "Not judged", "calm": "Calm", "worried": "Worried", "angry": "Angry"}
STATES = {
    "new": "New",
    "assigned": "Assigned",
    "escalated": "Escalated",
    "answered": "Answered",
    "closed": "Closed",
}
OPEN_STATES = ("new", "assigned", "escalated")
FOLLOW_UPS = {"": "Not said", "to_tell": "To be told", "told": "Told", "not_needed": "Not needed"}
# Whom an issue is put to, and how long they have, by its priority.
TARGETS = ("technical_lead", COMMANDER)
PRIORITIES = {"urgent": timedelta(minutes=15), "high": timedelta(minutes=30), "normal": timedelta(hours=2)}
# Numbers of customers reporting at which the commander is told.
THRESHOLDS = (1, 5, 10, 25, 50, 100, 250, 500, 1000, 5000, 10_000)
# Whoever asks from inside is answered in one's own words; everybody else from what was sent.
OWN_WORDS = ("staff",)


def one_of(value: str, known: Iterable[str], field: str) -> str:
    """The word, or a refusal that names the field and what there is."""
    words = [k for k in known]
    if value not in words:
        message = f"Choose one of: {', '.join(w or 'nothing' for w in words)}."
        raise bad(f"{field}.unknown", message, **{field: message})
    return value


def answerable(incident: Incident, template: Template, kind: str) -> list[Message]:
    """The sent texts that an inquiry of this kind may be answered from, the newest first: what the public or its own
    audience was told, never what was meant for others inside.
    """
    own = {"media": "media", "support": "support", "partner": "partners_vendors", "staff": "staff"}.get(kind)
    public = {a.key for a in template.audiences if a.public}
    open_to_all = public - {"media"} if kind != "media" else public
    allowed = {*open_to_all, own}
    said = [(at, m.id, m) for m in incident.messages.values() if m.audience in allowed and (at := said_at(m))]
    return [m for *_, m in sorted(said, reverse=True, key=lambda found: found[:2])]


def said_at(message: Message) -> datetime | None:
    """Since when this text may be said: sent, or let go to whoever hands it on by hand. None while nobody let it go."""
    return (message.sent_at or message.released_at) if message.state in ("released", "sent") else None


def stale_because(incident: Incident, message: Message, now: datetime) -> list[str]:
    """Why this text may no longer be so; empty where it is the newest word."""
    sent = said_at(message) or now
    found = []
    newer = [
        m for m in incident.messages.values()
        if m.audience == message.audience and (at := said_at(m)) and at > sent
    ]  # fmt: skip
    if newer:
        found.append("A newer text was sent to this audience.")
    if incident.phase_since and incident.phase_since > sent:
        found.append(f"The incident has moved to {incident.phase} since.")
    if message.next_update_at and message.next_update_at < now and not message.final:
        found.append("The next update it promises is overdue.")
    return found


def must_hold(reasons: list[str], anyway: bool) -> bool:
    """Whether it is used although it is stale. Refuses first, saying why."""
    if reasons and not anyway:
        told = f"This text is stale. {' '.join(reasons)} Choose the newest, or say that you use it anyway."
        raise Refused("answer.stale", told, kind="conflict")
    return bool(reasons)


def due_at(priority: str, at: datetime) -> datetime:
    """By when an issue is to be dealt with."""
    return at + PRIORITIES[one_of(priority, PRIORITIES, "priority")]


def reached(before: int, after: int) -> list[int]:
    """The thresholds that the number of customers reporting has just passed."""
    return [t for t in THRESHOLDS if before < t <= after]
