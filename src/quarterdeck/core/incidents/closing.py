"""Closing the loop (R-059, R-220): whoever heard of an incident from us hears of its end, in a closing summary."""

from __future__ import annotations

from dataclasses import dataclass

from .parts import Message
from .state import Incident
from .structure import Template

# A closing summary speaks of what is over.
PHASES = ("resolved", "analysis", "closed")


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
