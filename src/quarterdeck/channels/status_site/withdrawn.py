"""What stands where a page was that is public no more: that, and nothing of what it said."""

from __future__ import annotations

_HTML = """<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="robots" content="noindex"><meta name="viewport"
content="width=device-width"><title>Not public</title></head>
<body><p>This status page is not public any more.</p></body></html>
"""


def withdrawn() -> dict[str, bytes]:
    """The files, as `render` answers them."""
    return {"index.html": _HTML.encode()}
