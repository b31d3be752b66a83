"""A status page as one snapshot, folded from posts and component states. It holds what the public may see, no more."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime

from quarterdeck.core.oncall.wall import wall, zone

from .bars import DAYS, Calendar, Record, StateChange, calendar, record
from .words import (
    LABELS,
    MAINTENANCE_WORDS,
    OVER,
    ComponentState,
    Impact,
    impact_of,
    rank,
    worst,
    worst_impact,
)

_NAMED = 3


@dataclass(frozen=True, slots=True)
class StatusPage:
    """The page itself. `zone` decides where its days begin."""

    key: str
    title: str
    zone: str = "UTC"
    description: str = ""
    support_url: str = ""


@dataclass(frozen=True, slots=True)
class Component:
    id: str
    group: str
    name: str
    description: str = ""
    position: int = 0


@dataclass(frozen=True, slots=True)
class Post:
    """One published text about an incident or a maintenance. `components` are the states it announced, by id.

    `incident_ref` is the public, stable id of the incident. `impact` "" means: from the components.
    `started_at` is when the disturbance began, if that is known to be before the first post.
    """

    id: str
    incident_ref: str
    title: str
    status_word: str
    body: str
    at: datetime
    components: Mapping[str, ComponentState] = field(default_factory=dict)
    next_update_at: datetime | None = None
    impact: str = ""
    started_at: datetime | None = None
    scheduled_for: datetime | None = None
    scheduled_until: datetime | None = None


@dataclass(frozen=True, slots=True)
class Affected:
    """What a post changed about a component, within its incident."""

    component: str
    name: str
    old: ComponentState
    new: ComponentState


@dataclass(frozen=True, slots=True)
class PostView:
    id: str
    at: datetime
    status: str
    body: str
    affected: tuple[Affected, ...]


@dataclass(frozen=True, slots=True)
class IncidentView:
    """One incident or maintenance. `posts` are newest first; `impact` is the worst it ever had."""

    ref: str
    title: str
    status: str
    impact: Impact
    started_at: datetime
    updated_at: datetime
    monitoring_at: datetime | None
    resolved_at: datetime | None
    next_update_at: datetime | None
    scheduled_for: datetime | None
    scheduled_until: datetime | None
    components: tuple[str, ...]
    posts: tuple[PostView, ...]

    @property
    def is_open(self) -> bool:
        return self.status not in OVER


@dataclass(frozen=True, slots=True)
class ComponentView:
    component: Component
    record: Record

    @property
    def state(self) -> ComponentState:
        return self.record.state


@dataclass(frozen=True, slots=True)
class GroupView:
    """`name` is "" for components without a group."""

    name: str
    state: ComponentState
    components: tuple[ComponentView, ...]


@dataclass(frozen=True, slots=True)
class DayView:
    date: date
    incidents: tuple[IncidentView, ...]


@dataclass(frozen=True, slots=True)
class MonthView:
    """`month` is the first day of the month; days and their incidents are newest first."""

    month: date
    days: tuple[DayView, ...]


@dataclass(frozen=True, slots=True)
class Verdict:
    indicator: Impact
    sentence: str


@dataclass(frozen=True, slots=True)
class PageSnapshot:
    page: StatusPage
    generated_at: datetime
    verdict: Verdict
    groups: tuple[GroupView, ...]
    open_incidents: tuple[IncidentView, ...]
    maintenance: tuple[IncidentView, ...]
    history: tuple[MonthView, ...]


def snapshot(
    page: StatusPage,
    components: Sequence[Component],
    changes: Iterable[StateChange],
    posts: Iterable[Post],
    now: datetime,
    days: int = DAYS,
) -> PageSnapshot:
    """Everything a page shows at `now`. Posts and changes may come in any order; later ones than `now` do not count."""
    by_component: dict[str, list[StateChange]] = {c.id: [] for c in components}
    for change in changes:
        if change.component in by_component:
            by_component[change.component].append(change)
    groups = _groups(components, by_component, calendar(page.zone, now, days))
    incidents = _incidents(posts, {c.id: c.name for c in components}, now)
    disturbing = tuple(i for i in incidents if i.is_open and i.impact != "maintenance")
    planned = [i for i in incidents if i.is_open and i.impact == "maintenance"]
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
    )


def _groups(
    components: Sequence[Component], changes: Mapping[str, Sequence[StateChange]], days: Calendar
) -> tuple[GroupView, ...]:
    members: dict[str, list[ComponentView]] = {}
    for c in sorted(components, key=lambda c: (c.position, c.name, c.id)):
        members.setdefault(c.group, []).append(ComponentView(c, record(changes[c.id], days)))
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
    for post in posts:
        title, status = post.title or title, post.status_word or status
        impacts.append(post.impact or _impact(status, post.components.values()))
        views.append(PostView(post.id, post.at, status, post.body, _affected(states, post.components, names)))
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
    )


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
    """The worst component or open incident, and one sentence: the incidents by title, else the components by state."""
    views = [v for g in groups for v in g.components]
    running = ["maintenance"] if any(i.status in ("in_progress", "verifying") for i in planned) else []
    indicator = worst_impact([impact_of(v.state for v in views), *(i.impact for i in disturbing), *running])
    if disturbing:
        return Verdict(indicator, _incidents_sentence(disturbing))
    impaired = sorted((v for v in views if v.state != "operational"), key=lambda v: -rank(v.state))
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
