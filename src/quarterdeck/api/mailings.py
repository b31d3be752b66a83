"""Who a released message went to: how far it is, the record of each recipient, and holding it."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from ninja import Query

from quarterdeck.app.casebook import load
from quarterdeck.app.comms import audience_routes, ledger
from quarterdeck.app.comms import mailings as acts
from quarterdeck.store import models

from .doors import Request
from .fields import Id, IncidentId, Key, Moment, Read, Text, Word, Write
from .operations import Noun
from .pages import Page, PageAsked, page

NOUN = Noun("Messages", "/incidents/{incident}/messages/{message}")
LISTS = Noun("Messages", "/incidents/{incident}/affected-lists")


class Mailing(Read):
    """`state`: running, paused, stopped, done. `counts` by the state of the recipients adds up to `total`; `note` is
    what keeps it from going on just now.
    """

    message: str
    audience: str
    segment: str
    state: str
    reason: str
    note: str
    total: int
    counts: dict[str, int]
    frozen_at: Moment
    ended_at: Moment | None


class Recipient(Read):
    """`state`: queued, sending, handed, delivered, bounced, complained, suppressed, failed, stopped. `unclear` counts
    attempts whose end nobody knows. `report` is what the provider said of a text message: delivered, failed, none where
    it should have by now; empty where it may still, or never does.
    """

    id: int
    channel: str
    address: str
    name: str
    state: str
    attempts: int
    unclear: int
    handed_at: Moment | None
    ended_at: Moment | None
    detail: str
    report: str = ""


class RecipientsAsked(PageAsked):
    state: Word = ""


class MailingHoldWrite(Write):
    reason: Annotated[str, Text(300)] = ""


class MailingStopWrite(Write):
    reason: Annotated[str, Text(300, least=3)]


class ListWrite(Write):
    """ "" for the whole audience."""

    segment: Annotated[str, Text(60)] = ""


@NOUN.get("/delivery", "incident.read", Mailing)
def get_delivery_of_message(request: Request, incident: IncidentId, message: Id) -> Mailing:
    """How far a released message is."""
    return _told(acts.of_message(request.act, incident, message))


@NOUN.get("/recipients", "incident.read", Page[Recipient])
def list_recipients_of_message(
    request: Request, incident: IncidentId, message: Id, asked: Query[RecipientsAsked]
) -> Page[Recipient]:
    """One record for each recipient and channel. Whole addresses are for those who keep contacts, write or release."""
    acts.of_message(request.act, incident, message)
    whole_ones = acts.sees_addresses(load(incident, request.act.who), request.act)
    rows = models.Recipient.objects.filter(message_id=message)
    if asked.state:
        rows = rows.filter(state=asked.state)
    return page(
        asked,
        rows,
        ("id",),
        lambda found: [_recipient(r if whole_ones else acts.hide(r), request.act.at) for r in found],
    )


@NOUN.put("/delivery/pause", "incident.act", Mailing)
def pause_delivery_of_message(
    request: Request, incident: IncidentId, message: Id, body: MailingHoldWrite
) -> Mailing:
    """Hand nothing further over for now."""
    return _told(acts.pause(request.act, incident, message, body.reason))


@NOUN.put("/delivery/resume", "incident.act", Mailing)
def resume_delivery_of_message(request: Request, incident: IncidentId, message: Id) -> Mailing:
    """Go on."""
    return _told(acts.resume(request.act, incident, message))


@NOUN.put("/delivery/stop", "incident.act", Mailing)
def stop_delivery_of_message(
    request: Request, incident: IncidentId, message: Id, body: MailingStopWrite
) -> Mailing:
    """For good: whoever has not got it will not."""
    return _told(acts.stop(request.act, incident, message, body.reason))


@LISTS.put("/{audience}", "incident.act")
def choose_affected_list(request: Request, incident: IncidentId, audience: Key, body: ListWrite) -> None:
    """Of this audience only those on this list hear of the incident, from the next release on."""
    audience_routes.choose_list(request.act, incident, audience, body.segment)


def _recipient(row: models.Recipient, now: datetime) -> Recipient:
    return Recipient.model_validate(row).model_copy(update={"report": ledger.report_of(row, now)})


def _told(row: models.Mailing) -> Mailing:
    return Mailing(
        message=row.id, audience=row.audience, segment=row.segment, state=row.state, reason=row.reason, note=row.note,
        total=row.total, counts=acts.counts(row.id), frozen_at=row.frozen_at, ended_at=row.ended_at,
    )  # fmt: skip
