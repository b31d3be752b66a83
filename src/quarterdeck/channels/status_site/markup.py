"""Markdown of public posts as HTML that cannot do anything: no raw HTML, no images, no other schemes.

Two fences: the parser passes no HTML through, and what it makes is cleaned against a list of elements.
"""

from __future__ import annotations

from functools import cache, lru_cache

import nh3
from django.utils.safestring import SafeString
from markdown_it import MarkdownIt
from markdown_it.token import Token

from ..graphemes import fit

_TAGS = {"p", "br", "strong", "em", "s", "ul", "ol", "li", "a", "code", "pre", "blockquote"}


@lru_cache(maxsize=2048)
def html(text: str) -> SafeString:
    """A post's Markdown as clean HTML, ready for a template."""
    whole = text.encode("utf-8", "replace").decode()  # without lone surrogates, which no page can carry
    return SafeString(_clean(_parser().render(whole)))


def plain(text: str, limit: int = 300) -> str:
    """A post's words alone, as one line, for descriptions and lists."""
    words = " ".join(_stripped(text).split())
    return fit(words, limit)


def readable(text: str) -> str:
    """A post's words for mails and messages: paragraphs and lists without their marks, links with their addresses."""
    said, mark, before = "", "", ""
    for token in _parser().parse(text):
        if token.type == "list_item_open":
            mark = f"{token.info}. " if token.info else "• "
            continue
        words = _spelled(token.children or []) if token.type == "inline" else token.content.rstrip("\n")
        if words:
            said += ("\n" if mark and before else "\n\n" if said else "") + mark + words
            mark, before = "", mark
    return said


def _spelled(children: list[Token]) -> str:
    said, href, began = "", "", 0
    for one in children:
        if one.type == "link_open":
            href, began = str(one.attrGet("href") or ""), len(said)
        elif one.type == "link_close" and href not in (said[began:], ""):
            said += f" ({href})"
        else:
            said += "\n" if one.type in ("softbreak", "hardbreak") else one.content
    return said


def xml_text(text: str) -> str:
    """Text without the characters XML cannot hold, which would make the whole feed unreadable."""
    return "".join(
        c
        for c in text
        if c in "\t\n" or (c >= " " and not "\ud800" <= c <= "\udfff" and c not in "\ufffe\uffff")
    )


@cache
def _parser() -> MarkdownIt:
    parser = MarkdownIt("commonmark", {"html": False, "linkify": False})
    return parser.enable("strikethrough").disable(
        ["image", "html_block", "html_inline", "heading", "lheading", "hr"]
    )


def _clean(rendered: str) -> str:
    return nh3.clean(
        rendered,
        tags=_TAGS,
        attributes={"*": set(), "a": {"href"}},
        attribute_filter=_absolute_only,
        url_schemes={"http", "https", "mailto"},
        link_rel="noopener nofollow",
        strip_comments=True,
    )


def _absolute_only(_tag: str, name: str, value: str) -> str | None:
    """A link of a post says where it leads: without scheme and host it would lead somewhere else on each page."""
    if name != "href":
        return value
    return value if value.lower().startswith(("https://", "http://", "mailto:")) else None


def _stripped(text: str) -> str:
    words = []
    for token in _parser().parse(text):
        # Within a paragraph emphasis and links hold no blanks of their own; breaks of lines do.
        parts = (" " if c.type in ("softbreak", "hardbreak") else c.content for c in token.children or [])
        words.append("".join(parts) if token.type == "inline" else token.content)
    return " ".join(word for word in words if word)
