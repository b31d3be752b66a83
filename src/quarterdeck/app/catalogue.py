"""The organisation's catalogue: shipped data, its own folder over it, and the types it made at run time."""

from __future__ import annotations

from dataclasses import replace
from functools import lru_cache
from pathlib import Path

from django.conf import settings

from quarterdeck import catalog as shipped
from quarterdeck.core.incidents.structure import Catalog, IncidentType
from quarterdeck.core.kernel.refused import Refused, bad
from quarterdeck.core.kernel.text import clean, line
from quarterdeck.store import log, models, tx

from .act import Act, need


def current() -> Catalog:
    """The catalogue in force now."""
    found = _files(str(Path(settings.QUARTERDECK_DATA) / "catalog"))
    for row in models.IncidentTypeRow.objects.all():
        # A type whose template an edited file took away cannot be declared; it must not take the rest along.
        if found.template(row.template) is not None:
            found = shipped.with_type(found, _type(row))
    return found


@lru_cache(maxsize=4)
def _files(folder: str) -> Catalog:
    path = Path(folder)
    return shipped.load(path if path.is_dir() else None)


def _type(row: models.IncidentTypeRow) -> IncidentType:
    return IncidentType(
        key=row.key, title=row.title, template=row.template, description=row.description,
        default_severity=row.default_severity, restricted=row.restricted,
    )  # fmt: skip


def add_type(act: Act, kind: IncidentType) -> IncidentType:
    """A new incident type, at once usable for declaring (R-001). Its template must exist."""
    need(act, "settings.edit")
    key, title = kind.key.strip(), line(kind.title, 120)
    if not title:
        raise bad("type.title_missing", "Give the type a title people recognise.", title="missing")
    catalog = current()
    if catalog.template(kind.template) is None:
        known = ", ".join(t.key for t in catalog.templates)
        raise bad(
            "type.template_unknown",
            f"There is no template {kind.template!r}. Choose one of: {known}.",
            template="unknown",
        )
    if catalog.type(key) is not None:
        raise Refused("type.exists", f"There is a type {key} already. Choose another key.", kind="conflict")
    shipped.with_type(catalog, replace(kind, key=key, title=title))
    with tx.write("web"):
        row = models.IncidentTypeRow.objects.create(
            key=key,
            title=title,
            template=kind.template,
            description=clean(kind.description, 500),
            default_severity=kind.default_severity,
            restricted=kind.restricted,
            created_at=act.at,
        )
        log.audit("IncidentTypeAdded", {"key": key, "template": kind.template}, at=act.at, actor=act.person)
    return _type(row)  # fmt: skip
