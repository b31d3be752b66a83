"""Mails to the address that takes reports: each waits to be judged as any other report, and never is an incident by
itself. Its sender is thanked where a mail cannot hit somebody who never wrote.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from quarterdeck.channels.mail_reports import MailReport
from quarterdeck.core.kernel.text import cut, line
from quarterdeck.store import log, models, tx
from quarterdeck.store.ids import new_id

from ..incidents.incident_reports import TEXT_LIMIT
from ..paging.mail_answers import Told

VIA = "mail"
# What may wait to be judged: a queue that one flooded is of no use to anybody.
MOST_OF_SENDER, MOST_WAITING = 10, 300
THANKED_AGAIN, MOST_THANKS_AN_HOUR = timedelta(minutes=15), 60
_TELL_WITHIN = timedelta(hours=4)
KNOWN = "known"


def take(mail: MailReport, at: datetime, own: tuple[str, ...] = ()) -> Told:
    """Make a report of a mail. The same mail once more changes nothing. `own` are addresses of this installation: what
    comes from them is a loop.
    """
    if mail.automatic:
        return Told("ignored", f"Nobody wrote it: {mail.automatic}.")
    if mail.sender.lower() in {a.lower() for a in own if a}:
        return Told("ignored", "It comes from this installation itself.")
    if not mail.subject and not mail.text:
        return Told("ignored", "It is empty.")
    person = _person(mail.sender)
    with tx.write("engine", "web"):
        tx.lock("report-mails")
        if models.Idempotency.objects.filter(actor=VIA, token=f"report:{mail.digest}").exists():
            return Told("ignored", "It came before.")
        waiting = models.Report.objects.filter(via=VIA, state="new")
        if waiting.count() >= MOST_WAITING or waiting.filter(sender=mail.sender).count() >= MOST_OF_SENDER:
            return Told("refused", "Too many reports of this sender, or of all, wait to be judged already.")
        row = _made(mail, person, at)
        models.Idempotency.objects.create(
            id=new_id(), actor=VIA, token=f"report:{mail.digest}", result=row.id, at=at
        )
        log.audit(
            "ReportByMail", {"report": row.id, "verified": row.verified}, at=at,
            actor=row.reported_by or "mail",
        )  # fmt: skip
        if mail.sender and (mail.verified or person) and _may_thank(mail.sender, at):
            _thank(mail, row, at)
    return Told("answered", f"Report {reference(row)} waits to be judged.")


def reference(row: models.Report) -> str:
    """What a report is called towards whoever sent it."""
    return row.id.replace("-", "")[-8:].upper()


def sender_told(row: models.Report) -> str:
    """Whether the sender of a report by mail is who they say, in words; "" for a report that came another way."""
    if row.via != VIA:
        return ""
    if row.verified == KNOWN:
        return "known address, not verified"
    return f"verified by {row.verified}" if row.verified else "sender not verified"


def _person(sender: str) -> models.Person | None:
    if not sender:
        return None
    people = models.Person.objects.filter(is_active=True)
    known = people.filter(email__iexact=sender).first()
    ways = models.ContactMethod.objects.filter(kind="email", address__iexact=sender, person__is_active=True)
    way = None if known else ways.select_related("person").first()
    return known or (way.person if way else None)


def _made(mail: MailReport, person: models.Person | None, at: datetime) -> models.Report:
    """Under the name of a colleague only where it is proved that they sent it."""
    team = models.Team.objects.filter(key=mail.tag).first() if mail.tag else None
    service = models.Service.objects.filter(key=mail.tag).first() if mail.tag else None
    named = line(f"{mail.name} <{mail.sender}>" if mail.sender else mail.name or "no address", 300)
    told = "\n\n".join(t for t in (mail.subject, mail.text) if t)
    if mail.attached:
        files = f"\n\nAttached to the mail and not kept here: {', '.join(mail.attached)}"
        told = cut(told, TEXT_LIMIT - len(files)) + files
    return models.Report.objects.create(
        id=new_id(), reported_by=person.id if person and mail.verified else "", via=VIA,
        source_kind="employee" if person else "customer", text=cut(told, TEXT_LIMIT),
        service=service.key if service else "", team=team.key if team else "", contact=named,
        sender=mail.sender, verified=mail.verified or (KNOWN if person else ""), at=at,
    )  # fmt: skip


def _may_thank(sender: str, at: datetime) -> bool:
    thanks = models.Delivery.objects.filter(key__startswith="report-thanks/", channel="email")
    if thanks.filter(address__iexact=sender, created_at__gt=at - THANKED_AGAIN).exists():
        return False
    return thanks.filter(created_at__gt=at - timedelta(hours=1)).count() < MOST_THANKS_AN_HOUR


def _thank(mail: MailReport, row: models.Report, at: datetime) -> None:
    """Nothing of the mail is sent back: whoever forged it would have us send their words."""
    models.Delivery.objects.create(
        id=new_id(), key=f"report-thanks/{row.id}", cls="message", channel="email", address=mail.sender,
        body={
            "subject": f"Your report {reference(row)}", "kind": "message", "urgency": "low",
            "recipient_name": "",
            "text": f"Thank you. Your report {reference(row)} has arrived and waits for somebody to judge it."
            " If it is urgent, please call; nobody is woken by a mail.",
        },
        next_at=at, not_after=at + _TELL_WITHIN, created_at=at,
    )  # fmt: skip
