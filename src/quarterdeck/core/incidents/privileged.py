"""Who belongs to the legal group of an incident: whoever holds a role there whose own card lets it write privileged
notes (R-111). Never whoever stands in for a vacant role, and never an administrator as such.
"""

from __future__ import annotations

from .state import Incident
from .structure import Template

GRANT = "legal.notes"
TEXT_LIMIT = 20_000


def roles(template: Template) -> frozenset[str]:
    return frozenset(r.key for r in template.roles if GRANT in r.grants and not r.retired)


def group(incident: Incident, template: Template) -> frozenset[str]:
    """Whoever holds such a role now; of an incident that has ended, whoever held one at its end."""
    legal = roles(template)
    last = incident.phase_since if incident.has_ended else None
    return frozenset(
        a.person
        for a in incident.assignments.values()
        if a.role in legal
        and (a.is_open or (last is not None and a.ended_at is not None and a.ended_at >= last))
    )
