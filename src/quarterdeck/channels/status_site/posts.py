"""Incidents and planned work as templates show them: what was said, in which language, and what corrects what."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from itertools import groupby

from quarterdeck.core.status.shapes import IncidentView, PageSnapshot, PostView

from . import looks, markup, told
from .filling import Fields
from .settings import SiteSettings
from .spoken import Said, Tongue
from .words import Words


class Posts:
    """What is told on the pages of one language."""

    def __init__(self, page: PageSnapshot, settings: SiteSettings, words: Words, tongue: Tongue) -> None:
        self._words, self._tongue = words, tongue
        self._now = page.generated_at
        self._file = settings.link_name(words.language)
        views = [view for group in page.groups for view in group.components]
        self._names = {v.component.id: tongue.name(v.component) for v in views}

    def incident(self, incident: IncidentView, root: str, most: int | None, now: datetime | None) -> Fields:
        """One incident with its newest posts; without `now` all times are told in full."""
        beside = _beside(incident.posts)
        nested = {one.id for corrections in beside.values() for one in corrections}
        alone = [post for post in incident.posts if post.id not in nested]
        shown = alone[:most]
        left = len(alone) - len(shown)
        href = root + told.folder(incident.ref)
        due = incident.next_update_at
        return {
            **self._head(incident, root),
            "feed": f"{href}feed.atom",
            "follow": self._words.t["follow" if told.is_planned(incident) else "follow_one"],
            "told": self.told(incident, now),
            "updates": [self._post(post, now, beside.get(post.id, [])) for post in shown],
            "earlier": self._words.counted("earlier_updates", left) if left else "",
            "next": self.next(due, now) if due is not None and due > self._now and incident.is_open else "",
        }

    def planned(self, incident: IncidentView) -> Fields:
        """Planned work that is to come, under way, or called off before its time."""
        body = self._tongue.body(incident.posts[0]) if incident.posts else Said("")
        return {
            **self._head(incident, ""),
            "state": looks.state(incident.status, self._words),
            "window": looks.time(told.began(incident), self._window(incident)),
            "body": markup.html(body.text),
            "lang": body.lang,
            "affects": f"{affects}." if (affects := self._affects(incident)) else "",
        }

    def months(self, over: Sequence[IncidentView], root: str) -> list[Fields]:
        """What is over by month, newest first."""

        def month(incident: IncidentView) -> str:
            return f"{told.began(incident).astimezone(self._words.zone):%Y-%m}"

        months = []
        for key, found in groupby(over, month):
            members = list(found)
            day = self._words.local_day(told.began(members[0]))
            items = [self._past(incident, root) for incident in members]
            months.append({"key": key, "name": self._words.month(day), "items": items})
        return months

    def next(self, at: datetime, now: datetime | None) -> str:
        return self._words.said("next_update", when=self._words.moment(at, now)) + "."

    def told(self, incident: IncidentView, now: datetime | None) -> str:
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

    def _head(self, incident: IncidentView, root: str) -> Fields:
        """What every mention of an incident has: its name as a link, and what is to be known of it."""
        title = self._tongue.title(incident)
        return {
            "id": incident.ref,
            "name": title.text,
            "name_lang": title.lang,
            "href": root + told.folder(incident.ref) + self._file,
            "later": incident.retroactive,
            "struck": incident.status == "cancelled",
        }

    def _post(self, post: PostView, now: datetime | None, corrections: Sequence[PostView] = ()) -> Fields:
        body = self._tongue.body(post)
        shown = looks.state(post.status, self._words)
        if post.kind in ("correction", "summary"):
            shown = {
                "tone": "grey",
                "icon": "pen" if post.kind == "correction" else "book",
                "word": self._words.t["correction" if post.kind == "correction" else "summary"],
            }
        return {
            "id": post.id,
            "state": shown,
            "at": looks.time(post.at, self._words.moment(post.at, now)),
            "body": markup.html(body.text),
            "lang": body.lang,
            "corrections": [self._post(one, now) for one in corrections],
        }

    def _window(self, incident: IncidentView) -> str:
        start = told.began(incident)
        return self._words.window(start, incident.scheduled_until or start)

    def _affects(self, incident: IncidentView) -> str:
        names = [name for one, name in self._names.items() if one in incident.components]
        return self._words.said("affects", names=" · ".join(names)) if names else ""

    def _past(self, incident: IncidentView, root: str) -> Fields:
        words, at = self._words, told.began(incident)
        if told.is_planned(incident):
            outcome = f"{words.t['maintenance']}: {words.state(incident.status)}"
        else:
            length = words.span((incident.resolved_at or incident.updated_at) - incident.started_at)
            outcome = words.said("resolved_after", span=length)
        affects = self._affects(incident)
        return {
            **self._head(incident, root),
            "day": looks.time(at, words.long_day(words.local_day(at))),
            "told": " ".join(f"{part}." for part in (outcome, affects) if part),
            "learned": incident.status == "postmortem" or any(p.kind == "summary" for p in incident.posts),
        }


def _beside(posts: Sequence[PostView]) -> dict[str, list[PostView]]:
    """The corrections of each post, oldest first; one of a correction stands with what that corrects."""
    known = {post.id: post for post in posts}
    found: dict[str, list[PostView]] = {}
    for post in reversed(posts):
        target, steps = post.corrects if post.kind == "correction" else "", 0
        while target in known and known[target].kind == "correction" and steps < len(known):
            target, steps = known[target].corrects, steps + 1
        if target in known and known[target].kind != "correction":
            found.setdefault(target, []).append(post)
    return found
