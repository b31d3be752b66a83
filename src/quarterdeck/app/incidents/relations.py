"""Many incidents at once: links between them, groups with a coordinator, merging, and people wanted by two of them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass

from quarterdeck.core.access import Who
from quarterdeck.core.incidents import relations as core
from quarterdeck.core.incidents.events import IncidentLinked, IncidentUnlinked
from quarterdeck.core.incidents.state import PASSIVE_ROLES
from quarterdeck.core.kernel.refused import Refused, bad, missing
from quarterdeck.core.kernel.text import line
from quarterdeck.store import log, models, tx
from quarterdeck.store.ids import new_id

from .. import casebook
from ..act import Act, need
from ..casebook import Case
from ..visibility import visible_incidents
from .command import who


def link(act: Act, incident_id: str, other_id: str, kind: str, note: str = "") -> Case:
    """`other_id` is the parent, a child, or related; the other incident says the same the other way round."""
    said = line(note, 300)
    with tx.write("engine", "web"):
        here, there = _both(act, incident_id, other_id)
        events = core.link(here.incident, here.template, act.who, other=there.incident, kind=kind, note=said)
        if not events:
            return here
        mirror = [IncidentLinked(incident_id, core.MIRROR[kind], said)]
        if not there.incident.has_ended:
            casebook.append(act, there, other_id, mirror)
        return casebook.append(act, here, incident_id, events)


def unlink(act: Act, incident_id: str, other_id: str, kind: str, reason: str = "") -> Case:
    said = line(reason, 300)
    with tx.write("engine", "web"):
        here, there = _both(act, incident_id, other_id)
        events = core.unlink(here.incident, here.template, act.who, other=other_id, kind=kind, reason=said)
        if not events:
            return here
        if f"{core.MIRROR[kind]}/{incident_id}" in there.incident.crew.links:
            casebook.append(act, there, other_id, [IncidentUnlinked(incident_id, core.MIRROR[kind], said)])
        return casebook.append(act, here, incident_id, events)


def merge(act: Act, incident_id: str, other_id: str, reason: str) -> Case:
    """This incident goes on as `other_id`: alerts, open tasks and people move there, both records say so."""
    said = line(reason, 300)
    with tx.write("engine", "web"):
        here, there = _both(act, incident_id, other_id)
        ending = core.merge_into(here.incident, here.template, act.who, other=there.incident, reason=said)
        if not ending:
            return here
        taken = core.take_in(there.incident, there.template, other=here.incident, reason=said, ids=_ids())
        casebook.append(act, here, incident_id, ending)
        return casebook.append(act, there, other_id, taken)


def _ids() -> Iterator[str]:
    while True:
        yield new_id()


def _both(act: Act, first: str, second: str) -> tuple[Case, Case]:
    """Two incidents, locked in one order whoever asks, so that two such acts never wait for each other."""
    if first == second:
        raise bad("link.self", "An incident is not linked to itself. Choose another one.")
    for key in sorted((first, second)):
        log.lock_incident(key)
    return casebook.load(first, act.who), casebook.load(second, act.who)


def open_group(act: Act, title: str, coordinator: str) -> models.IncidentGroup:
    """A group for incidents that belong together; each keeps its own commander (R-179)."""
    need(act, "incident.act")
    text = line(title, 200)
    if not text:
        raise bad("title.missing", "Name the group.", title="Name the group.")
    lead = who(coordinator or act.person)
    with tx.write("web"):
        row = models.IncidentGroup.objects.create(
            title=text, coordinator=lead.person, opened_by=act.person, opened_at=act.at
        )
        data = {"group": row.id, "title": text, "coordinator": lead.person}
        log.audit("IncidentGroupOpened", data, at=act.at, actor=act.person)
    return row


def coordinate(act: Act, group_id: str, person_id: str) -> models.IncidentGroup:
    """Another coordinator. By the present one or whoever opened the group, or an administrator."""
    row = _group(group_id)
    if act.person not in (row.coordinator, row.opened_by):
        need(act, "settings.edit")
    lead = who(person_id)
    with tx.write("web"):
        models.IncidentGroup.objects.filter(id=row.id).update(coordinator=lead.person)
        data = {"group": row.id, "coordinator": lead.person, "before": row.coordinator}
        log.audit("IncidentGroupCoordinator", data, at=act.at, actor=act.person)
    return _group(group_id)


def close_group(act: Act, group_id: str) -> None:
    """The group ends; its incidents stay as they are. By its coordinator, whoever opened it or an administrator."""
    row = _group(group_id)
    if act.person not in (row.coordinator, row.opened_by):
        need(act, "settings.edit")
    with tx.write("web"):
        models.IncidentGroup.objects.filter(id=row.id, ended_at=None).update(ended_at=act.at)
        log.audit("IncidentGroupClosed", {"group": row.id, "title": row.title}, at=act.at, actor=act.person)


def join_group(act: Act, incident_id: str, group_id: str) -> Case:
    row = _group(group_id)
    return casebook.change(
        act,
        incident_id,
        lambda i, t: core.join_group(i, t, act.who, group=row.id, title=row.title),
    )


def leave_group(act: Act, incident_id: str) -> Case:
    titles = dict(models.IncidentGroup.objects.values_list("id", "title"))
    return casebook.change(
        act,
        incident_id,
        lambda i, t: core.leave_group(i, t, act.who, title=titles.get(i.crew.group, "")),
    )


def _group(group_id: str) -> models.IncidentGroup:
    found = models.IncidentGroup.objects.filter(id=group_id).first()
    if found is None:
        raise missing("group.unknown", "There is no such group of incidents. Choose one from the board.")
    if found.ended_at is not None:
        raise Refused("group.ended", "This group is closed. Open a new one.")
    return found


@dataclass(frozen=True, slots=True)
class Conflict:
    """A person whom several open incidents want. `exclusive`: more than one of the roles takes a whole person."""

    person_id: str
    held: tuple[tuple[str, str], ...]  # (incident, role)
    exclusive: bool


def conflicts(actor: Who) -> list[Conflict]:
    """Who acts in several open incidents at once, the worst first. Only of incidents `actor` may know of."""
    open_ids = visible_incidents(actor).filter(is_open=True, drill=False).values("id")
    rows = models.RoleAssignmentRow.objects.filter(ended_at=None, incident_id__in=open_ids)
    held: dict[str, dict[str, tuple[str, bool]]] = defaultdict(dict)
    for person, incident, role, exclusive in (
        rows.exclude(role__in=PASSIVE_ROLES)
        .order_by("started_at", "id")
        .values_list("person_id", "incident_id", "role", "exclusive")
    ):
        before = held[person].get(incident)
        if before is None or exclusive:
            held[person][incident] = (role, exclusive)
    found = [
        Conflict(person, tuple((i, role) for i, (role, _) in found.items()),
                 sum(exclusive for _, exclusive in found.values()) > 1)
        for person, found in held.items() if len(found) > 1
    ]  # fmt: skip
    return sorted(found, key=lambda c: (not c.exclusive, -len(c.held), c.person_id))
