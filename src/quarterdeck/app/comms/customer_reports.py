"""How many customers say that they are hit by an incident, over time, and telling the commander at thresholds (R-088).

Counts customers, never tickets: those stand beside the facts.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db.models import Sum

from quarterdeck.core.access import Who
from quarterdeck.core.incidents import inquiries as core
from quarterdeck.core.incidents.state import COMMANDER
from quarterdeck.core.kernel.refused import bad
from quarterdeck.core.kernel.text import counted, line
from quarterdeck.store import log, models, tx
from quarterdeck.store.ids import new_id

from ..act import Act, need
from ..oncall import duty_notes
from ..visibility import must_see, unless_restricted

MOST = 1_000_000
BUCKETS = 24


def bring(
    act: Act, incident_id: str, customers: int, source: str, external_id: str = ""
) -> models.CustomerReport:
    """So many more customers, as another tool counted them. The same source and id twice is counted once."""
    need(act, "incident.act")
    must_see(act.who, incident_id)
    if not 1 <= customers <= MOST:
        message = f"Give a whole number from 1 to {MOST}."
        raise bad("customers.range", message, customers=message)
    source, external_id = line(source, 60) or "import", line(external_id, 200)
    with tx.write("engine", "web"):
        tx.lock("customer reports")
        if external_id:
            known = models.CustomerReport.objects.filter(source=source, external_id=external_id).first()
            if known is not None:
                must_see(act.who, known.incident_id)
                return known
        told = {
            "incident": unless_restricted(incident_id, incident_id),
            "customers": customers,
            "source": source,
        }
        log.audit("CustomersReported", told, at=act.at, actor=act.person)
        return count(incident_id, customers, act.at, source=source, external_id=external_id)


def count(
    incident_id: str,
    customers: int,
    at: datetime,
    *,
    source: str,
    external_id: str = "",
    inquiry_id: str = "",
) -> models.CustomerReport:
    """Inside the caller's transaction; the commander is told where a threshold is passed."""
    tx.lock("customer reports")
    before = total(incident_id)
    row = models.CustomerReport.objects.create(
        id=new_id(), incident_id=incident_id, customers=customers, source=source, external_id=external_id,
        inquiry_id=inquiry_id, at=at,
    )  # fmt: skip
    passed = core.reached(before, before + customers)
    known = set(
        models.ReportsReached.objects.filter(incident_id=incident_id).values_list("threshold", flat=True)
    )
    fresh = [t for t in passed if t not in known]
    models.ReportsReached.objects.bulk_create(
        models.ReportsReached(id=f"{incident_id}/{t}", incident_id=incident_id, threshold=t, at=at)
        for t in fresh
    )
    if fresh:
        _prompt(incident_id, before + customers, at)
    return row


def total(incident_id: str) -> int:
    found = models.CustomerReport.objects.filter(incident_id=incident_id).aggregate(n=Sum("customers"))
    return found["n"] or 0


def course(incident_id: str, who: Who, now: datetime) -> list[int]:
    """New reports in each of the last 24 parts of the time since the incident was declared (an hour at least)."""
    row = must_see(who, incident_id)
    end = min(now, row.resolved_at or now)
    began = min(row.declared_at, end - timedelta(hours=1))
    step = (end - began) / BUCKETS
    found = [0] * BUCKETS
    rows = models.CustomerReport.objects.filter(incident_id=incident_id, at__gte=began)
    for at, customers in rows.values_list("at", "customers"):
        found[min(int((at - began) / step), BUCKETS - 1)] += customers
    return found


def prompt(incident_id: str) -> models.ReportsReached | None:
    """The highest threshold that was passed."""
    return models.ReportsReached.objects.filter(incident_id=incident_id).order_by("-threshold").first()


def _prompt(incident_id: str, customers: int, at: datetime) -> None:
    held = models.RoleAssignmentRow.objects.filter(incident_id=incident_id, role=COMMANDER, ended_at=None)
    told = f"{counted(customers, 'customer')} say that they are hit by {incident_id}."
    why = f"{told} Look whether the severity still fits, and what customers are told."
    duty_notes.tell(
        list(held.values_list("person_id", flat=True)), told, why, f"/incidents/{incident_id}/customers", at
    )
