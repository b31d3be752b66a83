"""Who bridges to executives in an incident, and who might: whoever is on call for it, the deputy, the internal liaison.

Reads and names; whether somebody may hold the role is decided where roles are given.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from quarterdeck.core.access import Who
from quarterdeck.core.escalation.policy import Target
from quarterdeck.core.incidents import bridging
from quarterdeck.core.incidents.authority import may_read
from quarterdeck.core.incidents.bridging import LiaisonGap
from quarterdeck.core.incidents.eligibility import must_be_fit
from quarterdeck.core.incidents.structure import RoleDefinition
from quarterdeck.core.incidents.vacancies import gap_to_executives
from quarterdeck.core.kernel.refused import Refused
from quarterdeck.store import models

from .. import casebook
from ..act import Act
from ..casebook import Case
from ..paging.role_policies import first_for_role
from . import command

# Why somebody is named, in the order they are asked.
ON_CALL = "on_call"


@dataclass(frozen=True, slots=True)
class Filler:
    """Somebody who could bridge now. `why`: on_call (for this role), deputy, internal_liaison."""

    person: str
    why: str


def role_of(case: Case) -> RoleDefinition | None:
    """The role that bridges in this structure; None where it has none."""
    return next((r for r in case.template.roles if bridging.bridges(r)), None)


def gap(case: Case, now: datetime) -> LiaisonGap | None:
    return gap_to_executives(case.incident, case.template, now)


def fillers(case: Case, now: datetime) -> tuple[Filler, ...]:
    """Who may take it now, the first to be asked first."""
    role = role_of(case)
    if role is None:
        return ()
    why = dict.fromkeys(_on_call(case, role, now), ON_CALL)
    for key in bridging.STAND_INS:
        for assignment in case.incident.holders(key):
            why.setdefault(assignment.person, key)
    accounts = models.Person.objects.in_bulk(list(why))
    return tuple(Filler(p, w) for p, w in why.items() if p in accounts and _fits(case, role, accounts[p]))


def fill(act: Act, incident_id: str, person: str = "") -> Case:
    """Give the role to somebody; to the first of `fillers` where nobody is named."""
    case = casebook.load(incident_id, act.who)
    role = role_of(case)
    if role is None:
        raise Refused("role.none", "This structure has no role that bridges to executives.")
    found = person or next((f.person for f in fillers(case, act.at)), "")
    if not found:
        raise Refused(
            "liaison.nobody",
            f"Nobody is on call as {role.title}, and there is neither a deputy nor an internal liaison. Name somebody.",
        )
    if found == act.person:
        return command.take_role(act, incident_id, role.key)
    return command.assign_role(act, incident_id, role.key, found)


def _on_call(case: Case, role: RoleDefinition, now: datetime) -> list[str]:
    """By the policy role-<role>, else by the schedule of that key."""
    called = [p.id for p in first_for_role(role.key, case.template, case.incident.services, now)]
    if called:
        return called
    schedule = models.Schedule.objects.filter(key=f"role-{role.key}").first()
    if schedule is None:
        return []
    return list(case.directory(now).on_call(Target("schedule", schedule.id)).people)


def _fits(case: Case, role: RoleDefinition, person: models.Person) -> bool:
    account = Who(person.id, frozenset({person.role}))
    commander = case.incident.commander
    if not person.is_active or (commander is not None and commander.person == person.id):
        return False
    if not may_read(case.incident, account):
        return False
    try:
        must_be_fit(case.incident, case.template, account, role.key)
    except Refused:
        return False
    return True
