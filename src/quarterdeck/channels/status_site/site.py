"""A whole published page as files: HTML, JSON, feeds, pictures, style sheet, and their compressed twins.

Pure: nothing is read but the shipped templates, nothing is written. `publish` puts the files in place.
"""

from __future__ import annotations

import gzip
import hashlib
import re
from collections.abc import Collection, Iterator
from functools import cache, lru_cache
from importlib.metadata import version
from pathlib import Path

import brotli  # type: ignore[import-untyped]

from quarterdeck.core.status.branding import colours
from quarterdeck.core.status.shapes import PageSnapshot

from . import badge, calendar_file, figures, statuspage_json, told
from .brand_css import safe_css
from .etags import etag
from .feeds import Feeds
from .icons import VERDICT
from .pages import Assets, Pages
from .preview import drawn, preview
from .settings import DEFAULT_ACCENT, SiteSettings, picture
from .spoken import Tongue
from .verdicts import sentence
from .words import Words, words

_TEMPLATES = Path(__file__).with_name("templates")
_CSS = _TEMPLATES / "status.css"
_COMPRESSED = (".html", ".json", ".atom", ".rss", ".css", ".svg", ".js", ".ics", ".txt")
_WORTH_COMPRESSING_BYTES = 300
_HISTORY_FIRST = 100


def render(
    page: PageSnapshot, settings: SiteSettings, kept: Collection[str] = frozenset()
) -> dict[str, bytes]:
    """Relative path to bytes of every file of the site, compressed twins (`.gz`, `.br`) included.

    The folders of incidents whose refs are in `kept` are left out: they are published already as they are (`marks`).
    Raises Refused for a zone, a logo or an incident's ref that cannot be used.
    """
    spoken = [words(language, page.page.zone) for language in settings.languages]
    css, js, embed = _style(settings), _read(_TEMPLATES / "age.js"), _read(_TEMPLATES / "embed.css")
    picture_of_it = _preview(page, spoken[0], settings) if settings.social_preview else b""
    files = {
        "status.css": css,
        "age.js": js,
        "embed.css": embed,
        **({"preview.png": picture_of_it} if picture_of_it else {}),
        "badge.svg": badge.badge(page, spoken[0]),
        "icon.svg": badge.icon(page),
        "maintenance.ics": calendar_file.maintenance(page, settings, spoken[0]),
    }
    logo, favicon = _named("logo", settings.logo), _named("favicon", settings.favicon)
    files |= {name: content for name, content in ((logo, settings.logo), (favicon, settings.favicon)) if name}
    versions = (etag(one)[1:13] if one else "" for one in (css, js, embed, picture_of_it))
    assets = Assets(*versions, logo, favicon)
    for one in spoken:
        pages = Pages(page, settings, one, assets)
        files.update(_html(page, pages, settings.file_name(one.language), kept))
    feeds = Feeds(page, settings, spoken[0])
    for incident in told.everything(page):
        if incident.ref not in kept:
            files[f"{told.folder(incident.ref)}feed.atom"] = feeds.one_incident(incident)
    files.update(statuspage_json.files(page, settings))
    files.update(figures.files(page))
    files.update(feeds.files())
    files.update(_twins(files))
    files.update(badge.of_components(page, spoken[0]))  # small, and many: no twins
    return files


def marks(page: PageSnapshot, settings: SiteSettings) -> dict[str, str]:
    """For each incident that is over a mark that changes with anything its own pages show: while it stays, they do."""
    names = [
        (v.component.id, v.component.name, sorted(v.component.names.items()))
        for g in page.groups
        for v in g.components
    ]
    look = tuple(sorted(p.read_bytes() for p in _CSS.parent.glob("*.*")))
    shown = repr((page.page, settings, names, settings.logo, settings.favicon, look, version("quarterdeck")))
    frame = hashlib.sha256(shown.encode("utf-8", "replace"))
    found = {}
    for incident in told.everything(page):
        if not incident.is_open:
            own = frame.copy()
            own.update(repr(incident).encode("utf-8", "replace"))
            found[incident.ref] = own.hexdigest()[:16]
    return found


def _html(page: PageSnapshot, pages: Pages, name: str, kept: Collection[str]) -> Iterator[tuple[str, bytes]]:
    yield name, pages.index()
    yield name.replace("index", "embed"), pages.embed()
    over = pages.over()
    many = len(over) > _HISTORY_FIRST
    years = sorted({pages.year_of(i) for i in over}, reverse=True) if many else []
    yield f"history/{name}", pages.history(over[:_HISTORY_FIRST], "history/", "", years)
    for year in years:
        found = [i for i in over if pages.year_of(i) == year]
        yield f"history/{year}/{name}", pages.history(found, f"history/{year}/", year, years)
    for incident in told.everything(page):
        if incident.ref not in kept:
            yield told.folder(incident.ref) + name, pages.incident(incident)


def _style(settings: SiteSettings) -> bytes:
    """The style sheet, with the brand's colours and the ink that can be read on each, and the brand's own rules."""
    c = colours(settings.accent, settings.accent_dark)
    css = _shrunk(_CSS.read_text(encoding="utf-8"))
    own = f":root{{{_accent(settings, c.accent)}--on-accent:{c.ink}}}"
    by_night = f":root{{{_accent(settings, c.accent_dark)}--on-accent:{c.ink_dark}}}"
    dark = f"@media (prefers-color-scheme:dark){{{by_night}}}"
    return f"{css}{own}{dark}\n{safe_css(settings.css)}".encode()


def _accent(settings: SiteSettings, colour: str) -> str:
    """The brand's colour, which its links take too."""
    links = "" if settings.accent == DEFAULT_ACCENT else f"--link:{colour};--link-line:{colour};"
    return f"--accent:{colour};{links}"


@cache
def _read(path: Path) -> bytes:
    """A shipped file, its style sheets without their blanks."""
    text = path.read_text(encoding="utf-8")
    return (_shrunk(text) if path.suffix == ".css" else text).encode()


def _preview(page: PageSnapshot, first: Words, settings: SiteSettings) -> bytes:
    """The picture for links to the page: in its first language, in English where the picture has not its letters."""
    indicator = page.verdict.indicator
    said = sentence(page, first, Tongue(first.language, settings.languages[0]))
    state = first.state(VERDICT[indicator])
    if not (drawn(said) and drawn(state)):
        english = words("en", page.page.zone)
        said, state = f"{english.t[f'verdict_{indicator}']}.", english.state(VERDICT[indicator])
    return preview(page.page.title if drawn(page.page.title) else page.page.key, said, state, indicator)


@lru_cache(maxsize=4)
def _shrunk(css: str) -> str:
    bare = re.sub(r"/\*.*?\*/", "", css, flags=re.DOTALL)
    return re.sub(r"\s*([{};,])\s*", r"\1", re.sub(r"\s+", " ", bare)).strip() + "\n"


def _named(name: str, content: bytes) -> str:
    """The file name of a picture of the brand, "" without one."""
    ending = picture(content, name)
    return f"{name}.{ending}" if ending else ""


def _twins(files: dict[str, bytes]) -> dict[str, bytes]:
    made = {}
    for name, content in files.items():
        if name.endswith(_COMPRESSED) and len(content) >= _WORTH_COMPRESSING_BYTES:
            made[f"{name}.gz"], made[f"{name}.br"] = _compressed(content)
    return made


@lru_cache(maxsize=2048)
def _compressed(content: bytes) -> tuple[bytes, bytes]:
    """gzip and Brotli forms without a time stamp: the same for the same content, made once for each."""
    return gzip.compress(content, 9, mtime=0), brotli.compress(content, quality=9)
