"""How incidents hang together: links, groups, and one incident that turns out to be part of another."""

from __future__ import annotations

from collections.abc import Iterator

from quarterdeck.core.access import Who
from quarterdeck.core.kernel.refused import Refused, bad

from .authority import authorise
from .carrying import Arrivals, carried, ending
from .clocks import stopping
from .eligibility import must_not_clash
from .events import (
    AlertLinked,
    Event,
    GroupJoined,
    GroupLeft,
    IncidentLinked,
    IncidentUnlinked,
    MergedFrom,
    MergedInto,
    RoleTaken,
    TaskGiven,
)
from .events.business import RegulatoryStarted, ReportLinked, VendorCaseOpened
from .guards import filled, not_ended
from .parts import RoleAssignment
from .phases import superseding
from .state import COMMANDER, DEPUTY, PASSIVE_ROLES, Incident
from .structure import Template

# What the other incident calls this one.
MIRROR = {"parent": "child", "child": "parent", "related": "related"}


def link(
    incident: Incident, template: Template, by: Who, *, other: Incident, kind: str, note: str = ""
) -> list[Event]:
    """`other` is this incident's parent, child, or related to it. Each child has one parent (R-119)."""
    not_ended(incident)
    authorise(incident, template, by, "incident.phase", "role.assign")
    if kind not in MIRROR:
        raise bad("link.kind", f"There is no link {kind!r}. Choose one of: {', '.join(MIRROR)}.")
    if other.key == incident.key:
        raise bad("link.self", "An incident is not linked to itself. Choose another one.")
    if f"{kind}/{other.key}" in incident.crew.links:
        return []
    tie = next((x for x in incident.crew.links.values() if x.other == other.key), None)
    if tie is not None:
        raise Refused(
            "link.exists", f"{other.key} is linked as {tie.kind} already. Take that link back first."
        )
    above = incident if kind == "parent" else other if kind == "child" else None
    parent = next((x.other for x in above.crew.links.values() if x.kind == "parent"), "") if above else ""
    if above is not None and parent:
        raise Refused(
            "link.parent", f"{above.key} has the parent {parent} already. Take that link back first."
        )
    return [IncidentLinked(other.key, kind, note.strip())]


def unlink(
    incident: Incident, template: Template, by: Who, *, other: str, kind: str, reason: str = ""
) -> list[Event]:
    """Take a link back. A merge is not taken back."""
    authorise(incident, template, by, "incident.phase", "role.assign")
    if kind == "business_response" or (kind == "parent" and other == incident.response.parent):
        raise Refused("link.response", "A business response stays tied to its incident. Resolve it instead.")
    if kind not in MIRROR:
        raise Refused("link.merged", "A merge is not taken back. Declare a new incident instead.")
    found = f"{kind}/{other}" in incident.crew.links
    return [IncidentUnlinked(other, kind, reason.strip())] if found else []


def join_group(incident: Incident, template: Template, by: Who, *, group: str, title: str) -> list[Event]:
    not_ended(incident)
    authorise(incident, template, by, "incident.phase", "role.assign")
    return [] if incident.crew.group == group else [GroupJoined(group, title)]


def leave_group(incident: Incident, template: Template, by: Who, *, title: str = "") -> list[Event]:
    authorise(incident, template, by, "incident.phase", "role.assign")
    return [GroupLeft(incident.crew.group, title)] if incident.crew.group else []


def merge_into(
    incident: Incident, template: Template, by: Who, *, other: Incident, reason: str
) -> list[Event]:
    """This incident is part of `other` and ends here; its record stays (nothing is lost, both say so)."""
    if incident.phase == "merged":
        return []
    not_ended(incident)
    authorise(incident, template, by, "incident.phase")
    if other.key == incident.key:
        raise bad("merge.self", "An incident is not merged into itself. Choose another one.")
    if not other.is_open or not incident.is_open:
        raise Refused("merge.over", "Only open incidents are merged. Link them as related instead.")
    if other.drill != incident.drill:
        raise Refused("merge.drill", "A drill and a real incident are not merged. Close the drill.")
    if incident.restricted and not other.restricted:
        raise Refused(
            "merge.restricted",
            f"{incident.key} is restricted and {other.key} is not: merged, it would be read by all.",
        )
    why = filled(reason, "reason", "Say why both are the same trouble; it is recorded.")
    over = f"the incident was merged into {other.key}"
    return [
        *stopping(incident, over),
        *superseding(incident, over),
        *ending(incident, other),
        MergedInto(other.key, other.title, why),
    ]


def take_in(
    incident: Incident, template: Template, *, other: Incident, reason: str, ids: Iterator[str]
) -> list[Event]:
    """What this incident takes on from one that is merged into it: its alerts, its open tasks, its people, what
    suppliers owe it, what others reported, its legal deadlines from the moment they began there, and all else that is
    open (`carrying`).

    The other commander becomes a deputy for that trouble where the roles allow it; who does not fit observes.
    """
    alerts = [
        AlertLinked(a.alert_id, a.summary, a.dedup_key)
        for a in other.alerts.values()
        if a.alert_id not in incident.alerts
    ]
    renamed = {t.id: next(ids) for t in other.tasks.values() if t.is_open}
    tasks = [
        TaskGiven(renamed[t.id], t.title, t.assignee, t.minutes, t.role_item, t.kind)
        for t in other.tasks.values()
        if t.is_open
    ]
    people = _people(incident, template, other, ids)
    business = [*_deadlines(incident, other), *_cases(other, ids), *_reports(incident, other)]
    acting = {a.person for a in incident.open_assignments() if a.role not in PASSIVE_ROLES}
    acting |= {p.person for p in people if isinstance(p, RoleTaken) and p.role not in PASSIVE_ROLES}
    rest = carried(incident, other, Arrivals(frozenset(acting), renamed), ids)
    return [MergedFrom(other.key, other.title, reason), *alerts, *people, *tasks, *business, *rest]


def _deadlines(incident: Incident, other: Incident) -> list[Event]:
    """The authority counts from when people became aware, in whichever incident that was. What was judged here stays
    judged.
    """
    found: list[Event] = []
    for c in other.business.running_clocks():
        here = incident.business.regulatory.get(c.key)
        if here is None or (here.is_running and c.due_at < here.due_at):
            why = c.why or f"came with {other.key}"
            found.append(
                RegulatoryStarted(
                    c.key, c.title, c.source, c.owner_role, c.owner, c.aware_at, c.due_at, c.reminders, why
                )
            )
    return found


def _cases(other: Incident, ids: Iterator[str]) -> list[Event]:
    """Open cases at suppliers, under their numbers, with what was promised."""
    return [
        VendorCaseOpened(
            next(ids), c.vendor, c.what, c.owner, c.service, c.number, c.contact, c.answer_minutes, c.due_at
        )
        for c in other.business.open_cases()
    ]


def _reports(incident: Incident, other: Incident) -> list[Event]:
    return [
        ReportLinked(r.id, r.source_kind, r.text, r.customer, r.customers)
        for r in other.business.reports.values()
        if r.id not in incident.business.reports
    ]


def _people(incident: Incident, template: Template, other: Incident, ids: Iterator[str]) -> list[Event]:
    here = {a.person for a in incident.open_assignments()}
    found: list[Event] = []
    for a in other.open_assignments():
        if a.person in here:
            continue
        here.add(a.person)
        role = _role_for(incident, template, a)
        domain = other.title if role == DEPUTY else ""
        found.append(
            RoleTaken(next(ids), role, a.person, assigned_by="", reason=f"came with {other.key}",
                      reports_to=_above(template, role), domain=domain)
        )  # fmt: skip
    return found


def _role_for(incident: Incident, template: Template, a: RoleAssignment) -> str:
    wanted = DEPUTY if a.role == COMMANDER else a.role
    card = template.role(wanted)
    if card is None or wanted in PASSIVE_ROLES or card.exclusive or a.mentor:
        return "observer"
    if card.max is not None and len(incident.holders(wanted)) >= card.max:
        return "observer"
    try:
        must_not_clash(incident, template, a.person, wanted)
    except Refused:
        return "observer"
    return wanted


def _above(template: Template, role: str) -> str:
    card = template.role(role)
    return (card.reports_to or "") if card else ""
