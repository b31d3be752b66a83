"""The timeline of an incident for the war room: filtered, grouped by phase, newest first or last.

What a page shows is bounded by a cursor and not by a count, so that an entry that arrives moves nothing out of sight.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime
from typing import Any
from urllib.parse import urlencode

from django.db.models import Count, Q, QuerySet
from django.utils import timezone

from quarterdeck.app.casebook import Case
from quarterdeck.app.paging.directory import Directory
from quarterdeck.app.technical.knowledge import PROMOTABLE
from quarterdeck.core.access import GUEST, Who
from quarterdeck.core.kernel.moments import from_micros, micros
from quarterdeck.store import models

from . import words
from .zoned import zoned

PAGE = 60
# A live part that has grown to this starts over with its newest page.
LIVE_MOST = 240
_CURSOR = re.compile(r"(\d{1,17})-(\d{1,9})")
_FILTERS: tuple[tuple[str, str, Q], ...] = (
    ("all", "All", Q()),
    ("pinned", "Pinned", Q(pinned=True)),
    ("decisions", "Decisions", Q(kind="decision")),
    ("findings", "Findings", Q(kind="finding")),
    ("updates", "Updates", Q(kind__startswith="message")),
    ("followups", "Follow-ups", Q(followup=True)),
)


def timeline(case: Case, query: Mapping[str, str], now: datetime, who: Who) -> dict[str, Any]:
    """`query` may carry show (a filter), order (oldest), beyond (a cursor: the page after it) and down_to (a cursor:
    everything up to it, so that nothing falls out of a page which is refreshed).
    """
    rows = _readable(case, who)
    show = query.get("show", "all")
    chosen = rows.filter(next((q for key, _, q in _FILTERS if key == show), Q()))
    oldest = query.get("order") == "oldest"
    ordered = chosen.order_by("happened_at", "seq") if oldest else chosen.order_by("-happened_at", "-seq")
    beyond, down_to = _cursor(query.get("beyond", "")), _cursor(query.get("down_to", ""))
    page = list(
        ordered.filter(_beyond(beyond, oldest))[: (LIVE_MOST if down_to and not oldest else PAGE) + 1]
    )
    grown = False
    if down_to and not beyond and not oldest:
        live = [r for r in page if (r.happened_at, r.seq) >= down_to]
        grown = len(live) > LIVE_MOST
        end = len(live) if PAGE <= len(live) <= LIVE_MOST else PAGE
    else:
        end = PAGE
    more, page = len(page) > end, page[:end]
    cursor = f"{micros(page[-1].happened_at)}-{page[-1].seq}" if more else ""
    return {
        "filters": _filters(rows, show, query),
        "order_href": _href(query, order="" if oldest else "oldest", beyond=""),
        "order_label": "Newest first" if oldest else "Oldest first",
        "older_href": _href(query, beyond=cursor) if cursor else "",
        "older_label": "Later entries" if oldest else "Older entries",
        "newest_href": _href(query, beyond="") if beyond else "",
        "down_to": cursor,
        "restart": grown or bool(more and not down_to and not beyond),
        "groups": _groups(case, page, now, beyond),
    }


def _readable(case: Case, who: Who) -> QuerySet[models.TimelineRow]:
    rows = models.TimelineRow.objects.filter(incident_id=case.incident.key)
    if GUEST not in who.roles:
        return rows
    return rows.filter(Q(shared=True) | Q(actor=who.person))


_Cursor = tuple[datetime, int] | None


def _cursor(text: str) -> _Cursor:
    """The place of an entry, as a link carries it; anything else is the beginning."""
    found = _CURSOR.fullmatch(text)
    try:
        return (from_micros(int(found[1])), int(found[2])) if found else None
    except (OverflowError, ValueError):
        return None


def _beyond(cursor: _Cursor, oldest: bool) -> Q:
    if cursor is None:
        return Q()
    at, seq = cursor
    if oldest:
        return Q(happened_at__gt=at) | Q(happened_at=at, seq__gt=seq)
    return Q(happened_at__lt=at) | Q(happened_at=at, seq__lt=seq)


def _filters(rows: QuerySet[models.TimelineRow], show: str, query: Mapping[str, str]) -> list[dict[str, Any]]:
    counts = rows.aggregate(**{key: Count("pk", filter=q) if q else Count("pk") for key, _, q in _FILTERS})
    return [
        {
            "key": key,
            "label": label,
            "count": counts[key],
            "current": key == show,
            "href": _href(query, show=key, beyond=""),
        }
        for key, label, _ in _FILTERS
    ]


def _href(query: Mapping[str, str], **changes: str) -> str:
    kept = {k: query[k] for k in ("show", "order", "beyond") if query.get(k)} | changes
    kept = {k: v for k, v in kept.items() if v and v != "all"}
    return f"?{urlencode(kept)}" if kept else "?"


def _groups(
    case: Case, rows: list[models.TimelineRow], now: datetime, after: _Cursor = None
) -> list[dict[str, Any]]:
    """Neighbouring entries of one phase under one heading; a page that goes on in a phase does not name it again."""
    spans = case.incident.phases

    def place_of(at: datetime) -> int:
        return max((n for n, s in enumerate(spans) if s.since <= at), default=0)

    last = place_of(after[0]) if after else None
    corrections = {r.entry_id: r for r in rows if r.entry_id}
    directory = case.directory(now)
    directory.load_people({r.actor for r in rows} - {"", "engine", "system"})
    groups: list[dict[str, Any]] = []
    day = timezone.localdate(after[0] if after else now)
    for row in rows:
        place = place_of(row.happened_at)
        span = spans[place] if spans else None
        if not groups or groups[-1]["place"] != place:
            until = spans[place + 1].since if place + 1 < len(spans) else None
            groups.append({
                "place": place, "label": words.phase(span.phase) if span else "",
                "since": span.since if span else row.happened_at,
                "until": until, "entries": [], "goes_on": not groups and place == last,
                "style": "full" if span and timezone.localdate(span.since) != timezone.localdate(now) else "time",
            })  # fmt: skip
        # Where the day changes, the entry says which one it is.
        on = timezone.localdate(row.happened_at)
        groups[-1]["entries"].append(_entry(row, corrections, directory, now) | {"turns": on != day})
        day = on
    return groups


def _told(row: models.TimelineRow) -> str:
    """What a person wrote stays as it was written."""
    return row.text if row.entry_id else zoned(row.text, row.entered_at)


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
        "text": row.text.split("\n", 1)[0] if row.kind in ("message", "page") else _told(row),
        "note": note,
        "flags": [],
        "pinned": row.pinned,
        "followup": row.followup,
        "shared": bool(row.shared),
        "can_share": bool(row.entry_id)
        and not row.superseded_by
        and row.kind not in ("pin", "flag", "share", "file"),
        "late": row.entered_at if row.backdated else None,
        "fresh": (now - row.entered_at).total_seconds() < 5,
        "superseded": bool(row.superseded_by),
        "can_promote": bool(row.entry_id and row.text) and not row.superseded_by and row.kind in PROMOTABLE,
        "can_flag": bool(row.entry_id) and not row.superseded_by and row.kind not in ("pin", "flag", "share"),
    }
