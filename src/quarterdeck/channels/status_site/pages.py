"""The HTML pages of a status site, filled from a snapshot. Pure: the same snapshot gives the same bytes.

No inline style or script and no automatic reload (it takes the reader's place in the text away, WCAG F41); the start
page says as of when it is, and a small script of its own says how old that is. Pages that stay say when they last
changed and tell every time in full, so that they are the same bytes until something changes. Templates escape
everything; posts and the operator's texts pass through `markup` alone.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from quarterdeck.core.status.shapes import IncidentView, PageSnapshot
from quarterdeck.core.status.words import COMPONENT_STATES

from ..rendering import is_web_link
from . import looks, markup, told
from .charts import chart
from .filling import Fields, fill, policy
from .icons import VERDICT
from .parts import Parts
from .phrases import LANGUAGES
from .posts import Posts
from .settings import SiteSettings
from .spoken import Tongue
from .verdicts import sentence
from .words import Words

_KEY = (COMPONENT_STATES[0], *COMPONENT_STATES[2:], COMPONENT_STATES[1])
_BEGUN = ("in_progress", "verifying")
_POSTS_SHOWN = 4
_RECENT_SHOWN = 6
_RECENT_DAYS = 90
_OPEN_SHOWN = 3


@dataclass(frozen=True, slots=True)
class Assets:
    """The names of the files beside the pages: versions are of their content, names "" where there is no file."""

    css_version: str
    js_version: str
    embed_version: str
    preview_version: str
    logo: str = ""
    favicon: str = ""


class Pages:
    """The pages of one snapshot in one language."""

    def __init__(self, page: PageSnapshot, settings: SiteSettings, words: Words, assets: Assets) -> None:
        self._page = page
        self._settings = settings
        self._words = words
        self._tongue = Tongue(words.language, settings.languages[0])
        self._posts = Posts(page, settings, words, self._tongue)
        self._now = page.generated_at
        self._file = settings.link_name(words.language)
        self._assets = assets

    def index(self) -> bytes:
        """The start page: one sentence, what is open, components, planned work, recent incidents."""
        groups = Parts(self._page, self._words, self._tongue).groups()
        fields = {
            "title": self._page.page.title,
            "description": sentence(self._page, self._words, self._tongue),
            "verdict": self._verdict(),
            "open_posts": [self._posts.incident(i, "", _POSTS_SHOWN, self._now) for i in self._under_way()],
            "groups": groups,
            "bars": any(part["bars"] for group in groups for part in group["parts"]),
            "key": self._key(groups),
            "metrics": [chart(view, self._words, self._tongue) for view in self._page.metrics],
            "planned": [
                self._posts.planned(i) for i in told.maintenances(self._page)[::-1] if self._is_to_come(i)
            ],
            "months": self._posts.months(self._recent(), ""),
            "history_href": f"history/{self._file}",
            "subscribe_url": self._settings.subscribe_url,
            "subscribe_by_mail": self._settings.subscribe_url and self._settings.subscribe_by_mail,
            "page_id": self._page.page.key,
            "age": self._age(),
            "header_text": markup.html(self._settings.header_text) if self._settings.header_text else "",
        }
        return fill("index.html", self._shell("", self._now, "checked") | fields)

    def embed(self) -> bytes:
        """The page in one small frame for other sites: the sentence, what is open, how old that is."""
        fields = {
            "title": self._page.page.title,
            "description": sentence(self._page, self._words, self._tongue),
            "verdict": self._verdict(),
            "open_posts": [
                self._posts.incident(i, "", 1, self._now) for i in self._under_way()[:_OPEN_SHOWN]
            ],
            "page_href": f"{self._settings.root}{self._file}",
            "embed_version": self._assets.embed_version,
            "age": self._age(),
        }
        return fill("embed.html", self._shell("", self._now, "checked") | fields)

    def history(self, over: Sequence[IncidentView], folder: str, year: str, years: Sequence[str]) -> bytes:
        """What is over, one line each; `year` is empty on the first page, `years` links the others."""
        changed = max((i.updated_at for i in over), default=self._now)
        shell = self._shell(folder, changed, "changed")
        title = f"{self._words.t['history']} {year}".strip()
        up = "../" if year else ""
        fields = {
            "title": f"{title} · {self._page.page.title}",
            "description": title,
            "months": self._posts.months(over, shell["root"]),
            "year": year,
            "years": [
                {"name": one, "href": f"{up}{one}/{self._file}", "is_this": one == year} for one in years
            ],
        }
        return fill("history.html", shell | fields)

    def incident(self, incident: IncidentView) -> bytes:
        """The permanent page of one incident or planned work, with every update."""
        shell = self._shell(told.folder(incident.ref), incident.updated_at, "changed")
        first = self._tongue.body(incident.posts[0]).text if incident.posts else incident.title
        fields = {
            "title": f"{self._tongue.title(incident).text} · {self._page.page.title}",
            "description": markup.plain(first),
            "state": looks.state(incident.status, self._words),
            "post": self._posts.incident(incident, shell["root"], None, None),
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
            "direction": words.direction if words.direction != "ltr" else "",
            "t": words.t,
            "root": root,
            "policy": policy(settings),
            "canonical": f"{settings.root}{folder}{self._file}",
            "assets": self._assets,
            "site": settings.root,
            "page_name": self._page.page.title,
            "home": settings.home_url or f"{root}{self._file}" or "./",
            "index_href": f"{root}{self._file}" or "./",
            "languages": self._languages() if len(settings.languages) > 1 else [],
            "support_url": support if is_web_link(support := self._page.page.support_url) else "",
            "zone": words.said("times_in", zone=words.zone_told(at)),
            "written": looks.time(at, words.said(key, when=words.moment(at, None))),
            "run_with": words.t["run_with"] if settings.says_quarterdeck else "",
            "footer_text": markup.html(settings.footer_text) if settings.footer_text else "",
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

    def _under_way(self) -> list[IncidentView]:
        """What is felt now: open incidents, then planned work that has begun."""
        return [*self._open(), *(i for i in self._page.maintenance if i.status in _BEGUN)]

    def _key(self, groups: Sequence[Fields]) -> list[Fields]:
        """What the colours of the bars mean, the grey of days without data where there are such days."""
        states = [looks.state(status, self._words) for status in _KEY]
        drawn = [
            one["tone"]
            for g in groups
            for part in g["parts"]
            if part["bars"]
            for one in part["bars"]["plain"]
        ]
        if "none" in drawn:
            word = self._words.t["not_measured"]
            states.append({"tone": "grey", "icon": "ring", "word": word[:1].upper() + word[1:]})
        return states

    def _is_to_come(self, incident: IncidentView) -> bool:
        """Planned work that has not begun; what was called off stays, struck through, until its time has passed."""
        if incident.status != "cancelled":
            return incident.is_open and incident.status not in _BEGUN
        return (incident.scheduled_until or told.began(incident)) > self._now

    def _recent(self) -> list[IncidentView]:
        since = self._now - timedelta(days=_RECENT_DAYS)
        over = [i for i in self.over() if not told.is_planned(i) and told.began(i) >= since]
        return over[:_RECENT_SHOWN]

    def _verdict(self) -> Fields:
        disturbing = self._open()
        due = [i.next_update_at for i in disturbing if i.next_update_at and i.next_update_at > self._now]
        shown = VERDICT[self._page.verdict.indicator]
        if shown == "operational" and disturbing:
            shown = disturbing[0].status  # trouble that touches no component is no green check either
        return {
            **looks.state(shown, self._words),
            "sentence": sentence(self._page, self._words, self._tongue),
            "next": self._posts.next(min(due), self._now) if due else "",
        }

    def _age(self) -> Fields:
        """As of when the page is, and after how many seconds it says by itself that it is old."""
        when = self._words.said("as_of", when=self._words.moment(self._now, None))
        return {
            "iso": looks.iso(self._now),
            "fresh_for": self._settings.fresh_for,
            "time": looks.time(self._now, when),
        }
