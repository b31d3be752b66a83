"""Which executives an incident engages, by severity, type and impact: rows of policy, each in effect once (R-142)."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from quarterdeck.core.access import Who

from .authority import authorise
from .events import Event
from .events.asks import BriefingCancelled, BriefingPlanned, ExecutiveCalled, ExecutivesEngaged
from .expressions import Expression, evaluate
from .guards import filled, not_ended, one_line
from .staffing import values
from .state import Incident
from .structure import Template

# What a row may do, the mildest first.
MEASURES: Mapping[str, str] = {
    "digest": "a digest once it is over",
    "heads_up": "a heads-up now, and the brief on its clock",
    "call": "the duty executive is called",
    "front": "the roles named are called: who approves, who speaks",
}
REASON_LIMIT = 300


@dataclass(frozen=True, slots=True)
class EngagementRule:
    """A row of the policy. `roles` are called besides; `briefing` None sets no briefings."""

    key: str
    title: str
    when: Expression
    measure: str
    liaison: bool = False
    briefing: timedelta | None = None
    roles: tuple[str, ...] = ()


def holding(
    rules: Sequence[EngagementRule], incident: Incident, template: Template, now: datetime
) -> tuple[EngagementRule, ...]:
    """The rows that hold for the incident as it stands."""
    facts = values(incident, template, now)
    return tuple(r for r in rules if evaluate(r.when, facts))


def follow(
    rules: Sequence[EngagementRule],
    incident: Incident,
    template: Template,
    now: datetime,
    people: tuple[str, ...],
    new_id: Callable[[], str],
) -> list[Event]:
    """What the policy asks for now: each row once in the life of an incident. Briefings it set end with the severity
    that asked for them. `people` are the executives on duty.
    """
    if not incident.is_open:
        return []
    held = holding(rules, incident, template, now)
    events: list[Event] = []
    for rule in held:
        if rule.key in incident.asks.engaged:
            continue
        minutes = int(rule.briefing.total_seconds() // 60) if rule.briefing else 0
        events.append(
            ExecutivesEngaged(rule.key, rule.title, rule.measure, rule.liaison, minutes, rule.roles)
        )
    return [*events, *_briefings(held, incident, now, people, new_id)]


def _briefings(
    held: Sequence[EngagementRule],
    incident: Incident,
    now: datetime,
    people: tuple[str, ...],
    new_id: Callable[[], str],
) -> list[Event]:
    """The series of the policy: the shortest interval of the rows that hold, one at a time."""
    spans = [r.briefing for r in held if r.briefing]
    series = [b for b in incident.asks.planned() if b.every_minutes and b.planned_by in ("engine", "system")]
    every = min(spans, default=None)
    if every is None:
        return [
            BriefingCancelled(b.id, b.starts_at, "The policy asks for none at this severity.") for b in series
        ]
    started = any(b.every_minutes for b in incident.asks.briefings.values() if b.state != "cancelled")
    if series or started:
        return []
    return [BriefingPlanned(new_id(), now + every, "", people, "", int(every.total_seconds() // 60))]


def call_executive(incident: Incident, template: Template, by: Who, *, reason: str) -> list[Event]:
    """The commander, the deputy or the executive liaison brings the duty executive in (R-135)."""
    not_ended(incident)
    authorise(incident, template, by, "callout.send", "exec.brief")
    said = filled(reason, "reason", "Say what the executive is needed for.")
    return [ExecutiveCalled(one_line(said, "reason", REASON_LIMIT))]
