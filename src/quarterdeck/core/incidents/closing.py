"""Closing the loop (R-059, R-220): whoever heard of an incident from us hears of its end, in a closing summary. It may
still go when the incident is closed already, until its review is finished.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from quarterdeck.core.kernel.refused import Refused

from .content import Content
from .guards import not_ended
from .parts import Message
from .state import Incident
from .structure import Template

# A closing summary speaks of what is over.
PHASES = ("resolved", "analysis", "closed")
FINISHED = ("closed", "waived")


@dataclass(frozen=True, slots=True)
class Told:
    """An audience that heard of it. `summary` is the closing message that was sent, `draft` one on its way."""

    audience: str
    title: str
    messages: int
    summary: Message | None
    draft: Message | None


def is_summary(message: Message) -> bool:
    """A message is a closing summary when it is the final word and speaks of the end."""
    return message.final and message.phase in PHASES


def told(incident: Incident, template: Template) -> list[Told]:
    """Every audience that was sent a message, in the order of the structure, with its closing summary."""
    titles = {a.key: a.title for a in template.audiences}
    heard = {m.audience for m in incident.messages.values() if m.state == "sent"}
    return [
        _of(incident, key, titles.get(key, key))
        for key in [*(k for k in titles if k in heard), *sorted(heard - titles.keys())]
    ]


def missing(incident: Incident, template: Template) -> list[Told]:
    """The audiences that still wait for their closing summary."""
    return [one for one in told(incident, template) if one.summary is None]


def all_told(incident: Incident) -> bool:
    """Whether everybody who heard of it has heard of its end."""
    heard = {m.audience for m in incident.messages.values() if m.state == "sent"}
    return all(_of(incident, key, key).summary is not None for key in heard)


def _of(incident: Incident, audience: str, title: str) -> Told:
    mine = [m for m in incident.messages.values() if m.audience == audience]
    summaries = [m for m in mine if is_summary(m)]
    # What was said of an end that did not hold closes nothing.
    over = max((s.since for s in incident.phases if s.phase == "resolved"), default=None)
    sent = [
        m
        for m in summaries
        if m.state == "sent" and m.sent_at and not incident.is_open and (over is None or m.sent_at >= over)
    ]
    waiting = [m for m in summaries if m.state in ("draft", "in_review", "released")]
    return Told(
        audience, title, sum(m.state == "sent" for m in mine), sent[-1] if sent else None,
        waiting[-1] if waiting else None,
    )  # fmt: skip


def still(incident: Incident) -> bool:
    """Whether closing summaries may still go though the incident is closed: its review is not finished."""
    review = incident.review
    return incident.phase == "closed" and review is not None and review.state not in FINISHED


def speaking(incident: Incident) -> Incident:
    """The incident as its messages see it. Closed, and its review not finished: the roles stand as they did when it
    closed, so that those who spoke for it can say how it ended. Otherwise as it is.
    """
    if not still(incident):
        return incident
    roles = {
        key: replace(a, ended_at=None, end_reason="") if a.ended_at == incident.closed_at else a
        for key, a in incident.assignments.items()
    }
    return replace(incident, phase="analysis", assignments=roles)


def may_speak(incident: Incident, said: Content | Message | None = None) -> Incident:
    """As `speaking`. Refuses what is no word to people on an incident that has ended: all but the final message to an
    audience that heard of it.
    """
    found = speaking(incident)
    if not incident.has_ended or found is incident:
        not_ended(found)
        return found
    heard = {m.audience for m in incident.messages.values() if m.state == "sent"}
    if said is not None and not (said.final and said.audience in heard):
        raise Refused(
            "closing.only",
            f"{incident.key} is closed. Until its review is finished only closing summaries go, to audiences that heard"
            " of it: mark the message as the final one.",
        )
    return found
