"""The closed list of what a rule may do, and what it has to be given for it. Sets nothing a person should decide."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Field:
    """`kind`: text (one line, may hold fields), long (several lines), and what is chosen: target, person, role,
    severity, phase, audience, component, state, minutes, room, url, article, type, template.
    """

    key: str
    title: str
    kind: str = "text"
    required: bool = True


@dataclass(frozen=True, slots=True)
class Deed:
    """One kind of action. `grants` are words of `GRANTS`; `about` says on which triggers it can stand."""

    key: str
    title: str
    grants: tuple[str, ...]
    fields: tuple[Field, ...]
    about: tuple[str, ...] = ("incident",)


GRANTS: Mapping[str, str] = {
    "page.send": "page people and tell them",
    "callout.send": "call people for roles",
    "role.assign": "assign roles",
    "task.assign": "give tasks",
    "timeline.write": "write on the timeline",
    "note.responders": "tell all responders of an incident",
    "message.draft": "draft messages (a person releases them)",
    "clock.manage": "set update times",
    "proposal.make": "propose severity and phase (a person decides)",
    "status.edit": "propose states of components (a person decides)",
    "chat.post": "post into chat rooms",
    "webhook.send": "call outgoing webhooks",
    "incident.declare": "declare incidents from alerts",
    "incident.restricted": "act in restricted incidents too",
}
# What a grant means where the incident itself asks.
OWN: Mapping[str, tuple[str, ...]] = {
    "timeline.write": ("timeline.write", "incident.act", "check.plan"),
    "note.responders": ("incident.act", "decision.make"),
    "incident.declare": ("incident.declare", "incident.read"),
}
_BOTH = ("incident", "alert")
_TEXT, _LONG = Field("text", "Text"), Field("text", "Text", "long")

_ALL = (
    Deed("page", "Page", ("page.send",), (Field("to", "Whom", "target"), _TEXT), _BOTH),
    Deed("heads_up", "Tell without waking", ("page.send",), (Field("to", "Whom", "target"), _TEXT), _BOTH),
    Deed("call_role", "Call for a role", ("callout.send",), (Field("role", "Role", "role"),)),
    Deed(
        "assign_role",
        "Assign a role",
        ("role.assign",),
        (Field("role", "Role", "role"), Field("to", "To", "target")),
    ),
    Deed(
        "task",
        "Give a task",
        ("task.assign",),
        (
            Field("text", "Task"),
            Field("role", "To the holder of", "role"),
            Field("minutes", "Minutes", "minutes"),
        ),
    ),
    Deed("check", "Add a check before resolving", ("timeline.write",), (Field("text", "Check"),)),
    Deed("note", "Write on the timeline", ("timeline.write",), (_LONG,), _BOTH),
    Deed("tell_responders", "Tell all responders", ("note.responders",), (_LONG,), _BOTH),
    Deed(
        "propose_severity",
        "Propose a severity",
        ("proposal.make",),
        (Field("severity", "Severity", "severity"), Field("text", "Why")),
    ),
    Deed(
        "propose_phase",
        "Propose a phase",
        ("proposal.make",),
        (Field("phase", "Phase", "phase"), Field("text", "Why")),
        _BOTH,
    ),
    Deed("draft", "Draft a message", ("message.draft",), (Field("audience", "Audience", "audience"),)),
    Deed(
        "clock",
        "Set the time between updates",
        ("clock.manage",),
        (Field("audience", "Audience", "audience"), Field("minutes", "Minutes", "minutes")),
    ),
    Deed(
        "propose_component",
        "Propose the state of a component",
        ("status.edit",),
        (
            Field("component", "Component", "component"),
            Field("state", "State", "state"),
            Field("text", "Why"),
        ),
        _BOTH,
    ),
    Deed("chat", "Post into a chat room", ("chat.post",), (Field("room", "Room", "room"), _LONG), _BOTH),
    Deed("webhook", "Call a webhook", ("webhook.send",), (Field("url", "Address", "url"), _TEXT), _BOTH),
    Deed(
        "runbook",
        "Start a runbook",
        ("task.assign", "timeline.write"),
        (
            Field("text", "Runbook"),
            Field("url", "Address", "url"),
            Field("role", "To the holder of", "role"),
            Field("minutes", "Minutes", "minutes"),
        ),
    ),
    Deed(
        "article", "Link a knowledge article", ("timeline.write",), (Field("article", "Article", "article"),)
    ),
    Deed(
        "declare",
        "Declare an incident",
        ("incident.declare",),
        (
            Field("text", "Title"),
            Field("commander", "Commander", "target"),
            Field("severity", "Severity", "severity", required=False),
            Field("type", "Type", "type", required=False),
        ),
        ("alert",),
    ),
)
DEEDS: Mapping[str, Deed] = {d.key: d for d in _ALL}


def own(grants: Iterable[str]) -> frozenset[str]:
    """What the actor of a rule with these grants may do. Words that are no grants of rules give nothing."""
    return frozenset(word for g in grants if g in GRANTS for word in OWN.get(g, (g,)))
