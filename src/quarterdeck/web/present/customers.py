"""The customers' page of one incident, and satisfaction in figures. Decides nothing."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.utils.dates import MONTHS_3
from django.utils.translation import gettext as _

from quarterdeck.app.casebook import Case
from quarterdeck.app.comms import customer_feedback, feedback_links, satisfaction
from quarterdeck.core.access import Who
from quarterdeck.core.metrics.satisfaction import RATINGS, Satisfaction
from quarterdeck.store import models

MOST_WORDS = 50
NAMES_BELOW = 8


def average(found: Satisfaction) -> str:
    return "–" if found.average is None else f"{found.average:.1f}"


def percent(found: Satisfaction) -> str:
    return "–" if found.percent is None else f"{found.percent} %"


def feedback(case: Case, who: Who, now: datetime) -> dict[str, Any]:
    """Average and number, what was said, and the link of each audience."""
    key = case.incident.key
    found = customer_feedback.summary(key, who)
    titles = {a.key: a.title for a in case.template.audiences}
    made = {link.audience: link for link in customer_feedback.links_of(key, who)}
    said = customer_feedback.answers(key, who).exclude(text="").order_by("-at", "-id")[:MOST_WORDS]
    top = max([*found.by_rating.values(), 1])
    return {
        "answers": found.answers, "average": average(found), "percent": percent(found),
        "ratings": [(str(r), found.by_rating[r], top) for r in reversed(RATINGS)],
        "words": [
            {"text": one.text, "rating": one.rating, "audience": titles.get(one.audience, one.audience), "at": one.at}
            for one in said
        ],
        "links": [
            {"key": k, "title": titles[k], "url": feedback_links.url(made[k]) if k in made else "",
             "open": k in made and customer_feedback.takes_answers(made[k], now)}
            for k in titles
        ],
        "may_ask": customer_feedback.may_ask(case, who),
    }  # fmt: skip


def week_rows(
    weeks: Sequence[satisfaction.Week], goals: Sequence[models.FeedbackGoal]
) -> list[dict[str, Any]]:
    step = -(-len(weeks) // NAMES_BELOW)
    rows = []
    for place, week in enumerate(weeks):
        goal = _goal_of(week, goals)
        share = week.found.percent
        rows.append({
            "name": week.name.partition("-")[2] if place % max(step, 1) == 0 else "", "value": share,
            "week": week.name, "monday": f"{week.monday.day} {MONTHS_3[week.monday.month].title()} {week.monday.year}",
            "answers": week.found.answers, "average": average(week.found), "percent": percent(week.found),
            "goal": f"{goal} %" if goal else "–",
            "met": None if not goal or share is None else share >= goal,
        })  # fmt: skip
    return rows


def _goal_of(week: satisfaction.Week, goals: Sequence[models.FeedbackGoal]) -> int:
    """The goal in force when the week began."""
    last = None
    for row in goals:
        if row.since.date() <= week.monday:
            last = row
    return 0 if last is None or last.withdrawn else last.at_least_percent


def pulse(trend: satisfaction.Trend) -> dict[str, str]:
    """The figure of the home page."""
    now, before = trend.now, trend.before
    if not now.answers:
        return {"label": _("Satisfied customers"), "value": "–", "note": _("no answer in 4 weeks")}
    note = _("of %(n)s answers in 4 weeks") % {"n": now.answers}
    if before.percent is not None and now.percent is not None:
        change = now.percent - before.percent
        note += ", " + (_("%(change)+d points") % {"change": change} if change else _("unchanged"))
    return {"label": _("Satisfied customers"), "value": percent(now), "note": note}
