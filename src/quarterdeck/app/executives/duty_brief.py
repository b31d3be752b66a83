"""What the page of a called executive carries: the brief as the incident stands. Reads only."""

from __future__ import annotations

from quarterdeck.store import models

# The run of a call bears this in place of a role: nobody takes it, and whoever is called may know of the incident.
ROLE = "executive_duty"


def brief_facts(incident: models.IncidentRow) -> list[tuple[str, str]]:
    """The executive brief as it stands, as facts of a page (R-135)."""
    due = models.UpdateClockRow.objects.filter(
        incident_id=incident.id, audience="executives", running=True
    ).first()
    wanted = models.ExecBriefRow.objects.filter(incident_id=incident.id).order_by("-sent_at").first()
    affected = ", ".join(t for t in (incident.customer_effect, incident.customers_affected) if t)
    return [
        ("What happened", incident.summary or incident.what_we_know or incident.title),
        ("Who is affected", affected),
        ("What we do", incident.next_step),
        ("What you can do", wanted.help_wanted if wanted else ""),
        ("Next brief", f"{due.next_due:%H:%M} UTC" if due else ""),
    ]
