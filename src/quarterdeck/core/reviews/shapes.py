"""What a report is made of: facts with their moments, as plain values. Nothing here is text for a particular sink."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from quarterdeck.core.incidents.describe.line import words
from quarterdeck.core.incidents.deviations import Deviation

Lookup = Callable[[str], str]


def _same(key: str) -> str:
    return key


@dataclass(frozen=True, slots=True)
class Words:
    """How people and things are called. `names` is by person id; `titles` speaks of roles, audiences, phases and
    severities as the timeline does; the others are by the key the incident carries.
    """

    names: Lookup
    titles: Lookup = words
    severities: Callable[[int], str] = lambda rank: f"SEV{rank}"
    types: Lookup = words
    services: Lookup = _same
    codes: Lookup = words
    pages: Lookup = _same


@dataclass(frozen=True, slots=True)
class AlertMoments:
    """One linked alert as the alert table knows it. Both moments of people are None until they happen."""

    alert_id: str
    summary: str
    first_at: datetime
    acknowledged_at: datetime | None = None
    acknowledged_by: str = ""
    resolved_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Facts:
    """The head of a report. `commanders` are in the order they led."""

    key: str
    title: str
    severity: str
    severity_known: bool
    severity_highest: str
    type: str
    services: tuple[str, ...]
    phase: str
    source: str
    template: str
    declared_at: datetime | None
    declared_by: str
    commanders: tuple[str, ...]
    resolved_at: datetime | None
    resolution: str
    closed_at: datetime | None
    drill: bool
    restricted: bool
    commander_title: str = "Commander"


@dataclass(frozen=True, slots=True)
class PhaseTime:
    """A stay in a phase. `until` and `lasted` are None for the phase that goes on, `lasted` for the end itself."""

    phase: str
    since: datetime
    until: datetime | None
    lasted: timedelta | None
    by: str


@dataclass(frozen=True, slots=True)
class Clock:
    """One measured time. `lasted` is None when it did not end; `note` says why, or what was measured."""

    key: str
    title: str
    lasted: timedelta | None
    note: str = ""


@dataclass(frozen=True, slots=True)
class Updates:
    """How the promises to one audience were kept. `unpromised` were sent while no clock ran; `missed` were still
    owed when the clock stopped or when the report was made.
    """

    audience: str
    title: str
    on_time: int
    late: int
    missed: int
    unpromised: int
    latest_by: timedelta | None = None

    @property
    def promised(self) -> int:
        return self.on_time + self.late + self.missed


@dataclass(frozen=True, slots=True)
class Entry:
    """A line of the timeline, in the order of what happened. A corrected one keeps its text and names the newer;
    a correction carries the text it replaces in `replaces`.
    """

    seq: int
    kind: str
    weight: str
    who: str
    title: str
    text: str
    happened_at: datetime
    entered_at: datetime
    backdated: bool
    followup: bool = False
    replaces: str = ""
    corrected_at: datetime | None = None
    corrected_text: str = ""


@dataclass(frozen=True, slots=True)
class Held:
    """A role held for an interval; open while `until` is None."""

    role: str
    person: str
    since: datetime
    until: datetime | None
    end_reason: str


@dataclass(frozen=True, slots=True)
class Decided:
    at: datetime
    by: str
    question: str
    options: tuple[str, ...]
    chosen: str
    reason: str
    objections: str


@dataclass(frozen=True, slots=True)
class Work:
    """A task. `state` is given, acknowledged, done or cancelled."""

    title: str
    assignee: str
    given_by: str
    given_at: datetime
    minutes: int
    state: str
    late: bool
    ended_at: datetime | None
    outcome: str


@dataclass(frozen=True, slots=True)
class Checked:
    """A validation check. `state` is planned, passed or failed."""

    subject: str
    state: str
    by: str
    at: datetime | None
    note: str


@dataclass(frozen=True, slots=True)
class Told:
    """A message that reached its audience."""

    at: datetime
    audience: str
    headline: str
    text: str
    recipients: int
    pages: int
    final: bool


@dataclass(frozen=True, slots=True)
class Item:
    """An action item. `state` is open, overdue or done; `due_on` a calendar date, ISO 8601."""

    id: str
    title: str
    owner: str
    due_on: str
    kind: str
    state: str
    done_at: datetime | None


@dataclass(frozen=True, slots=True)
class ReviewState:
    """Who owes the review and how far it is; `state` is none, draft, in_review, reviewed, closed or waived."""

    state: str = "none"
    owner: str = ""
    due_on: str = ""
    overdue: bool = False
    published_at: datetime | None = None
    waived_reason: str = ""
    facilitator: str = ""
    read_until: datetime | None = None
    meets_at: datetime | None = None
    place: str = ""
    invited: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Learned:
    """A lesson. `kind`: keep, change, surprise."""

    kind: str
    text: str
    by: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Contributed:
    """What somebody was asked to add, by the part it belongs to ("contribution": what they know)."""

    id: str
    person: str
    section: str
    due_on: str
    state: str
    text: str
    article: str


@dataclass(frozen=True, slots=True)
class Report:
    """Everything an incident leaves to learn from, as of `made_at`. `written` maps a part's key to its text.

    `withheld` says that the raw record is kept back from this reader until the review is published. `zone` names the
    reader's own zone, such as "Europe/Berlin was UTC+01:00 then": a report's times are UTC.
    """

    made_at: datetime
    facts: Facts
    review: ReviewState
    summary: tuple[tuple[str, str], ...]
    impact: tuple[tuple[str, str], ...]
    cause: str
    phases: tuple[PhaseTime, ...]
    clocks: tuple[Clock, ...]
    updates: tuple[Updates, ...]
    roles: tuple[Held, ...]
    decisions: tuple[Decided, ...]
    tasks: tuple[Work, ...]
    checks: tuple[Checked, ...]
    messages: tuple[Told, ...]
    alerts: tuple[AlertMoments, ...]
    items: tuple[Item, ...]
    timeline: tuple[Entry, ...]
    written: Mapping[str, str] = field(default_factory=dict)
    withheld: bool = False
    lessons: tuple[Learned, ...] = ()
    contributions: tuple[Contributed, ...] = ()
    debrief: tuple[tuple[str, str], ...] = ()
    deviations: tuple[Deviation, ...] = ()
    zone: str = ""
