"""The page's state as small pictures: a badge with words and an icon for the browser's tab. No fonts are fetched."""

from __future__ import annotations

from html import escape

from .model import PageSnapshot
from .words import Words

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
_SHORT = {
    "none": "operational",
    "maintenance": "under_maintenance",
    "minor": "degraded_performance",
    "major": "partial_outage",
    "critical": "major_outage",
}


def badge(page: PageSnapshot, words: Words) -> bytes:
    """An SVG with the page's name and its state, for READMEs and dashboards."""
    name, state = page.name[:40], words.state(_SHORT[page.indicator])
    left, right = _width(name), _width(state)
    label = escape(f"{name}: {state}")
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{left + right}" height="20" role="img" aria-label="{label}">'
        f"<title>{label}</title>"
        f'<rect width="{left + right}" height="20" rx="4" fill="{_FILL[page.indicator]}"/>'
        f'<path d="M4 0h{left - 4}v20H4a4 4 0 0 1-4-4V4a4 4 0 0 1 4-4z" fill="#3f4c51"/>'
        '<g fill="#fff" text-anchor="middle" font-family="Verdana,DejaVu Sans,Geneva,sans-serif" font-size="11">'
        f'<text x="{left / 2:g}" y="14" textLength="{left - 14}" lengthAdjust="spacingAndGlyphs">{escape(name)}</text>'
        f'<text x="{left + right / 2:g}" y="14" textLength="{right - 14}" lengthAdjust="spacingAndGlyphs">'
        f"{escape(state)}</text></g></svg>\n"
    ).encode("utf-8", "replace")


def icon(page: PageSnapshot) -> bytes:
    """A round SVG for the browser's tab: colour and mark of the state."""
    return (
        '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 16 16">'
        f'<circle cx="8" cy="8" r="8" fill="{_FILL[page.indicator]}"/>'
        f'<path d="{_MARK[page.indicator]}" fill="none" stroke="#fff" stroke-width="1.8" stroke-linecap="round"/>'
        "</svg>\n"
    ).encode()


def _width(text: str) -> int:
    """About what Verdana needs at 11 px; `textLength` makes it exact."""
    wide = sum(
        2 if ord(c) > 0x2E80 else 1.15 if c.isupper() or c in "mwMW@%" else 0.55 if c in "il.,:;'|!jI" else 1
        for c in text
    )
    return int(wide * 6.6) + 16
