"""Mails to the address that takes inquiries: each stands on the desk, once. Nothing is sent back by itself.

What follows the + of the address says who asks (`desk+media@…`), or the incident it is about (`desk+inc-7@…`).
"""

from __future__ import annotations

import re
from datetime import datetime

from quarterdeck.channels.mail_reports import MailReport
from quarterdeck.core.incidents import inquiries as core
from quarterdeck.core.kernel.text import cut, line
from quarterdeck.store import log, models, tx
from quarterdeck.store.ids import new_id

from ..paging.mail_answers import Told
from .inquiries import QUESTION_LIMIT, Asked, keep

VIA = "mail"
# What may wait on the desk: a list that one sender flooded is of no use to anybody.
MOST_OF_SENDER, MOST_WAITING = 20, 1000
_INCIDENT = re.compile(r"inc-[1-9][0-9]{0,8}")


def take(mail: MailReport, at: datetime, own: tuple[str, ...] = ()) -> Told:
    """The same mail once more changes nothing. `own` are addresses of this installation: what comes from them is a
    loop. Whether an incident of that name exists shows nowhere.
    """
    if mail.automatic:
        return Told("ignored", f"Nobody wrote it: {mail.automatic}.")
    if mail.sender.lower() in {a.lower() for a in own if a}:
        return Told("ignored", "It comes from this installation itself.")
    if not mail.subject and not mail.text:
        return Told("ignored", "It is empty.")
    with tx.write("engine", "web"):
        tx.lock("inquiry-mails")
        if models.Idempotency.objects.filter(actor=VIA, token=f"inquiry:{mail.digest}").exists():
            return Told("ignored", "It came before.")
        waiting = models.Inquiry.objects.filter(source=VIA, state__in=core.OPEN_STATES)
        of_one = waiting.filter(contact__iexact=mail.sender).count() if mail.sender else 0
        if waiting.count() >= MOST_WAITING or of_one >= MOST_OF_SENDER:
            return Told("refused", "Too many inquiries of this sender, or of all, wait already.")
        row = keep(_asked(mail), "", at)
        models.Idempotency.objects.create(
            id=new_id(), actor=VIA, token=f"inquiry:{mail.digest}", result=row.id, at=at
        )
        log.audit("InquiryByMail", {"inquiry": row.id}, at=at, actor=VIA)
    return Told("answered", "It stands on the desk.")


def _asked(mail: MailReport) -> Asked:
    kind = mail.tag if mail.tag in core.KINDS and mail.tag != "staff" else "customer"
    about = mail.tag.upper() if _INCIDENT.fullmatch(mail.tag) else ""
    named = models.IncidentRow.objects.filter(id=about, restricted=False, is_open=True) if about else None
    name = line(mail.name or mail.sender or "no address", 200)
    return Asked(
        question=cut("\n\n".join(t for t in (mail.subject, mail.text) if t), QUESTION_LIMIT), kind=kind,
        channel="email", incident_id=about if named is not None and named.exists() else "", customer=name,
        contact=mail.sender, outlet=name if kind == "media" else "", topic=mail.subject, source=VIA,
    )  # fmt: skip
