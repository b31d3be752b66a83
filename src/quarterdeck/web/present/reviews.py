"""The list of reviews and of open action items. Shows nothing of incidents that are hidden from the viewer."""

from __future__ import annotations

from datetime import date, datetime, time
from typing import Any

from django.db.models import Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from quarterdeck.app import visibility
from quarterdeck.app.paging.directory import Directory
from quarterdeck.core.access import Who, may
from quarterdeck.core.incidents import SECTIONS
from quarterdeck.store import models

from . import words

PAGE = 50
ITEMS = 30
_LAST_MINUTE = time(23, 59)
_VIEWS = (
    ("open", "Open"), ("overdue", "Overdue"), ("reviewed", "Reviewed"), ("closed", "Closed"), ("waived", "Waived"),
)  # fmt: skip
LIVE = ("draft", "in_review")
STATES = {
    "draft": ("draft", "Open"), "in_review": ("in_review", "In review"), "reviewed": ("done", "Reviewed"),
    "closed": ("done", "Closed"), "waived": ("superseded", "Waived"),
}  # fmt: skip


def listing(who: Who, show: str, after: str, now: datetime) -> dict[str, Any]:
    """One page of reviews, the most urgent first; settled ones newest first. `after` is where the last page ended."""
    today = timezone.localdate(now)
    show = show if show in dict(_VIEWS) else "open"
    seen = _visible(models.ReviewRow.objects.all(), who)
    found, more = _page(seen, show, after, today)
    incidents = models.IncidentRow.objects.in_bulk([r.incident_id for r in found])
    names = Directory(now)
    names.load_people({r.owner for r in found})
    written = [_row(r, incidents[r.incident_id], today, names) for r in found if r.incident_id in incidents]
    _count_items(written)
    drafts = list(seen.filter(state__in=LIVE).values_list("due_on", flat=True))
    counts = {"open": len(drafts), "overdue": sum(due < today.isoformat() for due in drafts)}
    return {
        "summary": _summary(counts),
        "views": [
            {
                "label": _(label),
                "href": f"/reviews?show={key}",
                "current": key == show,
                "count": counts.get(key),
            }
            for key, label in _VIEWS
        ],
        "reviews": written,
        # Who sees no incidents sees no open work of one either; its review tells when it is agreed.
        "items": open_items(who, now) if may(who, "incident.read") else [],
        "page": {"newer": None, "older": more, "shown": len(written), "total": None},
    }


def _visible(rows: QuerySet[Any], who: Who) -> QuerySet[Any]:
    return rows.exclude(incident_id__in=visibility.hidden_incidents(who).values("id"))


def _page(
    seen: QuerySet[models.ReviewRow], show: str, after: str, today: date
) -> tuple[list[models.ReviewRow], str | None]:
    """Keyset paging: the cursor is the day and the id of the last row."""
    day, _sep, last = after.partition("~")
    if show in ("open", "overdue"):
        rows = seen.filter(state__in=LIVE).order_by("due_on", "id")
        if show == "overdue":
            rows = rows.filter(due_on__lt=today.isoformat())
        if last:
            rows = rows.filter(Q(due_on__gt=day) | Q(due_on=day, id__gt=last))
    else:
        rows = seen.filter(state=show).order_by("-due_on", "-id")
        if last:
            rows = rows.filter(Q(due_on__lt=day) | Q(due_on=day, id__lt=last))
    found = list(rows[: PAGE + 1])
    more = f"{found[PAGE - 1].due_on}~{found[PAGE - 1].id}" if len(found) > PAGE else None
    return found[:PAGE], more


def _row(r: models.ReviewRow, incident: models.IncidentRow, today: date, names: Directory) -> dict[str, Any]:
    late = r.state in LIVE and r.due_on < today.isoformat()
    state, text = ("late", "Overdue") if late else STATES.get(r.state, ("draft", r.state))
    return {
        "id": r.incident_id,
        "url": f"/reviews/{r.incident_id}",
        "title": incident.title,
        "severity": words.severity(incident.severity),
        "owner": names.name(r.owner),
        "state": state,
        "state_text": _(text),
        "written": sum(bool(str(r.sections.get(key, "")).strip()) for key in SECTIONS),
        "sections": len(SECTIONS),
        "due_at": end_of(r.due_on),
        "items_open": 0,
        "drill": incident.drill,
    }


def _count_items(rows: list[dict[str, Any]]) -> None:
    left = models.ActionItemRow.objects.filter(incident_id__in=[r["id"] for r in rows], done_at=None)
    per: dict[str, int] = {}
    for key in left.values_list("incident_id", flat=True):
        per[key] = per.get(key, 0) + 1
    for row in rows:
        row["items_open"] = per.get(row["id"], 0)


def _summary(counts: dict[str, int]) -> str:
    if not counts["open"]:
        return _("No review is owed.")
    text = _("%(open)s to write") % counts
    return text + (_(", %(overdue)s overdue") % counts if counts["overdue"] else "") + "."


def open_items(who: Who, now: datetime) -> list[dict[str, Any]]:
    """Action items that are not done, the late ones first."""
    today = timezone.localdate(now).isoformat()
    names = Directory(now)
    rows = list(
        _visible(models.ActionItemRow.objects.filter(done_at=None), who).order_by("due_on", "id")[:ITEMS]
    )
    names.load_people({r.owner for r in rows})
    at = drill_pages({r.incident_id for r in rows})
    return [
        {
            "text": r.title,
            "owner": {"name": names.name(r.owner), "me": r.owner == who.person},
            "due_at": end_of(r.due_on),
            "state": "late" if r.due_on < today else "open",
            "review_id": r.incident_id,
            "url": at.get(r.incident_id) or f"/reviews/{r.incident_id}#items",
        }
        for r in rows
    ]


def drill_pages(incidents: set[str]) -> dict[str, str]:
    """Incident -> where its action items stand, for those that are drills."""
    drills = models.Drill.objects.filter(incident_id__in=incidents, state="ended")
    return {i: f"/drills/{d}/results#gaps" for d, i in drills.values_list("id", "incident_id")}


def end_of(day: str) -> datetime | None:
    """The last minute of a calendar date where the viewer is."""
    try:
        return datetime.combine(date.fromisoformat(day), _LAST_MINUTE, tzinfo=timezone.get_current_timezone())
    except ValueError:
        return None
