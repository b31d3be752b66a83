"""Which executives are on duty: the escalation policy with the key executive-duty, or else the schedule of that key."""

from __future__ import annotations

from dataclasses import dataclass

from quarterdeck.core.access import Who
from quarterdeck.core.escalation.policy import Policy, Step, Target
from quarterdeck.core.incidents import Incident
from quarterdeck.core.incidents.authority import may_read
from quarterdeck.core.incidents.codename import outside
from quarterdeck.store import models

from ..paging.directory import Directory, policy_from
from ..paging.escalations import Subject, start
from .duty_brief import ROLE

KEY = "executive-duty"


@dataclass(frozen=True, slots=True)
class Duty:
    """How they are called, and who may be asked now, in order."""

    policy: Policy
    chain: tuple[str, ...]


def duty(directory: Directory) -> Duty | None:
    """None when nobody has set an executive duty."""
    row = models.EscalationPolicy.objects.filter(key=KEY).first()
    if row is not None:
        policy = policy_from(row.definition)
    else:
        schedule = models.Schedule.objects.filter(key=KEY).first()
        if schedule is None:
            return None
        policy = Policy(KEY, "Executive duty", (Step((Target("schedule", schedule.id),)),), repeats=1)
    people = [p for s in policy.steps for t in s.targets for p in directory.on_call(t).people]
    return Duty(policy, tuple(dict.fromkeys(people)))


def chain(incident: Incident, directory: Directory) -> tuple[str, ...]:
    """Who may be asked about this incident, in order: of a restricted one only those who know of it already."""
    found = duty(directory)
    return tuple(p for p in found.chain if may_read(incident, Who(p))) if found else ()


def call_duty(incident: Incident, directory: Directory) -> bool:
    """Start calling the duty executive; a call under way is not started twice. False when nobody is set."""
    found = duty(directory)
    if found is None:
        return False
    running = models.Run.objects.filter(incident_id=incident.key, role=ROLE, state="running")
    if not running.exists():
        text = f"{incident.key}: an executive is needed – {outside(incident)}"
        start(
            found.policy,
            Subject(text, incident_id=incident.key, role=ROLE, drill=incident.drill),
            directory.now,
        )
    return True
