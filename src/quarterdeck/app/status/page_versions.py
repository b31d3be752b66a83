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

from ..act import Act, need
from . import component_rules, page_brand, page_rights, shown_openly
from .page_config import PAGE_OWN
from .page_config import begin as begin
from .page_config import config_of as config_of
from .page_config import keep as keep
from .publishing import touch

_SHOWN_BY = ("page_id", "name", "group", "description", "position")


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


def roll_back(
    act: Act, page_key: str, number: int, reason: str, base: int | None = None, break_glass: str = "",
    *, proven: bool = False,
) -> None:  # fmt: skip
    """Put an earlier configuration in force. It becomes a new version; nothing of the history goes away.

    `base` is the newest version that whoever does it has seen: refused where another has come since. `proven` as for
    choosing components of other pages.
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
        glass, opens = _glass(act, page, wanted, break_glass), opened(page, wanted)
        shown_openly.must_prove(act, opens, proven=proven)
        _put_back(act, page, wanted)
        touch([page.id])
        keep(page.id, act, why, number)
        data = {"page": page.id, "version": number, "reason": why, "differences": told[:50]}
        data |= {"broke_glass": glass} if glass else {}
        data |= {"opened": opens} if opens else {}
        log.audit("StatusPageRolledBack", data, at=act.at, actor=act.person)


def opened(page: models.StatusPage, wanted: dict[str, Any]) -> dict[str, str]:
    """What a rollback to this configuration would show to more people than read of it now: components of other pages on
    this one, and those of this one that come back with the pages that showed them. Each to the id of its own page.
    """
    found = shown_openly.opened(page, [s["id"] for s in wanted.get("shown") or []])
    back = models.RemovedComponent.objects.filter(page=page, id__in=[c["id"] for c in wanted["components"]])
    for row in back:
        there = models.StatusPage.objects.filter(id__in=[s["page_id"] for s in row.shown])
        if any(shown_openly.is_more_open(other, page) for other in there):
            found[row.id] = page.id
    return found


def may_open(page: models.StatusPage) -> bool:
    """Whether any rollback of this page could: what `opened` is asked of."""
    gone = models.RemovedComponent.objects.filter(page=page).exclude(shown=[])
    return gone.exists() or any(v.config.get("shown") for v in versions(page))


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
    shown = list(models.ShownComponent.objects.filter(component=row).values(*_SHOWN_BY))
    models.RemovedComponent.objects.update_or_create(
        id=row.id,
        defaults={
            "page": row.page, "name": row.name, "state": row.state, "states": states, "created_at": row.created_at,
            "removed_at": act.at, "removed_by": act.person, "shown": shown,
        },
    )  # fmt: skip
    for other in models.StatusPage.objects.filter(id__in=[s["page_id"] for s in shown]):
        begin(other, act)
    # Pages that showed this one alone know nothing of this page once it is gone.
    models.Component.objects.filter(id=row.id).delete()
    touch([s["page_id"] for s in shown])
    for one in shown:
        keep(one["page_id"], act, f"{one['name']} was taken off its own page")


def _glass(act: Act, page: models.StatusPage, wanted: dict[str, Any], break_glass: str) -> str:
    """What is kept of broken glass, for the components that go and that come in a state told to the public."""
    names = [c["id"] for c in wanted["components"]]
    goes = page.components.exclude(id__in=names).exclude(state="operational")
    gone = models.RemovedComponent.objects.filter(page=page, id__in=names).exclude(state="operational")
    if not goes.exists() and not gone.exists():
        return ""
    glass = page_rights.must_publish_of(act, list(goes), break_glass)
    shown = {s["page_id"] for row in gone for s in row.shown}
    return glass or page_rights.must_publish_on(act, {page.id, *shown}, break_glass)


def _put_back(act: Act, page: models.StatusPage, wanted: dict[str, Any]) -> None:
    models.StatusPage.objects.filter(id=page.id).update(**_known(models.StatusPage, wanted["page"]))
    brand = _known(models.PageBrand, wanted["brand"])
    name = brand.get("domain", "")
    page_brand.hold_domains()
    if name and models.PageBrand.objects.filter(domain=name).exclude(page=page).exists():
        raise Refused(
            "page.domain_taken", f"Another status page has the domain {name} now. Take it away there first."
        )
    models.PageBrand.objects.update_or_create(page=page, defaults=brand | {"updated_at": act.at})
    _put_metrics(act, page, wanted.get("metrics"))
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
    _put_shown(act, page, wanted.get("shown"))


def _put_metrics(act: Act, page: models.StatusPage, wanted: list[dict[str, Any]] | None) -> None:
    """What figures are called. None: the version is from before they were kept. Their points are no configuration:
    one that has some is not thrown away by a rollback.
    """
    if wanted is None:
        return
    extra = page.metrics.exclude(id__in=[m["id"] for m in wanted])
    kept = extra.filter(points__isnull=False).first()
    if kept is not None:
        raise Refused(
            "version.metric",
            f"The metric {kept.name} came later and has points, which would be lost. Remove it first, then roll back.",
        )
    extra.delete()
    for one in wanted:
        values = _known(models.PageMetric, one)
        row = page.metrics.filter(id=one["id"]).first()
        if row is None:
            models.PageMetric.objects.create(id=one["id"], page=page, created_at=act.at, **values)
        else:
            models.PageMetric.objects.filter(id=row.id).update(**values)


def _put_shown(act: Act, page: models.StatusPage, wanted: list[dict[str, Any]] | None) -> None:
    """Components of other pages in the words of this one; one that is no more stays away."""
    if wanted is None:
        return
    page.shown.exclude(component__in=[s["id"] for s in wanted]).delete()
    there = set(
        models.Component.objects.filter(id__in=[s["id"] for s in wanted]).values_list("id", flat=True)
    )
    for one in wanted:
        if one["id"] in there:
            models.ShownComponent.objects.update_or_create(
                page=page, component_id=one["id"], defaults=_known(models.ShownComponent, one),
                create_defaults=_known(models.ShownComponent, one) | {"created_at": act.at},
            )  # fmt: skip


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
        _show_again(act, row, was.shown)
        was.delete()
    return row


def _show_again(act: Act, row: models.Component, shown: list[dict[str, Any]]) -> None:
    """On the pages that showed it when it was taken away, in the words they had for it; one that is gone has none."""
    there = models.StatusPage.objects.filter(id__in=[s["page_id"] for s in shown]).in_bulk()
    again = [s for s in shown if s["page_id"] in there]
    for one in again:
        begin(there[one["page_id"]], act)
        models.ShownComponent.objects.create(id=new_id(), component=row, created_at=act.at, **one)
    touch([s["page_id"] for s in again])
    for one in again:
        keep(one["page_id"], act, f"{one['name']} came back to its own page")


def _known(model: Any, values: dict[str, Any]) -> dict[str, Any]:
    """Those of stored values that the table has today, its key aside."""
    own = PAGE_OWN if model is models.StatusPage else set()
    fields = {f.attname for f in model._meta.concrete_fields if not f.primary_key and f.name not in own}
    return {k: v for k, v in values.items() if k in fields}
