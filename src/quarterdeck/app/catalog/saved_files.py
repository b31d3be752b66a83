"""Catalogue files that were saved in the browser: what is in force of them, and the versions of templates.

Rows are only added. Who may save, and what may be saved, is `structures`'s to say.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import NamedTuple

from django.db.models import Max

from quarterdeck import catalog as shipped
from quarterdeck.catalog import CatalogError
from quarterdeck.core.incidents.structure import Catalog, Template
from quarterdeck.store import codec, models, tx
from quarterdeck.store.ids import new_id

from . import catalogue_files
from .catalogue_files import Read


class _Known(NamedTuple):
    read: Read
    mark: tuple[object, ...]
    catalog: Catalog
    problem: str
    texts: Mapping[str, str]


_known: list[_Known] = []


def over(read: Read) -> Catalog:
    """The catalogue of the files on the disk with what was saved laid over it; without it where both do not fit."""
    return _look(read).catalog


def problem() -> str:
    """Why what was saved cannot be in force over the files on the disk; "" when it is, or nothing was saved."""
    return _look(catalogue_files.files()).problem


def in_force(read: Read) -> tuple[Catalog, Mapping[str, str]]:
    """As `over`, with the saved texts that are in it."""
    found = _look(read)
    return found.catalog, found.texts


def texts() -> dict[str, str]:
    """The saved files in force, by their path in the catalogue."""
    return {row.path: row.text for row in latest().values() if not row.withdrawn}


def text(path: str, at: datetime | None = None) -> str | None:
    """What was saved under a path and is in force, or was at a moment; None where the file on the disk is."""
    rows = models.CatalogueFileRow.objects.filter(path=path)
    row = (rows if at is None else rows.filter(saved_at__lte=at)).order_by("-place").first()
    return None if row is None or row.withdrawn else row.text


def latest() -> dict[str, models.CatalogueFileRow]:
    """The last saved state of each path, withdrawn or not."""
    newest = models.CatalogueFileRow.objects.values("path").annotate(last=Max("place")).values("last")
    return {
        row.path: row for row in models.CatalogueFileRow.objects.filter(place__in=newest).order_by("path")
    }


def _look(read: Read) -> _Known:
    last = (
        models.CatalogueFileRow.objects.order_by("-place").values_list("place", "sha256", "saved_at").first()
    )
    mark = tuple(last or ())
    for known in _known:
        if known.read is read and known.mark == mark:
            return known
    made = _Known(read, mark, *_merged(read)) if mark else _Known(read, mark, read.catalog, "", {})
    _known[:] = [made]
    return made


def _merged(read: Read) -> tuple[Catalog, str, Mapping[str, str]]:
    saved = texts()
    try:
        found = shipped.load(read.folder, saved)
    except CatalogError as e:
        why = f"What was saved in the browser does not go with the files on the disk: {e.message}"
        return read.catalog, f"{why} Until then it is left out.", {}
    return numbered(found), "", saved


def digest(template: Template) -> str:
    """Of everything a template says but its number."""
    return hashlib.sha256(codec.encode_template(replace(template, version=0)).encode()).hexdigest()


def numbered(catalog: Catalog) -> Catalog:
    """The templates with the numbers of their versions in the store; what is not there bears the number of its file,
    or the next one where that is taken.
    """
    return replace(catalog, templates=tuple(map(_numbered, catalog.templates)))


def _numbered(template: Template) -> Template:
    rows = versions(template.key)
    last = rows[0] if rows else None
    if last is None:
        return template
    same = last.digest == digest(template)
    return replace(template, version=last.version if same else max(template.version, last.version + 1))


def after(catalog: Catalog) -> Catalog:
    """The templates with the numbers they would have if they were saved now."""
    known = {t.key: t for t in over(catalogue_files.files()).templates}

    def number(template: Template) -> int:
        was = known.get(template.key)
        if was is None:
            return template.version
        return was.version if digest(was) == digest(template) else max(template.version, was.version + 1)

    return replace(catalog, templates=tuple(replace(t, version=number(t)) for t in catalog.templates))


def versions(key: str) -> list[models.TemplateVersionRow]:
    """The versions of a template in the store, the newest first."""
    return list(models.TemplateVersionRow.objects.filter(template=key).order_by("-version"))


def content(row: models.TemplateVersionRow) -> Template:
    return codec.decode_template(row.content)


def keep_versions(before: Catalog, after: Catalog, at: datetime, by: str, note: str) -> Mapping[str, int]:
    """Write down each template that changed, and first what it was before where nothing is known of it. Inside the
    caller's transaction. Says which number each changed template has now.
    """
    made = {}
    for template in after.templates:
        was = before.template(template.key)
        if was is not None and digest(was) == digest(template):
            continue
        if was is not None and not versions(template.key):
            _keep(was, was.version, at, "", "As it was before it was first edited here")
        number = _numbered(template).version
        _keep(template, number, at, by, note)
        made[template.key] = number
    return made


def _keep(template: Template, number: int, at: datetime, by: str, note: str) -> None:
    models.TemplateVersionRow.objects.create(
        id=new_id(), template=template.key, version=number, digest=digest(template), note=note, saved_by=by,
        content=codec.encode_template(replace(template, version=number)), saved_at=at,
    )  # fmt: skip


def watch(at: datetime) -> None:
    """What the files on the disk say otherwise by now gets a version of its own, once somebody has edited here."""
    found = over(catalogue_files.files())
    fresh = tuple(t for t in found.templates if _is_new(t))
    if fresh:
        with tx.write("web"):
            tx.lock("catalogue")
            keep_versions(Catalog((), (), (), {}), Catalog((), (), fresh, {}), at, "", "Files on the disk")


def _is_new(template: Template) -> bool:
    rows = versions(template.key)
    return bool(rows) and rows[0].digest != digest(template)
