"""The HTML pages of a status site, filled from a snapshot. Pure: the same snapshot gives the same bytes.

No script, no inline style and no automatic reload (a reload takes the reader's place in the text away, WCAG F41);
every page says when it was written instead. Templates escape everything; posts pass through `markup` alone.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from functools import cache
from itertools import groupby
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from django.template import Context, Engine

from . import markup
from .bars import bars, bars_label
from .icons import ICON, TONE, VERDICT
from .model import (
    COMPONENT_WORDS,
    Component,
    Incident,
    Maintenance,
    PageSnapshot,
    SiteSettings,
    Update,
    worst,
)
from .phrases import LANGUAGES
from .words import Words, utc_text

_TEMPLATES = Path(__file__).with_name("templates")
_UPDATES_SHOWN = 4
_RECENT_SHOWN = 6
_RECENT_DAYS = 90
_OPEN_WHEN_AT_MOST = 8
Told = Incident | Maintenance
Fields = dict[str, Any]


def index(page: PageSnapshot, settings: SiteSettings, words: Words, shell: Fields) -> bytes:
    """The start page: one sentence, what is open, components with 90 days, planned work, recent incidents."""
    groups = _groups(page, words)
    fields = {
        **shell,
        "title": page.name,
        "description": _sentence(page, words),
        "verdict": _verdict(page, words),
        "open_posts": [_post(page, incident, words, "") for incident in page.open_incidents],
        "groups": groups,
        "bars": any(part["bars"] for group in groups for part in group["parts"]),
        "key": [
            state(word, words) for word in COMPONENT_WORDS[:1] + COMPONENT_WORDS[2:] + COMPONENT_WORDS[1:2]
        ],
        "planned": _planned(page, words),
        "months": _months(_recent(page), page, words, ""),
        "history_href": f"history/{_suffixed(settings, words)}",
        "subscribe_url": settings.subscribe_url,
        "page_id": page.id,
    }
    return fill("index.html", fields)


def history(
    page: PageSnapshot, words: Words, shell: Fields, told: Sequence[Told], years: list[Fields], year: str
) -> bytes:
    """A list of past incidents and maintenances, one line each; `year` is empty on the first page."""
    title = f"{words.t['history']} {year}".strip()
    months = _months(told, page, words, shell["root"])
    fields = {**shell, "title": f"{title} · {page.name}", "description": title, "months": months}
    return fill("history.html", {**fields, "years": years, "year": year})


def incident(page: PageSnapshot, words: Words, shell: Fields, told: Told) -> bytes:
    """The permanent page of one incident or maintenance, with every update."""
    post = _post(page, told, words, shell["root"], most=None)
    fields = {
        **shell,
        "title": f"{told.name} · {page.name}",
        "description": markup.plain(told.summary or (told.updates[0].body if told.updates else told.name)),
        "state": state(told.status, words),
        "post": post,
    }
    return fill("incident.html", fields)


def shell(
    page: PageSnapshot, settings: SiteSettings, words: Words, path: str, css_version: str, logo: str
) -> Fields:
    """What every page has around its own part; `path` is the page's folder, "" or one that ends with a slash."""
    root = "../" * path.count("/")
    name = _suffixed(settings, words)
    languages = [
        {
            "code": code,
            "name": LANGUAGES[code].name,
            "is_this": code == words.language,
            "href": f"./{_file(settings, code)}",
        }
        for code in settings.languages
    ]
    return {
        "language": words.language,
        "t": words.t,
        "root": root,
        "policy": policy(settings),
        "canonical": f"{page.url.rstrip('/')}/{path}{name}",
        "css_version": css_version,
        "logo": logo,
        "page_name": page.name,
        "home": settings.home_url or (f"{root}{name}" or "./"),
        "index_href": f"{root}{name}" or "./",
        "languages": languages if len(languages) > 1 else [],
        "zone": words.said("times_in", zone=words.zone_told(page.generated_at)),
        "written": time(page.generated_at, words.said("checked", when=_full_moment(page, words))),
        "run_with": words.t["run_with"] if settings.says_quarterdeck else "",
    }


def policy(settings: SiteSettings) -> str:
    """The content security policy of the site: its own style sheet and pictures, and where its form may go."""
    parts = urlsplit(settings.subscribe_url)
    form = f"{parts.scheme}://{parts.netloc}" if settings.subscribe_url else "'none'"
    return f"default-src 'none'; style-src 'self'; img-src 'self'; form-action {form}; base-uri 'none'"


def state(status: str, words: Words) -> Fields:
    """Sign, word and colour of a state, always together."""
    return {"tone": TONE[status], "icon": ICON[status], "word": words.state(status)}


def time(at: datetime, text: str) -> Fields:
    """A moment for a `<time>` element: machine form, tooltip in UTC, text."""
    iso = at.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
    return {"iso": iso, "utc": utc_text(at), "text": text}


def fill(template: str, fields: Mapping[str, Any]) -> bytes:
    """A template with its fields, without the blank lines its tags leave behind."""
    text = str(_engine().get_template(template).render(Context(dict(fields), use_l10n=False, use_tz=False)))
    return re.sub(r"\n(?:[ \t]*\n)+", "\n", text).encode("utf-8", "replace")


@cache
def _engine() -> Engine:
    return Engine(dirs=[_TEMPLATES], autoescape=True, debug=False)


def _suffixed(settings: SiteSettings, words: Words) -> str:
    return "" if words.language == settings.languages[0] else _file(settings, words.language)


def _file(settings: SiteSettings, language: str) -> str:
    return "" if language == settings.languages[0] else f"index.{language}.html"


def _verdict(page: PageSnapshot, words: Words) -> Fields:
    due = [
        i.next_update_at
        for i in page.open_incidents
        if i.next_update_at and i.next_update_at > page.generated_at
    ]
    following = words.said("next_update", when=words.moment(min(due), page.generated_at)) + "." if due else ""
    return {
        **state(VERDICT[page.indicator], words),
        "sentence": _sentence(page, words),
        "checked": words.said("checked", when=_full_moment(page, words)) + ".",
        "next": following,
    }


def _sentence(page: PageSnapshot, words: Words) -> str:
    if page.headline.strip():
        return " ".join(page.headline.split())
    troubled = [c for c in page.shown_components() if c.status != "operational"]
    if len(troubled) == 1 and page.indicator == _indicator_of(troubled[0]):
        return words.said("one_component", name=troubled[0].name, state=words.state(troubled[0].status))
    return words.t[f"verdict_{page.indicator}"]


def _indicator_of(component: Component) -> str:
    return next(indicator for indicator, status in VERDICT.items() if status == component.status)


def _full_moment(page: PageSnapshot, words: Words) -> str:
    day = words.short_day(
        page.generated_at.astimezone(words.zone).date(), page.generated_at.date().replace(year=1)
    )
    return f"{day}, {words.clock(page.generated_at)}"


def _groups(page: PageSnapshot, words: Words) -> list[Fields]:
    shown = page.shown_components()
    known = {group.id for group in page.groups}
    alone = [c for c in shown if c.group_id not in known]
    made = [{"name": "", "open": True, "parts": [_part(c, page, words) for c in alone]}] if alone else []
    for group in sorted(page.groups, key=lambda g: (g.position, g.name, g.id)):
        members = [c for c in shown if c.group_id == group.id]
        if members:
            status = worst([c.status for c in members])
            made.append(
                {
                    "name": group.name,
                    "open": status != "operational" or len(shown) <= _OPEN_WHEN_AT_MOST,
                    "state": state(status, words),
                    "parts": [_part(c, page, words) for c in members],
                }
            )
    return made


def _part(component: Component, page: PageSnapshot, words: Words) -> Fields:
    today = page.generated_at.astimezone(words.zone).date()
    percent = component.available_percent
    available = words.t["not_measured"] if percent is None else words.percent(percent)
    return {
        "name": component.name,
        "description": component.description,
        "state": state(component.status, words),
        "bars": bars(component.days, words, today),
        "label": bars_label(component, words, today),
        "available": available if percent is None else words.said("available", percent=available),
    }


def _post(
    page: PageSnapshot, told: Told, words: Words, root: str, most: int | None = _UPDATES_SHOWN
) -> Fields:
    shown = told.updates[:most]
    left = len(told.updates) - len(shown)
    following = told.next_update_at if isinstance(told, Incident) and told.is_open else None
    due = following is not None and following > page.generated_at
    return {
        "id": told.id,
        "name": told.name,
        "href": f"{root}incidents/{told.id}/",
        "feed": f"{root}incidents/{told.id}/feed.atom",
        "told": _told(page, told, words),
        "updates": [_update(update, page, words) for update in shown],
        "earlier": words.counted("earlier_updates", left) if left else "",
        "next": words.said("next_update", when=words.moment(following, page.generated_at)) + "."
        if due and following
        else "",
    }


def _update(update: Update, page: PageSnapshot, words: Words) -> Fields:
    at = time(update.at, words.moment(update.at, page.generated_at))
    return {"state": state(update.status, words), "at": at, "body": markup.html(update.body)}


def _told(page: PageSnapshot, told: Told, words: Words) -> str:
    """When it was and what it touches, in one or two sentences."""
    now = page.generated_at
    if isinstance(told, Maintenance):
        when = words.window(told.scheduled_for, told.scheduled_until)
    elif told.resolved_at:
        start, end = words.moment(told.started_at, now), words.moment(told.resolved_at, now)
        when = words.said(
            "from_to", start=start, end=end, span=words.span(told.resolved_at - told.started_at)
        )
    else:
        when = words.said("since", when=words.moment(told.started_at, now))
    return " ".join(f"{part}." for part in (when, _affects(page, told, words)) if part)


def _affects(page: PageSnapshot, told: Told, words: Words) -> str:
    names = [c.name for c in page.components if c.id in told.component_ids]
    if not names:
        return ""
    joined = names[0] if len(names) == 1 else f"{', '.join(names[:-1])} {words.t['and']} {names[-1]}"
    return words.said("affects", names=joined)


def _planned(page: PageSnapshot, words: Words) -> list[Fields]:
    coming = sorted(
        (m for m in page.maintenances if m.is_upcoming or m.is_active), key=lambda m: m.scheduled_for
    )
    return [
        {
            "id": plan.id,
            "name": plan.name,
            "href": f"incidents/{plan.id}/",
            "state": state(plan.status, words),
            "active": plan.is_active,
            "window": time(plan.scheduled_for, words.window(plan.scheduled_for, plan.scheduled_until)),
            "body": markup.html(plan.updates[0].body if plan.updates else plan.summary),
            "affects": _affects(page, plan, words),
        }
        for plan in coming
    ]


def ended(page: PageSnapshot) -> list[Told]:
    """Incidents and maintenances that are over, newest first."""
    over: list[Told] = [i for i in page.incidents if not i.is_open]
    over += [m for m in page.maintenances if m.status == "completed"]
    return sorted(over, key=lambda told: (began(told), told.id), reverse=True)


def began(told: Told) -> datetime:
    return told.started_at if isinstance(told, Incident) else told.started_at or told.scheduled_for


def _recent(page: PageSnapshot) -> list[Told]:
    since = page.generated_at - timedelta(days=_RECENT_DAYS)
    return [told for told in ended(page) if isinstance(told, Incident) and began(told) >= since][
        :_RECENT_SHOWN
    ]


def _months(told: Sequence[Told], page: PageSnapshot, words: Words, root: str) -> list[Fields]:
    def month(one: Told) -> str:
        return f"{began(one).astimezone(words.zone):%Y-%m}"

    return [
        {
            "key": key,
            "name": words.month(began(members[0]).astimezone(words.zone).date()),
            "items": [_past(one, words, root) for one in members],
        }
        for key, members in ((key, list(found)) for key, found in groupby(told, month))
    ]


def _past(told: Told, words: Words, root: str) -> Fields:
    at = began(told)
    if isinstance(told, Maintenance):
        outcome = f"{words.t['maintenance']}. {words.t['completed']}."
    else:
        outcome = (
            words.said("resolved_after", span=words.span((told.resolved_at or told.updated_at) - at)) + "."
        )
    return {
        "day": time(at, words.long_day(at.astimezone(words.zone).date())),
        "href": f"{root}incidents/{told.id}/",
        "name": told.name,
        "told": f"{outcome} {markup.plain(told.summary, 200)}".strip(),
        "learned": told.status == "postmortem",
    }
