"""The timer of a message with many recipients: the next part of them goes into the outbox, until none is left."""

from __future__ import annotations

from quarterdeck.store import models

from . import casebook, due, sending
from .directory import Directory


def fire(message_id: str, directory: Directory) -> None:
    """Queue the next part, inside the caller's transaction, and come again while there may be more."""
    row = models.MessageRow.objects.filter(id=message_id).first()
    if row is None:
        return
    case = casebook.load(row.incident_id)
    message = case.incident.messages[message_id]
    if sending.queue(case.incident, case.template, message, directory.now):
        due.arm(sending.REST, message_id, directory.now, directory.now)
