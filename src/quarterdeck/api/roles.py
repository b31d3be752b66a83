"""Roles of an incident: who holds what, taking and giving one, taking over, letting go, checklists."""

from __future__ import annotations

from typing import Annotated

from ninja import Query
from pydantic import Field

from quarterdeck.app.casebook import Case, load
from quarterdeck.app.incidents import briefing, tasks
from quarterdeck.app.incidents import command as acts
from quarterdeck.core.incidents.state import tick_key

from .command import RoleLine
from .doors import Request
from .fields import Asked, Id, IncidentId, Key, Line, Moment, Named, Read, Text, Write, Yes
from .operations import Noun
from .pages import Page, whole

NOUN = Noun("Roles", "/incidents/{incident}")
Place = Annotated[int, Field(ge=0, le=999)]


class HolderWrite(Write):
    """Nobody named: take the role oneself. `take_over` replaces a holder who cannot be reached, with a reason.

    `domain` is what a deputy looks after; `mentor` makes the holder a trainee beside or under that person.
    `understood`: whoever takes it has read the card and understood it; asked where the card says so, and accepted
    later from whoever was given the role.
    """

    person: Id | None = None
    reason: Line = ""
    take_over: Yes = False
    domain: Line = ""
    mentor: Id | None = None
    understood: Yes = False


class DomainWrite(Write):
    domain: Line


class OwnRoleWrite(Write):
    title: Annotated[str, Text(80, least=1)]
    purpose: Annotated[str, Text(300, least=1)]
    reports_to: Key | None = None


class ReasonAsked(Asked):
    reason: Line = ""


class ChecklistItem(Read):
    """`index` counts from 0 within role and phase."""

    role: str
    phase: str
    index: int
    text: str
    done_at: Moment | None
    done_by: Named | None


@NOUN.get("/roles", "incident.read", Page[RoleLine])
def list_roles(request: Request, incident: IncidentId) -> Page[RoleLine]:
    """Every role of the structure, vacancies first."""
    case = load(incident, request.act.who)
    return whole(_line(x) for x in briefing.roles(case, request.act.at, everything=True))


@NOUN.put("/roles/{role}/holder", "incident.read", RoleLine)
def fill_role(request: Request, incident: IncidentId, role: Key, body: HolderWrite | None = None) -> RoleLine:
    """Take a free role, or give it to somebody; 409 names the holder of one that is held."""
    said = body or HolderWrite()
    if said.take_over and said.person in (None, request.act.person):
        case = acts.take_over(request.act, incident, role, said.reason, said.understood)
    elif said.person in (None, request.act.person):
        case = acts.take_role(request.act, incident, role, said.reason, said.mentor or "", said.understood)
    else:
        case = acts.assign_role(
            request.act, incident, role, said.person or "", said.reason, said.domain, said.mentor or ""
        )
    return _one(request, case, role)


@NOUN.post("/roles", "incident.act", RoleLine)
def create_role(request: Request, incident: IncidentId, body: OwnRoleWrite) -> RoleLine:
    """Add a role that the structure of this incident does not have."""
    case = acts.create_role(request.act, incident, body.title, body.purpose, body.reports_to or "")
    return _one(request, case, next(reversed(case.incident.crew.own_roles)))


@NOUN.put("/assignments/{assignment}/domain", "incident.act")
def delegate_domain(request: Request, incident: IncidentId, assignment: Id, body: DomainWrite) -> None:
    """What a deputy looks after from now on; the authority stays with the commander."""
    acts.delegate_domain(request.act, incident, assignment, body.domain)


@NOUN.delete("/assignments/{assignment}", "incident.read")
def release_role(request: Request, incident: IncidentId, assignment: Id, asked: Query[ReasonAsked]) -> None:
    """Let a role go, one's own or (with the right to assign roles) another's. Command is handed over instead."""
    acts.release_role(request.act, incident, assignment, asked.reason)


@NOUN.get("/checklists", "incident.read", Page[ChecklistItem])
def list_checklists(request: Request, incident: IncidentId) -> Page[ChecklistItem]:
    """The checklists of the roles that are held, with what is ticked; and of those an earlier structure had."""
    case = load(incident, request.act.who)
    held = {a.role for a in case.incident.open_assignments()}
    ticks = case.incident.ticks
    names = request.names.load(t.done_by for t in ticks.values())
    return whole(
        ChecklistItem(
            role=role.key,
            phase=phase,
            index=index,
            text=item.text,
            done_at=tick.done_at if tick else None,
            done_by=names.of(tick.done_by) if tick else None,
        )
        for role in case.template.roles
        if role.key in held or role.retired
        for phase, items in role.checklist.items()
        for index, item in enumerate(items)
        for tick in [ticks.get(tick_key(role.key, phase, index))]
    )


@NOUN.put("/roles/{role}/checklist/{phase}/{index}", "incident.act")
def tick(request: Request, incident: IncidentId, role: Key, phase: Key, index: Place) -> None:
    """An item of a checklist is done."""
    tasks.tick(request.act, incident, role, phase, index)


@NOUN.delete("/roles/{role}/checklist/{phase}/{index}", "incident.act")
def untick(request: Request, incident: IncidentId, role: Key, phase: Key, index: Place) -> None:
    """The item is open again."""
    tasks.tick(request.act, incident, role, phase, index, done=False)


def _one(request: Request, case: Case, role: str) -> RoleLine:
    lines = briefing.roles(case, request.act.at, everything=True)
    found = next((x for x in lines if x.role == role), None)
    if found is not None:
        return _line(found)
    names = request.names
    holders = [
        {"assignment": a.id, "person": names.of(a.person), "since": a.started_at}
        for a in case.incident.holders(role)
    ]
    return RoleLine(
        role=role,
        title=role.capitalize(),
        required=False,
        vacant=False,
        holders=holders,
        called=[],
        unreachable="",
    )


def _line(found: briefing.RoleLine) -> RoleLine:
    return RoleLine.model_validate(found)
