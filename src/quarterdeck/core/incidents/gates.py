"""What must be true before an incident enters a phase, by name, so that everybody sees what is missing."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from . import closing, customers
from .response_gate import FIRM, child_gate, closing_gate
from .state import Incident
from .structure import Template
from .switches import switches_missing


@dataclass(frozen=True, slots=True)
class Condition:
    """`text` is what must be done, said to the person who does it."""

    key: str
    text: str
    met: bool


def _checks_done(incident: Incident) -> bool:
    return all(c.state == "passed" for c in incident.checks.values())


def _review_done(incident: Incident) -> bool:
    return incident.review is None or incident.review.is_settled


def _follow_ups_assigned(incident: Incident) -> bool:
    flagged = sum(e.followup and not e.superseded_by for e in incident.entries.values())
    return len(incident.action_items) >= flagged


CONDITIONS: Mapping[str, tuple[str, Callable[[Incident], bool]]] = {
    "severity_set": ("Set the severity.", lambda i: not i.severity_unknown),
    "type_set": ("Set the type.", lambda i: bool(i.type)),
    "services_set": ("Name the affected services.", lambda i: bool(i.services)),
    "cause_recorded": ("Record the cause in the facts panel.", lambda i: bool(i.cause)),
    "fix_decided": ("Record a decision on the fix or workaround.", lambda i: bool(i.decisions)),
    "checks_planned": ("Plan a validation check per region or component.", lambda i: bool(i.checks)),
    "validation_checks_done": ("Have every validation check passed.", _checks_done),
    "resolution_code_set": ("Give a resolution code.", lambda i: bool(i.resolution_code)),
    "resolution_time_set": ("Give the time service was back.", lambda i: i.resolved_at is not None),
    "review_done_or_waived": ("Publish the review, or waive it with a reason.", _review_done),
    "closing_summary_sent": (
        "Send a closing summary to every audience that heard from you.",
        closing.all_told,
    ),
    "follow_ups_assigned": ("Make an action item of every entry marked for follow-up.", _follow_ups_assigned),
    "customers_settled": ("Settle every affected customer: done or declined.", customers.settled),
    "repairs_ended": (
        "Say how the repairs that run went.",
        lambda i: not any(r.state == "running" for r in i.technical.remediations.values()),
    ),
    "switches_resumed": (
        "Resume what was halted outside, or say why it does not apply.",
        lambda i: not switches_missing(i),
    ),
    "tasks_done": (
        "Finish or cancel the open tasks.",
        lambda i: not any(t.is_open for t in i.tasks.values()),
    ),
}
# Asked in every structure, never overridden: nobody can judge recovery without them.
_ALWAYS: Mapping[str, tuple[str, ...]] = {
    "monitoring": ("severity_set", "type_set"),
    "resolved": ("severity_set", "type_set"),
}
# Asked even when the structure's file leaves them out.
_USUAL: Mapping[str, tuple[str, ...]] = {
    "resolved": ("validation_checks_done", "repairs_ended"),
    "closed": ("review_done_or_waived", "customers_settled"),
}
_VERBS = {"resolved": "resolve", "closed": "close"}
# Given with the act of resolving itself.
_GIVEN_WITH_THE_ACT = ("resolution_code_set", "resolution_time_set")
_PRESENT = "_present"


def known_condition(key: str) -> bool:
    """Whether a gate may name this condition. "<role>_present" asks for an open assignment of the role."""
    return key in CONDITIONS or key.endswith(_PRESENT)


def conditions(incident: Incident, template: Template, phase: str) -> list[Condition]:
    """Every condition for entering the phase, met or not, in order."""
    keys = (
        *_ALWAYS.get(phase, ()),
        *_USUAL.get(phase, ()),
        *(
            ("switches_resumed",)
            if phase == "resolved" and (template.switches or incident.emergency.switches)
            else ()
        ),
        *template.gates.get(phase, ()),
        *template.gates.get(_VERBS.get(phase, ""), ()),
    )
    own = {"resolved": child_gate, "closed": closing_gate}.get(phase)
    business = [Condition(*asked) for asked in own(incident)] if own else []
    return [*(_condition(incident, template, key) for key in dict.fromkeys(keys)), *business]


def missing(incident: Incident, template: Template, phase: str) -> list[Condition]:
    """The conditions that are not met. Resolution code and time come with the act of resolving."""
    return [
        c for c in conditions(incident, template, phase) if not c.met and c.key not in _GIVEN_WITH_THE_ACT
    ]


def overridable(phase: str, condition: Condition) -> bool:
    return condition.key not in (*_ALWAYS.get(phase, ()), *FIRM)


def what_it_asks(template: Template, key: str) -> str:
    """What must be done for a condition, said to the person who does it; of one that is gone, its name."""
    return CONDITIONS[key][0] if key in CONDITIONS else _role_asked(template, key)


def _role_asked(template: Template, key: str) -> str:
    if not key.endswith(_PRESENT):
        return key
    role = key.removesuffix(_PRESENT)
    card = template.role(role)
    return f"Fill the role {card.title if card else role.replace('_', ' ')}."


def _condition(incident: Incident, template: Template, key: str) -> Condition:
    if key in CONDITIONS:
        text, met = CONDITIONS[key]
        return Condition(key, text, met(incident))
    role = key.removesuffix(_PRESENT)
    if key.endswith(_PRESENT):
        return Condition(key, _role_asked(template, key), incident.holder(role) is not None)
    # A gate nobody can check must not open by itself.
    return Condition(key, f"This installation cannot check {key!r}; override it with a reason.", False)
