"""The organisation's catalogue: shipped data, its own folder over it, and the types it made at run time."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import replace
from datetime import datetime

from quarterdeck import catalog as shipped
from quarterdeck.core.incidents.structure import Catalog, IncidentType
from quarterdeck.core.kernel.refused import Refused, bad
from quarterdeck.core.kernel.text import clean, line
from quarterdeck.store import log, models, tx

from ..act import Act, need
from ..health import alarms
from . import catalogue_files, saved_files


def current() -> Catalog:
    """The catalogue in force now; never an error, however the files look."""
    found = saved_files.over(catalogue_files.files())
    for row in models.IncidentTypeRow.objects.all():
        # What an edited file took away cannot be declared or required; it must not take the rest along.
        template = found.template(row.template)
        if template is not None:
            kept = tuple(r for r in row.roles if template.role(r))
            with suppress(Refused):
                found = shipped.with_type(found, replace(_type(row), roles=kept))
    return found


def watch(now: datetime, place: str) -> None:
    """Keep a copy of files that can be read, and an alarm while they cannot. `place` is the machine they are on."""
    catalogue_files.keep()
    saved_files.watch(now)
    wrong = catalogue_files.problem() or saved_files.problem()
    with tx.write("web"):
        if wrong:
            text = f"The organisation's catalogue on {place} cannot be read: {wrong}"
            alarms.raise_alarm("catalogue", place, text, now)
        else:
            alarms.clear_alarm("catalogue", place, now)


def _type(row: models.IncidentTypeRow) -> IncidentType:
    return IncidentType(
        key=row.key, title=row.title, template=row.template, description=row.description,
        default_severity=row.default_severity, restricted=row.restricted, roles=tuple(row.roles),
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
            roles=list(kind.roles),
            created_at=act.at,
        )
        log.audit(
            "IncidentTypeAdded",
            {"key": key, "template": kind.template, "roles": list(kind.roles)},
            at=act.at,
            actor=act.person,
        )
    return _type(row)  # fmt: skip
