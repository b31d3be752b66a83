"""What people do in a business incident: accept, answer the briefing, say how it stands, call groups of roles."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from quarterdeck.core.incidents import Incident, chain, readiness
from quarterdeck.core.incidents.authority import authorise
from quarterdeck.core.incidents.content import incomplete
from quarterdeck.core.incidents.events import Event
from quarterdeck.core.incidents.guards import not_ended
from quarterdeck.core.incidents.parts import Message
from quarterdeck.core.incidents.response import PARENT_COMMANDER
from quarterdeck.core.incidents.state import PASSIVE_ROLES
from quarterdeck.core.incidents.structure import Template
from quarterdeck.core.kernel.refused import Refused, bad
from quarterdeck.core.kernel.text import clean, line
from quarterdeck.store import models, tx

from .. import casebook
from ..act import Act
from ..casebook import Case
from ..paging.directory import Directory
from ..paging.role_policies import call_for_role


def accept(act: Act, incident_id: str, role: str) -> Case:
    return casebook.change(act, incident_id, lambda i, t: readiness.accept(i, act.who, role=role))


def answer(act: Act, incident_id: str, question: str, text: str) -> Case:
    said = clean(text, readiness.TEXT_LIMIT + 1)
    return casebook.change(
        act, incident_id, lambda i, t: readiness.answer(i, t, act.who, question=question, text=said)
    )


def confirm(act: Act, incident_id: str) -> Case:
    return casebook.change(act, incident_id, lambda i, t: readiness.confirm(i, act.who))


def set_step(act: Act, incident_id: str, step: str, reason: str = "", override_reason: str = "") -> Case:
    return casebook.change(
        act,
        incident_id,
        lambda i, t: readiness.set_step(
            i, t, act.who, step=step, reason=line(reason, 500), override_reason=line(override_reason, 500)
        ),
    )


def write_preliminary(act: Act, incident_id: str, text: str) -> Case:
    said = clean(text, 20_001)
    return casebook.change(
        act, incident_id, lambda i, t: readiness.write_preliminary(i, t, act.who, text=said)
    )


@dataclass(frozen=True, slots=True)
class Called:
    """What came of calling a group: roles that are called now, that somebody holds, and that nobody is set for."""

    called: tuple[str, ...]
    held: tuple[str, ...]
    nobody: tuple[str, ...]


def page_group(act: Act, incident_id: str, group: str) -> Called:
    """Call the people on call for every role of a functional group that nobody holds (R-089)."""
    return _call(act, incident_id, lambda t: [r.key for r in t.roles if r.group == group], "group", group)


def page_role(act: Act, incident_id: str, role: str) -> Called:
    """Call for one role."""
    return _call(act, incident_id, lambda t: [r.key for r in t.roles if r.key == role], "role", role)


def _call(
    act: Act, incident_id: str, wanted: Callable[[Template], list[str]], field: str, name: str
) -> Called:
    found: list[Called] = []

    def decide(incident: Incident, template: Template) -> list[Event]:
        not_ended(incident)
        authorise(incident, template, act.who, "callout.send")
        roles = [r for r in wanted(template) if r not in PASSIVE_ROLES]
        if not roles:
            message = f"There is no {field} {name!r} in this structure. Choose one from the list."
            raise bad(f"{field}.unknown", message, **{field: message})
        events: list[Event] = []
        called, held, nobody = [], [], []
        directory = Directory(act.at)
        for role in roles:
            if incident.holder(role) is not None:
                held.append(role)
                continue
            made = call_for_role(incident, template, role, "callout", directory)
            (nobody if made is None else called).append(role)
            events += made or []
        found[:] = [Called(tuple(called), tuple(held), tuple(nobody))]
        return events

    with tx.write("engine", "web"):
        casebook.change_within(act, incident_id, decide)
    if not found[0].called and not found[0].held:
        raise Refused(
            f"{field}.nobody",
            "Nobody is set to be called for this. Assign somebody, or page a person by name.",
        )
    return found[0]


def groups(template: Template) -> list[tuple[str, list[str]]]:
    """The functional groups of a structure in its order, each with the roles that act."""
    found: dict[str, list[str]] = {}
    for role in template.roles:
        if role.key not in PASSIVE_ROLES:
            found.setdefault(role.group, []).append(role.key)
    return list(found.items())


def release_waits(case: Case, now: datetime) -> tuple[Message, ...]:
    """The messages of a business incident that only wait for the word of whoever commands the technical one."""
    incident, template = case.incident, case.template
    if not incident.response.parent:
        return ()
    return tuple(
        m
        for m in incident.messages.values()
        if m.state in ("draft", "in_review")
        and any(
            s.step == "release" and PARENT_COMMANDER in s.roles for s in template.chains.get(m.audience, ())
        )
        and not chain.missing(incident, template, m, now)
        and not incomplete(template, m)
    )


def waiting_for_release(person: str, at: datetime) -> list[tuple[str, int]]:
    """(business incident, how many messages) for whoever commands a technical incident: one card, counted (R-113)."""
    rows = models.BusinessResponseRow.objects.filter(parent_commander=person).order_by("began_at")
    live = models.IncidentRow.objects.filter(is_open=True).values("id")
    cases = casebook.load_many(list(rows.filter(id__in=live).values_list("id", flat=True)[:20]))
    counted = ((key, len(release_waits(case, at))) for key, case in cases.items())
    return [(key, number) for key, number in counted if number]
