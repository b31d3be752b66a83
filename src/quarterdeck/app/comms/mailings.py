"""A message on its way to its recipients: found, paused, resumed, stopped for good by those who may release it."""

from __future__ import annotations

from datetime import datetime

from quarterdeck.core import access
from quarterdeck.core.comms.contact_rows import masked
from quarterdeck.core.incidents.authority import authorise, may
from quarterdeck.core.kernel.refused import Refused, bad, missing
from quarterdeck.core.kernel.text import line
from quarterdeck.store import log, models, tx

from .. import casebook, due
from ..act import Act
from ..casebook import Case
from ..visibility import must_see, unless_restricted
from .frozen import FEW, REST, STATES, counts

__all__ = [
    "FEW", "STATES", "counts", "exported", "find", "hide", "of_message", "pause", "resume", "sees_addresses", "stop",
]  # fmt: skip


def find(message_id: str) -> models.Mailing:
    found = models.Mailing.objects.filter(id=message_id).first()
    if found is None:
        raise missing("mailing.unknown", "This message has not been released, so it has no recipients yet.")
    return found


def of_message(act: Act, incident_id: str, message_id: str) -> models.Mailing:
    """The recipients of a message of an incident that this person may know of."""
    must_see(act.who, incident_id)
    found = find(message_id)
    if found.incident_id != incident_id:
        raise missing("mailing.unknown", "This message has not been released, so it has no recipients yet.")
    return found


def sees_addresses(case: Case, act: Act) -> bool:
    """Whether this person reads whom a message went to: who keeps the contacts, and who writes or releases here.
    Everybody else sees how many, and what became of each.
    """
    granted = may(case.incident, case.template, act.who, "message.draft", "message.release")
    return granted or access.may(act.who, "status.edit")


def hide(row: models.Recipient) -> models.Recipient:
    """The record of a recipient for whoever does not read addresses; not to be saved. A server's words may quote it."""
    if row.contact_id or row.channel == "email":
        row.address, row.name, row.detail = masked(row.address), "", ""
    return row


def exported(act: Act, mailing: models.Mailing) -> None:
    """The addresses leave as a file: that is written down."""
    with tx.write():
        told = {"message": mailing.id, "recipients": mailing.total}
        log.audit("RecipientsExported", told, at=act.at, actor=act.person)


def pause(act: Act, incident_id: str, message_id: str, reason: str = "") -> models.Mailing:
    """Hand nothing further over; what is on its way this moment may still go out."""
    return _move(act, incident_id, message_id, "running", "paused", reason)


def resume(act: Act, incident_id: str, message_id: str) -> models.Mailing:
    return _move(act, incident_id, message_id, "paused", "running", "")


def stop(act: Act, incident_id: str, message_id: str, reason: str) -> models.Mailing:
    """For good: whoever has not got it does not. Needs a reason."""
    if len(line(reason, 300)) < 3:
        text = "Say why it is stopped: whoever has not got it will not."
        raise bad("mailing.reason", text, reason=text)
    return _move(act, incident_id, message_id, "", "stopped", reason)


def unfinished(message_id: str) -> bool:
    """Whether somebody has still to get it: a mailing that can be stopped."""
    return models.Mailing.objects.filter(id=message_id, state__in=("running", "paused")).exists()


def call_off(act: Act, message_id: str, reason: str) -> None:
    """Stop for good what is under way, inside the caller's transaction; who may is the caller's to say."""
    row = models.Mailing.objects.select_for_update().get(id=message_id)
    if row.state not in ("done", "stopped"):
        _set(act, row, "stopped", reason)


_KINDS = {"paused": "MailingPaused", "running": "MailingResumed", "stopped": "MailingStopped"}


def _move(act: Act, incident_id: str, message_id: str, was: str, to: str, reason: str) -> models.Mailing:
    case = casebook.load(incident_id, act.who)
    authorise(case.incident, case.template, act.who, "message.release")
    with tx.write("engine", "web"):
        of_message(act, incident_id, message_id)
        row = models.Mailing.objects.select_for_update().get(id=message_id)
        if row.state == to:
            return row
        if row.state in ("done", "stopped") or (was and row.state != was):
            told = {"done": "has gone out to everybody", "stopped": "was stopped"}.get(
                row.state, f"is {row.state}"
            )
            raise Refused("mailing.over", f"This message {told}. Reload the page.")
        _set(act, row, to, reason)
    return row


def _set(act: Act, row: models.Mailing, to: str, reason: str) -> None:
    row.state, row.reason, row.changed_by, row.changed_at = to, line(reason, 300), act.person, act.at
    row.note = ""
    row.ended_at = act.at if to == "stopped" else None
    row.save()
    _outbox(row, act.at)
    if to == "stopped":
        rows = models.Recipient.objects.filter(message_id=row.id, state="queued")
        rows.update(state="stopped", ended_at=act.at, detail="Sending was stopped.")
    told_ = {
        "message": row.id,
        "incident": unless_restricted(row.incident_id, row.incident_id),
        "reason": row.reason,
    }
    log.audit(_KINDS[to], told_, at=act.at, actor=act.person)


def _outbox(row: models.Mailing, now: datetime) -> None:
    """What waits in the outbox follows the message."""
    mine = models.Delivery.objects.filter(message_id=row.id, cls="message")
    if row.state == "running":
        mine.filter(state="paused").update(state="queued")
        due.rearm(REST, row.id, now, now)
    elif row.state == "paused":
        mine.filter(state="queued").update(state="paused")
    else:
        mine.filter(state__in=("queued", "paused")).update(
            state="cancelled", finished_at=now, error="Sending was stopped."
        )
