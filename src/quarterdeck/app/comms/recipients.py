"""The timer of a message with many recipients: the next part of them goes into the outbox, until none is left."""

from __future__ import annotations

from quarterdeck.store import models

from .. import due
from ..paging.directory import Directory
from . import sending


def fire(message_id: str, directory: Directory) -> None:
    """Queue the next part, inside the caller's transaction, and come again while there may be more."""
    mailing = models.Mailing.objects.filter(id=message_id).first()
    if mailing is not None and sending.queue(mailing, directory.now):
        due.arm(sending.REST, message_id, directory.now, directory.now)
