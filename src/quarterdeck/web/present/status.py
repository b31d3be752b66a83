"""Status pages as their editors see them: what customers read now, each component with its ninety days. Reads only."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from quarterdeck.app.status import component_rules, page_brand
from quarterdeck.app.visibility import known_to
from quarterdeck.channels.status_site import markup
from quarterdeck.core.access import Who
from quarterdeck.core.kernel.text import counted
from quarterdeck.core.status import PageSnapshot
from quarterdeck.core.status.bars import Record
from quarterdeck.core.status.words import COMPONENT_STATES, LABELS, label, worst
from quarterdeck.store import models

# The states of a status page → the keys of the state marks.
MARKS = {"degraded_performance": "degraded", "under_maintenance": "maintenance"}
_INDICATORS = {
    "none": "operational",
    "minor": "degraded",
    "major": "partial_outage",
    "critical": "major_outage",
}
STATES = [(s, LABELS[s]) for s in COMPONENT_STATES]
POSTS = 12


def mark(state: str) -> str:
    return MARKS.get(state, state)


def pages(rows: Sequence[models.StatusPage]) -> list[dict[str, Any]]:
    """The list: what each page says now, from its components."""
    components: dict[str, list[str]] = {}
    for page, state in models.Component.objects.filter(page__in=rows).values_list("page_id", "state"):
        components.setdefault(page, []).append(state)
    brands = {b.page_id: b for b in models.PageBrand.objects.filter(page__in=rows)}
    return [
        {
            "name": r.title,
            "url": f"/status-pages/{r.key}",
            "public_url": page_brand.address(r, brands.get(r.id) or models.PageBrand()),
            "mark": mark(worst(components.get(r.id, []))),
            "text": sentence(components.get(r.id, [])),
            "components": counted(len(components.get(r.id, [])), "component"),
            "published_at": r.published_at,
            "waiting": r.revision > r.published,
        }
        for r in rows
    ]


def sentence(states: Sequence[str]) -> str:
    """How many components are not well, in the words of a page."""
    bad = [s for s in states if s != "operational"]
    if not bad:
        return "All operational"
    return f"{len(bad)} of {len(states)}: {label(worst(bad)).lower()}"


def proposals(page_id: str = "") -> list[dict[str, Any]]:
    """Components whose alerts propose another state than their page shows."""
    return [
        {
            "component": c.name,
            "page": c.page.title,
            "mark": mark(c.proposed),
            "text": label(c.proposed),
            "shows": label(c.state),
            "why": c.proposed_reason,
            "at": c.proposed_at,
            "url": f"/status-pages/components/{c.id}/proposal",
            "post_url": f"/status-pages/{c.page.key}/posts/new?component={c.id}&state={c.proposed}",
        }
        for c in component_rules.pending()
        if not page_id or c.page_id == page_id
    ]


def posts(who: Who, page_id: str = "") -> list[dict[str, Any]]:
    """What was posted last, of incidents and without one. The incident behind a post is named only to those who may
    know of it.
    """
    rows = models.PageUpdateRow.objects.order_by("-posted_at")
    found = list((rows.filter(page=page_id) if page_id else rows)[:POSTS])
    # Of a page that was deleted its title is known still.
    rows_of = models.StatusPage.everything.filter(id__in={r.page for r in found})
    titles = dict(rows_of.values_list("id", "title"))
    heads = dict(
        models.MessageRow.objects.filter(id__in={r.message_id for r in found}).values_list("id", "headline")
    )
    known = known_to(who, (r.incident_id for r in found))
    told = [
        {
            "at": r.posted_at,
            "page": titles.get(r.page, ""),
            "title": heads.get(r.message_id) or r.body[:120],
            "word": label(r.status_word),
            "url": f"/incidents/{r.incident_id}/communication" if r.incident_id in known else "",
            "incident": r.incident_id if r.incident_id in known else "",
        }
        for r in found
    ]
    return sorted([*told, *_own_posts(page_id)], key=lambda p: p["at"], reverse=True)[:POSTS]


def _own_posts(page_id: str) -> list[dict[str, Any]]:
    rows = models.PagePost.objects.select_related("page").order_by("-at", "-id")
    return [
        {
            "at": r.at,
            "page": r.page.title,
            "title": r.title or markup.plain(r.body, 120),
            "word": label(r.status_word),
            "url": f"/status-pages/{r.page.key}/posts/{r.incident_ref}",
            "incident": "",
        }
        for r in (rows.filter(page=page_id) if page_id else rows)[:POSTS]
    ]


def editor(row: models.StatusPage, made: PageSnapshot) -> dict[str, Any]:
    """Groups of components with their bars, and what customers read at the top."""
    services: dict[str, list[dict[str, str]]] = {}
    bound = models.Component.services.through.objects.filter(component__page=row)
    for component, key, name in bound.values_list("component_id", "service__key", "service__name"):
        services.setdefault(component, []).append({"name": name, "href": f"/catalog/services/{key}"})
    groups = [
        {
            "id": n,
            "name": g.name or "Components",
            "components": [
                {
                    "id": v.component.id,
                    "name": v.component.name,
                    "description": v.component.description,
                    "state": v.state,
                    "chosen": v.state,
                    "depth": min(v.depth, 3),
                    "mark": mark(v.state),
                    "services": services.get(v.component.id, []),
                    "days": [mark(d.worst) if d.worst else "unknown" for d in v.record.days],
                    "uptime": _uptime(v.record),
                }
                for v in g.components
            ],
        }
        for n, g in enumerate(made.groups, 1)
    ]
    preview = {
        "mark": _mark_of(made),
        "sentence": made.verdict.sentence,
        "posts": [
            {"title": i.title, "word": label(i.posts[0].status), "body": i.posts[0].body, "at": i.posts[0].at}
            for i in made.open_incidents[:5]
            if i.posts
        ],
    }
    return {"groups": groups, "preview": preview}


def _mark_of(made: PageSnapshot) -> str:
    """As the page itself: trouble that touches no component is no green check."""
    shown = _INDICATORS.get(made.verdict.indicator, "maintenance")
    disturbing = any(not i.scheduled_for for i in made.open_incidents)
    return "degraded" if made.verdict.indicator == "none" and disturbing else shown


def _uptime(record: Record) -> str:
    """As on the page itself: of how much it is said, where nothing was recorded for most of it."""
    if record.uptime_percent is None:
        return ""
    days = sum(d.worst is not None for d in record.days)
    whole = len(record.days)
    of = f"in {whole} days" if days == whole else f"on {counted(days, 'recorded day')}"
    return f"{record.uptime_percent:.2f} % up {of}"


def changes(row: models.StatusPage, names: Any) -> list[dict[str, Any]]:
    """The last changes of component states, with who made them and why."""
    rows = models.ComponentState.objects.select_related("component").filter(component__page=row)
    return [
        {
            "at": c.at,
            "name": c.component.name,
            "mark": mark(c.state),
            "text": label(c.state),
            "by": names(c.actor) if c.actor else "",
            "why": c.reason,
        }
        for c in rows.order_by("-at", "-id")[:POSTS]
    ]
