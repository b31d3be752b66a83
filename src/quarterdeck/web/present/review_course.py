"""How far a review is, what comes next, and what its reader may do about it; the debrief, lessons and contributions."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _

from quarterdeck.app.reports import Page
from quarterdeck.app.technical import knowledge
from quarterdeck.core.access import Who, may
from quarterdeck.core.incidents import Incident, Template, debrief
from quarterdeck.core.incidents.authority import may as granted
from quarterdeck.core.incidents.contributions import CONTRIBUTION
from quarterdeck.core.incidents.review_course import READING, last_commander
from quarterdeck.core.incidents.state import OPEN_PHASES
from quarterdeck.core.reviews import how_we_responded, part
from quarterdeck.store import models

from .reviews import end_of

LESSONS = {"keep": "Keep", "change": "Change", "surprise": "Surprise"}
STEPS = (("draft", "Draft"), ("in_review", "In review"), ("reviewed", "Reviewed"), ("closed", "Closed"))


def course(page: Page, who: Who, now: datetime) -> dict[str, Any]:
    """The context of what a review page shows beside its parts."""
    r, incident = page.report, page.case.incident
    review = incident.review
    return {
        "course": {
            "state": r.review.state,
            "steps": _steps(r.review.state),
            "facilitator": r.review.facilitator,
            "read_until": r.review.read_until,
            "meets_at": r.review.meets_at,
            "place": r.review.place,
            "invited": r.review.invited,
            "waits": r.review.state == "in_review" and now < _ready_at(r.review.meets_at, r.review.read_until),
            "suggested": timezone.localtime(now + READING + timedelta(hours=1)).strftime("%Y-%m-%dT%H:00"),
        },
        "lead": leads(incident, page.case.template, who),
        "assign": review is not None and not review.is_settled and may_assign(incident, page.case.template, who),
        "owner_id": review.owner if review else "",
        "facilitator_id": review.facilitator if review else "",
        "debrief": r.debrief,
        "debrief_href": f"/incidents/{incident.key}/debrief" if may_debrief(incident, page.case.template, who) else "",
        "lessons": [{"lesson": one, "kind": _(LESSONS.get(one.kind, one.kind))} for one in r.lessons],
        "lesson_kinds": [(key, _(label)) for key, label in LESSONS.items()],
        "contributions": _contributions(page, who),
        "articles": [] if r.withheld else [
            {"title": a.title, "href": f"/knowledge/{a.id}"}
            for a in knowledge.articles(who).filter(incident_id=incident.key).order_by("created_at")
        ],
    }  # fmt: skip


def _ready_at(*moments: datetime | None) -> datetime:
    return max(m for m in (*moments, datetime.min.replace(tzinfo=timezone.get_current_timezone())) if m)


def _steps(state: str) -> list[dict[str, Any]]:
    keys = [key for key, _label in STEPS]
    at = keys.index(state) if state in keys else -1
    return [{"label": _(label), "now": n == at, "done": n < at} for n, (_key, label) in enumerate(STEPS)]


def leads(incident: Incident, template: Template, who: Who) -> bool:
    """Whether the course of the review is theirs to move: its owner, who leads it, the commander."""
    review = incident.review
    if review is None:
        return False
    ended = incident.has_ended and who.person == last_commander(incident)
    return (
        who.person in (review.owner, review.facilitator)
        or ended
        or granted(incident, template, who, "incident.phase")
    )


def may_assign(incident: Incident, template: Template, who: Who) -> bool:
    return leads(incident, template, who) or may(who, "settings.edit")


def may_debrief(incident: Incident, template: Template, who: Who) -> bool:
    """Whether the form of the debrief is open to them."""
    if not incident.declared_at or incident.phase in OPEN_PHASES:
        return False
    waiting = debrief.task(incident)
    mine = waiting is not None and waiting.assignee == who.person
    return mine or may(who, "review.edit") or granted(incident, template, who, "incident.phase")


def suggestion(page: Page) -> str:
    """What the log says about how we responded, for its writer to go on from."""
    return how_we_responded(page.report)


def _contributions(page: Page, who: Who) -> list[dict[str, Any]]:
    parts = page.case.incident.aftermath.contributions
    review = page.case.incident.review
    titles = {
        a.id: a.title
        for a in models.KnowledgeArticle.objects.filter(
            id__in=[c.article for c in parts.values() if c.article]
        )
    }
    return [
        {
            "id": c.id,
            "person": c.person,
            "what": _("What they know") if c.section == CONTRIBUTION else _part(c.section),
            "in_review": c.section != CONTRIBUTION,
            "due_at": end_of(c.due_on),
            "state": c.state,
            "text": c.text,
            "article": _article(c.article, titles),
            "mine": parts[c.id].person == who.person and review is not None and not review.is_settled,
        }
        for c in page.report.contributions
    ]  # fmt: skip


def _article(article_id: str, titles: dict[str, str]) -> dict[str, str] | None:
    if article_id not in titles:
        return None
    return {"title": titles[article_id], "href": f"/knowledge/{article_id}"}


def _part(section: str) -> str:
    known = part(section)
    return known.title if known else section
