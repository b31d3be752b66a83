"""What a published page is made of: everything in here is public, nothing else can reach the page.

Plain values only; the words are the status words that readers of Statuspage's JSON know (clients break on others).
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import date, datetime

from quarterdeck.core.kernel.refused import bad

COMPONENT_WORDS = (
    "operational",
    "under_maintenance",
    "degraded_performance",
    "partial_outage",
    "major_outage",
)
INCIDENT_WORDS = ("investigating", "identified", "monitoring", "resolved", "postmortem")
MAINTENANCE_WORDS = ("scheduled", "in_progress", "verifying", "completed")
IMPACTS = ("none", "maintenance", "minor", "major", "critical")
NO_DATA = "no_data"

_ID = re.compile(r"^[A-Za-z0-9][A-Za-z0-9_-]{0,63}$")


@dataclass(frozen=True, slots=True)
class Day:
    """The worst state of one component on one day, in the page's zone; `note` says how long, in words."""

    on: date
    status: str = "operational"
    note: str = ""

    def __post_init__(self) -> None:
        _one_of("day", self.status, (*COMPONENT_WORDS, NO_DATA))


@dataclass(frozen=True, slots=True)
class Component:
    """One part of the service. `days` end with today, oldest first; `available_percent` covers the same days."""

    id: str
    name: str
    created_at: datetime
    updated_at: datetime
    status: str = "operational"
    description: str = ""
    position: int = 1
    group_id: str | None = None
    showcase: bool = True
    start_date: date | None = None
    only_show_if_degraded: bool = False
    days: tuple[Day, ...] = ()
    available_percent: float | None = None

    def __post_init__(self) -> None:
        _checked_id(self.id)
        _one_of("component", self.status, COMPONENT_WORDS)


@dataclass(frozen=True, slots=True)
class Group:
    """Components shown together; its state is the worst of theirs."""

    id: str
    name: str
    created_at: datetime
    updated_at: datetime
    position: int = 1
    description: str = ""

    def __post_init__(self) -> None:
        _checked_id(self.id)


@dataclass(frozen=True, slots=True)
class Affected:
    """A component's change of state that came with an update."""

    component_id: str
    name: str
    old_status: str
    new_status: str


@dataclass(frozen=True, slots=True)
class Update:
    """One published post, in Markdown. `at` is the time shown, `created_at` when it was written."""

    id: str
    status: str
    body: str
    at: datetime
    created_at: datetime
    updated_at: datetime
    affected: tuple[Affected, ...] = ()

    def __post_init__(self) -> None:
        _checked_id(self.id)
        _one_of("update", self.status, INCIDENT_WORDS + MAINTENANCE_WORDS)


@dataclass(frozen=True, slots=True)
class Incident:
    """One published incident; `updates` newest first. `summary` is one sentence for lists."""

    id: str
    name: str
    status: str
    impact: str
    started_at: datetime
    created_at: datetime
    updated_at: datetime
    monitoring_at: datetime | None = None
    resolved_at: datetime | None = None
    next_update_at: datetime | None = None
    summary: str = ""
    component_ids: tuple[str, ...] = ()
    updates: tuple[Update, ...] = ()

    def __post_init__(self) -> None:
        _checked_id(self.id)
        _one_of("incident", self.status, INCIDENT_WORDS)
        _one_of("impact", self.impact, IMPACTS)

    @property
    def is_open(self) -> bool:
        return self.status not in ("resolved", "postmortem")


@dataclass(frozen=True, slots=True)
class Maintenance:
    """Planned work; `updates` newest first, the last of them the announcement."""

    id: str
    name: str
    status: str
    scheduled_for: datetime
    scheduled_until: datetime
    created_at: datetime
    updated_at: datetime
    started_at: datetime | None = None
    completed_at: datetime | None = None
    summary: str = ""
    component_ids: tuple[str, ...] = ()
    updates: tuple[Update, ...] = ()

    def __post_init__(self) -> None:
        _checked_id(self.id)
        _one_of("maintenance", self.status, MAINTENANCE_WORDS)

    @property
    def is_upcoming(self) -> bool:
        return self.status == "scheduled"

    @property
    def is_active(self) -> bool:
        return self.status in ("in_progress", "verifying")


@dataclass(frozen=True, slots=True)
class PageSnapshot:
    """A whole page at one moment. `url` is where it is published; incidents and maintenances newest first.

    `headline` is the page's one sentence; when it is empty the page says what its components say.
    """

    id: str
    name: str
    url: str
    updated_at: datetime
    generated_at: datetime
    time_zone: str = "UTC"
    headline: str = ""
    components: tuple[Component, ...] = ()
    groups: tuple[Group, ...] = ()
    incidents: tuple[Incident, ...] = ()
    maintenances: tuple[Maintenance, ...] = ()

    def __post_init__(self) -> None:
        _checked_id(self.id)

    def shown_components(self) -> list[Component]:
        """Components that are listed now, in their order."""
        listed = [c for c in self.components if c.status != "operational" or not c.only_show_if_degraded]
        return sorted(listed, key=lambda c: (c.position, c.name, c.id))

    @property
    def open_incidents(self) -> list[Incident]:
        return [incident for incident in self.incidents if incident.is_open]

    @property
    def indicator(self) -> str:
        """none, minor, major, critical or maintenance: the worst of components and open incidents."""
        impacts = [_IMPACT_OF[c.status] for c in self.shown_components()]
        impacts += [incident.impact for incident in self.open_incidents]
        if any(m.is_active for m in self.maintenances):
            impacts.append("maintenance")
        return max(impacts, key=IMPACTS.index, default="none")


_IMPACT_OF = {
    "operational": "none",
    "under_maintenance": "maintenance",
    "degraded_performance": "minor",
    "partial_outage": "major",
    "major_outage": "critical",
}


@dataclass(frozen=True, slots=True)
class SiteSettings:
    """How an operator wants the page: languages (the first is the start page), brand, where to subscribe.

    `accent` is a colour as #rrggbb and nothing else; `logo` the bytes of a PNG, WebP or SVG file.
    """

    languages: tuple[str, ...] = ("en",)
    home_url: str = ""
    subscribe_url: str = ""
    accent: str = "#0c766d"
    logo: bytes = field(default=b"", repr=False)
    says_quarterdeck: bool = True

    def __post_init__(self) -> None:
        if not re.fullmatch(r"#[0-9a-fA-F]{6}", self.accent):
            raise bad("status.accent", f"{self.accent[:20]!r} is not a colour. Write it as #0c766d.")
        for url in (self.home_url, self.subscribe_url):
            if url and not re.fullmatch(r"https?://[^\s<>\"'`\\]{1,1000}", url):
                raise bad("status.link", f"{url[:60]!r} is not a web address. It starts with https://.")


def worst(statuses: list[str]) -> str:
    """The worst of some component states, operational when there are none."""
    return max(statuses, key=COMPONENT_WORDS.index, default="operational")


def _checked_id(text: str) -> None:
    """Ids become file names and addresses."""
    if not _ID.match(text):
        raise bad(
            "status.id", f"{text[:70]!r} cannot be part of a page's address. Use letters, digits, - and _."
        )


def _one_of(what: str, word: str, words: tuple[str, ...]) -> None:
    if word not in words:
        raise bad("status.word", f"{word[:40]!r} is no state of a {what}. Use one of: {', '.join(words)}.")
