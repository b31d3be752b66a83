"""Many incidents at once: links, merging, groups with a coordinator, and people wanted by several incidents."""

from __future__ import annotations

from typing import Annotated, Literal

from quarterdeck.app.casebook import load
from quarterdeck.app.incidents import relations as acts
from quarterdeck.app.visibility import known_to, visible_incidents
from quarterdeck.store import models

from .doors import Request
from .fields import Id, IncidentId, Line, Moment, Named, Read, Text, Write
from .operations import Noun
from .pages import Page, whole

NOUN = Noun("Relations", "/incidents/{incident}")
GROUPS = Noun("Relations", "/incident-groups")
CONFLICTS = Noun("Relations", "/person-conflicts")
Kind = Literal["parent", "child", "related"]


class Link(Read):
    """`kind` is what `incident` is to this one: parent, child, related, merged_into, merged_from."""

    incident: str
    kind: str
    note: str
    linked_at: Moment


class Group(Read):
    """`incidents` are those that the caller may know of."""

    id: str
    title: str
    coordinator: Named
    opened_at: Moment
    incidents: list[str]


class HeldRole(Read):
    incident: str
    role: str


class Conflict(Read):
    """A person who acts in several open incidents; `exclusive`: more than one of the roles takes a whole person."""

    person: Named
    exclusive: bool
    roles: list[HeldRole]


class LinkWrite(Write):
    kind: Kind
    note: Line = ""


class MergeWrite(Write):
    into: IncidentId
    reason: Annotated[str, Text(300, least=1)]


class GroupWrite(Write):
    title: Annotated[str, Text(200, least=1)]
    coordinator: Id | None = None


class CoordinatorWrite(Write):
    person: Id


@NOUN.get("/links", "incident.read", Page[Link])
def list_links(request: Request, incident: IncidentId) -> Page[Link]:
    """Incidents that this one is tied to, as far as the caller may know of them."""
    links = load(incident, request.act.who).incident.crew.links.values()
    known = known_to(request.act.who, (x.other for x in links))
    return whole(
        Link(incident=x.other, kind=x.kind, note=x.note, linked_at=x.linked_at)
        for x in links
        if x.other in known
    )


@NOUN.put("/links/{other}", "incident.act")
def link_incident(request: Request, incident: IncidentId, other: IncidentId, body: LinkWrite) -> None:
    """Tie two incidents; both say so."""
    acts.link(request.act, incident, other, body.kind, body.note)


@NOUN.delete("/links/{other}/{kind}", "incident.act")
def unlink_incident(request: Request, incident: IncidentId, other: IncidentId, kind: Kind) -> None:
    """Take a tie back."""
    acts.unlink(request.act, incident, other, kind)


@NOUN.put("/merge", "incident.act")
def merge_incident(request: Request, incident: IncidentId, body: MergeWrite) -> None:
    """This incident ends and goes on as another: alerts, open tasks and people move there."""
    acts.merge(request.act, incident, body.into, body.reason)


@NOUN.put("/group/{group}", "incident.act")
def join_group(request: Request, incident: IncidentId, group: Id) -> None:
    """Put the incident into a group."""
    acts.join_group(request.act, incident, group)


@NOUN.delete("/group", "incident.act")
def leave_group(request: Request, incident: IncidentId) -> None:
    """Take it out again."""
    acts.leave_group(request.act, incident)


@GROUPS.get("", "incident.read", Page[Group])
def list_incident_groups(request: Request) -> Page[Group]:
    """Groups that are open, with their coordinators."""
    rows = list(models.IncidentGroup.objects.filter(ended_at=None)[:100])
    return whole(_group(request, row) for row in rows)


@GROUPS.post("", "incident.act", Group)
def open_incident_group(request: Request, body: GroupWrite) -> Group:
    """Open a group; without a coordinator it is oneself."""
    return _group(request, acts.open_group(request.act, body.title, body.coordinator or ""))


@GROUPS.delete("/{group}", "incident.act")
def close_incident_group(request: Request, group: Id) -> None:
    """Close a group: its incidents stay as they are, in no group."""
    acts.close_group(request.act, group)


@GROUPS.put("/{group}/coordinator", "incident.act", Group)
def coordinate_group(request: Request, group: Id, body: CoordinatorWrite) -> Group:
    """Somebody else coordinates from now on."""
    return _group(request, acts.coordinate(request.act, group, body.person))


@CONFLICTS.get("", "incident.read", Page[Conflict])
def list_person_conflicts(request: Request) -> Page[Conflict]:
    """People whom several open incidents want at once, the worst first."""
    found = acts.conflicts(request.act.who)
    names = request.names.load(c.person_id for c in found)
    return whole(
        Conflict(
            person=names.of(c.person_id),
            exclusive=c.exclusive,
            roles=[HeldRole(incident=i, role=role) for i, role in c.held],
        )
        for c in found
    )


def _group(request: Request, row: models.IncidentGroup) -> Group:
    rows = visible_incidents(request.act.who).filter(group_id=row.id).order_by("number")
    return Group(
        id=row.id,
        title=row.title,
        coordinator=request.names.of(row.coordinator),
        opened_at=row.opened_at,
        incidents=list(rows.values_list("id", flat=True)),
    )
