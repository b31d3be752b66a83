"""Requests above what was lent: to whom they go for approval, executives who approve them, and access that is granted
as a task.
"""

from __future__ import annotations

from quarterdeck.core.incidents import Incident, access_grants
from quarterdeck.core.incidents.ics import requests, rights
from quarterdeck.core.kernel.refused import forbidden
from quarterdeck.core.kernel.text import line

from . import casebook, executive_duty
from .act import Act
from .casebook import Case
from .directory import Directory, must_be_active


def above_goes_to(act: Act, incident: Incident) -> str:
    """Finance where the structure has somebody for it, else the executive on duty; "" where there is neither."""
    finance = incident.holder(rights.FINANCE)
    if finance is not None and finance.person != act.person:
        return finance.person
    duty = executive_duty.chain(incident, Directory(act.at))
    return next((p for p in duty if p != act.person), "")


def waiting_for(case: Case, person: str) -> list[str]:
    """The requests that wait for this person's word, by id."""
    up = case.incident.business.sent_up
    return [
        r.id for r in case.incident.ics.requests.values() if r.state == "requested" and up.get(r.id) == person
    ]


def decide(act: Act, incident_id: str, request_id: str, approved: bool, reason: str = "") -> Case:
    """By the executive whom it was sent to, and nobody else."""
    case = casebook.load(incident_id, act.who)
    if request_id not in waiting_for(case, act.person):
        up = case.incident.business.sent_up.get(request_id)
        found = case.incident.ics.requests.get(request_id)
        if up == act.person and found is not None and (found.state == "approved") == approved:
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
