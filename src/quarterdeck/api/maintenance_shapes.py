"""What requests and answers about maintenance are made of."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from quarterdeck.app.maintenance import maintenance_drafts
from quarterdeck.core.status import maintenance_plan as plans

from .fields import Flag, Id, Key, LongLine, Moment, Named, Number, Read, Text, When, Word, Write, Yes
from .pages import PageAsked

Title = Annotated[str, Text(plans.TITLE_LIMIT)]
Words = Annotated[str, Text(plans.TEXT_LIMIT)]
Lead = Annotated[int, Number(0, 100_000)]
Keys = Annotated[list[Key], Field(max_length=plans.MOST_SERVICES)]
States = Annotated[dict[Id, Word], Field(max_length=plans.MOST_COMPONENTS)]
Reminders = Annotated[list[Lead], Field(max_length=20)]
Severities = Annotated[list[Word], Field(max_length=10)]
People = Annotated[list[Id], Field(max_length=plans.MOST_PEOPLE)]


class MaintenanceStep(Read):
    """What will happen by itself or be asked of somebody: announce, remind, start, ask_start, finish, overrun."""

    what: str
    at: Moment


class MaintenanceConflict(Read):
    """`kind`: overlap, incident, holiday, absence, nobody."""

    kind: str
    text: str


class MaintenanceEntry(Read):
    at: Moment
    kind: str
    by: Named | None
    text: str


class MaintenanceRecord(Read):
    """`public` is the word of the status pages, "" before it is announced. `held_reason`: why its start waits.

    `components` are ids with the state each goes into, leads are minutes before the start.
    """

    id: str
    series: str
    rule: str
    title: str
    text: str
    text_started: str
    text_finished: str
    notes: str
    state: str
    public: str
    zone: str
    starts_at: Moment
    ends_at: Moment
    planned_end: Moment
    services: list[str]
    pages: list[str]
    components: dict[str, str]
    people: list[Named]
    spared: list[str]
    spared_services: list[str]
    announce_minutes: int
    reminders: list[int]
    auto_start: bool
    auto_finish: bool
    hold: bool
    planned_by: Named
    approved_by: Named | None
    approved_at: Moment | None
    announced_at: Moment | None
    started_at: Moment | None
    ended_at: Moment | None
    held_reason: str
    reason: str
    version: int


class MaintenanceDetail(MaintenanceRecord):
    ahead: list[MaintenanceStep]
    conflicts: list[MaintenanceConflict]
    history: list[MaintenanceEntry]


class MaintenanceMade(MaintenanceRecord):
    """`windows` are the ids of all that a rule made, this one first. `conflicts` warn; they forbid nothing."""

    windows: list[str]
    conflicts: list[MaintenanceConflict]


class MaintenanceWrite(Write):
    """`rule` (RFC 5545, with COUNT or UNTIL) makes one window for each time. `spared` are severities that page
    nevertheless, `spared_services` keys of covered services that do.
    """

    title: Title
    starts_at: When
    ends_at: When
    zone: Word = "UTC"
    text: Words = ""
    text_started: Words = ""
    text_finished: Words = ""
    notes: Words = ""
    services: Keys = Field(default_factory=list)
    components: States = Field(default_factory=dict)
    pages: Keys = Field(default_factory=list)
    people: People = Field(default_factory=list)
    announce_minutes: Lead = maintenance_drafts.USUAL_ANNOUNCE
    reminders: Reminders = Field(default_factory=lambda: list(maintenance_drafts.USUAL_REMINDERS))
    auto_start: Yes = True
    auto_finish: Yes = True
    hold: Yes = True
    spared: Severities = Field(default_factory=list)
    spared_services: Keys = Field(default_factory=list)
    rule: LongLine = ""


class MaintenancePatch(Write):
    """Only what is named changes. With `version` it is refused where the plan has changed since."""

    title: Title | None = None
    starts_at: When | None = None
    ends_at: When | None = None
    zone: Word | None = None
    text: Words | None = None
    text_started: Words | None = None
    text_finished: Words | None = None
    notes: Words | None = None
    services: Keys | None = None
    components: States | None = None
    pages: Keys | None = None
    people: People | None = None
    announce_minutes: Lead | None = None
    reminders: Reminders | None = None
    auto_start: Yes | None = None
    auto_finish: Yes | None = None
    hold: Yes | None = None
    spared: Severities | None = None
    spared_services: Keys | None = None
    version: Lead | None = None


class SeriesWrite(Write):
    """`series`: those of the same plan that come after it as well."""

    series: Yes = False


class ApprovalWrite(SeriesWrite):
    """With `version` it is refused where the plan has changed since it was read."""

    version: Lead | None = None


class ReturnWrite(Write):
    reason: LongLine


class MaintenanceGlassWrite(Write):
    """`break_glass` is why somebody does it who may not while an incident is told on its pages; it is kept."""

    break_glass: LongLine = ""


class MaintenanceTextWrite(MaintenanceGlassWrite):
    """`text` is read on the status pages; without it, the one of the plan or the usual one."""

    text: Words = ""


class ExtensionWrite(MaintenanceGlassWrite):
    ends_at: When
    reason: LongLine = ""


class TimesWrite(MaintenanceGlassWrite):
    starts_at: When
    ends_at: When
    reason: LongLine = ""


class CancellationWrite(SeriesWrite, MaintenanceGlassWrite):
    """What was announced needs a reason, which the public reads."""

    reason: LongLine = ""


class MaintenanceAsked(PageAsked):
    """`view`: upcoming, running, past or all. `service` is a key, `page` a key or an id."""

    view: Literal["upcoming", "running", "past", "all"] = "all"
    service: Word = ""
    page: Word = ""
    mine: Flag = False
