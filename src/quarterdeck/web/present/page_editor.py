"""The editor of a status page: its head and tabs, the order of its components, its history. Reads only."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from django import forms
from django.utils.html import format_html, format_html_join

from quarterdeck.app.status import page_brand, page_order, page_versions
from quarterdeck.core.status.versions import differences
from quarterdeck.store import models

SHOWN = 60


def head(row: models.StatusPage, tab: str) -> dict[str, Any]:
    """What stands above every tab."""
    url = f"/status-pages/{row.key}"
    return {
        "page": {
            "name": row.title,
            "key": row.key,
            "url": url,
            "new_component": f"{url}/components/new",
            "public_path": f"/status/{row.key}/",
            "public_url": page_brand.address(row, page_brand.of(row)),
            "published_at": row.published_at,
            "waiting": row.revision > row.published,
        },
        "may_edit": True,
        "tab": tab,
    }


def newest(row: models.StatusPage) -> int | str:
    """The number of the newest version, "" where there is none."""
    last = models.PageVersion.objects.filter(page=row).first()
    return last.number if last else ""


def ordered(row: models.StatusPage, placed: Sequence[tuple[str, str]] = ()) -> list[dict[str, Any]]:
    """Groups with their components as they stand; as `placed` (ids with groups), where that names all of them."""
    rows = list(row.components.all())
    wanted = {id: (n, group) for n, (id, group) in enumerate(placed)}
    if wanted and wanted.keys() == {c.id for c in rows}:
        for c in rows:
            c.position, c.group = wanted[c.id]
    return [
        {
            "id": n,
            "key": name,
            "name": name or "Without a group",
            "components": [{"id": c.id, "name": c.name, "depth": min(depth, 3)} for c, depth in found],
        }
        for n, (name, found) in enumerate(page_order.groups(rows).items(), 1)
    ]


def history(row: models.StatusPage, names: Callable[[str], str]) -> list[dict[str, Any]]:
    """Versions, the newest first, each with what it changed."""
    found = page_versions.versions(row)[: SHOWN + 1]
    return [
        {
            "number": v.number,
            "at": v.at,
            "by": names(v.by) if v.by else "",
            "reason": v.reason,
            "back": v.rolled_back_to,
            "published": row.published >= v.revision,
            "newest": n == 0,
            "differences": differences(found[n + 1].config, v.config) if n + 1 < len(found) else [],
        }
        for n, v in enumerate(found[:SHOWN])
    ]


def wrong(form: forms.Form) -> list[str]:
    """What is wrong with a form, one sentence a field."""
    return [
        f"{form[n].label if n in form.fields else ''}: {' '.join(errors)}".removeprefix(": ")
        for n, errors in form.errors.items()
    ]


def cannot(said: list[str]) -> str:
    """In the place of a preview: why there is none."""
    items = format_html_join("", "<li>{}</li>", ((text,) for text in said))
    return format_html(
        '<!doctype html><html lang="en"><meta charset="utf-8"><meta name="color-scheme" content="light dark">'
        "<title>Preview</title><main><h1>There is no preview yet</h1><p>Correct this, and it comes by itself:</p>"
        "<ul>{}</ul></main></html>",
        items,
    )
