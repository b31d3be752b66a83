"""The configuration of a status page as plain data, kept as a version with each change of it."""

from __future__ import annotations

from typing import Any

from quarterdeck.core.kernel.text import line
from quarterdeck.store import models
from quarterdeck.store.ids import new_id

from ..act import Act

# Fields that are no configuration: what changes by itself, by alerts or by incidents.
# Who may read the page is none either: a rollback opens nothing.
PAGE_OWN = {"id", "key", "public", "created_at", "revision", "published", "published_at"}
_COMPONENT_OWN = {"id", "page", "state", "by_rule", "proposed", "proposed_reason", "proposed_at", "dismissed",
                  "created_at", "updated_at"}  # fmt: skip
_BRAND_OWN = {"page", "updated_at"}
_SHOWN_OWN = {"id", "page", "component", "created_at"}
_METRIC_OWN = {"id", "page", "created_at"}


def config_of(page: models.StatusPage) -> dict[str, Any]:
    """The whole configuration of a page as plain data."""
    brand = models.PageBrand.objects.filter(page=page).first() or models.PageBrand(page=page)
    services = _linked(models.Component.services.through, page, "component", "service__key")
    needed = _linked(models.Component.depends_on.through, page, "from_component", "to_component_id")
    shown = models.ShownComponent.objects.filter(page=page).order_by("position", "name", "id")
    figures = models.PageMetric.objects.filter(page=page).order_by("position", "name", "id")
    rows = models.Component.objects.filter(page=page).order_by("position", "name", "id")
    return {
        "page": _plain(page, PAGE_OWN),
        "brand": _plain(brand, _BRAND_OWN),
        "components": [
            {"id": c.id}
            | _plain(c, _COMPONENT_OWN)
            | {"services": sorted(services.get(c.id, [])), "depends_on": sorted(needed.get(c.id, []))}
            for c in rows
        ],
        "shown": [{"id": s.component_id} | _plain(s, _SHOWN_OWN) for s in shown],
        "metrics": [{"id": m.id} | _plain(m, _METRIC_OWN) for m in figures],
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
    """Hold the page before it is changed; one from before versions were kept gets its first. Inside the transaction."""
    # Whoever changes a page changes it alone: its versions are counted.
    models.StatusPage.objects.select_for_update().filter(id=page.id).first()
    if not models.PageVersion.objects.filter(page=page).exists():
        models.PageVersion.objects.create(
            id=new_id(), page=page, number=1, at=act.at, by="", revision=page.published, config=config_of(page),
            reason="As it was before its versions were kept",
        )  # fmt: skip


def _plain(row: Any, own: set[str]) -> dict[str, Any]:
    """The fields of a row that are configuration; a new field of the table is one without being named here."""
    return {f.attname: getattr(row, f.attname) for f in row._meta.concrete_fields if f.name not in own}
