"""How many support tickets an incident has brought, as people or another tool count them (R-237)."""

from __future__ import annotations

from quarterdeck.core.incidents import targets as core

from .. import casebook
from ..act import Act
from ..casebook import Case


def count(act: Act, incident_id: str, tickets: int) -> Case:
    """So many in all, until somebody counts again."""
    return casebook.change(act, incident_id, lambda i, t: core.count(i, t, act.who, tickets))
