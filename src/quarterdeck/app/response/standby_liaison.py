"""The standby of the customer liaison in a severe incident: named or found on call, offered the role, asked to come."""

from __future__ import annotations

from quarterdeck.core.escalation.plan import Position, plan
from quarterdeck.core.incidents import Event, Incident, liaison
from quarterdeck.core.incidents.events import RoleUnreachable
from quarterdeck.core.incidents.response import LIAISON
from quarterdeck.core.incidents.structure import Template
from quarterdeck.core.kernel.refused import Refused
from quarterdeck.core.kernel.text import line
from quarterdeck.store.ids import new_id

from .. import casebook
from ..act import Act, engine_act
from ..casebook import Case
from ..incidents import command
from ..paging.directory import Directory, policy_from
from ..paging.role_policies import holders, policy_for, spared

_NOTE = "The liaison goes into the business response. Accept, be briefed, and take the role."


def name_standby(act: Act, incident_id: str, person_id: str, note: str = "") -> Case:
    """The commander or the liaison names who stands by."""
    to = command.who(person_id)
    return casebook.change(
        act,
        incident_id,
        lambda i, t: liaison.offer(i, t, act.who, handover_id=new_id(), to=to, note=line(note, 500) or _NOTE),
    )


def force(act: Act, incident_id: str, handover_id: str, reason: str) -> Case:
    """The commander lets the liaison go before the standby is briefed."""
    return casebook.change(
        act,
        incident_id,
        lambda i, t: liaison.force(
            i, t, act.who, handover_id=handover_id, new_assignment_id=new_id(), reason=line(reason, 300)
        ),
    )


def call(act: Act, incident_id: str, person_id: str = "") -> None:
    """Call a standby inside the caller's transaction: who was named, else the next on call who was not asked yet."""
    if person_id:
        to = command.who(person_id)
        casebook.change_within(
            act,
            incident_id,
            lambda i, t: liaison.offer(i, t, act.who, handover_id=new_id(), to=to, note=_NOTE),
        )
        return
    casebook.change_within(engine_act(act.at), incident_id, lambda i, t: next_offer(i, t, Directory(act.at)))


def next_offer(incident: Incident, template: Template, directory: Directory) -> list[Event]:
    """An offer to the next on call; where nobody is left, the record says so and the commander names somebody."""
    asked = {h.to_person for h in incident.handovers.values() if h.role == LIAISON}
    for person in _on_call(incident, template, directory):
        if person in asked:
            continue
        try:
            return liaison.offer(
                incident, template, engine_act(directory.now).who,
                handover_id=new_id(), to=command.who(person), note=_NOTE,
            )  # fmt: skip
        except Refused:
            continue
    return [RoleUnreachable(LIAISON, "nobody is on call as standby of the customer liaison; name one")]


def _on_call(incident: Incident, template: Template, directory: Directory) -> list[str]:
    row = policy_for(LIAISON, incident, template)
    if row is None:
        return []
    policy = spared(policy_from(row.definition), holders(incident), directory)
    first = [p.person for p in plan(policy, Position(), directory.now, directory.on_call).pages]
    rest = [p for s in policy.steps for t in s.targets for p in directory.on_call(t).people]
    busy = holders(incident)
    return [p for p in dict.fromkeys([*first, *rest]) if p not in busy]
