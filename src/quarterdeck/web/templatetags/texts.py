"""Markdown, query strings and the phrases scripts need. Markdown passes two filters and carries no image or markup."""

from __future__ import annotations

import json
import re
from functools import lru_cache
from typing import Any
from urllib.parse import urlencode

import nh3
from django.utils.html import conditional_escape, format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import get_language, gettext
from markdown_it import MarkdownIt

from quarterdeck.app import search_words

_PARSER = MarkdownIt("commonmark", {"html": False, "breaks": True}).enable("table").disable("image")
_TAGS = {
    "a", "blockquote", "br", "code", "em", "h3", "h4", "h5", "hr", "li", "ol", "p", "pre", "strong",
    "table", "tbody", "td", "th", "thead", "tr", "ul",
}  # fmt: skip
_ESCAPES = {ord("<"): "\\u003C", ord(">"): "\\u003E", ord("&"): "\\u0026"}


def marked(text: Any, q: Any) -> SafeString:
    """A text with the words that were asked for marked in it."""
    asked = [re.escape(w) for w in search_words.words(str(q or "")) if w]
    if not asked:
        return conditional_escape(text)
    parts = re.split(f"({'|'.join(asked)})", str(text), flags=re.I)
    return format_html_join(
        "", "{}", ((format_html("<mark>{}</mark>", p) if n % 2 else p,) for n, p in enumerate(parts))
    )


def markdown(text: Any) -> SafeString:
    """Safe HTML from Markdown: no raw HTML, no images; links http, https and mailto only."""
    return _rendered(str(text or ""), get_language())


@lru_cache(maxsize=512)
def _rendered(text: str, language: str | None) -> SafeString:
    """The entries of a running incident are shown to everybody in it, each time it moves."""
    html = _PARSER.render(text)
    html = (
        html.replace("<h1>", "<h3>")
        .replace("</h1>", "</h3>")
        .replace("<h2>", "<h4>")
        .replace("</h2>", "</h4>")
    )
    clean = nh3.clean(
        html,
        tags=_TAGS,
        attributes={"a": {"href"}},
        url_schemes={"http", "https", "mailto"},
        link_rel="noopener noreferrer nofollow",
    )
    return format_html('<div class="prose">{}</div>', SafeString(_tables_scroll(clean)))


def _tables_scroll(clean: str) -> str:
    """Cleaned HTML with each table in a box of its own that scrolls, by keyboard too."""
    if "<table>" not in clean:
        return clean
    begin = format_html(
        '<div class="scroll-x" tabindex="0" role="region" aria-label="{}"><table>', gettext("Table")
    )
    return clean.replace("<table>", begin).replace("</table>", "</table></div>")


def query(context: Any, **changes: Any) -> str:
    """The present query string with some parameters replaced; None or "" removes one. Escaped by the template."""
    request = context.get("request")
    params = request.GET.copy() if request is not None else {}
    pairs: list[tuple[str, str]] = []
    lists = params.lists() if hasattr(params, "lists") else ()
    for key, values in lists:
        if key not in changes:
            pairs += [(key, v) for v in values]
    pairs += [(k, str(v)) for k, v in changes.items() if v not in (None, "")]
    return "?" + urlencode(pairs)


def words() -> SafeString:
    """The phrases the scripts say, in the viewer's language, as a data block the style policy accepts."""
    phrases = {
        "ago": gettext("%(span)s ago"),
        "in": gettext("in %(span)s"),
        "late": gettext("%(span)s late"),
        "days": gettext("%(days)s d %(clock)s"),
        "lost": gettext("Live updates lost."),
        "shown": gettext("You see %(time)s, %(age)s old. Trying again in %(wait)s s."),
        "back": gettext("Live updates are back."),
        "signedout": gettext("Your session has ended. What you typed is kept here."),
        "kept": gettext("What you typed earlier is back."),
        "discard": gettext("Discard"),
        "failed": gettext("That did not reach the server. Nothing you typed is lost; try again."),
        "refused": gettext("The server refused this."),
        "undo": gettext("Undo"),
        "close": gettext("Close"),
        "copied": gettext("Copied"),
        "none": gettext("Nothing found"),
        "here": gettext("On this page"),
        "do": gettext("Do"),
        "go": gettext("Go to"),
        "found": gettext("Found"),
        "results": gettext("%(count)s results"),
        "selected": gettext("%(count)s selected"),
        "changed": gettext("Changed: %(what)s"),
        "busy": gettext("Working"),
    }
    text = json.dumps(phrases, ensure_ascii=False).translate(_ESCAPES)
    return format_html('<script type="application/json" id="words">{}</script>', SafeString(text))
