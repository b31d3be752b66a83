"""Atom and RSS feeds: one entry per incident or maintenance, whose id never changes while its text may."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from html import escape
from urllib.parse import urlsplit
from xml.etree import ElementTree as Xml

from quarterdeck.core.status.shapes import IncidentView, PageSnapshot, PostView

from . import markup, told
from .json_feed import Item, feed
from .settings import SiteSettings
from .spoken import Tongue
from .statuspage_json import permalink
from .words import Words

_ATOM = "http://www.w3.org/2005/Atom"
_RECENT_DAYS = 30
_MOST = 50


class Feeds:
    """The feeds of one page in its first language."""

    def __init__(self, page: PageSnapshot, settings: SiteSettings, words: Words) -> None:
        self._page = page
        self._settings = settings
        self._words = words
        self._tongue = Tongue(words.language, settings.languages[0])
        self._host = urlsplit(settings.url).hostname or "status.invalid"

    def files(self) -> dict[str, bytes]:
        """`feed.atom` has what changed in the last 30 days, the history feeds the last 50 entries."""
        newest = sorted(told.everything(self._page), key=lambda i: (i.updated_at, i.ref), reverse=True)
        entries = [self._whole(incident) for incident in newest[:_MOST]]
        entries = sorted(entries, key=lambda e: (e.updated, e.id), reverse=True)[:_MOST]
        since = self._page.generated_at - timedelta(days=_RECENT_DAYS)
        title = f"{self._page.page.title} · {self._words.t['history']}"
        return {
            "feed.atom": self._atom("feed.atom", title, [e for e in entries if e.updated >= since]),
            "history.atom": self._atom("history.atom", title, entries),
            "history.rss": self._rss(title, entries),
            "feed.json": feed(title, self._words.language, self._settings, entries),
        }

    def one_incident(self, incident: IncidentView) -> bytes:
        """A feed for those who follow one incident only: an entry per update."""
        entries = [
            Item(
                id=f"{self._tag(incident.ref)}/update/{post.id}",
                title=f"{self._word(post)}: {self._tongue.title(incident).text}",
                link=permalink(self._settings, incident.ref),
                published=post.at,
                updated=post.at,
                html=str(markup.html(self._tongue.body(post).text)),
            )
            for post in incident.posts[:_MOST]
        ]
        title = f"{self._tongue.title(incident).text} · {self._page.page.title}"
        return self._atom(f"{told.folder(incident.ref)}feed.atom", title, entries)

    def _whole(self, incident: IncidentView) -> Item:
        return Item(
            id=self._tag(incident.ref),
            title=self._tongue.title(incident).text,
            link=permalink(self._settings, incident.ref),
            published=incident.posts[-1].at if incident.posts else incident.started_at,
            updated=incident.updated_at,
            html="".join(self._post(post) for post in incident.posts),
        )

    def _post(self, post: PostView) -> str:
        day = self._words.long_day(self._words.local_day(post.at))
        when = escape(f"{day}, {self._words.clock(post.at)}")
        body = self._tongue.body(post)
        text = str(markup.html(body.text))
        if body.lang:
            text = f'<p><em>{escape(self._words.t["pending"])}</em></p><div lang="{escape(body.lang)}">{text}</div>'
        return f"<p><strong>{escape(self._word(post))}</strong> <small>{when}</small></p>{text}"

    def _word(self, post: PostView) -> str:
        """What a post is: a correction, a summary, or the state it told."""
        if post.kind in ("correction", "summary"):
            return self._words.t["correction" if post.kind == "correction" else "summary"]
        return self._words.state(post.status)

    def _tag(self, ref: str) -> str:
        """A tag URI as Statuspage makes them: readers keep what they have read when a page moves here."""
        return f"tag:{self._host},2005:Incident/{ref}"

    def _atom(self, path: str, title: str, entries: Sequence[Item]) -> bytes:
        root = Xml.Element("feed", {"xmlns": _ATOM, "xml:lang": self._words.language})
        _add(root, "id", f"tag:{self._host},2005:/{path}")
        _add(root, "title", title)
        _add(root, "updated", _time(max([self._settings.created_at, *(e.updated for e in entries)])))
        _add(root, "link", rel="self", type="application/atom+xml", href=self._settings.root + path)
        _add(root, "link", rel="alternate", type="text/html", href=self._settings.root)
        _add(_add(root, "author"), "name", self._page.page.title)
        for entry in entries:
            node = _add(root, "entry")
            _add(node, "id", entry.id)
            _add(node, "title", entry.title)
            _add(node, "published", _time(entry.published))
            _add(node, "updated", _time(entry.updated))
            _add(node, "link", rel="alternate", type="text/html", href=entry.link)
            _add(node, "content", entry.html, type="html")
        return _bytes(root)

    def _rss(self, title: str, entries: Sequence[Item]) -> bytes:
        root = Xml.Element("rss", {"version": "2.0"})
        channel = _add(root, "channel")
        _add(channel, "title", title)
        _add(channel, "link", self._settings.root)
        _add(channel, "description", self._page.page.description or self._page.page.title)
        _add(channel, "language", self._words.language)
        for entry in entries:
            item = _add(channel, "item")
            _add(item, "title", entry.title)
            _add(item, "link", entry.link)
            _add(item, "guid", entry.id, isPermaLink="false")
            _add(item, "pubDate", format_datetime(entry.updated.astimezone(UTC), usegmt=True))
            _add(item, "description", entry.html)
        return _bytes(root)


def _add(parent: Xml.Element, tag: str, text: str = "", **attributes: str) -> Xml.Element:
    node = Xml.SubElement(parent, tag, {name: markup.xml_text(value) for name, value in attributes.items()})
    if text:
        node.text = markup.xml_text(text)
    return node


def _bytes(root: Xml.Element) -> bytes:
    body: bytes = Xml.tostring(root, encoding="utf-8", xml_declaration=False)
    return b'<?xml version="1.0" encoding="utf-8"?>\n' + body


def _time(at: datetime) -> str:
    return at.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
