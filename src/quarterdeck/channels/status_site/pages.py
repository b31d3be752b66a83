"""The HTML pages of a status site, filled from a snapshot. Pure: the same snapshot gives the same bytes.

No script, no inline style and no automatic reload (it takes the reader's place in the text away, WCAG F41); the
start page says when it was written. Pages that stay say when they last changed and tell every time in full, so that
they are the same bytes until something changes. Templates escape everything; posts pass through `markup` alone.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from itertools import groupby

from quarterdeck.core.status.shapes import ComponentView, GroupView, IncidentView, PageSnapshot, PostView
from quarterdeck.core.status.words import COMPONENT_STATES

from ..rendering import is_web_link
from . import markup, told
from .bars import bars, bars_label
from .filling import Fields, fill, policy
from .icons import VERDICT, icon, tone
from .phrases import LANGUAGES
from .settings import SiteSettings
from .verdicts import sentence
from .words import Words, utc_text

_KEY = (COMPONENT_STATES[0], *COMPONENT_STATES[2:], COMPONENT_STATES[1])
_POSTS_SHOWN = 4
_RECENT_SHOWN = 6
_RECENT_DAYS = 90
_OPEN_BESIDE_TROUBLE, _OPEN_WHEN_ALL_IS_WELL = 8, 30


class Pages:
    """The pages of one snapshot in one language."""

    def __init__(
        self, page: PageSnapshot, settings: SiteSettings, words: Words, css_version: str, logo: str
    ) -> None:
        self._page = page
        self._settings = settings
        self._words = words
        self._now = page.generated_at
        self._today = words.local_day(page.generated_at)
        self._file = settings.link_name(words.language)
        self._css_version = css_version
        self._logo = logo

    def index(self) -> bytes:
        """The start page: one sentence, what is open, components, planned work, recent incidents."""
        groups = [self._group(group) for group in self._page.groups]
        fields = {
            "title": self._page.page.title,
            "description": sentence(self._page, self._words),
            "verdict": self._verdict(),
            "open_posts": [self._incident(i, "", _POSTS_SHOWN, self._now) for i in self._open()],
            "groups": groups,
            "bars": any(part["bars"] for group in groups for part in group["parts"]),
            "key": [_state(status, self._words) for status in _KEY],
            "planned": [self._planned(i) for i in told.maintenances(self._page)[::-1] if i.is_open],
            "months": self._months(self._recent(), ""),
            "history_href": f"history/{self._file}",
            "subscribe_url": self._settings.subscribe_url,
            "page_id": self._page.page.key,
        }
        return fill("index.html", self._shell("", self._now, "checked") | fields)

    def history(self, over: Sequence[IncidentView], folder: str, year: str, years: Sequence[str]) -> bytes:
        """What is over, one line each; `year` is empty on the first page, `years` links the others."""
        changed = max((i.updated_at for i in over), default=self._now)
        shell = self._shell(folder, changed, "changed")
        title = f"{self._words.t['history']} {year}".strip()
        up = "../" if year else ""
        fields = {
            "title": f"{title} · {self._page.page.title}",
            "description": title,
            "months": self._months(over, shell["root"]),
            "year": year,
            "years": [
                {"name": one, "href": f"{up}{one}/{self._file}", "is_this": one == year} for one in years
            ],
        }
        return fill("history.html", shell | fields)

    def incident(self, incident: IncidentView) -> bytes:
        """The permanent page of one incident or planned work, with every update."""
        shell = self._shell(told.folder(incident.ref), incident.updated_at, "changed")
        first = incident.posts[0].body if incident.posts else incident.title
        fields = {
            "title": f"{incident.title} · {self._page.page.title}",
            "description": markup.plain(first),
            "state": _state(incident.status, self._words),
            "post": self._incident(incident, shell["root"], None, None),
        }
        return fill("incident.html", shell | fields)

    def over(self) -> list[IncidentView]:
        """What is over, newest first."""
        return [incident for incident in told.everything(self._page) if not incident.is_open]

    def year_of(self, incident: IncidentView) -> str:
        return str(told.began(incident).astimezone(self._words.zone).year)

    def _shell(self, folder: str, at: datetime, key: str) -> Fields:
        """What every page has around its own part; `folder` is "" or ends with a slash; `at` is said by `key`."""
        root = "../" * folder.count("/")
        settings, words = self._settings, self._words
        return {
            "language": words.language,
            "t": words.t,
            "root": root,
            "policy": policy(settings),
            "canonical": f"{settings.root}{folder}{self._file}",
            "css_version": self._css_version,
            "logo": self._logo,
            "page_name": self._page.page.title,
            "home": settings.home_url or f"{root}{self._file}" or "./",
            "index_href": f"{root}{self._file}" or "./",
            "languages": self._languages() if len(settings.languages) > 1 else [],
            "support_url": support if is_web_link(support := self._page.page.support_url) else "",
            "zone": words.said("times_in", zone=words.zone_told(at)),
            "written": _time(at, words.said(key, when=words.moment(at, None))),
            "run_with": words.t["run_with"] if settings.says_quarterdeck else "",
        }

    def _languages(self) -> list[Fields]:
        return [
            {
                "code": code,
                "name": LANGUAGES[code].name,
                "is_this": code == self._words.language,
                "href": f"./{self._settings.link_name(code)}",
            }
            for code in self._settings.languages
        ]

    def _open(self) -> list[IncidentView]:
        return [i for i in self._page.open_incidents if not told.is_planned(i)]

    def _recent(self) -> list[IncidentView]:
        since = self._now - timedelta(days=_RECENT_DAYS)
        over = [i for i in self.over() if not told.is_planned(i) and told.began(i) >= since]
        return over[:_RECENT_SHOWN]

    def _verdict(self) -> Fields:
        due = [i.next_update_at for i in self._open() if i.next_update_at and i.next_update_at > self._now]
        return {
            **_state(VERDICT[self._page.verdict.indicator], self._words),
            "sentence": sentence(self._page, self._words),
            "checked": self._words.said("checked", when=self._words.moment(self._now, None)) + ".",
            "next": self._next(min(due), self._now) if due else "",
        }

    def _next(self, at: datetime, now: datetime | None) -> str:
        return self._words.said("next_update", when=self._words.moment(at, now)) + "."

    def _group(self, group: GroupView) -> Fields:
        quiet = all(g.state == "operational" for g in self._page.groups)
        most = _OPEN_WHEN_ALL_IS_WELL if quiet else _OPEN_BESIDE_TROUBLE
        count = sum(len(g.components) for g in self._page.groups)
        return {
            "name": group.name,
            "open": group.state != "operational" or count <= most,
            "state": _state(group.state, self._words),
            "parts": [self._part(view) for view in group.components],
        }

    def _part(self, view: ComponentView) -> Fields:
        words, percent = self._words, view.record.uptime_percent
        available = words.t["not_measured"]
        if percent is not None:
            available = words.said("available", percent=words.percent(percent))
        return {
            "name": view.component.name,
            "description": view.component.description,
            "state": _state(view.state, words),
            "bars": bars(view, words, self._today),
            "label": bars_label(view, words, self._today),
            "available": available,
        }

    def _incident(self, incident: IncidentView, root: str, most: int | None, now: datetime | None) -> Fields:
        """One incident with its newest posts; without `now` all times are told in full."""
        shown = incident.posts[:most]
        left = len(incident.posts) - len(shown)
        href = root + told.folder(incident.ref)
        due = incident.next_update_at
        return {
            "id": incident.ref,
            "name": incident.title,
            "href": href + self._file,
            "feed": f"{href}feed.atom",
            "told": self._told(incident, now),
            "updates": [self._post(post, now) for post in shown],
            "earlier": self._words.counted("earlier_updates", left) if left else "",
            "next": self._next(due, now) if due is not None and due > self._now and incident.is_open else "",
        }

    def _post(self, post: PostView, now: datetime | None) -> Fields:
        return {
            "state": _state(post.status, self._words),
            "at": _time(post.at, self._words.moment(post.at, now)),
            "body": markup.html(post.body),
        }

    def _told(self, incident: IncidentView, now: datetime | None) -> str:
        """When it was and what it touches, in one or two sentences."""
        words = self._words
        if told.is_planned(incident):
            when = self._window(incident)
        elif incident.resolved_at:
            stretch = words.between(incident.started_at, incident.resolved_at, now)
            length = words.span(incident.resolved_at - incident.started_at)
            when = words.said("from_to", stretch=stretch, span=length)
        else:
            when = words.said("since", when=words.moment(incident.started_at, now))
        return " ".join(f"{part}." for part in (when, self._affects(incident)) if part)

    def _window(self, incident: IncidentView) -> str:
        start = told.began(incident)
        return self._words.window(start, incident.scheduled_until or start)

    def _affects(self, incident: IncidentView) -> str:
        views = [view for group in self._page.groups for view in group.components]
        names = [v.component.name for v in views if v.component.id in incident.components]
        if not names:
            return ""
        return self._words.said("affects", names=" · ".join(names))

    def _planned(self, incident: IncidentView) -> Fields:
        return {
            "id": incident.ref,
            "name": incident.title,
            "href": told.folder(incident.ref) + self._file,
            "state": _state(incident.status, self._words),
            "active": told.is_running(incident),
            "window": _time(told.began(incident), self._window(incident)),
            "body": markup.html(incident.posts[0].body) if incident.posts else "",
            "affects": f"{affects}." if (affects := self._affects(incident)) else "",
        }

    def _months(self, over: Sequence[IncidentView], root: str) -> list[Fields]:
        def month(incident: IncidentView) -> str:
            return f"{told.began(incident).astimezone(self._words.zone):%Y-%m}"

        months = []
        for key, found in groupby(over, month):
            members = list(found)
            day = self._words.local_day(told.began(members[0]))
            items = [self._past(incident, root) for incident in members]
            months.append({"key": key, "name": self._words.month(day), "items": items})
        return months

    def _past(self, incident: IncidentView, root: str) -> Fields:
        words, at = self._words, told.began(incident)
        if told.is_planned(incident):
            outcome = f"{words.t['maintenance']}: {words.state(incident.status)}"
        else:
            length = words.span((incident.resolved_at or incident.updated_at) - incident.started_at)
            outcome = words.said("resolved_after", span=length)
        affects = self._affects(incident)
        return {
            "day": _time(at, words.long_day(words.local_day(at))),
            "href": root + told.folder(incident.ref) + self._file,
            "name": incident.title,
            "told": " ".join(f"{part}." for part in (outcome, affects) if part),
            "learned": incident.status == "postmortem",
        }


def _state(status: str, words: Words) -> Fields:
    """Sign, word and colour of a state, always together."""
    return {"tone": tone(status), "icon": icon(status), "word": words.state(status)}


def _time(at: datetime, text: str) -> Fields:
    """A moment for a `<time>` element: machine form, tooltip in UTC, text."""
    iso = at.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
    return {"iso": iso, "utc": utc_text(at), "text": text}
