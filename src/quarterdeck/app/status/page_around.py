"""The brand of a status page on the pages around it that the product answers: subscribing, and ending that. Reads only.

What is told of it lies below an address that nobody guesses: it is made of the brand itself and of whether the page is
public, and only told on pages that somebody may see. So nothing of a page that was closed is found by its key.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

from quarterdeck import __version__
from quarterdeck.channels.status_site import markup
from quarterdeck.channels.status_site.around import sheet
from quarterdeck.store import models

from ..comms import links
from . import page_brand

SHEET = "page.css"
_PURPOSE = "page-look"


@dataclass(frozen=True, slots=True)
class Look:
    """Addresses of the style sheet and the pictures ("" without one), and texts as clean HTML; `home` is the page."""

    css: str
    logo: str
    favicon: str
    header_text: str
    footer_text: str
    home: str


def look(page: models.StatusPage, language: str = "") -> Look:
    """The brand as a reader meets it who may see it. Of a page that is not public its texts stay inside."""
    brand = page_brand.of(page)
    below = f"/subscribe/{page.key}/look/{links.token(_PURPOSE, _ref(page, brand))}/"
    texts = [markup.html(t) if t and page.public else "" for t in (brand.header_text, brand.footer_text)]
    return Look(
        css=f"{below}{SHEET}",
        logo=f"{below}logo" if brand.logo else "",
        # Without one of its own the page shows its state there; of a closed page that is nobody's business.
        favicon=f"{below}favicon" if brand.favicon else f"/status/{page.key}/icon.svg" if page.public else "",
        header_text=texts[0],
        footer_text=texts[1],
        home=_home(page, brand, language),
    )


def file(key: str, mark: str, name: str) -> tuple[str, bytes] | None:
    """Media type and content of a part of the look; None for whatever is wrong, after the same work."""
    page = models.StatusPage.objects.select_related("brand").filter(key=key[:60]).first()
    brand = getattr(page, "brand", None) or models.PageBrand(languages=["en"])
    fits = links.holds(_PURPOSE, _ref(page or models.StatusPage(id="-", public=False), brand), mark)
    if page is None or not fits:
        return None
    if name == SHEET:
        return "text/css; charset=utf-8", sheet(brand.accent, brand.accent_dark, brand.css).encode()
    digest = getattr(brand, name) if name in page_brand.PICTURES else ""
    row = models.PagePicture.objects.filter(page=page, digest=digest).first() if digest else None
    return (row.media_type, bytes(row.content)) if row else None


def _ref(page: models.StatusPage, brand: models.PageBrand) -> str:
    """Changes with all that is shown: what a browser keeps of it stays right."""
    told = "\n".join((__version__, brand.accent, brand.accent_dark, brand.logo, brand.favicon, brand.css))
    return f"{page.id}/{page.public}/{hashlib.sha256(told.encode('utf-8', 'replace')).hexdigest()}"


def spoken(page: models.StatusPage, path: str, language: str) -> str:
    """This folder of the page as it is in this language, where the page speaks it; any other path as it is."""
    return _spoken(page_brand.of(page), path, language) if path.endswith("/") else path


def _home(page: models.StatusPage, brand: models.PageBrand, language: str) -> str:
    root = page_brand.address(page, brand) if brand.domain else f"/status/{page.key}/"
    return _spoken(brand, root, language)


def _spoken(brand: models.PageBrand, folder: str, language: str) -> str:
    return f"{folder}index.{language}.html" if language in brand.languages[1:] else folder
