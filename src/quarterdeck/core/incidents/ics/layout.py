"""How the work is divided (ICS 204) and over which channels people speak (ICS 205)."""

from __future__ import annotations

from dataclasses import fields

from quarterdeck.core.access import Who
from quarterdeck.core.kernel.refused import Refused

from ..events import Event
from ..events.ics_plan import ChannelDropped, ChannelSet, DivisionClosed, DivisionSet
from ..guards import filled, known, not_ended, one_line, unfit
from ..state import Incident
from ..structure import Template
from . import rights

KINDS = ("branch", "division", "group", "staging", "task_force", "strike_team")


def set_division(
    incident: Incident,
    template: Template,
    by: Who,
    *,
    division_id: str,
    kind: str,
    name: str,
    branch: str = "",
    leader: str = "",
    members: tuple[str, ...] = (),
    channel: str = "",
    place: str = "",
    assignment: str = "",
    special: str = "",
) -> list[Event]:
    """A new division, or a change. `branch` is the id of the branch it belongs to, "" for none."""
    not_ended(incident)
    rights.plan(incident, template, by)
    ics = incident.ics
    if kind not in KINDS:
        raise unfit("kind.unknown", "kind", f"Choose one of: {', '.join(KINDS)}.")
    name = one_line(filled(name, "name", "Name it as people will call it."), "name", 80)
    above = ics.divisions.get(branch) if branch else None
    if branch and (above is None or above.kind != "branch" or branch == division_id):
        raise unfit("branch.unknown", "branch", "Choose a branch of this incident, or none.")
    twins = [w for w in ics.open_divisions() if w.name.casefold() == name.casefold()]
    if any(w.id != division_id for w in twins):
        raise Refused("division.twice", f"There is a division {name} already. Choose another name.")
    made = DivisionSet(
        division_id, kind, name, branch, leader, tuple(dict.fromkeys(members)), channel.strip(), place.strip(),
        assignment.strip(), special.strip(),
    )  # fmt: skip
    before = ics.divisions.get(division_id)
    same = before and all(
        getattr(before, f.name) == getattr(made, f.name) for f in fields(made) if f.name != "division_id"
    )
    return [] if same else [made]


def close_division(
    incident: Incident, template: Template, by: Who, *, division_id: str, reason: str
) -> list[Event]:
    """Its resources must be elsewhere first."""
    not_ended(incident)
    rights.plan(incident, template, by)
    found = known(incident.ics.divisions.get(division_id), "division.unknown", "division")
    if not found.is_open:
        return []
    left = [r.name for r in incident.ics.resources.values() if _works_in(r.status, r.division_id, found.id)]
    if left:
        raise Refused(
            "division.busy",
            f"{', '.join(left[:5])} still work in {found.name}. Move or release them first.",
        )
    return [DivisionClosed(found.id, filled(reason, "reason", "Say why it is closed."), found.name)]


def _works_in(status: str, at: str, division_id: str) -> bool:
    return status == "assigned" and at == division_id


def set_channel(incident: Incident, template: Template, by: Who, *, channel: ChannelSet) -> list[Event]:
    """A line of the communications plan. Radio columns may stay empty."""
    not_ended(incident)
    rights.plan(incident, template, by)
    filled(channel.name, "name", "Name the channel.")
    filled(channel.function, "function", "Say what the channel is for.")
    return [channel]


def drop_channel(incident: Incident, template: Template, by: Who, *, channel_id: str) -> list[Event]:
    not_ended(incident)
    rights.plan(incident, template, by)
    found = incident.ics.channels.get(channel_id)
    return [ChannelDropped(found.id, found.name)] if found else []
