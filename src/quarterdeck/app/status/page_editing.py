"""Changing a status page as its editor does: words, brand and order in one step, which is one version."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from quarterdeck.core.status import PageSnapshot
from quarterdeck.store import log, tx

from ..act import Act, need
from . import page_brand, page_versions, publishing, status_pages


@dataclass(frozen=True, slots=True)
class Edit:
    """What somebody wants of a page: its own fields and those of its brand; pictures are bytes, b"" takes one away.

    `base` is the newest version they have seen, None whatever it is.
    """

    page: dict[str, Any] = field(default_factory=dict)
    brand: dict[str, Any] = field(default_factory=dict)
    reason: str = ""
    base: int | None = None


def put_in_force(act: Act, key: str, edit: Edit) -> bool:
    """Put an edit in force; whether anything changed. It is published within seconds."""
    need(act, "status.edit")
    words = status_pages.page_values(edit.page)
    with tx.write("web", "engine"):
        page = status_pages.find_page(key, lock=True)
        page_versions.begin(page, act)
        page_versions.must_be_newest(page, edit.base)
        brand = page_brand.put(page, page_brand.tamed(page, edit.brand), act.at)
        if brand:
            told = {"page": page.id} | {
                word: {k: pair[n] for k, pair in brand.items()} for n, word in enumerate(("before", "after"))
            }
            log.audit("StatusPageBranded", told, at=act.at, actor=act.person)
            publishing.touch([page.id])
        worded = status_pages.change_page(act, page, words)
        page_versions.keep(page.id, act, edit.reason)
    return bool(brand) or worded


def drafted(act: Act, key: str, edit: Edit) -> tuple[PageSnapshot, publishing.SiteSettings]:
    """The page as it would be published with this edit. Nothing is stored; what could not be saved is refused alike."""
    need(act, "status.edit")
    page = status_pages.find_page(key)
    for name, value in status_pages.page_values(edit.page).items():
        setattr(page, name, value)
    brand, pictures = page_brand.draft(page, page_brand.tamed(page, edit.brand))
    return publishing.page_snapshot(page, act.at), publishing.branded(page, brand, pictures)
