"""The page's state as small pictures: a badge with words, an icon for the browser's tab. Fetches no font."""

from __future__ import annotations

import re
from functools import lru_cache
from html import escape

from quarterdeck.core.status.shapes import PageSnapshot
from quarterdeck.core.status.words import impact_of

from .icons import VERDICT
from .markup import xml_text
from .words import Words

# White words on each of them have a contrast of 4.5:1 or more.
_FILL = {
    "none": "#17683a",
    "maintenance": "#1a57a8",
    "minor": "#6b5a00",
    "major": "#9c3f06",
    "critical": "#b01e14",
}
_MARK = {
    "none": "M5.2 8.3l2 2 3.7-4.1",
    "maintenance": "M5 8h6",
    "minor": "M8 4.8v3.9M8 11v.1",
    "major": "M8 4.8v3.9M8 11v.1",
    "critical": "M5.7 5.7l4.6 4.6M10.3 5.7l-4.6 4.6",
}
_FONT = "Verdana,DejaVu Sans,Geneva,sans-serif"
_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,63}")
_EXACT = 'lengthAdjust="spacingAndGlyphs"'


def badge(page: PageSnapshot, words: Words) -> bytes:
    """An SVG with the page's name and its state, for READMEs and dashboards."""
    indicator = page.verdict.indicator
    return drawn(page.page.title, words.state(VERDICT[indicator]), indicator)


def of_components(page: PageSnapshot, words: Words) -> dict[str, bytes]:
    """`badges/<id>.svg` for each component whose id can be part of an address."""
    views = [view for group in page.groups for view in group.components if _ID.fullmatch(view.component.id)]
    return {
        f"badges/{v.component.id}.svg": drawn(v.component.name, words.state(v.state), impact_of([v.state]))
        for v in views
    }


@lru_cache(maxsize=8192)
def drawn(name: str, state: str, indicator: str) -> bytes:
    """One badge: a name, and a state in its colour."""
    name = xml_text(name[:40])
    left, right = _width(name), _width(state)
    label, whole = escape(f"{name}: {state}"), left + right
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{whole}" height="20" '
        f'role="img" aria-label="{label}">'
        f"<title>{label}</title>"
        f'<rect width="{whole}" height="20" rx="4" fill="{_FILL[indicator]}"/>'
        f'<path d="M4 0h{left - 4}v20H4a4 4 0 0 1-4-4V4a4 4 0 0 1 4-4z" fill="#3f4c51"/>'
        f'<g fill="#fff" text-anchor="middle" font-family="{_FONT}" font-size="11">'
        f'<text x="{left / 2:g}" y="14" textLength="{left - 14}" {_EXACT}>{escape(name)}</text>'
        f'<text x="{left + right / 2:g}" y="14" textLength="{right - 14}" {_EXACT}>{escape(state)}</text>'
        "</g></svg>\n"
    ).encode("utf-8", "replace")


def icon(page: PageSnapshot) -> bytes:
    """A round SVG for the browser's tab: colour and mark of the state."""
    indicator = page.verdict.indicator
    return (
        '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 16 16">'
        f'<circle cx="8" cy="8" r="8" fill="{_FILL[indicator]}"/>'
        f'<path d="{_MARK[indicator]}" fill="none" stroke="#fff" stroke-width="1.8" stroke-linecap="round"/>'
        "</svg>\n"
    ).encode()


def _width(text: str) -> int:
    """About what Verdana needs at 11 px; `textLength` makes it exact."""
    return int(sum(_letter(c) for c in text) * 6.6) + 16


def _letter(c: str) -> float:
    if ord(c) > 0x2E80:
        return 2.0
    if c in "il.,:;'|!jI ":
        return 0.55
    return 1.15 if c.isupper() or c in "mwMW@%" else 1.0
