"""The facts a form is filled from, for one incident and one reader: names, timeline, contacts. Reads only."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from quarterdeck.app import casebook
from quarterdeck.app.casebook import Case
from quarterdeck.app.catalog.catalogue import current
from quarterdeck.app.paging.directory import Directory
from quarterdeck.core.incidents import Incident
from quarterdeck.core.incidents.ics.forms.shapes import Sheet
from quarterdeck.core.incidents.ics.parts import Period
from quarterdeck.store import models

from . import told

# What a contact is called on a form; a kind that is not here shows nothing that would help a person.
_KINDS = {"email": "mail", "sms": "mobile", "voice": "phone", "phone": "phone"}


def sheet(case: Case, now: datetime, period: Period | None = None, subject: str = "") -> Sheet:
    incident = case.incident
    directory = Directory(now)
    lines, actors = told.lines(case, directory)
    people = _people(incident, actors)
    directory.load_people(people)
    titles = casebook.titles(case.template)
    levels = {s.rank: s.label for s in current().severities}
    services = dict(models.Service.objects.filter(key__in=incident.services).values_list("key", "name"))
    return Sheet(
        incident=incident,
        template=case.template,
        period=period,
        subject=subject,
        names=directory.name,
        titles=titles,
        lines=lines,
        contacts=_contacts(people),
        homes=_homes(people),
        skills={},
        services=tuple(services.get(k, k) for k in incident.services),
        severity=levels.get(incident.severity, f"SEV{incident.severity}"),
        organisation="",
    )


def _people(incident: Incident, actors: Iterable[str]) -> set[str]:
    ics = incident.ics
    found = set(actors) | {a.person for a in incident.assignments.values()}
    found |= {t.assignee for t in incident.tasks.values()} | {incident.declared_by}
    found |= {c.person for c in incident.callouts.values()}
    for w in ics.divisions.values():
        found |= {w.leader, *w.members}
    found |= {r.leader for r in ics.resources.values()} | {r.person for r in ics.resources.values()}
    return found - {"", "engine", "system"}


def _contacts(people: set[str]) -> dict[str, str]:
    found: dict[str, list[str]] = {}
    rows = models.ContactMethod.objects.filter(person_id__in=people, disabled=False).order_by(
        "position", "id"
    )
    for row in rows.select_related("person"):
        if row.kind in _KINDS:
            found.setdefault(row.person.id, []).append(f"{_KINDS[row.kind]} {row.address}")
    return {person: ", ".join(dict.fromkeys(ways)) for person, ways in found.items()}


def _homes(people: set[str]) -> dict[str, str]:
    rows = models.Membership.objects.filter(person_id__in=people).select_related("team", "person")
    found: dict[str, str] = {}
    for row in rows.order_by("team__name"):
        found.setdefault(row.person.id, row.team.name)
    return found
