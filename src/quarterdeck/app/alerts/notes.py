"""What happened to an alert, written many lines at a time. Inside the caller's transaction."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from quarterdeck.core.kernel.moments import micros
from quarterdeck.store import bulk, models

# Alert, when, kind, actor, text.
Note = tuple[str, datetime, str, str, str]


def write(notes: Sequence[Note]) -> None:
    rows = [(alert, micros(at), kind, actor, text) for alert, at, kind, actor, text in notes]
    bulk.insert(models.AlertEntry, ("alert_id", "at", "kind", "actor", "text"), rows)
