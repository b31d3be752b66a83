"""Which incidents of a snapshot are planned work, open, or over, and where each of them stays for good."""

from __future__ import annotations

import re
from datetime import datetime

from quarterdeck.core.kernel.refused import bad
from quarterdeck.core.status.shapes import IncidentView, PageSnapshot
from quarterdeck.core.status.words import MAINTENANCE_WORDS

_REF = re.compile(r"^[A-Za-z0-9][A-Za-z0-9_-]{0,63}$")


def everything(page: PageSnapshot) -> list[IncidentView]:
    """All incidents and maintenances of a page, each once, by the time they began, newest first."""
    over = [incident for month in page.history for day in month.days for incident in day.incidents]
    found = {incident.ref: incident for incident in (*over, *page.maintenance, *page.open_incidents)}
    return sorted(found.values(), key=lambda i: (began(i), i.ref), reverse=True)


def incidents(page: PageSnapshot) -> list[IncidentView]:
    """Without planned work, newest first."""
    return [incident for incident in everything(page) if not is_planned(incident)]


def maintenances(page: PageSnapshot) -> list[IncidentView]:
    """Planned work alone, newest first."""
    return [incident for incident in everything(page) if is_planned(incident)]


def is_planned(incident: IncidentView) -> bool:
    return incident.status in MAINTENANCE_WORDS


def is_running(incident: IncidentView) -> bool:
    """Whether planned work is being done now."""
    return incident.status in ("in_progress", "verifying")


def began(incident: IncidentView) -> datetime:
    """When it began; planned work that has not begun counts from its announced time."""
    return (incident.scheduled_for if is_planned(incident) else None) or incident.started_at


def folder(ref: str) -> str:
    """`incidents/<ref>/`. Raises Refused for a ref that cannot be part of an address."""
    if not _REF.match(ref):
        raise bad("status.ref", f"{ref[:70]!r} cannot be part of an address. Use letters, digits, - and _.")
    return f"incidents/{ref}/"
