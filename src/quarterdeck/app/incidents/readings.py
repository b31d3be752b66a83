"""Who read an incident without being part of it, and who took a copy of it away: the access log (R-281).

A reading is written down once a day and person; a copy each time. Pages never wait long for it and never fail by it.
"""

from __future__ import annotations

from datetime import datetime

from django.db import DatabaseError
from django.db.models import F

from quarterdeck.core.access import Who, may
from quarterdeck.core.incidents import Incident
from quarterdeck.core.incidents.authority import may as granted
from quarterdeck.core.incidents.structure import Template
from quarterdeck.core.kernel.refused import forbidden
from quarterdeck.store import fence, models, tx
from quarterdeck.store.ids import new_id

from .. import casebook
from ..act import Act

PAGE, REVIEW, RECORD, REPORT, FILE = "page", "review", "record", "report", "file"
COPIES = (RECORD, REPORT, FILE)
WORDS = {
    PAGE: "read the incident", REVIEW: "read its review", RECORD: "exported the record", REPORT: "took its report",
    FILE: "took a file",
}  # fmt: skip
MOST = 200


def note(who: Who, incident: Incident, what: str, now: datetime) -> None:
    """Write it down, if it is to be. Readings of members are not: they work there."""
    if not incident.number or (what not in COPIES and is_member(incident, who.person)) or not who.person:
        return
    day = now.date().isoformat()
    rows = models.IncidentReading.objects.filter(
        incident_id=incident.key, person=who.person, what=what, day=day
    )
    if what not in COPIES and rows.exists():
        return
    try:
        _write(incident, who.person, what, now, day)
    except (DatabaseError, fence.Fenced):
        if what in COPIES:
            raise  # nobody takes a copy away unseen; a page is shown all the same


def _write(incident: Incident, person: str, what: str, now: datetime, day: str) -> None:
    rows = models.IncidentReading.objects.filter(incident_id=incident.key, person=person, what=what, day=day)
    with tx.write():
        if not rows.update(last_at=now, times=F("times") + 1):
            models.IncidentReading.objects.create(
                id=new_id(), incident_id=incident.key, person=person, what=what, day=day, first_at=now,
                last_at=now, member=is_member(incident, person),
            )  # fmt: skip


def noted(act: Act, incident_id: str, what: str) -> None:
    """As `note`, for whoever has only the id. Restricted incidents are not there for outsiders."""
    note(act.who, casebook.load(incident_id, act.who).incident, what, act.at)


def is_member(incident: Incident, person: str) -> bool:
    """Whether somebody had a part in it: declared it, held a role, was given a task, was called."""
    return (
        person == incident.declared_by
        or any(a.person == person for a in incident.assignments.values())
        or any(t.assignee == person for t in incident.tasks.values())
        or any(c.person == person for c in incident.callouts.values())
        or any(c.person == person for c in incident.aftermath.contributions.values())
    )


def may_look(incident: Incident, template: Template, who: Who) -> bool:
    """The access log is for those who answer for the incident: its commander, its lawyers, and who reads the audit."""
    return may(who, "audit.read") or granted(incident, template, who, "incident.phase", "legal.review")


def listing(act: Act, incident_id: str) -> list[models.IncidentReading]:
    """The newest first."""
    case = casebook.load(incident_id, act.who)
    if not may_look(case.incident, case.template, act.who):
        raise forbidden(
            "readings.not_yours",
            "Only the commander or an administrator sees who read an incident. Ask them.",
        )
    rows = models.IncidentReading.objects.filter(incident_id=incident_id)
    return list(rows.order_by("-last_at", "id")[:MOST])
