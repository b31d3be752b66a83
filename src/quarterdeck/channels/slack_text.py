"""What somebody wrote in Slack as plain text: Slack's marks for people, channels and links become words."""

from __future__ import annotations

import re
from html import unescape

_MARK = re.compile(r"<([^<>|]{1,2000})(?:\|([^<>]{0,2000}))?>")


def plain(text: str) -> str:
    """ "<https://a.example|graph> by <@U012AB3CD>" -> "graph (https://a.example) by @U012AB3CD"."""
    return unescape(_MARK.sub(_word, text))


def _word(found: re.Match[str]) -> str:
    what, label = found[1], found[2] or ""
    if what.startswith("@"):
        return f"@{label or what[1:]}"
    if what.startswith("#"):
        return f"#{label or what[1:]}"
    if what.startswith("!"):
        return f"@{label.lstrip('@') or what[1:].split('^')[0]}"
    return f"{label} ({what})" if label and label != what else what
