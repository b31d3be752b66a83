"""Who leads an incident, who does what now and what comes next: the words every door shows alike (R-007, R-076).

Plain data made from the incident's own state; the same state gives the same words. Changes nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime

from quarterdeck.core.incidents import Incident, command_line, required
from quarterdeck.core.incidents import catch_up as core
from quarterdeck.core.incidents.eligibility import definition
from quarterdeck.core.incidents.parts import RoleAssignment, Task
from quarterdeck.core.incidents.state import COMMANDER
from quarterdeck.store import models

from ..casebook import Case
from ..paging.directory import Directory

Clock = Callable[[datetime], str]


@dataclass(frozen=True, slots=True)
class Named:
    """A person as shown: id and name."""

    id: str
    name: str


@dataclass(frozen=True, slots=True)
class Holder:
    """Somebody who holds a role since `since`; `assignment` is what a release or a handover names."""

    assignment: str
    person: Named
    since: datetime


@dataclass(frozen=True, slots=True)
class RoleLine:
    """A role that is held or needed. `called` were asked and have not answered; `unreachable` says why nobody
    comes. A vacancy is a role that is required and has no holder.
    """

    role: str
    title: str
    required: bool
    holders: tuple[Holder, ...]
    called: tuple[Named, ...]
    unreachable: str

    @property
    def vacant(self) -> bool:
        return self.required and not self.holders


@dataclass(frozen=True, slots=True)
class TaskLine:
    id: str
    title: str
    assignee: Named
    state: str
    minutes: int
    due_at: datetime
    late: bool


@dataclass(frozen=True, slots=True)
class NextUpdate:
    """The next promise to an audience; `owner` holds the role that keeps it, if anybody does."""

    audience: str
    title: str
    due_at: datetime
    overdue: bool
    owner: Named | None


@dataclass(frozen=True, slots=True)
class CommandBrief:
    """The command panel. `line` is the sentence of R-038."""

    line: str
    commander: Holder | None
    deputy: Holder | None
    roles: tuple[RoleLine, ...]
    tasks_now: tuple[TaskLine, ...]
    next_update: NextUpdate | None

    def text(self, clock: Clock) -> tuple[str, ...]:
        """The panel as lines of text: what a chat answers to "status", and the command line prints (R-007)."""
        lines = [self.line]
        lines += [
            f"{r.title}: {', '.join(h.person.name for h in r.holders)}"
            for r in self.roles
            if r.holders and r.role != COMMANDER  # whom the first line names
        ]
        lines += [f"{r.title}: vacant{_calling(r)}" for r in self.roles if r.vacant]
        lines += [
            f"{t.assignee.name}: {t.title}, {'late since' if t.late else 'until'} {clock(t.due_at)}"
            for t in self.tasks_now
        ]
        if self.next_update is not None:
            due = "was due" if self.next_update.overdue else "due"
            lines.append(f"Next update to {self.next_update.title} {due} {clock(self.next_update.due_at)}")
        return tuple(lines)


@dataclass(frozen=True, slots=True)
class CatchUp:
    """What a late joiner reads first, in ten lines at most. `facts` are the filled fields of the facts panel,
    `unknown` the empty ones.
    """

    lines: tuple[str, ...]
    facts: dict[str, str]
    unknown: tuple[str, ...]


def _calling(role: RoleLine) -> str:
    return f", calling {', '.join(p.name for p in role.called)}" if role.called else ""


def utc_clock(at: datetime) -> str:
    """A moment as time of day in UTC. A page gives its own, in the zone of whoever looks."""
    return f"{at.astimezone(UTC):%H:%M} UTC"


def command(case: Case, now: datetime, clock: Clock = utc_clock) -> CommandBrief:
    """Who leads, which roles are held or vacant, who does what now, and the next update that is due."""
    incident, template = case.incident, case.template
    directory = case.directory(now)
    return CommandBrief(
        line=command_line(incident, directory.name, clock, definition(template, COMMANDER).title),
        commander=_holder(incident.commander, directory),
        deputy=_holder(incident.deputy, directory),
        roles=roles(case, now),
        tasks_now=tuple(_task(t, directory, now) for t in _open_tasks(incident)),
        next_update=next_update(case, now),
    )


def roles(case: Case, now: datetime, *, everything: bool = False) -> tuple[RoleLine, ...]:
    """The roles that are held or required, vacancies first; with `everything`, all of the structure."""
    incident, template = case.incident, case.template
    directory = case.directory(now)
    needed = {r.key for r in required(incident, template, now)} if incident.is_open else set()
    found = []
    for role in template.roles:
        holders = tuple(h for a in incident.holders(role.key) if (h := _holder(a, directory)))
        if role.retired or not (everything or holders or role.key in needed):
            continue
        called = [
            c.person
            for c in incident.callouts.values()
            if (c.role, c.how, c.answered_at) == (role.key, "callout", None)
        ]
        found.append(
            RoleLine(
                role=role.key,
                title=role.title,
                required=role.key in needed,
                holders=holders,
                called=() if holders else tuple(_named(p, directory) for p in dict.fromkeys(called)),
                unreachable="" if holders else incident.unreachable.get(role.key, ""),
            )
        )
    return tuple(sorted(found, key=lambda line: not line.vacant))


def next_update(case: Case, now: datetime) -> NextUpdate | None:
    """The earliest promise that stands, None when no clock runs."""
    running = sorted(case.incident.running_clocks(), key=lambda c: (c.next_due, c.audience))
    if not running:
        return None
    clock = running[0]
    audience = case.template.audience(clock.audience)
    owner = case.incident.holder(clock.owner_role)
    return NextUpdate(
        audience=clock.audience,
        title=audience.title if audience else clock.audience,
        due_at=clock.next_due,
        overdue=clock.next_due < now,
        owner=_named(owner.person, case.directory(now)) if owner else None,
    )


def catch_up(case: Case, now: datetime, clock: Clock = utc_clock) -> CatchUp:
    """The incident in ten lines, the same for everybody who asks at the same state (R-076)."""
    incident = case.incident
    told = models.TimelineRow.objects.filter(incident_id=incident.key, kind="hypothesis").order_by("seq")
    questions = core.standing(incident, list(told.values_list("entry_id", "text")))
    names = case.directory(now).name
    facts = {name: text for name in core.FACTS if (text := getattr(incident, name).strip())}
    return CatchUp(
        core.catch_up(incident, case.template, names, clock, now, questions),
        facts,
        tuple(name for name in core.FACTS if name not in facts),
    )


def _open_tasks(incident: Incident) -> Iterator[Task]:
    yield from sorted((t for t in incident.tasks.values() if t.is_open), key=lambda t: (t.due_at, t.id))


def _task(task: Task, directory: Directory, now: datetime) -> TaskLine:
    late = task.late or now >= task.due_at
    return TaskLine(
        task.id, task.title, _named(task.assignee, directory), task.state, task.minutes, task.due_at, late
    )


def _holder(assignment: RoleAssignment | None, directory: Directory) -> Holder | None:
    if assignment is None:
        return None
    return Holder(assignment.id, _named(assignment.person, directory), assignment.started_at)


def _named(person_id: str, directory: Directory) -> Named:
    return Named(person_id, directory.name(person_id))
