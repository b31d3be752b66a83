"""What stands where a page was that is public no more: that, in each language, and nothing of what it said."""

from __future__ import annotations

from html import escape

from .outside import PHRASES
from .phrases import LANGUAGES

_HEAD = """<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="robots" content="noindex"><meta name="viewport"
content="width=device-width"><meta name="color-scheme" content="light dark"><title>Not public</title></head>
<body>
"""


def withdrawn() -> dict[str, bytes]:
    """The files, as `render` answers them: one for everybody, as whoever serves them asks nobody for a language."""
    said = "".join(
        f'<p lang="{code}" dir="{LANGUAGES[code].direction}">{escape(told["w_text"])}</p>\n'
        for code, told in PHRASES.items()
    )
    return {"index.html": f"{_HEAD}{said}</body></html>\n".encode()}
