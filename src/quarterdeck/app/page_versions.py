"""Every version of a status page's configuration: kept with each change, compared in words, and brought back.

What is on the page besides (states, posts) is no configuration: a rollback leaves it as it is.
"""

from __future__ import annotations

from typing import Any

from quarterdeck.core.kernel.moments import from_micros, micros
from quarterdeck.core.kernel.refused import Refused, bad, missing
from quarterdeck.core.kernel.text import line
from quarterdeck.core.status.versions import differences
from quarterdeck.store import log, models, tx
from quarterdeck.store.ids import new_id

from . import component_rules
from .act import Act, need
from .publishing import touch

# Fields that are no configuration: what changes by itself, by alerts or by incidents.
# Who may read the page is none either: a rollback opens nothing.
_PAGE_OWN = {"id", "key", "public", "created_at", "revision", "published", "published_at"}
_COMPONENT_OWN = {"id", "page", "state", "by_rule", "proposed", "proposed_reason", "proposed_at", "dismissed",
                  "created_at", "updated_at"}  # fmt: skip
_BRAND_OWN = {"page", "updated_at"}


def config_of(page: models.StatusPage) -> dict[str, Any]:
    """The whole configuration of a page as plain data."""
    brand = models.PageBrand.objects.filter(page=page).first() or models.PageBrand(page=page)
    services = _linked(models.Component.services.through, page, "component", "service__key")
    needed = _linked(models.Component.depends_on.through, page, "from_component", "to_component_id")
    rows = models.Component.objects.filter(page=page).order_by("position", "name", "id")
    return {
        "page": _plain(page, _PAGE_OWN),
        "brand": _plain(brand, _BRAND_OWN),
        "components": [
            {"id": c.id}
            | _plain(c, _COMPONENT_OWN)
            | {"services": sorted(services.get(c.id, [])), "depends_on": sorted(needed.get(c.id, []))}
            for c in rows
        ],
    }


def _linked(through: Any, page: models.StatusPage, own: str, other: str) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for component, one in through.objects.filter(**{f"{own}__page": page}).values_list(f"{own}_id", other):
        found.setdefault(component, []).append(one)
    return found


def keep(page_id: str, act: Act, reason: str = "", rolled_back_to: int | None = None) -> None:
    """Keep the configuration as it is now as a version, inside the caller's transaction; the same one is not kept
    again.
    """
    page = models.StatusPage.objects.get(id=page_id)
    config, last = config_of(page), models.PageVersion.objects.filter(page=page_id).first()
    if last is not None and last.config == config:
        return
    number = last.number + 1 if last else 1
    models.PageVersion.objects.create(
        id=new_id(), page=page, number=number, at=act.at, by=act.person, reason=line(reason, 300),
        rolled_back_to=rolled_back_to, revision=page.revision, config=config,
    )  # fmt: skip


def begin(page: models.StatusPage, act: Act) -> None:
    """A page from before versions were kept gets its first one, before it is changed. Inside the transaction."""
    if not models.PageVersion.objects.filter(page=page).exists():
        models.PageVersion.objects.create(
            id=new_id(), page=page, number=1, at=act.at, by="", revision=page.published, config=config_of(page),
            reason="As it was before its versions were kept",
        )  # fmt: skip


def versions(page: models.StatusPage) -> list[models.PageVersion]:
    """The newest first."""
    return list(models.PageVersion.objects.filter(page=page)[:500])


def find(page: models.StatusPage, number: int) -> models.PageVersion:
    found = models.PageVersion.objects.filter(page=page, number=number).first()
    if found is None:
        raise missing("page.version_unknown", f"This page has no version {number}. Look in its history.")
    return found


def compare(page: models.StatusPage, old: int, new: int) -> list[str]:
    """What differs from one version to another, in words."""
    return differences(find(page, old).config, find(page, new).config)


def roll_back(act: Act, page_key: str, number: int, reason: str, base: int | None = None) -> None:
    """Put an earlier configuration in force. It becomes a new version; nothing of the history goes away.

    `base` is the newest version that whoever does it has seen: refused where another has come since.
    """
    need(act, "status.edit")
    why = line(reason, 300)
    if not why:
        raise bad("version.reason", "Say in one line why: it stands in the history.", reason="Say why.")
    with tx.write("web", "engine"):
        page = locked(page_key)
        begin(page, act)
        wanted, now = find(page, number).config, config_of(page)
        must_be_newest(page, base)
        told = differences(now, wanted)
        if not told:
            raise Refused("version.same", f"The page is as it was in version {number}: nothing would change.")
        _put_back(act, page, wanted)
        touch([page.id])
        keep(page.id, act, why, number)
        data = {"page": page.id, "version": number, "reason": why, "differences": told[:50]}
        log.audit("StatusPageRolledBack", data, at=act.at, actor=act.person)


def must_be_newest(page: models.StatusPage, base: int | None) -> None:
    """Refuses where somebody changed the page since `base`, with what they changed."""
    last = models.PageVersion.objects.filter(page=page).first()
    if base is None or last is None or last.number <= base:
        return
    seen = models.PageVersion.objects.filter(page=page, number=base).first()
    told = differences(seen.config, last.config) if seen else []
    what = " ".join(told[:3])
    raise Refused(
        "page.changed",
        f"Somebody has changed this page since you opened it. {what} Look at it, then save again.",
        details={str(n): t for n, t in enumerate(told[:20], 1)},
    )


def locked(key: str) -> models.StatusPage:
    rows = models.StatusPage.objects.select_for_update()
    found = rows.filter(key=key).first() or rows.filter(id=key).first()
    if found is None:
        raise missing("page.unknown", "There is no such status page. Look it up in the list of pages.")
    return found


def take_off(act: Act, row: models.Component) -> None:
    """Take a component off its page, its states kept for a rollback. Inside the transaction."""
    states = [
        [s.state, micros(s.at), s.actor, s.incident_id, s.reason]
        for s in models.ComponentState.objects.filter(component=row).order_by("at", "id")
    ]
    models.RemovedComponent.objects.update_or_create(
        id=row.id,
        defaults={
            "page": row.page, "name": row.name, "state": row.state, "states": states, "created_at": row.created_at,
            "removed_at": act.at, "removed_by": act.person,
        },
    )  # fmt: skip
    # Pages that showed this one alone know nothing of this page once it is gone.
    showing = list(models.ShownComponent.objects.filter(component=row).values_list("page_id", flat=True))
    models.Component.objects.filter(id=row.id).delete()
    touch(showing)


def _put_back(act: Act, page: models.StatusPage, wanted: dict[str, Any]) -> None:
    models.StatusPage.objects.filter(id=page.id).update(**_known(models.StatusPage, wanted["page"]))
    brand = _known(models.PageBrand, wanted["brand"])
    name = brand.get("domain", "")
    if name and models.PageBrand.objects.filter(domain=name).exclude(page=page).exists():
        raise Refused(
            "page.domain_taken", f"Another status page has the domain {name} now. Take it away there first."
        )
    models.PageBrand.objects.update_or_create(page=page, defaults=brand | {"updated_at": act.at})
    there = {c.id: c for c in models.Component.objects.select_related("page").filter(page=page)}
    names = {c["id"] for c in wanted["components"]}
    for row in there.values():
        if row.id not in names:
            take_off(act, row)
    for one in wanted["components"]:
        _put_component(act, page, one, there.get(one["id"]))
    for row in models.Component.objects.filter(page=page):
        row.depends_on.set(
            next((c.get("depends_on", []) for c in wanted["components"] if c["id"] == row.id), [])
        )


def _put_component(
    act: Act, page: models.StatusPage, one: dict[str, Any], row: models.Component | None
) -> None:
    values = _known(models.Component, one)
    if row is None:
        row = _bring_back(act, page, one["id"], values)
    else:
        models.Component.objects.filter(id=row.id).update(**values, updated_at=act.at)
    row.services.set(models.Service.objects.filter(key__in=one.get("services", [])))
    row.refresh_from_db()
    component_rules.changed(row, act.at)


def _bring_back(act: Act, page: models.StatusPage, id: str, values: dict[str, Any]) -> models.Component:
    was = models.RemovedComponent.objects.filter(id=id, page=page).first()
    state, made = (was.state, was.created_at) if was else ("operational", act.at)
    row = models.Component.objects.create(
        id=id, page=page, state=state, created_at=made, updated_at=act.at, **values
    )
    for said, at, actor, incident, reason in (
        was.states if was else [["operational", micros(act.at), act.person, "", ""]]
    ):
        models.ComponentState.objects.create(
            component=row, state=said, at=from_micros(at), actor=actor, incident_id=incident, reason=reason
        )
    if was:
        was.delete()
    return row


def _plain(row: Any, own: set[str]) -> dict[str, Any]:
    """The fields of a row that are configuration; a new field of the table is one without being named here."""
    return {f.attname: getattr(row, f.attname) for f in row._meta.concrete_fields if f.name not in own}


def _known(model: Any, values: dict[str, Any]) -> dict[str, Any]:
    """Those of stored values that the table has today, its key aside."""
    own = _PAGE_OWN if model is models.StatusPage else set()
    fields = {f.attname for f in model._meta.concrete_fields if not f.primary_key and f.name not in own}
    return {k: v for k, v in values.items() if k in fields}
