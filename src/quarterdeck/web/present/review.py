"""One review as its page shows it: what was written, what is prefilled from the log, and what its reader may do."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable
from datetime import datetime, timedelta
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _

from quarterdeck.app.reports import Page
from quarterdeck.app.technical.knowledge import PROMOTABLE
from quarterdeck.core.access import Who, may
from quarterdeck.core.incidents import SECTIONS
from quarterdeck.core.incidents.authority import may as granted
from quarterdeck.core.incidents.executive_review import STRATEGIC
from quarterdeck.core.incidents.review import ITEM_KINDS, REQUIRED_SECTIONS, lacking
from quarterdeck.core.incidents.review import may_write as theirs
from quarterdeck.core.kernel.moments import spoken
from quarterdeck.core.reviews import (
    GROUPS,
    PARTS,
    Block,
    Clock,
    Document,
    Entry,
    Part,
    PhaseTime,
    Report,
    Table,
)
from quarterdeck.store import models

from . import review_course, telling, words
from .reviews import LIVE, STATES, end_of
from .zoned import zoned

# What the timeline of a review shows: turning points, the work between them, or everything.
DEPTHS: dict[str, tuple[str, tuple[str, ...]]] = {
    "key": ("Turning points", ("key",)),
    "work": ("Work", ("key", "entry")),
    "all": ("Everything", ("key", "entry", "system")),
}
ITEM_DAYS = 14
SHORT = 10  # characters: a date fits
PREFILLED = "how_we_responded"


def detail(page: Page, who: Who, now: datetime, depth: str) -> dict[str, Any]:
    """One review: what was written, what is prefilled from the incident, and what its reader may do."""
    r, incident = page.report, page.case.incident
    rights = _rights(page, who)
    after = review_course.course(page, who, now)
    shown = [e for e in r.timeline if e.weight in DEPTHS[depth][1]]
    return {
        "review": {
            "id": r.facts.key,
            "url": f"/reviews/{r.facts.key}",
            "title": r.facts.title,
            "severity": words.severity(incident.severity),
            "state": _state(r)[0],
            "state_text": _state(r)[1],
            "open": r.review.state in LIVE,
            "exists": r.review.state != "none",
            "owner": r.review.owner,
            "due_at": end_of(r.review.due_on),
            "waived_reason": r.review.waived_reason,
            "drill": r.facts.drill,
            "restricted": r.facts.restricted,
            "withheld": r.withheld,
            "incident": {
                "id": r.facts.key,
                "url": f"/incidents/{r.facts.key}" if may(who, "incident.read") else "",
            },
        },
        "report": r,
        "may": rights,
        "figures": [_figure(c) for c in r.clocks],
        "groups": _groups(page, who),
        "missing": [p.title for p in PARTS if p.key in _lacking(page)],
        "items": [_item(page, i.id, who) | {"item": i, "due_at": end_of(i.due_on)} for i in r.items],
        "kinds": ITEM_KINDS,
        "people": _people() if rights["items"] or rights["open"] or after["lead"] else [],
        **after,
        "watch": telling.watch(page.case, now),
        "closings": telling.closings(page.case, who),
        "suggested_due": (timezone.localdate(now) + timedelta(days=ITEM_DAYS)).isoformat(),
        "timeline": _lines(shown),
        "depth": depth,
        "depths": [(key, _(label)) for key, (label, _weights) in DEPTHS.items()],
        "hidden": len(r.timeline) - len(shown),
        "scale": scale(r),
    }


def _lacking(page: Page) -> tuple[str, ...]:
    review = page.case.incident.review
    return lacking(page.case.incident, review) if review else REQUIRED_SECTIONS


def _state(r: Report) -> tuple[str, str]:
    if r.review.state == "none":
        return "none", _("Not opened")
    if r.review.overdue:
        return "late", _("Overdue")
    state, text = STATES[r.review.state]
    return state, _(text)


def _rights(page: Page, who: Who) -> dict[str, bool]:
    """What to offer. Every act is decided again where it is done."""
    incident, template = page.case.incident, page.case.template
    review = incident.review
    commands, writes = granted(incident, template, who, "incident.phase"), may(who, "review.edit")
    is_draft = review is not None and not review.is_settled
    return {
        "open": review is None and (commands or writes),
        "items": writes,
        "article": writes and review is not None and review.is_public,
        "risk": may(who, "service.edit") and not page.report.withheld,
        "waive": is_draft and (commands or may(who, "settings.edit")),
    }


def _groups(page: Page, who: Who) -> list[dict[str, Any]]:
    """The parts under their three headings; a part nobody can write any more is there when it has a text."""
    r, found = page.report, []
    for key, title in GROUPS.items():
        parts = [
            part_of(p, page, who)
            for p in PARTS
            if p.group == key and (p.key in SECTIONS or p.key in r.written)
        ]
        found.append({"key": key, "title": title, "parts": parts})
    return found


def part_of(p: Part, page: Page, who: Who) -> dict[str, Any]:
    """One part of a review with its text, as its reader sees it."""
    text = page.report.written.get(p.key, "")
    may_edit = may_write(page, p.key, who)
    return {
        "key": p.key,
        "title": p.title,
        "ask": p.ask,
        "text": text,
        "version": version_of(text),
        "required": p.key in (*REQUIRED_SECTIONS, *_lacking(page)),
        "may_edit": may_edit,
        "strategic": p.key in STRATEGIC,
        "prefill": review_course.suggestion(page) if p.key == PREFILLED and may_edit and not text else "",
    }


def raw(page: Page, section: str) -> str:
    """The text of a part as it is stored, whoever asks."""
    review = page.case.incident.review
    return review.sections.get(section, "") if review else ""


def may_write(page: Page, section: str, who: Who) -> bool:
    review = page.case.incident.review
    if review is None or review.is_settled or section not in SECTIONS:
        return False
    return theirs(page.case.incident, who, section) or may(who, "review.edit")


def version_of(text: str) -> str:
    """Says which text somebody had before them when they wrote."""
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def _figure(c: Clock) -> dict[str, str]:
    return {"label": c.title, "value": spoken(c.lasted) if c.lasted is not None else "–", "note": c.note}


def _item(page: Page, item_id: str, who: Who) -> dict[str, Any]:
    one = page.case.incident.action_items[item_id]
    state = "done" if one.done_at else ""
    return {"may_finish": not state and (who.person == one.owner or may(who, "review.edit"))}


def _lines(entries: list[Entry]) -> list[dict[str, Any]]:
    """The lines of the timeline; one that begins a day in the viewer's zone says so, for times alone mislead."""
    shown, before = [], None
    for e in entries:
        day = timezone.localtime(e.happened_at).date()
        weight = {"system": "sys", "key": "key"}.get(e.weight, "")
        shown.append(
            {
                "entry": e,
                "text": e.text if e.kind in PROMOTABLE else zoned(e.text, e.entered_at),
                "icon": words.icon_of(e.kind),
                "weight": weight,
                "begins_day": day != before,
            }
        )
        before = day
    return shown


def _people() -> list[dict[str, str]]:
    rows = models.Person.objects.filter(is_active=True).order_by("name")
    return [{"id": p.id, "name": p.name} for p in rows]


def scale(r: Report) -> dict[str, Any] | None:
    """Turning points and phases as shares of the time from the first report to the end; None without a span."""
    spans = [p for p in r.phases if p.lasted is not None]
    start = min([p.since for p in r.phases] + [a.first_at for a in r.alerts], default=None)
    ends = [r.facts.resolved_at] if r.facts.resolved_at else [p.until or r.made_at for p in spans]
    end = max((e for e in ends if e), default=None)
    if start is None or end is None or end <= start:
        return None
    length = end - start

    def share(at: datetime) -> float:
        return round(100 * min(max((at - start) / length, 0.0), 1.0), 2)

    phases = [_band(p, share, end) for p in spans if p.since < end]
    marks = [
        {"percent": share(at), "label": label, "at": at, "tone": tone, "lane": n % 2}
        for n, (at, label, tone) in enumerate(sorted(_marks(r, end), key=lambda m: m[0]))
    ]
    return {"label": spoken(length), "marks": marks, "phases": phases, "start": start, "end": end}


def _band(p: PhaseTime, share: Callable[[datetime], float], end: datetime) -> dict[str, Any]:
    start = share(p.since)
    return {"label": p.phase, "from_percent": start, "width_percent": round(share(p.until or end) - start, 2)}


def _marks(r: Report, end: datetime) -> Iterable[tuple[datetime, str, str]]:
    """What a reader looks for first: the first alert, its answer, the declaration, the first public word, the end."""
    if r.alerts:
        first = r.alerts[0]
        yield first.first_at, _("first alert"), "red"
        if first.acknowledged_at and first.acknowledged_at <= end:
            yield first.acknowledged_at, _("acknowledged"), ""
    if r.facts.declared_at:
        yield r.facts.declared_at, _("declared"), ""
    if r.messages and r.messages[0].at <= end:
        yield r.messages[0].at, _("first message sent"), ""
    if r.facts.resolved_at:
        yield r.facts.resolved_at, _("resolved"), "green"


def printed(d: Document) -> list[dict[str, Any]]:
    """The sections of a document by their heading, for a template: each block with its kind."""
    groups: list[dict[str, Any]] = []
    for section in d.sections:
        title = section.group or section.title
        if not groups or groups[-1]["title"] != title:
            groups.append({"title": title, "sections": []})
        blocks = [
            {"kind": type(b).__name__.lower(), "block": b, "rows": _labelled(b)} for b in section.blocks
        ]
        groups[-1]["sections"].append({"key": section.key, "title": section.title, "blocks": blocks})
    return groups


def _labelled(block: Block) -> list[list[tuple[str, str, bool]]]:
    """The rows of a table, each cell with its head for narrow screens, and whether its column keeps to one line."""
    if not isinstance(block, Table):
        return []
    short = [all(len(row[n]) <= SHORT for row in block.rows) for n in range(len(block.head))]
    return [list(zip(block.head, row, short, strict=True)) for row in block.rows]
