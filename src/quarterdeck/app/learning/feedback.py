"""Words about a document: from anybody, answered by who owns it, and put forward to the next process review (R-204).

Feedback on an article of a restricted incident does not exist for outsiders.
"""

from __future__ import annotations

from django.db.models import QuerySet

from quarterdeck.core.access import Who, may
from quarterdeck.core.incidents.guards import filled
from quarterdeck.core.kernel.refused import Refused, bad, forbidden, missing
from quarterdeck.core.kernel.text import clean
from quarterdeck.store import log, models, tx
from quarterdeck.store.ids import new_id

from ..act import Act, need
from ..catalog import catalogue
from ..oncall import duty_notes
from ..paging import policies
from ..technical import knowledge
from . import process

KINDS = ("template", "article", "policy", "playbook")
TEXT_LIMIT, MOST_SHOWN = 2000, 100


def about(kind: str, subject: str, who: Who) -> QuerySet[models.Feedback]:
    """What was said about one document. Refuses a document that `who` may not know of."""
    path_of(kind, subject, who)
    return models.Feedback.objects.filter(kind=kind, subject=subject)


def path_of(kind: str, subject: str, who: Who) -> str:
    """The page of a document that is there."""
    match kind:
        case "template":
            if catalogue.current().template(subject) is None:
                raise missing(
                    "template.unknown", "There is no such response structure. Look it up in the settings."
                )
            return f"/settings/structures/templates/{subject}"
        case "article":
            return f"/knowledge/{knowledge.find(subject, who).id}"
        case "policy":
            return f"/on-call/policies/{policies.find(subject).key}"
        case "playbook" if not subject:
            return "/playbook"
    message = f"Choose one of: {', '.join(KINDS)}. The playbook has no subject."
    raise bad("feedback.kind", message, kind=message)


def give(act: Act, kind: str, subject: str, text: str) -> models.Feedback:
    """By anybody who is here. Whoever owns the document hears of it."""
    need(act, "report.write")
    path = path_of(kind, subject, act.who)
    said = filled(clean(text, TEXT_LIMIT), "text", "Write what should be different, or what helped.")
    with tx.write("web"):
        row = models.Feedback.objects.create(
            id=new_id(), kind=kind, subject=subject, text=said, by=act.person, at=act.at
        )
        log.audit("FeedbackGiven", {"feedback": row.id, "kind": kind}, at=act.at, actor=act.person)
        owner = _owner(row)
        if owner and owner != act.person:
            duty_notes.tell(
                [owner], "Feedback on a document of yours", "Answer it on its page.", path, act.at
            )
    return row


def answer(act: Act, feedback_id: str, text: str) -> models.Feedback:
    """What whoever owns the document says to it. Another answer takes its place."""
    said = filled(clean(text, TEXT_LIMIT), "answer", "Write your answer.")
    with tx.write("web"):
        row = _find(act, feedback_id)
        row.answer, row.answered_by, row.answered_at = said, act.person, act.at
        row.save(update_fields=["answer", "answered_by", "answered_at"])
        log.audit("FeedbackAnswered", {"feedback": row.id}, at=act.at, actor=act.person)
        if row.by != act.person:
            path = path_of(row.kind, row.subject, act.who)
            duty_notes.tell([row.by], "Your feedback is answered", "Read it on its page.", path, act.at)
    return row


def put_forward(act: Act, feedback_id: str) -> models.Feedback:
    """It becomes a finding of the process review that is open, else of the next one. Twice is once."""
    with tx.write("web"):
        row = _find(act, feedback_id)
        if row.kind == "article" and _is_restricted(row.subject):
            message = "It is about an article of a restricted incident; process reviews are read by all."
            raise Refused("feedback.restricted", message)
        if not row.wanted_by:
            row.wanted_by = act.person
            row.save(update_fields=["wanted_by"])
            log.audit("FeedbackPutForward", {"feedback": row.id}, at=act.at, actor=act.person)
            process.take_in(row, act.at)
            row.refresh_from_db()
    return row


def may_answer(kind: str, subject: str, who: Who) -> bool:
    """Its owner, and whoever may change all documents of this kind."""
    if kind == "article" and models.KnowledgeArticle.objects.filter(id=subject, author=who.person).exists():
        return True
    if kind == "policy":
        return may(who, "schedule.edit")
    return may(who, "settings.edit") or process.owners().get("") == who.person


def find(feedback_id: str, who: Who) -> models.Feedback:
    row = models.Feedback.objects.filter(id=feedback_id).first()
    if row is None:
        raise missing("feedback.unknown", "There is no such feedback. Reload the page.")
    path_of(row.kind, row.subject, who)
    return row


def _find(act: Act, feedback_id: str) -> models.Feedback:
    row = models.Feedback.objects.select_for_update().get(id=find(feedback_id, act.who).id)
    if not may_answer(row.kind, row.subject, act.who):
        raise forbidden(
            "feedback.not_yours", "Whoever owns the document answers. Tell them, or an administrator."
        )
    return row


def _owner(row: models.Feedback) -> str:
    if row.kind == "article":
        return (
            models.KnowledgeArticle.objects.filter(id=row.subject).values_list("author", flat=True).first()
            or ""
        )
    return process.owners().get("", "")


def _is_restricted(article_id: str) -> bool:
    article = models.KnowledgeArticle.objects.filter(id=article_id).first()
    key = article.incident_id if article else ""
    return bool(key) and models.IncidentRow.objects.filter(id=key, restricted=True).exists()
