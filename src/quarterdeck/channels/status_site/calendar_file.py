"""Planned maintenance as an iCalendar file: one event for each, whose id stays while its times and words change."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from urllib.parse import urlsplit

import icalendar

from quarterdeck.core.status.shapes import IncidentView, PageSnapshot

from . import markup, told
from .settings import SiteSettings
from .spoken import Tongue
from .statuspage_json import permalink
from .words import Words

_REFRESH = timedelta(hours=1)
_MOST = 200
_SHORTEST = timedelta(minutes=1)


def maintenance(page: PageSnapshot, settings: SiteSettings, words: Words) -> bytes:
    """Times are in UTC, so no reader needs to know a zone. Empty it is a calendar without events."""
    calendar = icalendar.Calendar()
    calendar.add("prodid", "-//Quarterdeck//Status page//EN")
    calendar.add("version", "2.0")
    calendar.add("method", "PUBLISH")
    name = _plain(f"{page.page.title} · {words.t['maintenance']}")
    calendar.add("x-wr-calname", name)
    calendar.add("name", name)
    calendar.add("refresh-interval", _REFRESH, parameters={"VALUE": "DURATION"})
    calendar.add("x-published-ttl", "PT1H")
    host = urlsplit(settings.url).hostname or "status.invalid"
    tongue = Tongue(words.language, settings.languages[0])
    for planned in told.maintenances(page)[:_MOST]:
        calendar.add_component(_event(planned, settings, host, words, tongue))
    return calendar.to_ical()


def _event(
    planned: IncidentView, settings: SiteSettings, host: str, words: Words, tongue: Tongue
) -> icalendar.Event:
    event = icalendar.Event()
    start = _second(told.began(planned))
    end = _second(planned.scheduled_until or start)
    body = markup.plain(tongue.body(planned.posts[0]).text, 2000) if planned.posts else ""
    event.add("uid", f"{planned.ref}@{host}")
    event.add("dtstamp", _second(planned.updated_at))
    event.add("last-modified", _second(planned.updated_at))
    event.add("sequence", max(len(planned.posts) - 1, 0))
    event.add("dtstart", start)
    event.add("dtend", max(end, start + _SHORTEST))
    event.add("summary", _plain(tongue.title(planned).text))
    event.add("description", _plain(f"{words.state(planned.status)}. {body}"))
    event.add("url", permalink(settings, planned.ref))
    event.add("status", "CANCELLED" if planned.status == "cancelled" else "CONFIRMED")
    event.add("transp", "TRANSPARENT")
    return event


def _second(at: datetime) -> datetime:
    return at.astimezone(UTC).replace(microsecond=0)


def _plain(text: str) -> str:
    """One line without the characters a calendar cannot hold."""
    whole = " ".join(text.encode("utf-8", "replace").decode().split())
    return "".join(c for c in whole if c >= " " and c != "\x7f")
