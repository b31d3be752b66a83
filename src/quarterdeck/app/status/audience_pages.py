"""Pages for one audience: components of other pages, chosen by hand, in words of their own. Audited.

A component is one thing with one state and one history, wherever it is shown. What a page calls it is that page's own
and is never taken over later: words for one audience do not reach another by themselves.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from django.db.models import F, Q, QuerySet

from quarterdeck.core.kernel.refused import bad, missing
from quarterdeck.core.kernel.text import line
from quarterdeck.core.status import Component, Post
from quarterdeck.store import log, models, tx
from quarterdeck.store.ids import new_id

from ..act import Act, need
from . import page_config, shown_openly

MOST = 500


@dataclass(frozen=True, slots=True)
class Chosen:
    """A component of another page and what this page calls it; without a name, as it is called there today."""

    component: str
    name: str = ""
    group: str | None = None
    description: str = ""


def choose(
    act: Act, page: models.StatusPage, wanted: Sequence[Chosen], *, proven: bool = False
) -> list[models.ShownComponent]:
    """These and no others, in this order. Words that are not given are copied from the component once.

    `proven`: they have just shown again who they are, as opening what was for fewer readers takes (`shown_openly`).
    """
    need(act, "status.edit")
    found = _found(page, wanted)
    with tx.write("web", "engine"):
        held = held_page(page)
        page_config.begin(held, act)
        opens = shown_openly.opened(held, found)
        shown_openly.must_prove(act, opens, proven=proven)
        before = {s.component_id: s for s in page.shown.all()}
        gone = [s.id for c, s in before.items() if c not in found]
        models.ShownComponent.objects.filter(id__in=gone).delete()
        for place, one in enumerate(wanted):
            _keep(act, page, before.get(one.component), found[one.component], one, place)
        _told(act, page, before, opens)
        from ..subscribers import subscriber_groups  # which asks what a page shows

        after = {s.component_id: s.group for s in page.shown.all()}
        subscriber_groups.moved(page, [(c, s.group, after[c]) for c, s in before.items() if c in after])
        models.StatusPage.objects.filter(id=page.id).update(revision=F("revision") + 1)
        page_config.keep(page.id, act)
    return list(page.shown.all())


def held_page(page: models.StatusPage) -> models.StatusPage:
    """The page as it is now, held until the transaction ends."""
    held = models.StatusPage.objects.select_for_update().filter(id=page.id).first()
    if held is None:
        raise missing("page.unknown", "This status page is no more. Look it up in the list of pages.")
    return held


def add_groups(act: Act, page: models.StatusPage, source: models.StatusPage, groups: Sequence[str]) -> int:
    """Show every component that is in these groups of a page today; how many are new."""
    fresh = in_groups(page, source, groups)
    choose(act, page, [*shown_as(page), *fresh])
    return len(fresh)


def in_groups(page: models.StatusPage, source: models.StatusPage, groups: Sequence[str]) -> list[Chosen]:
    """The components of these groups of another page that this one does not show."""
    shown = page.shown.values("component_id")
    rows = source.components.filter(group__in=list(groups)).exclude(id__in=shown)
    return [Chosen(c.id, c.name, c.group, c.description) for c in rows]


def shown_as(page: models.StatusPage) -> list[Chosen]:
    """What a page shows of others, as it may be given to `choose`."""
    return [Chosen(s.component_id, s.name, s.group, s.description) for s in page.shown.all()]


def offered(page: models.StatusPage) -> QuerySet[models.Component]:
    """The components of other pages, which this one may show."""
    rows = models.Component.objects.exclude(page=page).select_related("page")
    return rows.order_by("page__title", "page_id", "position", "name")


def components(page: models.StatusPage) -> list[Component]:
    """What a page shows, as the core takes it: its own, then those of others in its own words."""
    own = _own(page)
    after = max((c.position for c in own), default=-1) + 1
    chosen = page.shown.all()
    return own + [
        Component(s.component_id, s.group, s.name, s.description, after + s.position) for s in chosen
    ]


def _own(page: models.StatusPage) -> list[Component]:
    needed: dict[str, list[str]] = {}
    links = models.Component.depends_on.through.objects.filter(from_component__page=page)
    for one, other in links.order_by("id").values_list("from_component_id", "to_component_id"):
        needed.setdefault(one, []).append(other)
    return [
        Component(
            c.id, c.group, c.name, c.description, c.position, c.parent_id or "", tuple(needed.get(c.id, ())), c.names
        )
        for c in page.components.all()
    ]  # fmt: skip


def names(page: models.StatusPage) -> dict[str, str]:
    """What this page calls the components that it shows, its own and those of others, by their ids."""
    return dict(page.components.values_list("id", "name")) | dict(
        page.shown.values_list("component_id", "name")
    )


def cut(posts: Sequence[Post], shown: Sequence[Component]) -> list[Post]:
    """The posts with what they say of components that the page shows: how bad it is for others is not told here."""
    known = {c.id for c in shown}
    return [
        p if p.components.keys() <= known
        else replace(p, components={c: s for c, s in p.components.items() if c in known})
        for p in posts
    ]  # fmt: skip


def settable(page: models.StatusPage) -> QuerySet[models.Component]:
    """Components that this page shows, its own and those of others: of these it speaks, and sets their state."""
    return models.Component.objects.filter(Q(page=page) | Q(id__in=page.shown.values("component_id")))


def _found(page: models.StatusPage, wanted: Sequence[Chosen]) -> dict[str, models.Component]:
    ids = [w.component for w in wanted]
    if len(ids) > MOST:
        message = f"A page shows at most {MOST} components of others. Choose fewer."
        raise bad("shown.many", message, components=message)
    if len(set(ids)) < len(ids):
        message = "One component is named twice. Name each once."
        raise bad("shown.twice", message, components=message)
    found = {c.id: c for c in models.Component.objects.filter(id__in=ids)}
    if len(found) < len(ids):
        message = "One of these components does not exist. Choose from the list."
        raise bad("shown.unknown", message, components=message)
    if any(c.page_id == page.id for c in found.values()):
        message = (
            "One of these components is this page's own, and stands on it already. Choose those of others."
        )
        raise bad("shown.own", message, components=message)
    return found


def _keep(
    act: Act, page: models.StatusPage, row: models.ShownComponent | None, component: models.Component,
    wanted: Chosen, place: int,
) -> None:  # fmt: skip
    words: dict[str, Any] = {
        "name": line(wanted.name, 120) or (row.name if row else component.name),
        "group": line(wanted.group, 120)
        if wanted.group is not None
        else (row.group if row else component.group),
        "description": line(wanted.description, 500),
        "position": place,
    }
    if row is None:
        models.ShownComponent.objects.create(
            id=new_id(), page=page, component=component, created_at=act.at, **words
        )
    else:
        models.ShownComponent.objects.filter(id=row.id).update(**words)


def _told(
    act: Act, page: models.StatusPage, before: dict[str, models.ShownComponent], opened: dict[str, str]
) -> None:
    """`opened`: what was for fewer readers until now, each with the page that it is of."""
    now = {s.component_id: s.name for s in page.shown.all()}
    told: dict[str, Any] = {"page": page.id, "before": {c: s.name for c, s in before.items()}, "after": now}
    told |= {"opened": opened} if opened else {}
    log.audit("ShownComponentsChosen", told, at=act.at, actor=act.person)
