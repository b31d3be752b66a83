"""The strategic part of a review, for executives: summary, themes, investment asks, decisions needed, process, what was
said of them, and who is still to read it. No raw record, and no names for whoever has none in the incident.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _

from quarterdeck.app.executives import executive_reading
from quarterdeck.app.incidents import money
from quarterdeck.app.reports import Page
from quarterdeck.core.access import Who, may
from quarterdeck.core.incidents.aftermath import StrategicComment
from quarterdeck.core.incidents.executive_review import EXECUTIVE, STRATEGIC
from quarterdeck.core.kernel.moments import spoken
from quarterdeck.core.reviews import part
from quarterdeck.store import models
from quarterdeck.web.present import review, words
from quarterdeck.web.present.business import sums
from quarterdeck.web.present.review_course import leads
from quarterdeck.web.present.reviews import STATES

_CLOCKS = ("first_public_update", "resolved")


def page(found: Page, who: Who, at: datetime) -> dict[str, Any]:
    """The executive view of one review."""
    incident, key = found.case.incident, found.case.incident.key
    known = incident.review
    said = _comments(found, who)
    state, text = STATES.get(known.state, ("draft", known.state)) if known else ("none", "Not opened")
    return {
        "review": {
            "id": key, "url": f"/reviews/{key}", "title": found.report.facts.title, "exists": known is not None,
            "severity": words.severity(incident.severity), "state": state, "state_text": _(text),
            "drill": incident.drill, "restricted": incident.restricted, "withheld": found.report.withheld,
            "published_at": known.published_at if known else None, "open": bool(known and not known.is_settled),
        },
        "parts": [review.part_of(p, found, who) | {"comments": said.get(p.key, [])}
                  for p in map(part, STRATEGIC) if p is not None],
        "may_comment": known is not None and known.state not in ("closed", "waived") and (
            EXECUTIVE in who.roles or may(who, "review.edit") or leads(incident, found.case.template, who)
        ),
        "figures": _figures(found), "around": _around(found, at),
        "reading": reading(found, who),
        "items": _items(found),
    }  # fmt: skip


def reading(found: Page, who: Who) -> dict[str, Any] | None:
    """How many executives have confirmed, and whether it is the reader's turn; None while nobody is asked."""
    count = executive_reading.count(found.case.incident)
    if not count.asked:
        return None
    mine = found.case.incident.aftermath.readings.get(who.person)
    return {
        "asked": count.asked, "confirmed": count.confirmed, "mine": mine is not None,
        "due_at": mine.due_at if mine else None, "confirmed_at": mine.confirmed_at if mine else None,
    }  # fmt: skip


def owed(who: Who) -> list[dict[str, Any]]:
    """The reviews an executive is still to read, for their first page."""
    rows = executive_reading.owed_by(who)
    titles = dict(
        models.IncidentRow.objects.filter(id__in=[r.incident_id for r in rows]).values_list("id", "title")
    )
    return [
        {"id": r.incident_id, "title": titles.get(r.incident_id, r.incident_id), "due_at": r.due_at,
         "url": f"/reviews/{r.incident_id}/strategic"}
        for r in rows
    ]  # fmt: skip


def _comments(found: Page, who: Who) -> dict[str, list[dict[str, Any]]]:
    said = found.case.incident.aftermath.comments.values()
    people = models.Person.objects.in_bulk({c.said_by for c in said})
    shown: dict[str, list[dict[str, Any]]] = {}
    for one in said:
        shown.setdefault(one.section, []).append(
            {"text": one.text, "at": one.said_at, "by": _who(one, people.get(one.said_by), who)}
        )
    return shown


def _who(one: StrategicComment, person: models.Person | None, who: Who) -> str:
    if one.said_by == who.person:
        return _("You")
    if person is not None and may(who, "incident.read"):
        return str(person.name)
    return _("An executive") if person and person.role == EXECUTIVE else _("Who writes the review")


def _figures(found: Page) -> list[dict[str, str]]:
    """How long until the public knew, and until it was over."""
    shown = [c for c in found.report.clocks if c.key in _CLOCKS and c.lasted is not None]
    return [{"label": c.title, "value": spoken(c.lasted)} for c in shown if c.lasted is not None]


def _around(found: Page, at: datetime) -> list[dict[str, str]]:
    """Whom it hit and what it cost, as far as anybody said."""
    incident, cost = found.case.incident, sums(money.so_far(found.case, at).totals)
    told = ((_("Customers"), incident.customers_affected), (_("Cost, estimate"), cost))
    return [{"label": label, "value": value} for label, value in told if value]


def _items(found: Page) -> dict[str, int]:
    items = found.case.incident.action_items.values()
    return {"all": len(items), "open": sum(i.done_at is None for i in items)}
