"""What may set off a rule, and which of it an incident's new events are. Never says what a rule then does."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from .. import events as ev
from ..events.business import ImpactAssessed
from ..expressions import NAMES, RULE_FLAGS, RULE_WORDS
from ..state import Incident

OPEN_FOR, QUIET_FOR = "incident.open_for", "alert.quiet_for"
ALERT_RECEIVED, ALERT_ESCALATED, ALERT_RESOLVED = "alert.received", "alert.escalated", "alert.resolved"


@dataclass(frozen=True, slots=True)
class Trigger:
    """`about` is incident or alert; `minutes`: it takes a number of them; `asks` are the trigger.* names it knows."""

    key: str
    title: str
    about: str
    minutes: bool = False
    asks: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Occurrence:
    """A trigger that happened, once. `key` tells it from every other one; `words` are its trigger.* values."""

    trigger: str
    key: str
    words: Mapping[str, str | bool] = field(default_factory=dict)


_ALL = (
    Trigger("incident.declared", "An incident is declared", "incident"),
    Trigger(
        "incident.severity", "The severity changes", "incident", asks=("trigger.worse", "trigger.before")
    ),
    Trigger("incident.phase", "The phase changes", "incident", asks=("trigger.before",)),
    Trigger("incident.role_vacant", "A role becomes vacant", "incident", asks=("trigger.role",)),
    Trigger("incident.role_assigned", "A role is taken or assigned", "incident", asks=("trigger.role",)),
    Trigger("incident.impact", "The impact is assessed anew", "incident"),
    Trigger("incident.facts", "A fact changes", "incident", asks=("trigger.fact",)),
    Trigger("incident.update_overdue", "An update is overdue", "incident", asks=("trigger.audience",)),
    Trigger("incident.resolved", "An incident is resolved", "incident"),
    Trigger("incident.closed", "An incident is closed", "incident"),
    Trigger("incident.reopened", "An incident is reopened", "incident"),
    Trigger(OPEN_FOR, "An incident is still open after a time", "incident", minutes=True),
    Trigger("message.released", "A message is released", "incident", asks=("trigger.audience",)),
    Trigger(ALERT_RECEIVED, "An alert is received", "alert"),
    Trigger(ALERT_ESCALATED, "An alert is escalated", "alert"),
    Trigger(ALERT_RESOLVED, "An alert is resolved", "alert"),
    Trigger(QUIET_FOR, "An alert is quiet for a time", "alert", minutes=True),
)
TRIGGERS: Mapping[str, Trigger] = {t.key: t for t in _ALL}
_FACTS = ("what_we_know", "workaround", "customer_effect", "cause", "next_step", "fix", "verification")
_ALERT_NAMES = tuple(n for n in RULE_WORDS if n.startswith("alert."))


def names(trigger: Trigger) -> tuple[str, ...]:
    """Every name that a condition of a rule with this trigger may use."""
    known = NAMES if trigger.about == "incident" else _ALERT_NAMES
    own = tuple(n for n in (*RULE_WORDS, *RULE_FLAGS) if n in trigger.asks)
    return (*known, *own, "trigger.by_rule") if trigger.about == "incident" else (*known, *own)


def occurrences(before: Incident, after: Incident, new: Sequence[ev.Stamped]) -> list[Occurrence]:
    """What of the new events sets off rules; `after` is the incident once all of them have happened."""
    return [
        Occurrence(trigger, f"{after.key}/{one.seq}/{trigger}", words)
        for one in new
        for trigger, words in _of(before, after, one.event)
    ]


def _of(before: Incident, after: Incident, event: ev.Event) -> Iterator[tuple[str, dict[str, str | bool]]]:
    match event:
        case ev.Declared():
            yield "incident.declared", {}
            yield OPEN_FOR, {}
        case ev.SeveritySet() if event.severity != event.previous:
            yield (
                "incident.severity",
                {"trigger.worse": event.severity < event.previous, "trigger.before": str(event.previous)},
            )
        case ev.PhaseChanged():
            yield "incident.phase", {"trigger.before": event.previous}
        case ev.RoleReleased() if after.holder(event.role) is None:
            yield "incident.role_vacant", {"trigger.role": event.role}
        case ev.RoleTaken():
            yield "incident.role_assigned", {"trigger.role": event.role}
        case ev.ImpactSet() | ImpactAssessed():
            yield "incident.impact", {}
        case ev.FactsSet():
            for name in _FACTS:
                if getattr(before, name) != getattr(after, name):
                    yield "incident.facts", {"trigger.fact": name}
                    break
        case _:
            yield from _later(event)


def _later(event: ev.Event) -> Iterator[tuple[str, dict[str, str | bool]]]:
    match event:
        case ev.ClockOverdue(level=1):
            yield "incident.update_overdue", {"trigger.audience": event.audience}
        case ev.MessageReleased():
            yield "message.released", {"trigger.audience": event.audience}
        case ev.Resolved():
            yield "incident.resolved", {}
        case ev.Closed():
            yield "incident.closed", {}
        case ev.Reopened():
            yield "incident.reopened", {}
            yield OPEN_FOR, {}
