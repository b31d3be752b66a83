"""Who of the staff is told of a maintenance: whoever is on call for a covered service, who does it, who planned it.

Messages, never pages; each of them once for each thing told.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from quarterdeck.core.status.maintenance_plan import span
from quarterdeck.store import models

from ..incidents.ownership import leads_of, owners
from ..oncall import duty_notes


def on_call(row: models.MaintenanceWindow, at: datetime) -> list[models.Person]:
    """Who is on call at an instant for a covered service, each once."""
    services = list(row.services.select_related("team", "policy").order_by("name"))
    found = owners(services, at)
    return list({p.id: p for s in services for p in found[s.id].on_call}.values())


def tell(row: models.MaintenanceWindow, what: str, subject: str, text: str, now: datetime) -> None:
    """Tell those on call now or at its start, those who do it and whoever planned it, in the caller's transaction."""
    called = {p.id for at in {now, max(now, row.starts_at)} for p in on_call(row, at)}
    tell_these(row, [*called, *row.people, row.planned_by], what, subject, text, now)


def tell_workers(row: models.MaintenanceWindow, what: str, subject: str, text: str, now: datetime) -> None:
    """Tell those who do it and whoever planned it, in the caller's transaction."""
    tell_these(row, [*row.people, row.planned_by], what, subject, text, now)


def tell_these(
    row: models.MaintenanceWindow, people: Iterable[str], what: str, subject: str, text: str, now: datetime
) -> None:
    said = f"{text}\n\nPlanned: {span(row.starts_at, row.ends_at, row.zone)}\n{_covered(row)}"
    duty_notes.tell(
        people, f"{subject}: {row.title}", said, f"/maintenance/{row.id}", now, key=f"maintenance/{row.id}/{what}"
    )  # fmt: skip


def approvers(row: models.MaintenanceWindow) -> list[str]:
    """Who may approve it: administrators, and who leads the team of a covered service."""
    active = models.Person.objects.filter(is_active=True)
    found = set(active.filter(role="administrator").values_list("id", flat=True))
    for service in row.services.select_related("team"):
        if service.team is not None:
            found |= {p.id for p in leads_of(service.team)}
    return sorted(found)


def _covered(row: models.MaintenanceWindow) -> str:
    names = list(row.services.order_by("name").values_list("name", flat=True))
    return f"Services: {', '.join(names)}" if names else "No service is covered: no alert is silenced."
