"""A whole published page as files: HTML, JSON, feeds, pictures, style sheet, and their compressed twins.

Pure: nothing is read but the shipped templates, nothing is written. `publish` puts the files in place.
"""

from __future__ import annotations

import gzip
import re
from collections.abc import Iterator, Sequence
from functools import lru_cache
from pathlib import Path

import brotli

from quarterdeck.core.kernel.refused import bad

from . import badge, feeds, pages, statuspage_json
from .etags import etag
from .model import PageSnapshot, SiteSettings
from .pages import Fields, Told
from .words import Words, words

_CSS = Path(__file__).with_name("templates") / "status.css"
_COMPRESSED = (".html", ".json", ".atom", ".rss", ".css", ".svg")
_WORTH_COMPRESSING_BYTES = 300
_HISTORY_FIRST = 100
_LOGOS = ((b"\x89PNG\r\n\x1a\n", "logo.png"), (b"RIFF", "logo.webp"))


def render(page: PageSnapshot, settings: SiteSettings | None = None) -> dict[str, bytes]:
    """Relative path to bytes of every file of the site. Raises Refused for settings that cannot be used."""
    settings = settings or SiteSettings()
    if not settings.languages:
        raise bad("status.language", "A page needs a language. Choose at least one.")
    spoken = [words(language, page.time_zone) for language in settings.languages]
    logo = _logo_name(settings.logo)
    css = _style(settings.accent)
    files: dict[str, bytes] = {
        "status.css": css,
        "badge.svg": badge.badge(page, spoken[0]),
        "icon.svg": badge.icon(page),
    }
    if logo:
        files[logo] = settings.logo
    for one in spoken:
        files.update(_pages(page, settings, one, etag(css)[1:9], logo))
    files.update(statuspage_json.files(page))
    files.update(feeds.files(page, spoken[0]))
    for told in _all(page):
        files[f"incidents/{told.id}/feed.atom"] = feeds.one_incident(page, spoken[0], told)
    files.update(_twins(files))
    return files


def _all(page: PageSnapshot) -> list[Told]:
    return [*page.incidents, *page.maintenances]


def _pages(
    page: PageSnapshot, settings: SiteSettings, spoken: Words, css: str, logo: str
) -> Iterator[tuple[str, bytes]]:
    name = "index.html" if spoken.language == settings.languages[0] else f"index.{spoken.language}.html"

    def shell(folder: str) -> Fields:
        return pages.shell(page, settings, spoken, folder, css, logo)

    yield name, pages.index(page, settings, spoken, shell(""))
    over = pages.ended(page)
    years = sorted({_year(told, spoken) for told in over}, reverse=True)
    for year in ["", *years] if len(over) > _HISTORY_FIRST else [""]:
        folder = f"history/{year}/" if year else "history/"
        told = [one for one in over if _year(one, spoken) == year] if year else over[:_HISTORY_FIRST]
        links = _year_links(years, year, name) if len(over) > _HISTORY_FIRST else []
        yield f"{folder}{name}", pages.history(page, spoken, shell(folder), told, links, year)
    for told in _all(page):
        folder = f"incidents/{told.id}/"
        yield f"{folder}{name}", pages.incident(page, spoken, shell(folder), told)


def _year(told: Told, spoken: Words) -> str:
    return str(pages.began(told).astimezone(spoken.zone).year)


def _year_links(years: Sequence[str], this: str, name: str) -> list[Fields]:
    back = "../" if this else ""
    file = "" if name == "index.html" else name
    return [{"name": year, "href": f"{back}{year}/{file}", "is_this": year == this} for year in years]


def _style(accent: str) -> bytes:
    """The style sheet, with the brand's colour and the ink that can be read on it."""
    css = _shrunk(_CSS.read_text(encoding="utf-8"))
    return (css + f":root{{--accent:{accent.lower()};--on-accent:{readable_on(accent)}}}\n").encode()


@lru_cache(maxsize=4)
def _shrunk(css: str) -> str:
    return re.sub(r"\s*([{};,])\s*", r"\1", re.sub(r"\s+", " ", css)).strip() + "\n"


def readable_on(colour: str) -> str:
    """Black or white, whichever has the higher contrast; one of them always has at least 4.5:1 (WCAG 1.4.3)."""
    channels = [int(colour[n : n + 2], 16) / 255 for n in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    luminance = 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]
    return "#fff" if 1.05 / (luminance + 0.05) >= (luminance + 0.05) / 0.05 else "#000"


def _logo_name(logo: bytes) -> str:
    """The file name for a logo by its content; it is shown as a picture, where SVG cannot run anything."""
    if not logo:
        return ""
    for start, name in _LOGOS:
        if logo.startswith(start) and (name != "logo.webp" or logo[8:12] == b"WEBP"):
            return name
    if len(logo) <= 65_536 and re.match(rb"\s*(?:<\?xml[^>]*>\s*)?<svg[\s>]", logo):
        return "logo.svg"
    raise bad("status.logo", "The logo is no picture that can be used. Take a PNG, WebP or SVG file.")


def _twins(files: dict[str, bytes]) -> dict[str, bytes]:
    made = {}
    for name, content in files.items():
        if name.endswith(_COMPRESSED) and len(content) >= _WORTH_COMPRESSING_BYTES:
            made[f"{name}.gz"], made[f"{name}.br"] = _compressed(content)
    return made


@lru_cache(maxsize=2048)
def _compressed(content: bytes) -> tuple[bytes, bytes]:
    """gzip and Brotli forms, the same for the same content (no time stamp), made once for what does not change."""
    return gzip.compress(content, 9, mtime=0), brotli.compress(content, quality=9)
