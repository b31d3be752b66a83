"""The structured cause of a review and its form, and what keeps coming back. Decides nothing."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _

from quarterdeck.app.learning import causes
from quarterdeck.app.reports import Page
from quarterdeck.core.access import Who, may
from quarterdeck.core.incidents.causes import MOST_FACTORS, may_sort
from quarterdeck.core.incidents.changes import KINDS as CHANGES
from quarterdeck.store import models

from . import words

HEADINGS = {
    "factor": "Contributing factors", "cause": "Causes", "change": "Kinds of change", "service": "Services",
}  # fmt: skip
PERIODS = {90: "90 days", 365: "One year", 1095: "Three years"}
MOST_NAMED = 8


def panel(page: Page, who: Who) -> dict[str, Any]:
    """What stands on the page of one review; None where there is no review or it is kept back."""
    review = page.case.incident.review
    if review is None or page.report.withheld:
        return {"causes": None}
    edits = not review.is_settled and (may_sort(page.case.incident, who) or may(who, "review.edit"))
    said = causes.causes()
    stated = [
        (_("Cause"), causes.title("cause", review.cause_category) if review.cause_category else ""),
        (_("Factors"), ", ".join(causes.title("factor", f) for f in review.factors)),
        (_("Change"), causes.title("change", review.change_kind) if review.change_kind else ""),
    ]
    return {
        "causes": {
            "stated": [(label, text) for label, text in stated if text],
            "may_edit": edits,
            "category": review.cause_category,
            "change": review.change_kind,
            "categories": _with(said.categories.items(), "cause", [review.cause_category]),
            "factors": [(k, t, k in review.factors) for k, t in _with(said.factors.items(), "factor", review.factors)],
            "changes": [(c, causes.title("change", c)) for c in CHANGES],
            "most": MOST_FACTORS,
        }
    }  # fmt: skip


def _with(known: Any, kind: str, chosen: Any) -> list[tuple[str, str]]:
    """The choices of the catalogue, and what was chosen when it had others."""
    found = dict(known)
    return [*found.items(), *((k, causes.title(kind, k)) for k in chosen if k and k not in found)]


def coming_back(who: Who, now: datetime, days: int) -> dict[str, Any]:
    """The page of patterns. Titles of incidents are there for whoever sees incidents or their agreed reviews."""
    found = causes.coming_back(who, now, days)
    rows = models.IncidentRow.objects.in_bulk({i for p in found for i in p.incidents[:MOST_NAMED]})
    services = dict(models.Service.objects.filter(key__in=[p.key for p in found if p.kind == "service"])
                    .values_list("key", "name"))  # fmt: skip
    groups: dict[str, list[dict[str, Any]]] = {}
    for p in found:
        groups.setdefault(p.kind, []).append(
            {
                "title": services.get(p.key, p.key) if p.kind == "service" else causes.title(p.kind, p.key),
                "ref": f"{p.kind}:{p.key}",
                "service": p.key if p.key in services else "",
                "times": p.times,
                "first_at": p.first_at,
                "last_at": p.last_at,
                "incidents": [
                    {"id": i, "title": rows[i].title, "severity": words.severity(rows[i].severity),
                     "href": f"/reviews/{i}"}
                    for i in p.incidents[:MOST_NAMED]
                    if i in rows
                ],
                "more": max(p.times - MOST_NAMED, 0),
            }
        )  # fmt: skip
    return {
        "days": days,
        "choices": [(d, _(PERIODS[d])) for d in causes.DAYS],
        "groups": [
            {"key": k, "heading": _(HEADINGS[k]), "patterns": groups[k]} for k in HEADINGS if k in groups
        ],
        "count": len(found),
        "may_plan": may(who, "service.edit"),
    }
