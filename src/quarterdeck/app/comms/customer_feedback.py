"""What those who were told of an incident say of how it was handled: a rating and words, once a token (R-086).

A link says nothing of the incident but what its audience was sent; of a restricted one nothing at all. A wrong link, a
wrong token and a link that was never made are the same.
"""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Count, QuerySet

from quarterdeck.core.access import Who, may, require
from quarterdeck.core.incidents.authority import may as granted
from quarterdeck.core.kernel.refused import Refused, bad, missing
from quarterdeck.core.kernel.text import clean
from quarterdeck.core.metrics.satisfaction import RATINGS, Satisfaction, satisfaction
from quarterdeck.store import log, models, tx
from quarterdeck.store.ids import new_id

from .. import casebook
from ..act import Act
from ..casebook import Case
from ..visibility import must_see, unless_restricted
from . import feedback_links, links

TEXT_LIMIT = 2000
WITHIN = timedelta(minutes=10)
# Nobody remembers for longer how it was; a link that goes round takes nothing after that.
OPEN_FOR = timedelta(days=180)
# From one address on a link that anybody may open, and of all on one link, within that time.
MOST_OF_SOURCE, MOST_OF_LINK = 5, 2000
_GRANTS = ("message.draft", "message.release", "support.brief", "inquiry.answer")


@dataclass(frozen=True, slots=True)
class Form:
    """What somebody with a good token sees. `headline` is what their audience was sent last, "" where that is nobody's
    business; `said` is what this token said before.
    """

    link: models.FeedbackLink
    headline: str
    said: models.FeedbackAnswer | None


def may_ask(case: Case, who: Who) -> bool:
    return granted(case.incident, case.template, who, *_GRANTS) or may(who, "review.edit")


def ask(act: Act, incident_id: str, audience: str) -> models.FeedbackLink:
    """A link for this audience; twice is the same link. Its final message carries it from now on."""
    with tx.write("web"):
        case = _allowed(act, incident_id)
        if case.template.audience(audience) is None:
            known = ", ".join(a.key for a in case.template.audiences)
            message = f"This incident has no such audience. Choose one of: {known}."
            raise bad("audience.unknown", message, audience=message)
        tx.lock("feedback links")
        row = models.FeedbackLink.objects.filter(incident_id=incident_id, audience=audience).first()
        if row is None:
            row = models.FeedbackLink.objects.create(
                id=new_id(), incident_id=incident_id, audience=audience, slug=secrets.token_urlsafe(18),
                created_by=act.person, created_at=act.at,
            )  # fmt: skip
            _audit(act, "FeedbackAsked", row)
        elif not takes_answers(row, act.at):
            row.closed_at, row.created_at = None, act.at
            row.save(update_fields=["closed_at", "created_at"])
            _audit(act, "FeedbackAsked", row)
    return row


def takes_answers(link: models.FeedbackLink, at: datetime) -> bool:
    """Until somebody stops it, and for half a year at most."""
    return link.closed_at is None and at < link.created_at + OPEN_FOR


def stop(act: Act, incident_id: str, audience: str) -> models.FeedbackLink:
    """The link takes no further answers. Twice changes nothing."""
    with tx.write("web"):
        _allowed(act, incident_id)
        row = models.FeedbackLink.objects.filter(incident_id=incident_id, audience=audience).first()
        if row is None:
            raise missing("feedback.no_link", "This audience has no link. Make one first.")
        if row.closed_at is None:
            row.closed_at = act.at
            row.save(update_fields=["closed_at"])
            _audit(act, "FeedbackClosed", row)
    return row


def links_of(incident_id: str, who: Who) -> list[models.FeedbackLink]:
    must_see(who, incident_id)
    return list(models.FeedbackLink.objects.filter(incident_id=incident_id).order_by("created_at", "id"))


def answers(incident_id: str, who: Who) -> QuerySet[models.FeedbackAnswer]:
    """What was said about one incident. Unordered."""
    must_see(who, incident_id)
    return models.FeedbackAnswer.objects.filter(incident_id=incident_id)


def summary(incident_id: str, who: Who) -> Satisfaction:
    """Average and number, in one query."""
    return counted(answers(incident_id, who))


def counted(rows: QuerySet[models.FeedbackAnswer]) -> Satisfaction:
    found = rows.order_by().values_list("rating").annotate(n=Count("id"))
    return satisfaction(dict(found))


def fresh(slug: str) -> str | None:
    """A token of one's own for somebody who opens the link of everybody; None where there is no such link."""
    if not _link(slug):
        return None
    return feedback_links.token(slug, feedback_links.OPEN + secrets.token_urlsafe(12))


def find(slug: str, token: str) -> Form | None:
    """None whatever is wrong with it."""
    nonce, dot, signature = token.partition(".")
    if not dot or not links.holds("feedback", f"{slug}/{nonce}", signature):
        return None
    link = _link(slug)
    if link is None:
        return None
    return Form(link, _headline(link), models.FeedbackAnswer.objects.filter(token=_kept(slug, token)).first())


def give(
    slug: str, token: str, rating: int, text: str, at: datetime, *, source: str = ""
) -> models.FeedbackAnswer:
    """Keep what was said, once: the token's first answer stands, and is the answer to a second try."""
    if rating not in RATINGS:
        message = "Choose a number from 1 (bad) to 5 (very good)."
        raise bad("rating.range", message, rating=message)
    said = clean(text, TEXT_LIMIT).strip()
    form = find(slug, token)
    if form is not None and form.said is None and token.startswith(feedback_links.OPEN):
        # Asked before anything is locked: whoever floods a form holds nobody up who writes.
        _not_too_many(form.link, _source(slug, source, at), at)
    with tx.write("web"):
        tx.lock("feedback answers")
        form = find(slug, token)
        if form is None:
            raise missing("feedback.unknown", "This link opens nothing. Use it exactly as you got it.")
        if form.said is not None:
            return form.said
        if not takes_answers(form.link, at):
            raise Refused("feedback.closed", "Answers are no longer taken here. Thank you all the same.")
        came_from = _source(slug, source, at)
        if token.startswith(feedback_links.OPEN):
            _not_too_many(form.link, came_from, at)
        incident = models.IncidentRow.objects.filter(id=form.link.incident_id).values_list("drill", flat=True)
        return models.FeedbackAnswer.objects.create(
            id=new_id(), link_id=form.link.id, incident_id=form.link.incident_id, audience=form.link.audience,
            token=_kept(slug, token), rating=rating, text=said, source=came_from, at=at,
            drill=bool(incident.first()),
        )  # fmt: skip


def _not_too_many(link: models.FeedbackLink, source: str, at: datetime) -> None:
    lately = models.FeedbackAnswer.objects.filter(link_id=link.id, at__gt=at - WITHIN)
    of_one = lately.filter(source=source).count() if source else 0
    if of_one >= MOST_OF_SOURCE or lately.count() >= MOST_OF_LINK:
        raise Refused(
            "feedback.limit", "Many answers come in at this moment. Try again in ten minutes.", kind="limited"
        )


def _link(slug: str) -> models.FeedbackLink | None:
    return models.FeedbackLink.objects.filter(slug=slug[:64]).first()


def _headline(link: models.FeedbackLink) -> str:
    if models.IncidentRow.objects.filter(id=link.incident_id, restricted=True).exists():
        return ""
    sent = models.MessageRow.objects.filter(
        incident_id=link.incident_id, audience=link.audience, state="sent"
    )
    return sent.order_by("-sent_at").values_list("headline", flat=True).first() or ""


def _kept(slug: str, token: str) -> str:
    """What is stored of a token: of its own part, whichever key signed it."""
    return hashlib.sha256(f"{slug}/{token.partition('.')[0]}".encode()).hexdigest()


def _source(slug: str, address: str, at: datetime) -> str:
    return links.token("feedback-source", f"{slug}/{address}/{at:%Y-%m-%d}")[:32] if address else ""


def _allowed(act: Act, incident_id: str) -> Case:
    case = casebook.load(incident_id, act.who)
    if not may_ask(case, act.who):
        require(act.who, "review.edit")
    return case


def _audit(act: Act, event: str, row: models.FeedbackLink) -> None:
    about = unless_restricted(row.incident_id, row.incident_id)
    log.audit(event, {"incident": about, "audience": row.audience}, at=act.at, actor=act.person)
