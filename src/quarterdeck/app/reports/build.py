"""From an incident's log to its report, for one reader. Leaves out what that reader may not see, and never writes."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import datetime
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from quarterdeck.app import casebook
from quarterdeck.app.casebook import Case
from quarterdeck.app.catalog.catalogue import current
from quarterdeck.app.paging.directory import Directory
from quarterdeck.core import reviews
from quarterdeck.core.access import Who, may, require
from quarterdeck.core.incidents import Stamped
from quarterdeck.core.incidents.describe import words
from quarterdeck.core.kernel.refused import missing
from quarterdeck.core.reviews import AlertMoments, Report, Words
from quarterdeck.store import codec, log, models

# Whoever an alert's acknowledgement came from when it was no person of ours.
_SOURCE = "source"


@dataclass(frozen=True, slots=True)
class Page:
    """A report with the incident it is of. `people`: what everybody in it is called there, by id."""

    case: Case
    report: Report
    people: Mapping[str, str] = field(default_factory=dict)


def build(incident_id: str, who: Who, now: datetime, *, named: bool = False) -> Report:
    """The report of an incident as of `now`. People are called by their role unless `named` (R-292)."""
    return page_of(incident_id, who, now, named=named).report


def page_of(incident_id: str, who: Who, now: datetime, *, named: bool = True) -> Page:
    """As `build`, with the incident. Refuses whoever may not read reviews, and hides restricted incidents.

    Who may read reviews but not incidents gets the raw record and names only when the review is published.
    """
    require(who, "review.read")
    case = casebook.load(incident_id, who)
    if not case.incident.number:
        raise missing("incident.unknown", "There is no such incident. Look it up in the list of reviews.")
    stamped = [codec.decode(entry) for entry in log.read(incident_id)]
    outside = not may(who, "incident.read")
    called = _words(case, stamped, now, named=named and not outside)
    alerts = _alerts(case, called)
    report = reviews.report(case.incident, case.template, stamped, called, now, alerts)
    if outside and not (case.incident.review and case.incident.review.is_public):
        report = reviews.withhold(report)
    report = replace(report, zone=_zone(who, case.incident.declared_at or now))
    people = {p: called.names(p) for p in _people(case, stamped) if p}
    return Page(case, report, people)


def _zone(who: Who, at: datetime) -> str:
    """The zone of whoever reads, as it was then; "" for UTC and where it is not known."""
    name = models.Person.objects.filter(id=who.person).values_list("timezone", flat=True).first() or "UTC"
    with suppress(ZoneInfoNotFoundError, ValueError):
        local = at.astimezone(ZoneInfo(name))
        offset = f"{local:%z}"
        return f"{name} was UTC{offset[:3]}:{offset[3:5]} then" if local.utcoffset() else ""
    return ""


def _words(case: Case, stamped: list[Stamped], now: datetime, *, named: bool) -> Words:
    titles = casebook.titles(case.template)
    names = reviews.role_names(case.incident, stamped, titles)
    if named:
        directory = Directory(now)
        directory.load_people(_people(case, stamped))
        names = directory.name
    catalog = current()
    levels = {s.rank: s.label for s in catalog.severities}
    types = {t.key: t.title for t in catalog.types}
    codes = {c.key: c.title for c in catalog.resolution_codes}
    services = dict(models.Service.objects.filter(key__in=case.incident.services).values_list("key", "name"))
    return Words(
        names=names,
        titles=titles,
        severities=lambda rank: levels.get(rank, f"SEV{rank}"),
        types=lambda key: types.get(key) or words(key),
        services=lambda key: services.get(key) or key,
        codes=lambda key: codes.get(key) or words(key),
    )


def _people(case: Case, stamped: list[Stamped]) -> set[str]:
    """Everybody whose name the report needs, so that they are read at once."""
    incident = case.incident
    found = {s.actor for s in stamped} | {a.person for a in incident.assignments.values()}
    found |= {c.person for c in incident.callouts.values()} | {t.assignee for t in incident.tasks.values()}
    found |= {i.owner for i in incident.action_items.values()} | {incident.declared_by}
    if incident.review:
        found |= {incident.review.owner, incident.review.facilitator, *incident.review.invited}
    found |= {c.person for c in incident.aftermath.contributions.values()}
    return found | {p for d in incident.aftermath.debriefs.values() for p in d.attendees}


def _alerts(case: Case, called: Words) -> list[AlertMoments]:
    """The linked alerts with what people did to them; one whose row is gone is told from the log."""
    linked = case.incident.alerts
    rows = {a.id: a for a in models.Alert.objects.filter(id__in=linked)}
    found = []
    for alert_id, link in linked.items():
        row = rows.get(alert_id)
        if row is None:
            found.append(AlertMoments(alert_id, link.summary, link.linked_at, resolved_at=link.resolved_at))
            continue
        by = row.acknowledged_by
        found.append(
            AlertMoments(
                alert_id=alert_id,
                summary=row.summary or link.summary,
                first_at=row.first_seen_at,
                acknowledged_at=row.acknowledged_at,
                acknowledged_by="its source" if by == _SOURCE else called.names(by) if by else "",
                resolved_at=row.resolved_at or link.resolved_at,
            )
        )
    return found
