"""The brand of a status page: colours, pictures, texts, style sheet, languages, its own domain. Checked and stored."""

from __future__ import annotations

import hashlib
from datetime import datetime
from typing import Any

from django.conf import settings

from quarterdeck.channels.status_site.brand_css import safe_css
from quarterdeck.channels.status_site.phrases import LANGUAGES
from quarterdeck.channels.status_site.settings import LONGEST_TEXT
from quarterdeck.core.kernel.links import safe_url
from quarterdeck.core.kernel.refused import bad, missing
from quarterdeck.core.kernel.text import clean, line
from quarterdeck.core.status.branding import check_colours
from quarterdeck.core.status.domains import domain
from quarterdeck.core.status.pictures import checked
from quarterdeck.store import models, tx
from quarterdeck.store.ids import new_id

from ..act import Act, need

PICTURES = ("logo", "favicon")
FIELDS = ("accent", "accent_dark", "header_text", "footer_text", "css", "languages", "home_url", "domain",
          "social_preview")  # fmt: skip


def of(page: models.StatusPage) -> models.PageBrand:
    """The brand of a page; the product's own look, not stored, where it has none."""
    return models.PageBrand.objects.filter(page=page).first() or models.PageBrand(page=page, languages=["en"])


def tamed(page: models.StatusPage, values: dict[str, Any]) -> dict[str, Any]:
    """These values as they may be stored; None leaves one. Pictures are bytes here, b"" takes one away."""
    found = {k: _value(k, v) for k, v in values.items() if v is not None}
    if "accent" in found or "accent_dark" in found:
        now = of(page)
        light, dark = found.get("accent", now.accent), found.get("accent_dark", now.accent_dark)
        colours = check_colours(light, dark)
        found |= {"accent": colours.accent, "accent_dark": dark.lower()}
    _must_be_free(page, found.get("domain", ""))
    return found


def _must_be_free(page: models.StatusPage, name: str) -> None:
    if name and models.PageBrand.objects.filter(domain=name).exclude(page=page).exists():
        told = "Another status page has this domain. Take it away there first."
        raise bad("page.domain_taken", told, domain=told)


def hold_domains() -> None:
    """One at a time gives a page its domain. Inside the transaction."""
    tx.lock("domains of pages")


def put(page: models.StatusPage, values: dict[str, Any], now: datetime) -> dict[str, tuple[Any, Any]]:
    """Store tamed values inside the caller's transaction; what changed: field to before and after."""
    if values.get("domain"):
        hold_domains()
        _must_be_free(page, values["domain"])
    row = of(page)
    stored = {k: _stored_picture(page, v, now) if k in PICTURES else v for k, v in values.items()}
    changed = {k: (getattr(row, k), v) for k, v in stored.items() if getattr(row, k) != v}
    if changed:
        new = {k: after for k, (_, after) in changed.items()}
        models.PageBrand.objects.update_or_create(page=page, defaults=new | {"updated_at": now})
    return changed


def draft(page: models.StatusPage, values: dict[str, Any]) -> tuple[models.PageBrand, dict[str, bytes]]:
    """The brand with tamed values in it and its pictures, nothing stored."""
    row, pictures = of(page), {}
    for field in PICTURES:
        given = values.get(field)
        pictures[field] = picture(page, getattr(row, field)) if given is None else given[1]
    for field in FIELDS:
        if field in values:
            setattr(row, field, values[field])
    return row, pictures


def picture(page: models.StatusPage, digest: str) -> bytes:
    """The content of a stored picture; nothing where there is none."""
    row = models.PagePicture.objects.filter(page=page, digest=digest).first() if digest else None
    return bytes(row.content) if row else b""


def hold(act: Act, page: models.StatusPage, field: str, content: bytes) -> str:
    """Keep a picture that was given with a form that could not be saved; its digest. The brand does not change."""
    need(act, "status.edit")
    given = _value(field, content)
    with tx.write("web"):
        return _stored_picture(page, given, act.at)


def shown_picture(page: models.StatusPage, field: str) -> models.PagePicture:
    """The logo or favicon of a page."""
    digest = getattr(of(page), field) if field in PICTURES else ""
    row = models.PagePicture.objects.filter(page=page, digest=digest).first() if digest else None
    if row is None:
        raise missing("picture.none", f"This page has no {field[:20]}.")
    return row


def address(page: models.StatusPage, brand: models.PageBrand) -> str:
    """Where the page is found: its own domain, or below the address of this installation."""
    if brand.domain:
        return f"https://{brand.domain}/"
    return f"{settings.QUARTERDECK_PUBLIC_URL}/status/{page.key}/"


def _stored_picture(page: models.StatusPage, given: tuple[str, bytes], now: datetime) -> str:
    media_type, content = given
    if not content:
        return ""
    digest = hashlib.sha256(content).hexdigest()
    models.PagePicture.objects.get_or_create(
        page=page, digest=digest,
        defaults={"id": new_id(), "media_type": media_type, "content": content, "created_at": now},
    )  # fmt: skip
    return digest


def _value(field: str, value: Any) -> Any:
    match field:
        case "logo" | "favicon":
            return checked(value, field) if value else ("", b"")
        case "accent" | "accent_dark":
            return line(value, 20)
        case "header_text" | "footer_text":
            return _text(field, value)
        case "css":
            safe_css(value)
            return value.replace("\r\n", "\n")
        case "languages":
            return _languages(value)
        case "home_url":
            return _home(value)
        case "domain":
            return domain(value)
        case "social_preview":
            return bool(value)
    raise bad("page.field", f"{field!r} of a page cannot be changed.", **{field: "not changeable"})


def _text(field: str, value: str) -> str:
    if len(value) > LONGEST_TEXT:
        told = f"This text has {len(value)} letters. Shorten it to {LONGEST_TEXT}."
        raise bad("brand.text", told, **{field: told})
    return clean(value, LONGEST_TEXT).strip()


def _languages(value: Any) -> list[str]:
    found = list(dict.fromkeys(value))
    strange = [one for one in found if one not in LANGUAGES]
    if strange or not found:
        told = f"A page has at least one of these languages: {', '.join(LANGUAGES)}."
        raise bad("status.language", told, languages=told)
    return found


def _home(value: str) -> str:
    found = safe_url(value) if value else ""
    if found is None or found.startswith("mailto:"):
        told = "This is not a link that a browser opens. Start it with https://."
        raise bad("link.scheme", told, home_url=told)
    return found
