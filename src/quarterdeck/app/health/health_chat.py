"""Whether incidents' channels do what they should. Reads what came of the last steps; a part of `health`."""

from __future__ import annotations

from collections.abc import Iterator

from quarterdeck.store import models

from ..chat.chat_rules import PROGRAMS
from ..visibility import unless_restricted
from .health_finding import Finding, fault, ok

NAME = "incident channels"
MOST = 5


def look() -> Iterator[Finding]:
    """A fault for each of the newest channels that a chat program refuses; nothing where none was ever asked for.

    An incident is named by its number alone, a restricted one not at all: not only its people read this.
    """
    rows = models.IncidentChannel.objects.exclude(state__in=("archived", "by_hand"))
    broken = list(rows.exclude(error="").order_by("-created_at")[:MOST])
    for row in broken:
        whose = unless_restricted(row.incident_id, row.incident_id, "a restricted incident")
        text = f"The channel of {whose} in {PROGRAMS[row.program]}: {row.error}"
        yield fault(NAME, text, "It is tried again every ten minutes; docs: Integrations, Slack.")
    for mine in models.ExecutiveChannel.objects.exclude(error="").order_by("-created_at")[:MOST]:
        whose = unless_restricted(mine.incident_id, mine.incident_id, "a restricted incident")
        text = f"The executives' channel of {whose} in {PROGRAMS[mine.program]}: {mine.error}"
        yield fault(NAME, text, "It is tried again every ten minutes; docs: Integrations, Slack.")
    if not broken and rows.exists():
        yield ok(NAME, "Every incident's channel stands as it should.")
