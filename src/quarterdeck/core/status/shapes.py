"""What a status page is made of: what goes in (components, posts) and the snapshot that comes out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime

from .bars import Record
from .metrics import MetricView
from .words import OVER, ComponentState, Impact


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
    """`parent` is the component it is a part of, `depends_on` those it needs (ids); `names` by language."""

    id: str
    group: str
    name: str
    description: str = ""
    position: int = 0
    parent: str = ""
    depends_on: tuple[str, ...] = ()
    names: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Post:
    """One published text about an incident or a maintenance. `components` are the states it announced, by id.

    `incident_ref` is the public, stable id of the incident. `impact` "" means: from the components.
    `started_at` is when the disturbance began, if that is known to be before the first post.
    `kind` is "update", "correction" (of the post `corrects`) or "summary" (what is told once it is over). `language`
    is the one it was written in, "" the page's first; `words` are its translations: language to title and body.
    `retroactive`: entered after it was over, and shown so.
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
    kind: str = "update"
    corrects: str = ""
    retroactive: bool = False
    language: str = ""
    words: Mapping[str, tuple[str, str]] = field(default_factory=dict)


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
    kind: str = "update"
    corrects: str = ""
    language: str = ""
    words: Mapping[str, tuple[str, str]] = field(default_factory=dict)


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
    retroactive: bool = False
    titles: Mapping[str, str] = field(default_factory=dict)  # the title in other languages

    @property
    def is_open(self) -> bool:
        return self.status not in OVER


@dataclass(frozen=True, slots=True)
class ComponentView:
    """`depth` is how many components it is within; `inherited`: its state is that of its parts, not set for itself."""

    component: Component
    record: Record
    depth: int = 0
    inherited: bool = False

    @property
    def state(self) -> ComponentState:
        return self.record.state


@dataclass(frozen=True, slots=True)
class GroupView:
    """`name` is "" for components without a group. Each component stands before its parts."""

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
    metrics: tuple[MetricView, ...] = ()
