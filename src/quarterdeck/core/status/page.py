"""A status page as one snapshot, folded from posts and component states: what the public may see, no more."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime

from quarterdeck.core.oncall.wall import wall, zone

from .bars import DAYS, Calendar, StateChange, Window, calendar, record
from .excluded import windows
from .metrics import MetricView
from .shapes import (
    Affected,
    Component,
    ComponentView,
    DayView,
    GroupView,
    IncidentView,
    MonthView,
    PageSnapshot,
    Post,
    PostView,
    StatusPage,
    Verdict,
)  # fmt: skip
from .tree import in_order, with_parts
from .words import (
    LABELS,
    MAINTENANCE_WORDS,
    OVER,
    ComponentState,
    impact_of,
    rank,
    worst,
    worst_impact,
)

_NAMED = 3
_LEARNED = ("postmortem pending", "postmortem")


def snapshot(
    page: StatusPage,
    components: Sequence[Component],
    changes: Iterable[StateChange],
    posts: Iterable[Post],
    now: datetime,
    days: int = DAYS,
    metrics: Iterable[MetricView] = (),
) -> PageSnapshot:
    """Everything a page shows at `now`, from posts and changes in any order; what is later does not count."""
    by_component: dict[str, list[StateChange]] = {c.id: [] for c in components}
    for change in changes:
        if change.component in by_component:
            by_component[change.component].append(change)
    incidents = _incidents(posts, {c.id: c.name for c in components}, now)
    groups = _groups(components, by_component, calendar(page.zone, now, days), windows(incidents, now))
    # By their words: other products call some maintenance grave, and some incidents maintenance, by their impact.
    disturbing = tuple(i for i in incidents if i.is_open and i.status not in MAINTENANCE_WORDS)
    planned = [i for i in incidents if i.is_open and i.status in MAINTENANCE_WORDS]
    planned.sort(key=lambda i: i.scheduled_for or i.started_at)
    over = [i for i in incidents if not i.is_open]
    return PageSnapshot(
        page,
        now,
        _verdict(groups, disturbing, planned),
        groups,
        disturbing,
        tuple(planned),
        _history(page, over),
        tuple(metrics),
    )


def _groups(
    components: Sequence[Component],
    changes: Mapping[str, Sequence[StateChange]],
    days: Calendar,
    excluded: Mapping[str, Sequence[Window]],
) -> tuple[GroupView, ...]:
    """Parts stand in the group of the component they are in the end a part of."""
    members: dict[str, list[ComponentView]] = {}
    whole, group = with_parts(components, changes), ""
    for c, depth in in_order(components):
        group = group if depth else c.group
        shown = record(whole[c.id], days, excluded.get(c.id, ()))
        own = [change for change in changes[c.id] if change.at <= days.edges[-1]]
        alone = max(own, key=lambda change: change.at).state if own else "operational"
        members.setdefault(group, []).append(ComponentView(c, shown, depth, alone != shown.state))
    return tuple(
        GroupView(name, worst(v.state for v in views), tuple(views)) for name, views in members.items()
    )


def _incidents(posts: Iterable[Post], names: Mapping[str, str], now: datetime) -> list[IncidentView]:
    """Newest first by their last post."""
    told: dict[str, list[Post]] = {}
    for post in posts:
        if post.at <= now:
            told.setdefault(post.incident_ref, []).append(post)
    found = [_incident(ref, sorted(own, key=lambda p: p.at), names) for ref, own in told.items()]
    found.sort(key=lambda i: (i.updated_at, i.ref), reverse=True)
    return found


def _incident(ref: str, posts: Sequence[Post], names: Mapping[str, str]) -> IncidentView:
    """One incident from its posts, oldest first. A post without a title or a word keeps the one before."""
    title, status, states = "", "investigating", dict[str, ComponentState]()
    impacts: list[str] = []
    resolved_at: datetime | None = None
    monitoring_at: datetime | None = None
    views: list[PostView] = []
    titles: dict[str, str] = {}
    for post in posts:
        title, status = post.title or title, _next(status, post.status_word)
        impacts.append(post.impact or _impact(status, post.components.values()))
        affected = _affected(states, post.components, names)
        spoken = (post.kind, post.corrects, post.language, post.words)
        views.append(PostView(post.id, post.at, status, post.body, affected, *spoken))
        if post.title:
            titles = {language: words[0] for language, words in post.words.items() if words[0]}
        states.update({c: s for c, s in post.components.items() if c in names})
        if status == "monitoring":
            monitoring_at = post.at
        resolved_at = (resolved_at or post.at) if status in OVER else None
    last = posts[-1]
    starts = [p.started_at for p in posts if p.started_at is not None]
    return IncidentView(
        ref=ref,
        title=title,
        status=status,
        impact=worst_impact(impacts),
        started_at=min(starts, default=posts[0].at),
        updated_at=last.at,
        monitoring_at=monitoring_at,
        resolved_at=resolved_at,
        next_update_at=None if status in OVER else last.next_update_at,
        scheduled_for=_last(p.scheduled_for for p in posts),
        scheduled_until=_last(p.scheduled_until for p in posts),
        components=tuple(states),
        posts=tuple(reversed(views)),
        retroactive=any(p.retroactive for p in posts),
        titles=titles,
    )


def _next(status: str, word: str) -> str:
    """The word after a post. A summary says nothing new of maintenance, which stays what it was."""
    if not word or (status in MAINTENANCE_WORDS and word in _LEARNED):
        return status
    return word


def _impact(status: str, states: Iterable[str]) -> str:
    return (
        "maintenance"
        if status in MAINTENANCE_WORDS
        else impact_of(s for s in states if s != "under_maintenance")
    )


def _affected(
    before: Mapping[str, ComponentState], now: Mapping[str, ComponentState], names: Mapping[str, str]
) -> tuple[Affected, ...]:
    changed = ((c, before.get(c, "operational"), s) for c, s in now.items() if c in names)
    return tuple(Affected(c, names[c], old, new) for c, old, new in changed if old != new)


def _last(moments: Iterable[datetime | None]) -> datetime | None:
    found: datetime | None = None
    for at in moments:
        found = at or found
    return found


def _verdict(
    groups: Sequence[GroupView], disturbing: Sequence[IncidentView], planned: Sequence[IncidentView]
) -> Verdict:
    """The worst component or open incident, and a sentence: incidents by title, else components by state."""
    views = [v for g in groups for v in g.components]
    running = ["maintenance"] if any(i.status in ("in_progress", "verifying") for i in planned) else []
    indicator = worst_impact([impact_of(v.state for v in views), *(i.impact for i in disturbing), *running])
    if disturbing:
        return Verdict(indicator, _incidents_sentence(disturbing))
    impaired = [v for v in views if v.state != "operational" and not v.inherited]
    impaired.sort(key=lambda v: -rank(v.state))
    if not impaired:
        return Verdict(
            indicator, "All systems are operational." if not running else "Maintenance is under way."
        )
    if len(impaired) > _NAMED:
        return Verdict(indicator, f"{len(impaired)} of {len(views)} components are not fully operational.")
    return Verdict(indicator, " ".join(_states_sentences(impaired)))


def _incidents_sentence(incidents: Sequence[IncidentView]) -> str:
    titles = [i.title.rstrip(". ") for i in incidents if i.title]
    if not titles:
        return "We are working on a disturbance."
    if len(titles) <= _NAMED:
        return "; ".join(titles) + "."
    return f"{len(titles)} disturbances are open, the latest: {titles[0]}."


def _states_sentences(impaired: Sequence[ComponentView]) -> Iterable[str]:
    by_state: dict[str, list[str]] = {}
    for v in impaired:
        by_state.setdefault(v.state, []).append(v.component.name)
    return [f"{LABELS[state]}: {', '.join(names)}." for state, names in by_state.items()]


def _history(page: StatusPage, over: Iterable[IncidentView]) -> tuple[MonthView, ...]:
    """What is over, by the day it began in the zone of the page."""
    tz = zone(page.zone)
    days: dict[date, list[IncidentView]] = {}
    for incident in sorted(over, key=lambda i: (i.started_at, i.ref), reverse=True):
        days.setdefault(wall(incident.started_at, tz).date(), []).append(incident)
    months: dict[date, list[DayView]] = {}
    for day, incidents in days.items():
        months.setdefault(day.replace(day=1), []).append(DayView(day, tuple(incidents)))
    return tuple(MonthView(month, tuple(views)) for month, views in months.items())
