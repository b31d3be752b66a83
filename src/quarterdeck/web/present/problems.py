"""Problems in lists and alone, the checklist of a handoff, and what a review says of it. Decides nothing."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _

from quarterdeck.app.casebook import Case
from quarterdeck.app.learning import problems
from quarterdeck.app.paging.directory import Directory
from quarterdeck.app.reports import Page
from quarterdeck.core.access import Who, may
from quarterdeck.core.incidents import problem as core
from quarterdeck.core.kernel.links import safe_url
from quarterdeck.store import models

from .reviews import end_of

STATES = {
    "open": ("draft", "Open"), "fixed": ("done", "Fixed"), "closed": ("done", "Closed"),
    "withdrawn": ("superseded", "Withdrawn"),
}  # fmt: skip
MOST = 200


def rows(found: Sequence[models.Problem], who: Who, now: datetime) -> list[dict[str, Any]]:
    names = Directory(now)
    names.load_people({p.owner for p in found})
    return [_row(p, who, names, now) for p in found]


def _row(p: models.Problem, who: Who, names: Directory, now: datetime) -> dict[str, Any]:
    late = problems.is_late(p, timezone.localdate(now))
    mark, label = STATES[p.state]
    return {
        "id": p.id, "title": p.title, "url": f"/problems/{p.id}", "owner": names.name(p.owner),
        "owner_id": p.owner, "due_at": end_of(p.fix_on), "fix_on": p.fix_on, "is_open": p.state == problems.OPEN,
        "state": "late" if late else mark, "state_text": _("Overdue") if late else _(label),
        "tracker": safe_url(p.tracker_url) if p.tracker_url else "", "note": p.note, "cause": p.root_cause,
        "created_at": p.created_at, "incidents": problems.incidents_of(p, who), "key": p.state,
    }  # fmt: skip


def listing(who: Who, show: str, now: datetime) -> dict[str, Any]:
    found = problems.problems(who)
    live = found.filter(state=problems.OPEN)
    today = timezone.localdate(now).isoformat()
    views = {
        "open": (_("Open"), live),
        "late": (_("Overdue"), live.filter(fix_on__lt=today)),
        "over": (_("Over"), found.exclude(state=problems.OPEN)),
    }
    show = show if show in views else "open"
    order = ("-changed_at", "-id") if show == "over" else ("fix_on", "id")
    return {
        "views": [
            {"label": label, "href": f"/problems?show={key}", "current": key == show,
             "count": None if key == "over" else some.count()}
            for key, (label, some) in views.items()
        ],
        "problems": rows(list(views[show][1].order_by(*order)[:MOST]), who, now),
        "show": show,
    }  # fmt: skip


def detail(row: models.Problem, who: Who, now: datetime) -> dict[str, Any]:
    edits = row.owner == who.person or may(who, "review.edit")
    one = rows([row], who, now)[0]
    titles = dict(models.IncidentRow.objects.filter(id__in=one["incidents"]).values_list("id", "title"))
    return {
        "problem": one | {"linked": [{"id": i, "title": titles.get(i, "")} for i in one["incidents"]]},
        "may_edit": edits,
        "people": people() if edits else [],
        "moves": [(s, _(STATES[s][1])) for s in problems.ENDS],
    }


def people() -> list[dict[str, str]]:
    found = models.Person.objects.filter(is_active=True).exclude(role="guest").order_by("name")
    return [{"id": p, "name": n} for p, n in found.values_list("id", "name")]


def handoff(case: Case, who: Who, now: datetime) -> dict[str, Any]:
    """The checklist of one incident, what it went over to, and the form where it may be handed over."""
    checklist = core.criteria(case.incident)
    mine = problems.of_incident(case.incident.key, who)
    ready = all(c.met for c in checklist)
    may_hand = core.may_hand_over(case.incident, case.template, who)
    fix = core.fix(case.incident)
    others = problems.problems(who).filter(state=problems.OPEN).exclude(id__in=[p.id for p in mine])
    hidden = models.IncidentRow.objects.filter(restricted=True).exclude(id=case.incident.key)
    others = others.exclude(incident_id__in=hidden.values("id")).order_by("fix_on", "id")
    return {
        "criteria": checklist,
        "ready": ready,
        "problems": rows(mine, who, now),
        "may_hand": may_hand,
        "made_here": any(p.incident_id == case.incident.key and p.state != "withdrawn" for p in mine),
        "others": list(others.values("id", "title")[:MOST]) if may_hand and ready else [],
        "people": people() if may_hand and ready else [],
        "suggested": {
            "title": case.incident.title, "owner": fix.owner if fix else "", "fix_on": fix.due_on if fix else "",
        },
    }  # fmt: skip


def panel(page: Page, who: Who, now: datetime) -> dict[str, Any]:
    """What a review says of it, for whoever sees the incident."""
    incident = page.case.incident
    if page.report.withheld or incident.is_open or not may(who, "incident.read"):
        return {"handoff": None}
    met = [c.met for c in core.criteria(incident)]
    return {
        "handoff": {
            "href": f"/incidents/{incident.key}/problem", "met": sum(met), "of": len(met),
            "problems": rows(problems.of_incident(incident.key, who), who, now),
        }
    }  # fmt: skip
