"""Answering an inquiry: from text that was sent, with a warning where it is stale; and the public list of answers.

Nobody outside is answered in words that were approved by nobody.
"""

from __future__ import annotations

from quarterdeck.core.incidents import inquiries as core
from quarterdeck.core.incidents.parts import Message
from quarterdeck.core.kernel.links import safe_url
from quarterdeck.core.kernel.refused import Refused, bad, missing
from quarterdeck.core.kernel.text import clean, line
from quarterdeck.store import log, models, tx
from quarterdeck.store.ids import new_id

from .. import casebook, due
from ..act import Act
from ..comms.sending import public_body
from ..incidents import record
from ..people import competence
from ..visibility import visible_incidents
from .inquiries import ANSWER_LIMIT, DEADLINE, _each, find, locked, note


def texts(act: Act, inquiry: models.Inquiry) -> list[tuple[Message, str, list[str]]]:
    """Each text it may be answered from, as it would be said, and why it is stale; the newest first."""
    if not inquiry.incident_id:
        return []
    case = casebook.load(inquiry.incident_id, act.who)
    return [
        (m, public_body(m), core.stale_because(case.incident, m, act.at))
        for m in core.answerable(case.incident, case.template, inquiry.kind)
    ]


def answer(
    act: Act, inquiry_id: str, *, message_id: str = "", text: str = "", link: str = "", anyway: bool = False,
    publish: bool = False,
) -> models.Inquiry:  # fmt: skip
    """From a text that was sent; staff may be answered in one's own words (`text`). `publish` puts a staff question
    with its answer on the page of questions and answers. On a social network `link` is the post.
    """
    with tx.write("engine", "web"):
        row = locked(inquiry_id, act)
        if row.kind == "media":
            competence.may_take(act.person, ("cert:media",), "answering the press", act.at)
        said, stale = _said(act, row, message_id, text, anyway)
        row.answer, row.message_id, row.stale = said, message_id, stale
        row.answer_link = _link(row, link)
        row.answered_by, row.answered_at, row.changed_at = act.person, act.at, act.at
        if row.state == "escalated":
            raise Refused("inquiry.escalated", "This one is escalated. Close the escalation first.")
        row.state = "answered"
        row.owner = row.owner or act.person
        row.save()
        due.disarm(DEADLINE, [row.id], act.at)
        note(row, act.person, "answered", said if not stale else f"{said}\n\n(from stale text)", act.at)
        log.audit(
            "InquiryAnswered",
            {"inquiry": row.id, "message": message_id, "stale": stale},
            at=act.at,
            actor=act.person,
        )
        if row.kind in ("social", "media"):
            _on_record(act, row)
        if publish and row.kind == "staff":
            publish_answer(act, row.id)
            row.faq = True
    return row


def answer_many(act: Act, ids: list[str], message_id: str, *, anyway: bool = False) -> list[models.Inquiry]:
    """The same sent text for many; all of them or none."""

    def one(row: models.Inquiry) -> None:
        done = answer(act, row.id, message_id=message_id, anyway=anyway)
        for name in ("answer", "message_id", "stale", "answered_by", "answered_at", "state", "owner"):
            setattr(row, name, getattr(done, name))

    return _each(act, ids, one)


def publish_answer(act: Act, inquiry_id: str) -> models.FaqEntry:
    """A staff question and its answer, for everybody inside. Twice is once; not of a restricted incident."""
    with tx.write("web"):
        row = locked(inquiry_id, act)
        if row.kind != "staff" or not row.answer:
            message = "Only a question of staff that is answered goes onto the page."
            raise Refused("faq.unfit", message)
        if models.IncidentRow.objects.filter(id=row.incident_id, restricted=True).exists():
            raise Refused("faq.restricted", "It is about a restricted incident; everybody reads that page.")
        known = models.FaqEntry.objects.filter(inquiry_id=row.id, audience="staff", withdrawn_at=None).first()
        if known is not None:
            known.answer = row.answer
            known.save(update_fields=["answer"])
            return known
        models.Inquiry.objects.filter(id=row.id).update(faq=True)
        log.audit("StaffAnswerPublished", {"inquiry": row.id}, at=act.at, actor=act.person)
        return models.FaqEntry.objects.create(
            id=new_id(), incident_id=row.incident_id, audience="staff", question=row.question, answer=row.answer,
            inquiry_id=row.id, published_by=act.person, published_at=act.at,
        )  # fmt: skip


def staff_questions(act: Act) -> list[models.FaqEntry]:
    """What staff asked and was answered, the newest first, of incidents everybody may know of."""
    hidden = models.IncidentRow.objects.filter(restricted=True)
    rows = models.FaqEntry.objects.filter(audience="staff", withdrawn_at=None)
    return list(rows.exclude(incident_id__in=hidden.values("id")).order_by("-published_at", "-id")[:200])


def withdraw(act: Act, entry_id: str) -> None:
    """The question leaves the page. Twice changes nothing."""
    with tx.write("web"):
        entry = models.FaqEntry.objects.filter(id=entry_id).first()
        if entry is None or (
            entry.incident_id and not visible_incidents(act.who).filter(id=entry.incident_id).exists()
        ):
            raise missing("faq.unknown", "There is no such entry. Reload the page.")
        find(entry.inquiry_id, act.who)
        locked(entry.inquiry_id, act)
        if models.FaqEntry.objects.filter(id=entry_id, withdrawn_at=None).update(withdrawn_at=act.at):
            log.audit("StaffAnswerWithdrawn", {"inquiry": entry.inquiry_id}, at=act.at, actor=act.person)
        models.Inquiry.objects.filter(id=entry.inquiry_id).update(faq=False)


def _said(act: Act, row: models.Inquiry, message_id: str, text: str, anyway: bool) -> tuple[str, bool]:
    if not message_id and row.kind in core.OWN_WORDS:
        said = clean(text, ANSWER_LIMIT).strip()
        if not said:
            message = "Write the answer, or choose a text that was sent."
            raise bad("answer.missing", message, text=message)
        return said, False
    if not row.incident_id:
        message = "Say first which incident it is about: the answer comes from a text that was sent there."
        raise bad("answer.no_incident", message, message_id=message)
    found = next((t for t in texts(act, row) if t[0].id == message_id), None)
    if found is None:
        message = "Choose a text that was approved and sent: nobody outside is answered in other words."
        raise bad("answer.not_approved", message, message_id=message)
    return found[1], core.must_hold(found[2], anyway)


def _link(row: models.Inquiry, link: str) -> str:
    said = line(link, 2000)
    url = safe_url(said) if said else ""
    if said and not url:
        message = "This is not a link that a browser opens. Start it with https://."
        raise bad("link.unfit", message, link=message)
    if row.kind == "social" and row.channel == "social" and not url:
        message = "Give the link to the post or the conversation."
        raise bad("link.missing", message, link=message)
    return url or ""


def _on_record(act: Act, row: models.Inquiry) -> None:
    whom = row.outlet or row.customer or row.contact or "somebody"
    what = "The press" if row.kind == "media" else "A social network"
    text = f"{what} was answered: {whom}. {row.answer_link}".strip()
    incident = models.IncidentRow.objects.filter(id=row.incident_id).values_list("phase", flat=True).first()
    if incident and incident not in ("closed", "dismissed"):
        record.write(act, row.incident_id, "note", text)
