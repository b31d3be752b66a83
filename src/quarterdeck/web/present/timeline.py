"""The timeline of an incident for the war room: filtered, grouped by phase, newest first or last."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from urllib.parse import urlencode

from django.db.models import Count, Q, QuerySet

from quarterdeck.app.casebook import Case
from quarterdeck.app.directory import Directory
from quarterdeck.app.knowledge import PROMOTABLE
from quarterdeck.store import models

from . import words

PAGE = 60
_FILTERS: tuple[tuple[str, str, Q], ...] = (
    ("all", "All", Q()),
    ("pinned", "Pinned", Q(pinned=True)),
    ("decisions", "Decisions", Q(kind="decision")),
    ("findings", "Findings", Q(kind="finding")),
    ("updates", "Updates", Q(kind__startswith="message")),
    ("followups", "Follow-ups", Q(followup=True)),
)


def timeline(case: Case, query: Mapping[str, str], now: datetime) -> dict[str, Any]:
    """`query` may carry show (a filter), order (oldest) and before/after (a sequence number to page from)."""
    rows = models.TimelineRow.objects.filter(incident_id=case.incident.key)
    show = query.get("show", "all")
    chosen = next((q for key, _, q in _FILTERS if key == show), Q())
    oldest = query.get("order") == "oldest"
    ordered = (
        rows.filter(chosen).order_by("happened_at", "seq")
        if oldest
        else rows.filter(chosen).order_by("-happened_at", "-seq")
    )
    start = int(query["from"][:18]) if query.get("from", "").isdecimal() else 0
    start = min(start, 100_000)
    page = list(ordered[start : start + PAGE + 1])
    more = len(page) > PAGE
    return {
        "filters": _filters(rows, show, query),
        "order_href": _href(query, order="" if oldest else "oldest", **{"from": ""}),
        "order_label": "Newest first" if oldest else "Oldest first",
        "older_href": f"/incidents/{case.incident.key}/parts/timeline{_href(query, **{'from': str(start + PAGE)})}"
        if more
        else "",
        "groups": _groups(case, page[:PAGE], now),
    }


def _filters(rows: QuerySet[models.TimelineRow], show: str, query: Mapping[str, str]) -> list[dict[str, Any]]:
    counts = rows.aggregate(**{key: Count("pk", filter=q) if q else Count("pk") for key, _, q in _FILTERS})
    return [
        {
            "key": key,
            "label": label,
            "count": counts[key],
            "current": key == show,
            "href": _href(query, show=key, **{"from": ""}),
        }
        for key, label, _ in _FILTERS
    ]


def _href(query: Mapping[str, str], **changes: str) -> str:
    kept = {k: query[k] for k in ("show", "order", "from") if query.get(k)} | changes
    kept = {k: v for k, v in kept.items() if v and v != "all"}
    return f"?{urlencode(kept)}" if kept else "?"


def _groups(case: Case, rows: list[models.TimelineRow], now: datetime) -> list[dict[str, Any]]:
    """Neighbouring entries of one phase under one heading."""
    spans = case.incident.phases
    corrections = {r.entry_id: r for r in rows if r.entry_id}
    directory = case.directory(now)
    directory.load_people({r.actor for r in rows} - {"", "engine", "system"})
    groups: list[dict[str, Any]] = []
    for row in rows:
        place = max((n for n, s in enumerate(spans) if s.since <= row.happened_at), default=0)
        span = spans[place] if spans else None
        if not groups or groups[-1]["place"] != place:
            until = spans[place + 1].since if place + 1 < len(spans) else None
            groups.append({
                "place": place, "label": words.phase(span.phase) if span else "",
                "since": span.since if span else row.happened_at,
                "until": until, "entries": [],
            })  # fmt: skip
        groups[-1]["entries"].append(_entry(row, corrections, directory, now))
    return groups


def _entry(
    row: models.TimelineRow, known: Mapping[str, models.TimelineRow], directory: Directory, now: datetime
) -> dict[str, Any]:
    who = directory.name(row.actor)
    title = row.title
    act = title.removeprefix(who).strip() if title.startswith(who) else title
    note = ""
    if row.superseded_by:
        later = known.get(row.superseded_by)
        note = (
            f"Corrected {later.entered_at:%H:%M} UTC; the text above stays on record."
            if later
            else "Corrected later."
        )
    return {
        "id": row.entry_id or str(row.seq),
        "entry_id": row.entry_id,
        "at": row.happened_at,
        "icon": words.icon_of(row.kind),
        "weight": {"system": "sys", "key": "key"}.get(row.weight, ""),
        "who": who if title.startswith(who) else "",
        "act": act,
        # A message's whole text stands on the communication board; here its headline is enough.
        "text": row.text.split("\n", 1)[0] if row.kind in ("message", "page") else row.text,
        "note": note,
        "flags": [],
        "pinned": row.pinned,
        "followup": row.followup,
        "late": row.entered_at if row.backdated else None,
        "fresh": (now - row.entered_at).total_seconds() < 5,
        "superseded": bool(row.superseded_by),
        "can_promote": bool(row.entry_id and row.text) and not row.superseded_by and row.kind in PROMOTABLE,
        "can_flag": bool(row.entry_id) and not row.superseded_by and row.kind not in ("pin", "flag"),
    }
