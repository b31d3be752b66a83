"""How the log shows that something was done: each sign with the events that are it. What no event shows has no sign."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from quarterdeck.core.incidents import Stamped, Template
from quarterdeck.core.incidents import events as ev
from quarterdeck.core.incidents.events import crew, technical
from quarterdeck.core.incidents.state import COMMANDER

from .course import Course


@dataclass(frozen=True, slots=True)
class Sign:
    """`found` says whether an event is it; `own` that only a holder of the role can give it."""

    title: str
    found: Callable[[Stamped, Template, str], bool]
    own: bool = True


def _kind(*kinds: type) -> Callable[[Stamped, Template, str], bool]:
    return lambda s, template, role: isinstance(s.event, kinds)


def _entry(kind: str) -> Callable[[Stamped, Template, str], bool]:
    return lambda s, template, role: isinstance(s.event, ev.EntryWritten) and s.event.kind == kind


def public(template: Template, audience: str) -> bool:
    known = template.audience(audience)
    return bool(known and known.public)


def _told(to_public: bool) -> Callable[[Stamped, Template, str], bool]:
    return lambda s, template, role: (
        isinstance(s.event, ev.MessageReleased) and public(template, s.event.audience) is to_public
    )


def takes(stamped: Stamped, role: str) -> str:
    """Who takes this role by this event, "" nobody. Being named by the declaration alone is taking nothing."""
    match stamped.event:
        case ev.RoleTaken(role=found, person=person) if found == role and stamped.seq > 2:
            return person
        case ev.HandoverEffective(role=found, to_person=person) if found == role:
            return person
        case ev.CalloutAnswered(role=found, person=person) if found == role:
            return person
    return ""


def _filled(stamped: Stamped, template: Template, role: str) -> bool:
    return bool(takes(stamped, role))


SIGNS: Mapping[str, Sign] = {
    "command": Sign("command is taken", lambda s, t, r: bool(takes(s, COMMANDER)), own=False),
    "role": Sign("the role is filled", _filled, own=False),
    "severity": Sign("the severity is set", _kind(ev.SeveritySet), own=False),
    "type": Sign("the type is set", _kind(ev.TypeSet), own=False),
    "impact": Sign("the impact is assessed", _kind(ev.ImpactSet)),
    "phase": Sign("the phase moves on", _kind(ev.PhaseChanged, ev.Resolved), own=False),
    "resolved": Sign("the incident is resolved", _kind(ev.Resolved), own=False),
    "draft": Sign("a message is drafted", _kind(ev.MessageDrafted)),
    "internal_update": Sign("people inside are told", _told(False), own=False),
    "public_update": Sign("the public is told", _told(True), own=False),
    "task": Sign("a task is given", _kind(ev.TaskGiven)),
    "task_done": Sign("a task is done", _kind(ev.TaskDone)),
    "decision": Sign("a decision is recorded", _kind(ev.DecisionMade)),
    "handover": Sign("a role is handed over", _kind(ev.HandoverEffective), own=False),
    "hypothesis": Sign("a hypothesis is stated", _kind(crew.HypothesisStated)),
    "finding": Sign("a finding is written", _entry("finding")),
    "note": Sign("an entry is written", _kind(ev.EntryWritten, ev.DecisionMade)),
    "facts": Sign("the facts are kept", _kind(ev.FactsSet)),
    "checklist": Sign("an item of the checklist is ticked", _kind(ev.ChecklistDone)),
    "remediation": Sign("a remediation is proposed", _kind(technical.RemediationProposed)),
    "check": Sign("a check of the repair is planned", _kind(ev.CheckPlanned)),
    "roll_call": Sign("a roll call is started", _kind(ev.RollCallStarted)),
}


def first(course: Course, sign: str, role: str) -> Stamped | None:
    """The first time it was seen, and never by the facilitator's hand; by a holder of the role where only they can give
    it.
    """
    found = SIGNS[sign]
    people = course.people(role)
    for stamped in course.log:
        if not found.found(stamped, course.template, role):
            continue
        if found.own and people and stamped.actor not in people:
            continue
        # The product itself gives a role to whoever answers its call.
        taker = (
            takes(stamped, COMMANDER if sign == "command" else role) if sign in ("command", "role") else ""
        )
        if course.practises(taker or stamped.actor):
            return stamped
    return None
