"""The same words on every channel: what a callout must say, as plain text, as a short line and as mail HTML.

Everything but `Outgoing.html` is treated as hostile and escaped here; nothing is looked up or sent.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from html import escape

from .outcome import Outgoing

# What somebody who is woken needs in order to start; a missing one is named, not left out. Links that are missing are
# named in one line: what is known must not drown among them.
CALLOUT_FACTS = (
    "Service", "Severity", "Symptom", "Impact", "Runbook", "Graphs", "Chat", "Call", "Also called",
)  # fmt: skip
_LINKS = ("Runbook", "Graphs", "Chat", "Call")
UNKNOWN = "unknown"
# A page that bears this says no more than it was given: what it is about is read inside.
RESTRICTED = "Restricted"
DRILL_MARK = "DRILL"

_URL = re.compile(r"https?://[^\s<>\"'`\\^{}|]+")
_TRAILING = ".,;:!?)]}'\""


def facts(outgoing: Outgoing) -> tuple[tuple[str, str], ...]:
    """The labelled lines to show. A callout has all of `CALLOUT_FACTS`, in that order, then its others; one about
    what is restricted only what it was given.
    """
    given = [(label.strip(), value.strip()) for label, value in outgoing.facts if label.strip()]
    if outgoing.kind != "page":
        return tuple((label, value) for label, value in given if value)
    if any(label == RESTRICTED for label, _ in given):
        return tuple(given)
    by_label = {label.casefold(): value for label, value in given}
    known = {label.casefold() for label in CALLOUT_FACTS}
    found = [(label, by_label.get(label.casefold()) or UNKNOWN) for label in CALLOUT_FACTS]
    lost = [label for label, value in found if label in _LINKS and value == UNKNOWN]
    first = [(label, value) for label, value in found if label not in lost]
    others = [(label, value or UNKNOWN) for label, value in given if label.casefold() not in known]
    return (*first, *others, *([(UNKNOWN.capitalize(), ", ".join(lost))] if lost else []))


def title(outgoing: Outgoing) -> str:
    """The subject as one line, marked when it is a drill."""
    subject = " ".join(outgoing.subject.split())
    return f"{DRILL_MARK}: {subject}" if outgoing.drill else subject


def plain_text(outgoing: Outgoing) -> str:
    """Title, text, facts and the link, one below the other, for any place that shows plain text."""
    return f"{title(outgoing)}\n\n{body_text(outgoing)}".strip() + "\n"


def body_text(outgoing: Outgoing) -> str:
    """`plain_text` without the title, for channels that have a title of their own."""
    parts = [outgoing.text.strip()]
    parts.append("\n".join(f"{label}: {_indented(value)}" for label, value in facts(outgoing)))
    if outgoing.link:
        parts.append(f"{outgoing.link_label}: {outgoing.link}")
    return "\n\n".join(part for part in parts if part)


def html(outgoing: Outgoing) -> str:
    """A whole mail document without tables, images or scripts, readable on light and dark grounds."""
    body = (
        outgoing.html
        or _marked(outgoing)
        or "".join(f"<p>{_linked(p)}</p>" for p in _paragraphs(outgoing.text))
    )
    rows = "".join(
        f'<dt style="{_DT}">{escape(label)}</dt><dd style="{_DD}">{_linked(value)}</dd>'
        for label, value in facts(outgoing)
    )
    tongue = _tongue(str(outgoing.data.get("language") or ""))
    drill = f'<p style="{_DRILL}">{DRILL_MARK}: nothing is broken.</p>' if outgoing.drill else ""
    return (
        f'<!doctype html><html{tongue or _ENGLISH}><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        '<meta name="color-scheme" content="light dark">'
        '<meta name="supported-color-schemes" content="light dark">'
        f"<title>{escape(title(outgoing))}</title>"
        "<style>:root{color-scheme:light dark;supported-color-schemes:light dark}</style></head>"
        f'<body style="{_BODY}"><main{tongue} style="{_MAIN}">{drill}'
        f'<h1 style="{_H1}">{escape(title(outgoing))}</h1>'
        # Whoever is woken acts first and reads then.
        + (_button(outgoing) if outgoing.kind == "page" else "")
        + body
        + (f'<dl style="{_DL}">{rows}</dl>' if rows else "")
        + (_button(outgoing) if outgoing.kind != "page" else "")
        + _unsubscribe(outgoing)
        + "</main></body></html>\n"
    )


def _tongue(language: str) -> str:
    """Language and direction as attributes, nothing for English. Mail programs keep those of the page or of what is in
    it, not always both.
    """
    if not language or language == "en":
        return ""
    from .status_site.phrases import LANGUAGES, shipped  # its pages take `is_web_link` from here

    known = shipped(language)
    return f' lang="{known}" dir="{LANGUAGES[known].direction}"' if known else ""


def _marked(outgoing: Outgoing) -> str:
    """What is Markdown on the status page looks like it in a mail, too; `text` is the same without its marks."""
    text = outgoing.data.get("markdown")
    if not isinstance(text, str) or not text:
        return ""
    from .status_site import markup  # its pages take `is_web_link` from here

    return str(markup.html(text))


def is_web_link(url: str) -> bool:
    """Whether a URL may be made clickable: http or https, in one piece."""
    return bool(_URL.fullmatch(url))


_ENGLISH = ' lang="en"'
# Mail programs drop style sheets, so each element carries its own style; the ground is the reader's theme.
_BODY = "margin:0;padding:0;font:16px/1.5 -apple-system,'Segoe UI',Roboto,'Helvetica Neue',Arial,sans-serif"
_MAIN = "display:block;max-width:600px;margin:0 auto;padding:24px 20px"
_H1 = "font-size:20px;line-height:1.3;margin:0 0 12px"
_DL = "margin:16px 0 0;padding:12px 0 0;border-top:1px solid #849195"
_DT = "font-size:13px;line-height:1.4;opacity:.75;margin:0"
_DD = "margin:0 0 10px;white-space:pre-line;overflow-wrap:anywhere"
_DRILL = "margin:0 0 12px;padding:8px 12px;border:2px dashed currentColor;font-weight:600"
_A = (
    "display:block;box-sizing:border-box;width:100%;padding:16px 20px;border-radius:6px;background:#0c766d;"
    "color:#ffffff;font-size:18px;font-weight:600;text-align:center;text-decoration:none"
)
_SMALL = "margin:24px 0 0;font-size:13px;opacity:.75"


def _button(outgoing: Outgoing) -> str:
    if not is_web_link(outgoing.link):
        return ""
    address = escape(outgoing.link)
    return (
        f'<p style="margin:20px 0 8px"><a href="{address}" style="{_A}">{escape(outgoing.link_label)}</a></p>'
        f'<p style="margin:0;font-size:13px;opacity:.75;overflow-wrap:anywhere">{address}</p>'
    )


def _unsubscribe(outgoing: Outgoing) -> str:
    label, url = _ending(outgoing)
    if not url:
        return ""
    return f'<p style="{_SMALL}"><a href="{escape(url)}" style="color:inherit">{escape(label)}</a></p>'


def ending_text(outgoing: Outgoing) -> str:
    """The line by which a reader of plain text ends such messages; empty where nothing does."""
    label, url = _ending(outgoing)
    return f"\n\n{label}: {url}" if url else ""


def _ending(outgoing: Outgoing) -> tuple[str, str]:
    url = str(outgoing.data.get("unsubscribe_url", ""))
    if outgoing.kind != "message" or not is_web_link(url):
        return "", ""
    return str(outgoing.data.get("unsubscribe_label") or "Stop these messages"), url


def _linked(text: str) -> str:
    """Escaped text in which http(s) addresses are links."""
    return "".join(
        f'<a href="{escape(piece)}" style="color:inherit">{escape(piece)}</a>' if is_link else escape(piece)
        for piece, is_link in _pieces(text)
    )


def _pieces(text: str) -> Iterator[tuple[str, bool]]:
    at = 0
    for found in _URL.finditer(text):
        url = found.group().rstrip(_TRAILING)
        yield text[at : found.start()], False
        yield url, True
        at = found.start() + len(url)
    yield text[at:], False


def _paragraphs(text: str) -> list[str]:
    return [part.strip() for part in re.split(r"\n\s*\n", text) if part.strip()]


def _indented(value: str) -> str:
    return value.replace("\n", "\n  ")
