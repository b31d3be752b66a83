"""What a status page shows, gathered from posts and component states into the shape the static site renders.

Only public fields cross this border: headlines and bodies that were released, component names, states, times.
"""

from __future__ import annotations

from datetime import datetime

from django.conf import settings
from django.db.models import F

from quarterdeck.channels.status_site import model as site
from quarterdeck.core.status import page as fold
from quarterdeck.core.status import shapes
from quarterdeck.core.status.bars import StateChange
from quarterdeck.core.status.words import feed_word
from quarterdeck.store import models, tx


def snapshot(page: models.StatusPage, now: datetime) -> tuple[site.PageSnapshot, site.SiteSettings]:
    """The page as it should be published at `now`."""
    rows = list(page.components.all())
    seen = folded(page, rows, now)
    groups = {g: f"group-{n}" for n, g in enumerate(dict.fromkeys(c.group for c in rows if c.group), 1)}
    by_id = {c.id: c for c in rows}
    components = [
        _component(by_id[v.component.id], v, groups, position)
        for position, v in enumerate((v for g in seen.groups for v in g.components), 1)
    ]
    incidents = [_incident(i) for i in seen.open_incidents] + [
        _incident(i) for m in seen.history for d in m.days for i in d.incidents
    ]
    return (
        site.PageSnapshot(
            id=page.key,
            name=page.title,
            url=f"{settings.QUARTERDECK_PUBLIC_URL}/status/{page.key}/",
            updated_at=max([i.updated_at for i in incidents] + [c.updated_at for c in rows], default=page.created_at),
            generated_at=now,
            time_zone=page.timezone,
            headline=seen.verdict.sentence,
            components=tuple(components),
            groups=tuple(_group(name, key, rows, n) for n, (name, key) in enumerate(groups.items(), 1)),
            incidents=tuple(incidents),
        ),
        site.SiteSettings(home_url=page.support_url),
    )


def folded(page: models.StatusPage, rows: list[models.Component], now: datetime) -> shapes.PageSnapshot:
    """The page's snapshot as the core folds it."""
    components = [shapes.Component(c.id, c.group, c.name, c.description, c.position) for c in rows]
    changes = [
        StateChange(s.component_id, s.state, s.at)
        for s in models.ComponentState.objects.filter(component__page=page).order_by("at", "id")
    ]
    about = shapes.StatusPage(page.key, page.title, page.timezone, page.description, page.support_url)
    return fold.snapshot(about, components, changes, _posts(page), now)


def _posts(page: models.StatusPage) -> list[shapes.Post]:
    updates = list(models.PageUpdateRow.objects.filter(page=page.id).order_by("posted_at"))
    messages = {m.id: m for m in models.MessageRow.objects.filter(id__in=[u.message_id for u in updates])}
    named: set[str] = set()
    posts = []
    for u in updates:
        message = messages.get(u.message_id)
        # The first released headline names the incident in public; its internal title never appears.
        title = message.headline if message and u.incident_id not in named else ""
        named.add(u.incident_id)
        posts.append(
            shapes.Post(
                id=u.id, incident_ref=u.incident_id, title=title, status_word=u.status_word, body=u.body,
                at=u.posted_at, components=u.components,
                next_update_at=message.next_update_at if message else None,
            )
        )  # fmt: skip
    return posts


def _component(
    row: models.Component, view: shapes.ComponentView, groups: dict[str, str], position: int
) -> site.Component:
    record = view.record
    first = next((d.date for d in record.days if d.worst is not None), None)
    return site.Component(
        id=row.id,
        name=row.name,
        created_at=row.created_at,
        updated_at=row.updated_at,
        status=row.state,
        description=row.description,
        position=position,
        group_id=groups.get(row.group),
        start_date=first,
        days=tuple(
            site.Day(d.date, d.worst or site.NO_DATA, _minutes(d.downtime_seconds + d.degraded_seconds))
            for d in record.days
        ),
        available_percent=record.uptime_percent,
    )


def _minutes(seconds: int) -> str:
    return f"{max(1, seconds // 60)} min" if seconds else ""


def _group(name: str, key: str, rows: list[models.Component], position: int) -> site.Group:
    members = [c for c in rows if c.group == name]
    return site.Group(
        id=key,
        name=name,
        created_at=min(c.created_at for c in members),
        updated_at=max(c.updated_at for c in members),
        position=position,
    )


def _incident(view: shapes.IncidentView) -> site.Incident:
    updates = tuple(
        site.Update(
            id=p.id, status=feed_word(p.status), body=p.body, at=p.at, created_at=p.at, updated_at=p.at,
            affected=tuple(site.Affected(a.component, a.name, a.old, a.new) for a in p.affected),
        )
        for p in view.posts
    )  # fmt: skip
    return site.Incident(
        id=view.ref,
        name=view.title or "Disturbance",
        status=feed_word(view.status),
        impact=view.impact,
        started_at=view.started_at,
        created_at=view.started_at,
        updated_at=view.updated_at,
        monitoring_at=view.monitoring_at,
        resolved_at=view.resolved_at,
        next_update_at=view.next_update_at,
        component_ids=view.components,
        updates=updates,
    )


def published(page_id: str, revision: int, now: datetime) -> None:
    """This revision of a page is out. A change that came meanwhile has a higher one and is published next."""
    with tx.write("web"):
        models.StatusPage.objects.filter(id=page_id, published__lt=revision).update(published=revision, published_at=now)


def touch(page_id: str) -> None:
    """Have a page published again, inside the caller's transaction."""
    models.StatusPage.objects.filter(id=page_id).update(revision=F("revision") + 1)
