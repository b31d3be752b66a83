"""Status pages, their components and states, set by hand. Audited; the engine publishes what changed.

What is said on a page goes through a released message of an incident, never through here.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from quarterdeck.core.kernel.links import safe_url
from quarterdeck.core.kernel.refused import bad, missing
from quarterdeck.core.kernel.text import line
from quarterdeck.core.oncall.wall import check_zone
from quarterdeck.core.status.propose import LONGEST_HOLD_DOWN, RULES
from quarterdeck.core.status.words import component_state
from quarterdeck.store import log, models, tx
from quarterdeck.store.ids import new_id

from ..act import Act, need
from ..comms.sending import set_component_states
from ..incidents.services import free_key, named
from ..subscribers import subscriber_groups
from . import component_rules, component_tree, page_order, page_rights, page_seen, page_versions
from .publishing import hold_homes, touch

# What readers of the page do not see: a change of it publishes nothing.
_INNER = {"rule", "hold_down_seconds"}


def create_page(act: Act, key: str, title: str, **values: Any) -> models.StatusPage:
    """A new page. `values`: description, timezone, support_url, public. Its look is `page_editing`'s."""
    need(act, "status.edit")
    title, tamed = named(title, "page"), {k: _page_value(k, v) for k, v in values.items() if v is not None}
    with tx.write("web", "engine"):
        free_key(models.StatusPage, key, "page")
        page = models.StatusPage.objects.create(id=new_id(), key=key, title=title, created_at=act.at, **tamed)
        log.audit(
            "StatusPageCreated",
            {"page": page.id, "key": key, "title": title, **tamed},
            at=act.at,
            actor=act.person,
        )
        page_versions.keep(page.id, act)
    return page


def update_page(act: Act, key: str, reason: str = "", **changes: Any) -> models.StatusPage:
    """Change title, description, timezone, support_url or public; None leaves a value."""
    need(act, "status.edit")
    tamed = page_values(changes)
    with tx.write("web", "engine"):
        page = find_page(key, lock=True)
        page_versions.begin(page, act)
        if change_page(act, page, tamed):
            page_versions.keep(page.id, act, reason)
    return find_page(key)


def page_values(changes: dict[str, Any]) -> dict[str, Any]:
    """The page's own fields as they may be stored; None leaves one."""
    return {k: _page_value(k, v) for k, v in changes.items() if v is not None}


def change_page(act: Act, page: models.StatusPage, tamed: dict[str, Any]) -> bool:
    """Store tamed values inside the caller's transaction; whether anything changed."""
    tamed = dict(tamed)
    shown = page_seen.set_public(act, page, tamed.pop("public", page.public))
    before = {k: getattr(page, k) for k in tamed}
    after = {k: v for k, v in tamed.items() if v != before[k]}
    if after:
        models.StatusPage.objects.filter(id=page.id).update(**after)
        touch([page.id])
        told = {"page": page.id, "before": {k: before[k] for k in after}, "after": after}
        log.audit("StatusPageChanged", told, at=act.at, actor=act.person)
    return shown or bool(after)


def create_component(act: Act, page_key: str, name: str, **values: Any) -> models.Component:
    """A component at the end of a page. `values` as for `update_component`, but the name."""
    need(act, "status.edit")
    services = values.pop("services", None)
    name, tamed = (
        named(name, "component"),
        {k: _component_value(k, v) for k, v in values.items() if v is not None},
    )
    with tx.write("web", "engine"):
        page = find_page(page_key, lock=True)
        page_versions.begin(page, act)
        links = component_tree.links(page, "", tamed)
        tamed.setdefault("position", page_order.end(page))
        row = models.Component.objects.create(
            id=new_id(), page=page, name=name, created_at=act.at, updated_at=act.at, **tamed
        )
        models.ComponentState.objects.create(component=row, state=row.state, at=act.at, actor=act.person)
        if services is not None:
            row.services.set(_services(services))
        component_tree.put(row, links)
        _republish(page)
        told = {
            "component": row.id,
            "page": page.id,
            "name": name,
            **tamed,
            **links,
            "services": services or [],
        }
        log.audit("ComponentCreated", told, at=act.at, actor=act.person)
        page_versions.keep(page.id, act)
    return row


def update_component(act: Act, component_id: str, **changes: Any) -> models.Component:
    """Change name, group, description, position, services (keys), parent (id), depends_on (ids), names (by language);
    None leaves a value.

    `rule` is what alerts of its services may do (off, propose, publish), `hold_down_seconds` (0 to 3600) how long they
    must have been quiet before it is called better. A rule that changes is asked again at once.
    """
    need(act, "status.edit")
    services = changes.pop("services", None)
    tamed = {k: _component_value(k, v) for k, v in changes.items() if v is not None}
    with tx.write("web", "engine"):
        row = find_component(component_id, lock=True)
        page_versions.begin(row.page, act)
        links, had = component_tree.links(row.page, row.id, tamed), component_tree.linked(row)
        before = {k: getattr(row, k) for k in tamed}
        after: dict[str, Any] = {k: v for k, v in tamed.items() if v != before[k]}
        told_before = {k: before[k] for k in after}
        if after:
            models.Component.objects.filter(id=row.id).update(**after, updated_at=act.at)
        owned = sorted(row.services.values_list("key", flat=True))
        if services is not None and sorted(set(services)) != owned:
            row.services.set(_services(services))
            told_before["services"], after["services"] = owned, sorted(set(services))
        if "group" in after:
            subscriber_groups.moved(row.page, [(row.id, before["group"], after["group"])])
        moved = {k: v for k, v in links.items() if v != had[k]}
        component_tree.put(row, moved)
        told_before |= {k: had[k] for k in moved}
        after |= moved
        if after:
            if after.keys() - _INNER:
                _republish(row.page)
            if after.keys() & _INNER:
                component_rules.changed(find_component(row.id), act.at)
            told = {"component": row.id, "before": told_before, "after": after}
            log.audit("ComponentChanged", told, at=act.at, actor=act.person)
            page_versions.keep(row.page_id, act)
    return find_component(component_id)


def remove_component(act: Act, component_id: str, reason: str = "", break_glass: str = "") -> None:
    """Take a component off its page. A rollback brings it back with its history.

    One that is not well is taken off beside an incident only by whoever publishes there, or with broken glass.
    """
    need(act, "status.edit")
    with tx.write("web", "engine"):
        row = find_component(component_id, lock=True)
        page_versions.begin(row.page, act)
        glass = page_rights.may_take_off(act, row, break_glass)
        page_versions.take_off(act, row)
        _republish(row.page)
        told = {"component": component_id, "page": row.page_id, "name": row.name, "reason": line(reason, 300)}
        told |= {"broke_glass": glass} if glass else {}
        log.audit("ComponentRemoved", told, at=act.at, actor=act.person)
        page_versions.keep(row.page_id, act, reason)


def set_state(
    act: Act, component_id: str, state: str, reason: str = "", incident_id: str = "", break_glass: str = ""
) -> models.Component:
    """Put a component into a state now, and have its page published again. The same state changes nothing.

    While an incident is told on the page, who may publish for it; others with a reason to break the glass.
    """
    set_states(act, {component_id: state}, reason, break_glass, incident_id)
    return find_component(component_id)


def set_states(
    act: Act, states: Mapping[str, str], reason: str = "", break_glass: str = "", incident_id: str = ""
) -> None:
    """As `set_state` of several components, all or none."""
    need(act, "status.edit")
    wanted, why = {k: component_state(v) for k, v in states.items()}, line(reason, 300)
    broken: dict[tuple[str, ...], str] = {}
    with tx.write("web", "engine"):
        hold_homes(wanted)
        for component_id in sorted(wanted):
            row, after = find_component(component_id, lock=True), wanted[component_id]
            if row.state == after:
                continue
            shown = tuple(sorted(row.shown_on.values_list("page_id", flat=True)))
            if (row.page_id, *shown) not in broken:
                broken[row.page_id, *shown] = page_rights.must_publish_of(act, [row], break_glass)
            glass = broken[row.page_id, *shown]
            said = line(". ".join(filter(None, (why, glass))), 300)
            set_component_states({row.id: after}, act.person, incident_id, act.at, said)
            told = {"component": row.id, "before": row.state, "after": after, "reason": why}
            told |= {"broke_glass": glass} if glass else {}
            log.audit("ComponentStateSet", told, at=act.at, actor=act.person)


def find_page(key: str, *, lock: bool = False) -> models.StatusPage:
    """A page by key or id."""
    rows = models.StatusPage.objects.select_for_update() if lock else models.StatusPage.objects
    found = rows.filter(key=key).first() or rows.filter(id=key).first()
    if found is None:
        raise missing("page.unknown", "There is no such status page. Look it up in the list of pages.")
    return found


def find_component(component_id: str, *, lock: bool = False) -> models.Component:
    if lock:
        hold_homes([component_id])
    rows = models.Component.objects.select_for_update(of=("self",)) if lock else models.Component.objects
    found = rows.select_related("page").filter(id=component_id).first()
    if found is None:
        raise missing(
            "component.unknown", "There is no such component. Look it up in the list of components."
        )
    return found


def _republish(page: models.StatusPage) -> None:
    touch([page.id])


def _services(keys: list[str]) -> list[models.Service]:
    rows = list(models.Service.objects.filter(key__in=keys))
    strange = sorted(set(keys) - {r.key for r in rows})
    if strange:
        raise bad(
            "service.unknown",
            f"There is no service {strange[0][:60]!r}. Choose from the list.",
            services="unknown",
        )
    return rows


def _page_value(field: str, value: Any) -> Any:
    match field:
        case "title":
            return named(value, "page")
        case "description":
            return line(value, 500)
        case "timezone":
            check_zone(line(value, 60))
            return line(value, 60)
        case "support_url":
            found = safe_url(value) if value else ""
            if found is None:
                raise bad(
                    "link.scheme",
                    "This is not a link. Start it with https:// or mailto:.",
                    support_url="not a link",
                )
            return found
        case "public":
            return bool(value)
    raise bad("page.field", f"{field!r} of a page cannot be changed.", **{field: "not changeable"})


def _component_value(field: str, value: Any) -> Any:
    match field:
        case "name":
            return named(value, "component")
        case "group":
            return line(value, 120)
        case "description":
            return line(value, 500)
        case "names":
            return component_tree.in_languages(value)
        case "parent" | "depends_on":
            return value  # checked beside the other components of the page
        case "position":
            return max(0, min(int(value), 10_000))
        case "rule":
            if value not in RULES:
                raise bad(
                    "component.rule",
                    f"Alerts may do one of these to a component: {', '.join(RULES)}. Choose one.",
                    rule="unknown",
                )
            return value
        case "hold_down_seconds":
            return _hold_down(value)
    raise bad("component.field", f"{field!r} of a component cannot be changed.", **{field: "not changeable"})


def _hold_down(value: Any) -> int:
    most = int(LONGEST_HOLD_DOWN.total_seconds())
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value <= most:
        raise bad(
            "component.hold_down",
            f"The quiet time is a whole number of seconds between 0 and {most}. Choose one of these.",
            hold_down_seconds=f"not between 0 and {most}",
        )
    return value
