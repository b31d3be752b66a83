"""Whether incidents' channels do what they should. Reads what came of the last steps; a part of `health`."""

from __future__ import annotations

from collections.abc import Iterator

from quarterdeck.store import models

from .health_finding import Finding, fault, ok
from .incident_chat import PROGRAMS

NAME = "incident channels"
MOST = 5


def look() -> Iterator[Finding]:
    """A fault for each of the newest channels that a chat program refuses; nothing where none was ever asked for.

    An incident is named by its number alone: everybody who runs the installation reads this.
    """
    rows = models.IncidentChannel.objects.exclude(state__in=("archived", "by_hand"))
    broken = list(rows.exclude(error="").order_by("-created_at")[:MOST])
    for row in broken:
        text = f"The channel of {row.incident_id} in {PROGRAMS[row.program]}: {row.error}"
        yield fault(NAME, text, "It is tried again every ten minutes; docs: Integrations, Slack.")
    if not broken and rows.exists():
        yield ok(NAME, "Every incident's channel stands as it should.")
