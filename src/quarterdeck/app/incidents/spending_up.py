"""Requests above what was lent: to whom they go for approval, executives who approve them, and access that is granted
as a task.
"""

from __future__ import annotations

from quarterdeck.core.access import Who
from quarterdeck.core.incidents import Incident, access_grants
from quarterdeck.core.incidents.authority import may_read
from quarterdeck.core.incidents.ics import requests, rights
from quarterdeck.core.incidents.structure import Template
from quarterdeck.core.kernel.refused import forbidden
from quarterdeck.core.kernel.text import line

from .. import casebook
from ..act import Act
from ..casebook import Case
from ..executives import executive_duty
from ..paging.directory import Directory, must_be_active, policy_from
from ..paging.role_policies import policy_for


def above_goes_to(act: Act, incident: Incident, template: Template) -> tuple[str, ...]:
    """Whom it waits for, in order: finance and its backups where the structure has somebody for it, then the executives
    on duty. Empty where there is nobody.
    """
    directory = Directory(act.at)
    finance = incident.holder(rights.FINANCE)
    people = [finance.person, *_backups(incident, template, directory)] if finance is not None else []
    people += executive_duty.chain(incident, directory)
    return tuple(dict.fromkeys(p for p in people if p != act.person and may_read(incident, Who(p))))


def _backups(incident: Incident, template: Template, directory: Directory) -> list[str]:
    """Whoever the policy of the finance role names after its first."""
    row = policy_for(rights.FINANCE, incident, template)
    if row is None:
        return []
    return [
        p for s in policy_from(row.definition).steps for t in s.targets for p in directory.on_call(t).people
    ]


def waiting_for(case: Case, person: str) -> list[str]:
    """The requests that wait for this person's word, by id."""
    asked = case.incident.business.was_asked
    return [
        r.id for r in case.incident.ics.requests.values() if r.state == "requested" and asked(r.id, person)
    ]


def decide(act: Act, incident_id: str, request_id: str, approved: bool, reason: str = "") -> Case:
    """By the executive whom it was sent to, and nobody else."""
    case = casebook.load(incident_id, act.who)
    if request_id not in waiting_for(case, act.person):
        mine = case.incident.business.was_asked(request_id, act.person)
        found = case.incident.ics.requests.get(request_id)
        if mine and found is not None and (found.state == "approved") == approved:
            return case
        raise forbidden("request.not_yours", "This request does not wait for you.")
    if approved:
        return casebook.change(
            act,
            incident_id,
            lambda i, t: requests.approve_request(i, t, act.who, request_id=request_id, now=act.at),
        )
    return casebook.change(
        act,
        incident_id,
        lambda i, t: requests.end_request(
            i, t, act.who, request_id=request_id, state="refused", reason=line(reason, 300)
        ),
    )


def grant_access(act: Act, incident_id: str, request_id: str, person: str, minutes: int) -> Case:
    """Whoever can grant it has the task; when it is done, the request has arrived."""
    must_be_active(person, "person")
    name = line(Directory(act.at).name(person), 200)
    return casebook.change(
        act,
        incident_id,
        lambda i, t: access_grants.grant(
            i, t, act.who, request_id=request_id, person=person, name=name, minutes=minutes, now=act.at
        ),
    )
