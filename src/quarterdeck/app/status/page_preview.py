"""A status page as it would be published, as one file that shows itself: made by the renderer itself, from an edit.

Everything it needs is inside of it, and nothing in it leads anywhere: it is shown in a frame that may do nothing.
"""

from __future__ import annotations

import base64
import re
from urllib.parse import urlsplit

from quarterdeck.channels import status_site
from quarterdeck.channels.status_site.phrases import LANGUAGES
from quarterdeck.channels.status_site.told import everything

from ..act import Act
from .page_editing import Edit, drafted

# What the frame may do: show what is inside of the file.
POLICY = (
    "sandbox; default-src 'none'; style-src data:; img-src data:; form-action 'none'; base-uri 'none'; "
    "frame-ancestors 'self'"
)
_TYPES = {"css": "text/css", "svg": "image/svg+xml", "png": "image/png", "webp": "image/webp"}
_DARK = re.compile(r"@media\s*\(\s*prefers-color-scheme\s*:\s*(dark|light)\s*\)")
_META = re.compile(r'<meta http-equiv="Content-Security-Policy"[^>]*>\s*')
_FILE = re.compile(r'(<(?:link|img|source)\b[^>]*?\s(?:href|src)=")([^"]*)(")')
_SCRIPT = re.compile(r"<script\b[^>]*>.*?</script>\s*", re.DOTALL)
_LINK = re.compile(r'(<a\b[^>]*?)\shref="(?!#)[^"]*"')
_GONE = re.compile(
    r'<link\b[^>]*rel="(?:alternate|canonical|manifest)"[^>]*>\s*|<meta (?:property="og|name="twitter):[^>]*>\s*'
)


def preview(act: Act, key: str, edit: Edit, language: str = "", theme: str = "auto") -> str:
    """The start page in one language (its first, where it has not this one) and one theme."""
    shown, how = drafted(act, key, edit)
    chosen = language if language in how.languages else how.languages[0]
    files = status_site.render(shown, how, frozenset(i.ref for i in everything(shown)))
    page = files[how.file_name(chosen)].decode("utf-8")
    page = _SCRIPT.sub("", _GONE.sub("", _META.sub("", page)))
    page = _FILE.sub(lambda m: m[1] + _inside(files, m[2], theme) + m[3], page)
    return _LINK.sub(r"\1", page)


def languages(codes: list[str]) -> list[tuple[str, str]]:
    """Codes with their names, in the order of the page."""
    return [(c, LANGUAGES[c].name) for c in codes if c in LANGUAGES]


def _inside(files: dict[str, bytes], where: str, theme: str) -> str:
    """A file of the page as part of the page itself; what is not one of them leads nowhere."""
    name = urlsplit(where.replace("&amp;", "&")).path.removeprefix("./")
    kind = _TYPES.get(name.rpartition(".")[2])
    if name not in files or kind is None:
        return "data:,"
    content = files[name]
    if kind == "text/css":
        content = _themed(content.decode("utf-8"), theme).encode()
    return f"data:{kind};base64,{base64.b64encode(content).decode('ascii')}"


def _themed(css: str, theme: str) -> str:
    """The style sheet as a reader who chose this theme has it."""
    if theme not in ("light", "dark"):
        return css
    css = _DARK.sub(lambda m: "@media all" if m[1] == theme else "@media not all", css)
    return re.sub(r"color-scheme:\s*light dark", f"color-scheme:{theme}", css)
