"""What the roles of one incident may do there. Rights follow the role a person holds now, never rank.

Knows incidents only as plain data: who holds which role, and what each role grants.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

# Names a role card may grant. What is not listed needs only an acting role in the incident (checklists,
# results of checks, alerts, own tasks), or the permission incident.act (notes, findings).
GRANTS: Mapping[str, str] = {
    "incident.read": "see the incident",
    "incident.phase": "change the phase, resolve, reopen, close, dismiss, rename",
    "incident.type": "set the type",
    "severity.set": "set severity, type and impact",
    "impact.set": "assess the impact",
    "decision.make": "decide, and broadcast to all responders",
    "role.assign": "assign roles and release others from them",
    "callout.send": "call people for roles",
    "standdown": "end callouts and clocks",
    "task.assign": "give tasks to others, reassign and cancel them",
    "task.own": "work on own tasks",
    "task.view": "watch the tasks of all",
    "facts.write": "keep the facts panel",
    "finding.write": "write findings",
    "hypothesis.write": "state and judge hypotheses, record the cause",
    "remediation.apply": "carry out remediation tasks",
    "check.plan": "plan validation checks",
    "timer.manage": "keep the timers of tasks and marks",
    "clock.manage": "set the update clocks of audiences",
    "timeline.write": "write on the timeline",
    "timeline.supersede": "supersede and pin entries of others",
    "message.draft": "draft and edit messages",
    "message.review": "review messages",
    "message.approve": "approve messages",
    "message.release": "release messages to any audience",
    "message.release_executive": "release messages to executives",
    "message.release_staff": "release messages to staff",
    "message.release_regulator": "release messages to a regulator",
    "message.speak": "lend their name to messages",
    "message.distribute": "carry released messages to their audience",
    "page.publish": "publish released messages on status pages",
    "page.components": "set the state of components on status pages",
    "inquiry.answer": "answer inquiries",
    "support.brief": "brief the support desk",
    "exec.answer": "answer questions of executives",
    "exec.brief": "brief executives",
    "outside.share": "speak with other organisations: list and ask them, share entries with guests",
    "legal.review": "judge legal duties",
    "legal.notes": "write privileged notes",
    "safety.stop": "order a halt for safety",
    "safety.hazard": "record hazards",
    "plan.write": "write the plan: periods, objectives, meetings, divisions, channels",
    "resource.manage": "record resources, their status, arrival and release",
}


@dataclass(frozen=True, slots=True)
class RoleGrants:
    """What one role grants. `rollup`: while nobody holds it, its grants go to `reports_to`."""

    grants: tuple[str, ...] = ()
    reports_to: str | None = None
    rollup: bool = True


def acts_as(
    structure: Mapping[str, RoleGrants], held: Iterable[tuple[str, str]], person: str
) -> frozenset[str]:
    """The roles a person holds or stands in for. `held` are the open assignments as (role, person).

    An unfilled role is done by the nearest filled role above it (R-175), unless its `rollup` is off.
    """
    pairs = set(held)
    filled = {role for role, _ in pairs}
    mine = {role for role, holder in pairs if holder == person}
    stood_in = {key for key in structure if key not in filled and _stands_in(structure, filled, key) in mine}
    return frozenset(mine | stood_in)


def grants_of(
    structure: Mapping[str, RoleGrants], held: Iterable[tuple[str, str]], person: str
) -> frozenset[str]:
    """All grants of a person: those of every role the person holds or stands in for."""
    roles = acts_as(structure, held, person)
    return frozenset(grant for key in roles if key in structure for grant in structure[key].grants)


def granted(
    structure: Mapping[str, RoleGrants], held: Iterable[tuple[str, str]], person: str, grant: str
) -> bool:
    return grant in grants_of(structure, held, person)


def _stands_in(structure: Mapping[str, RoleGrants], filled: set[str], key: str) -> str | None:
    """The filled role that does the duties of an unfilled one, or None."""
    seen = {key}
    while key not in filled:
        role = structure.get(key)
        if role is None or not role.rollup or not role.reports_to or role.reports_to in seen:
            return None
        key = role.reports_to
        seen.add(key)
    return key
