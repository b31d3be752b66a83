"""Atom and RSS feeds: one entry per incident or maintenance, whose id never changes while its text may."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from html import escape
from urllib.parse import urlsplit
from xml.etree import ElementTree as Xml

from . import markup
from .model import Incident, Maintenance, PageSnapshot, Update
from .statuspage_json import permalink
from .words import Words

_ATOM = "http://www.w3.org/2005/Atom"
_RECENT_DAYS = 30
_MOST = 50


@dataclass(frozen=True, slots=True)
class _Entry:
    id: str
    title: str
    link: str
    published: datetime
    updated: datetime
    html: str


def files(page: PageSnapshot, words: Words) -> dict[str, bytes]:
    """`feed.atom` has the last 30 days and all that is open, the history feeds the last 50 entries."""
    entries = _entries(page, words)[:_MOST]
    recent = [e for e in entries if e.updated >= page.generated_at - timedelta(days=_RECENT_DAYS)]
    return {
        "feed.atom": _atom(page, words, "feed.atom", recent),
        "history.atom": _atom(page, words, "history.atom", entries),
        "history.rss": _rss(page, words, entries),
    }


def one_incident(page: PageSnapshot, words: Words, told: Incident | Maintenance) -> bytes:
    """A feed of one incident, for those who follow nothing else: an entry per update."""
    entries = [
        _Entry(
            id=f"{_tag(page, told.id)}/update/{update.id}",
            title=f"{words.state(update.status)}: {told.name}",
            link=permalink(page, told.id),
            published=update.at,
            updated=max(update.updated_at, update.at),
            html=str(markup.html(update.body)),
        )
        for update in told.updates[:_MOST]
    ]
    return _atom(page, words, f"incidents/{told.id}/feed.atom", entries, f"{told.name} · {page.name}")


def _entries(page: PageSnapshot, words: Words) -> list[_Entry]:
    told: list[Incident | Maintenance] = [*page.incidents, *page.maintenances]
    entries = [
        _Entry(
            id=_tag(page, one.id),
            title=one.name,
            link=permalink(page, one.id),
            published=one.created_at,
            updated=max([one.updated_at, *(update.at for update in one.updates)]),
            html=_told(one.updates, words),
        )
        for one in told
    ]
    return sorted(entries, key=lambda e: (e.updated, e.id), reverse=True)


def _told(updates: Sequence[Update], words: Words) -> str:
    """All updates of one incident, newest first, as HTML."""
    return "".join(
        f"<p><strong>{escape(words.state(update.status))}</strong> "
        f"<small>{escape(words.long_day(update.at.astimezone(words.zone).date()))}, "
        f"{escape(words.clock(update.at))}</small></p>{markup.html(update.body)}"
        for update in updates
    )


def _tag(page: PageSnapshot, incident_id: str) -> str:
    """A tag URI as Statuspage makes them: readers keep what they have read when a page moves here."""
    host = urlsplit(page.url).hostname or "status.invalid"
    return f"tag:{host},2005:Incident/{incident_id}"


def _atom(page: PageSnapshot, words: Words, path: str, entries: Sequence[_Entry], title: str = "") -> bytes:
    Xml.register_namespace("", _ATOM)
    root = Xml.Element(f"{{{_ATOM}}}feed", {"xml:lang": words.language})
    base = page.url.rstrip("/")
    _add(root, "id", f"tag:{urlsplit(page.url).hostname or 'status.invalid'},2005:/{path}")
    _add(root, "title", title or f"{page.name} · {words.t['history']}")
    _add(root, "updated", _time(max([page.updated_at, *(e.updated for e in entries)])))
    _add(root, "link", rel="self", type="application/atom+xml", href=f"{base}/{path}")
    _add(root, "link", rel="alternate", type="text/html", href=f"{base}/")
    _add(_add(root, "author"), "name", page.name)
    for entry in entries:
        node = _add(root, "entry")
        _add(node, "id", entry.id)
        _add(node, "title", entry.title)
        _add(node, "published", _time(entry.published))
        _add(node, "updated", _time(entry.updated))
        _add(node, "link", rel="alternate", type="text/html", href=entry.link)
        _add(node, "content", entry.html, type="html")
    return _bytes(root)


def _rss(page: PageSnapshot, words: Words, entries: Sequence[_Entry]) -> bytes:
    root = Xml.Element("rss", {"version": "2.0"})
    channel = Xml.SubElement(root, "channel")
    for name, value in (
        ("title", f"{page.name} · {words.t['history']}"),
        ("link", f"{page.url.rstrip('/')}/"),
        ("description", page.name),
        ("language", words.language),
        ("lastBuildDate", _mail_time(page.updated_at)),
    ):
        Xml.SubElement(channel, name).text = _xml_text(value)
    for entry in entries:
        item = Xml.SubElement(channel, "item")
        Xml.SubElement(item, "title").text = _xml_text(entry.title)
        Xml.SubElement(item, "link").text = entry.link
        Xml.SubElement(item, "guid", {"isPermaLink": "false"}).text = entry.id
        Xml.SubElement(item, "pubDate").text = _mail_time(entry.updated)
        Xml.SubElement(item, "description").text = _xml_text(entry.html)
    return _bytes(root)


def _add(parent: Xml.Element, tag: str, text: str = "", **attributes: str) -> Xml.Element:
    node = Xml.SubElement(parent, f"{{{_ATOM}}}{tag}", attributes)
    if text:
        node.text = _xml_text(text)
    return node


def _bytes(root: Xml.Element) -> bytes:
    return b'<?xml version="1.0" encoding="utf-8"?>\n' + Xml.tostring(root, encoding="utf-8")


def _xml_text(text: str) -> str:
    """Text without the characters XML cannot hold, which would make the whole feed unreadable."""
    return "".join(
        c for c in text if c in "\t\n" or " " <= c < "\ud800" or "\ue000" <= c and c not in "\ufffe\uffff"
    )


def _time(at: datetime) -> str:
    return at.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")


def _mail_time(at: datetime) -> str:
    return format_datetime(at.astimezone(UTC), usegmt=True)
