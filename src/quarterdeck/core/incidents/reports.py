"""Reports of people put into an incident: what customers and employees noticed, counted (R-008, R-011)."""

from __future__ import annotations

from quarterdeck.core.access import Who

from .events import Event
from .events.business import ReportLinked
from .guards import not_ended
from .state import Incident

SOURCES = ("customer", "employee")
MOST_CUSTOMERS = 1_000_000


def link_report(incident: Incident, by: Who, *, report: ReportLinked) -> list[Event]:
    """[] when it is in this incident already. Whoever judges reports may; a reader of the incident."""
    not_ended(incident)
    return [] if report.report_id in incident.business.reports else [report]
