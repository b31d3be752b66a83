"""What people noticed: reported by anyone signed in, judged in a queue, declared or linked to an incident (R-008)."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet

from quarterdeck.core.incidents import Declaration
from quarterdeck.core.incidents.events.business import ReportLinked
from quarterdeck.core.incidents.reports import MOST_CUSTOMERS, SOURCES, link_report
from quarterdeck.core.kernel.refused import Refused, bad, missing
from quarterdeck.core.kernel.text import clean, line
from quarterdeck.store import log, models, tx
from quarterdeck.store.ids import new_id

from .. import casebook
from ..act import Act, need
from ..casebook import Case
from ..visibility import hidden_incidents
from . import incidents

STATES = ("new", "declared", "linked", "dismissed")
TEXT_LIMIT = 4000
# What one person may have waiting at once: a queue that one flooded is of no use to anybody.
MOST_WAITING = 30


def report(
    act: Act,
    text: str,
    *,
    source_kind: str = "employee",
    service: str = "",
    customer: str = "",
    customers: int = 0,
    contact: str = "",
) -> models.Report:
    """Say that something is wrong. No role in any incident is needed."""
    need(act, "report.write")
    told = clean(text, TEXT_LIMIT + 1).strip()
    if not told or len(told) > TEXT_LIMIT:
        message = f"Say in 1 to {TEXT_LIMIT} characters what is wrong and where you see it."
        raise bad("text.length", message, text=message)
    if source_kind not in SOURCES:
        raise bad("source.unknown", f"Choose one of: {', '.join(SOURCES)}.", source_kind="unknown")
    if not 0 <= customers <= MOST_CUSTOMERS:
        raise bad("customers.range", f"Give a number from 0 to {MOST_CUSTOMERS}.", customers="out of range")
    if service and not models.Service.objects.filter(key=service).exists():
        raise bad("service.unknown", "There is no such service. Choose one from the list.", service="unknown")
    with tx.write("web"):
        waiting = models.Report.objects.filter(reported_by=act.person, state="new").count()
        if waiting >= MOST_WAITING:
            raise Refused(
                "report.many",
                f"{waiting} of your reports wait already. Call a commander if it is urgent.",
                kind="limited",
            )
        return models.Report.objects.create(
            id=new_id(), reported_by=act.person, via=act.via, source_kind=source_kind, text=told, service=service,
            customer=line(customer, 200), customers=customers, contact=line(contact, 300), at=act.at,
        )  # fmt: skip


def mine(act: Act) -> QuerySet[models.Report]:
    """One's own reports, the newest first."""
    need(act, "report.write")
    return models.Report.objects.filter(reported_by=act.person).order_by("-at", "-id")


def queue(act: Act, state: str = "new") -> QuerySet[models.Report]:
    """What waits to be judged, the oldest first; what was judged, the newest first. What became an incident that is
    hidden from whoever asks is hidden with it.
    """
    need(act, "report.judge")
    order = ("at", "id") if state == "new" else ("-at", "-id")
    rows = models.Report.objects.filter(state=state)
    if state != "new":
        rows = rows.exclude(incident_id__in=hidden_incidents(act.who).values("id"))
    return rows.order_by(*order)


@tx.again
def link(act: Act, report_id: str, incident_id: str) -> Case:
    """The report is about this incident."""
    need(act, "report.judge")
    with tx.write("engine", "web"):
        row = _waiting(report_id)
        case = casebook.change_within(
            act, incident_id, lambda i, t: link_report(i, act.who, report=_said(row))
        )
        _judged(act, row, "linked", incident_id=case.incident.key)
    return case


@tx.again
def declare(act: Act, report_id: str, title: str, **values: Any) -> Case:
    """The report becomes an incident: declared with its words, its service and its customers. All or nothing."""
    need(act, "report.judge")
    need(act, "incident.declare")
    with tx.write("engine", "web"):
        row = _waiting(report_id)
        said = Declaration(
            title=line(title, 200) or line(row.text, 200), services=(row.service,) if row.service else (),
            summary=row.text, source="report", **values,
        )  # fmt: skip
        case = incidents.declare(act, said, token=f"report:{row.id}")
        case = casebook.change_within(
            act, case.incident.key, lambda i, t: link_report(i, act.who, report=_said(row))
        )
        _judged(act, row, "declared", incident_id=case.incident.key)
    return case


def dismiss(act: Act, report_id: str, note: str) -> models.Report:
    """Nothing is wrong, or it is known: with the reason, which the reporter reads."""
    need(act, "report.judge")
    told = line(note, 500)
    if not told:
        raise bad("note.missing", "Say why; whoever reported it reads this.", note="missing")
    with tx.write("web"):
        row = _waiting(report_id)
        _judged(act, row, "dismissed", note=told)
    return row


def _waiting(report_id: str) -> models.Report:
    row = models.Report.objects.select_for_update().filter(id=report_id).first()
    if row is None:
        raise missing("report.unknown", "There is no such report. Reload the queue.")
    if row.state != "new":
        raise Refused("report.judged", f"This report was judged already: {row.state}. Reload the queue.")
    return row


def _judged(act: Act, row: models.Report, state: str, *, incident_id: str = "", note: str = "") -> None:
    row.state, row.incident_id, row.note = state, incident_id, note
    row.judged_by, row.judged_at = act.person, act.at
    row.save(update_fields=["state", "incident_id", "note", "judged_by", "judged_at"])
    log.audit("ReportJudged", {"report": row.id, "state": state}, at=act.at, actor=act.person)


def _said(row: models.Report) -> ReportLinked:
    return ReportLinked(row.id, row.source_kind, row.text, row.customer, row.customers)
