"""Mails that report on ours: a bounce, a delivery, a complaint. Each counts for the recipient whose mail it names.

Nobody else can have an address put on the list: the Message-ID it names is known only to whoever had the mail.
"""

from __future__ import annotations

from datetime import datetime
from typing import NamedTuple

from quarterdeck.channels.mail_returned import Returned

from . import ledger


class Told(NamedTuple):
    """What became of a report, for whoever handed it over."""

    state: str
    text: str


def take(found: Returned, now: datetime) -> Told:
    """Write down what a report says. A second one of the same changes nothing."""
    if found.kind in ("nothing", "delayed"):
        return Told("ignored", "This report says nothing that changes where a message stands.")
    recipient = ledger.known_by(found.message_ids)
    if recipient is None:
        return Told("ignored", "This report is about no mail that was sent from here.")
    if not ledger.heard(recipient, found.kind, found.words, now):
        return Told("known", "This was known already.")
    return Told("taken", f"Recorded: {found.kind}.")
