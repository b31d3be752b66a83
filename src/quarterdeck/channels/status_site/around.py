"""The look of a status page for the pages around it that the product itself answers: its colours, as the published page
checks and uses them, and its own style sheet, put upon the product's sheets by their names for colours. Pure.
"""

from __future__ import annotations

from quarterdeck.core.status.branding import Colours, colours

from .brand_css import safe_css
from .settings import DEFAULT_ACCENT

# The page's names for colours that the product calls otherwise, with the page's values.
_NAMES = (
    ":root{--link:light-dark(#0b6b63,#4fcdbe);--link-line:light-dark(#9fd0ca,#235c57);"
    "--line-field:light-dark(#6f7d82,#66757b);--accent-ink:var(--link);--accent-line:var(--link-line);"
    "--line-strong:var(--line-field)}\n"
)


def sheet(accent: str, accent_dark: str, css: str) -> str:
    """A style sheet for after the product's own. Raises Refused for what no published page would serve either."""
    own = ""
    if accent != DEFAULT_ACCENT or accent_dark:
        c = colours(accent, accent_dark)
        own = f":root{{{_accent(c)}}}\n"
    return _NAMES + own + safe_css(css)


def _accent(c: Colours) -> str:
    both = f"light-dark({c.accent},{c.accent_dark})"
    # Away from what is written on it, so that it is read no worse under a pointer.
    hover = f"light-dark({_away(c.accent, c.ink)},{_away(c.accent_dark, c.ink_dark)})"
    return (
        f"--accent:{both};--accent-hover:{hover};--ink-on:light-dark({c.ink},{c.ink_dark});--link:{both};"
        f"--link-line:{both};--accent-tint:color-mix(in oklab,var(--accent) 10%,var(--surface))"
    )


def _away(colour: str, ink: str) -> str:
    return f"color-mix(in oklab,{colour} 88%,{'black' if ink == '#fff' else 'white'})"
