"""What a business response does by itself: the mirror follows, the readiness gate opens, the liaison arrives.

Runs inside the transaction that changed one of the two incidents. The technical incident is always locked first.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from quarterdeck.core.incidents import Incident, Stamped, mirroring, readiness
from quarterdeck.core.incidents import events as ev
from quarterdeck.core.incidents.eligibility import must_be_fit
from quarterdeck.core.incidents.events import response as re
from quarterdeck.core.incidents.response import LIAISON, SLT
from quarterdeck.core.incidents.structure import Template
from quarterdeck.core.kernel.refused import Refused
from quarterdeck.store.ids import new_id

from .. import casebook
from ..act import engine_act
from ..incidents import command, newer
from ..paging.directory import Directory
from . import standby_liaison

PRELIMINARY = "Write the preliminary analysis, for inside only"
DAY_MINUTES = 24 * 60


def follow(
    before: Incident, after: Incident, template: Template, new: Sequence[Stamped], directory: Directory
) -> list[ev.Event]:
    """The events that follow in this incident; those of the other one are written here."""
    if after.response.parent:
        return _in_the_child(after, template, new)
    if after.response.child and before.seq:
        return _in_the_parent(after, template, new, directory)
    return []


def _in_the_child(after: Incident, template: Template, new: Sequence[Stamped]) -> list[ev.Event]:
    found: list[ev.Event] = []
    for stamped in new:
        event = stamped.event
        if isinstance(event, ev.CalloutAnswered):
            found += _arrives(after, template, event)
        elif isinstance(event, ev.Resolved) and not after.response.preliminary_at:
            found += _analysis(after)
        elif isinstance(event, re.PreliminaryWritten):
            found += [
                ev.TaskDone(t.id, "Written.", t.title)
                for t in after.tasks.values()
                if t.is_open and t.title == PRELIMINARY
            ]
    return found or readiness.opening(after)


def _arrives(after: Incident, template: Template, event: ev.CalloutAnswered) -> list[ev.Event]:
    """Whoever answers the call for a role of the initial group has it, where they may."""
    if not readiness.is_theirs(after, event.role, event.person):
        return []
    held = after.holder(event.role)
    try:
        must_be_fit(
            after, template, command.who(event.person), event.role, replaces=held,
            elsewhere=command.elsewhere(event.person, after.key),
        )  # fmt: skip
    except Refused:
        return []
    taken = readiness.taking(event.role, event.person, new_id(), template, "answered the call")
    return [replace(taken, previous=held.person if held else "")]


def _analysis(after: Incident) -> list[ev.Event]:
    """The 24 hours begin with the resolution (R-122)."""
    held = after.holder(SLT) or after.commander
    if held is None or any(t.title == PRELIMINARY and t.is_open for t in after.tasks.values()):
        return []
    return [ev.TaskGiven(new_id(), PRELIMINARY, held.person, DAY_MINUTES)]


def _in_the_parent(
    after: Incident, template: Template, new: Sequence[Stamped], directory: Directory
) -> list[ev.Event]:
    arriving = [
        s.event.from_person
        for s in new
        if isinstance(s.event, ev.HandoverEffective) and s.event.role == LIAISON
    ]
    try:
        casebook.change_within(
            engine_act(directory.now),
            after.response.child,
            lambda i, t: [*mirroring.follow(i, after), *_liaison(i, t, arriving, after.key)],
        )
    except newer.Newer as met:
        newer.tell(met, directory.now)
    declined = any(isinstance(s.event, ev.HandoverDeclined) and s.event.role == LIAISON for s in new)
    return standby_liaison.next_offer(after, template, directory) if declined and after.is_open else []


def _liaison(child: Incident, template: Template, arriving: Sequence[str], parent: str) -> list[ev.Event]:
    """Whoever has handed the technical role over is liaison here, as long as nobody else is."""
    if not arriving or child.has_ended or child.holder(LIAISON) is not None:
        return []
    came = f"handed the role in {parent} over"
    return [readiness.taking(LIAISON, arriving[-1], new_id(), template, came)]
