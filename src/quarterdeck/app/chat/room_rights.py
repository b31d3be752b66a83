"""Executives in the responders' channel: kept from writing where the chat program can, noted where it cannot, and asked
to leave by the commander or a deputy.
"""

from __future__ import annotations

from datetime import datetime

from quarterdeck.core.incidents import Event, Incident, rooms
from quarterdeck.core.kernel.refused import Refused, missing
from quarterdeck.core.kernel.text import clean, line
from quarterdeck.store import log, models, tx
from quarterdeck.store.ids import new_id

from .. import casebook
from ..act import Act, engine_act
from . import channel_steps
from .channel_steps import ask, under_way


def keep(row: models.IncidentChannel, incident: Incident, now: datetime) -> list[Event]:
    """Looks who is there; asks for the rights that follow, and says once of each executive that they read along."""
    here = list(models.ChannelMember.objects.filter(incident_id=incident.key, here=True).order_by("id"))
    readers = _readers(incident, [m.person_id for m in here if m.person_id])
    posters = sorted(
        {m.member for m in here if m.member and m.person_id not in readers} | _expected(incident)
    )
    posters = [m for m in posters if m != row.own_member] if readers else []
    new = [p for p in readers if p not in row.readers]
    if posters != row.posters and (new or row.rights != "flagged" or not posters):
        row.posters, row.rights = posters, ""
        row.readers = row.readers if readers else []
        ask(row, "readers", now, posters=[*posters, row.own_member] if readers else [])
        return []
    if under_way(row, "readers") or not row.rights:
        return []
    row.readers = readers
    why = rooms.boundary_word(row.rights_why)
    return [
        event
        for _ in new
        for event in rooms.read_along(incident, channel=row.name, kept=row.rights == "set", why=why)
    ]


def wrote(channel: models.IncidentChannel, member: str, text: str, now: datetime) -> None:
    """Somebody wrote in the channel of an incident: noted where they are an executive without a role there."""
    person = channel_steps.person_by_member(channel.program, [member]).get(member, "")
    account = (
        models.Person.objects.filter(id=person).values_list("role", flat=True).first() if person else None
    )
    if account != "executive":
        return
    log.lock_incident(channel.incident_id)
    casebook.change_within(
        engine_act(now),
        channel.incident_id,
        lambda i, t: rooms.wrote(i, now, crossing_id=new_id(), person=person, text=clean(text, 4000)),
    )


def remove(act: Act, incident_id: str, who: str, reason: str = "") -> None:
    """By the commander or a deputy: `who` is a person, or a member of the chat program, who is there."""
    with tx.write("engine", "web"):
        log.lock_incident(incident_id)
        incident = casebook.load(incident_id, act.who).incident
        if not rooms.may_remove(incident, act.who):
            rooms.remove(incident, act.who, channel="", person="", name="")
        row = models.IncidentChannel.objects.select_for_update().filter(incident_id=incident_id).first()
        if row is None or row.state != "open":
            raise Refused("channel.none", f"{incident_id} has no open channel.")
        there = models.ChannelMember.objects.filter(incident_id=incident_id, here=True).exclude(member="")
        found = there.filter(person_id=who).first() or there.filter(member=who).first() if who else None
        if found is None:
            raise missing("member.unknown", "They are not in the channel, as far as it is known here.")
        name = found.name or found.member
        casebook.change_within(
            act,
            incident_id,
            lambda i, t: rooms.remove(
                i, act.who, channel=row.name, person=found.person_id, name=name, reason=line(reason, 600)
            ),
        )
        ask(row, "kick", act.at, member=found.member)


def _readers(incident: Incident, people: list[str]) -> list[str]:
    """Of these the executives who may only read."""
    rows = models.Person.objects.filter(id__in=people, role="executive").values_list("id", flat=True)
    return sorted(p for p in rows if rooms.reads_only(incident, p, "executive"))


def _expected(incident: Incident) -> set[str]:
    """Who belongs there and may be on their way: they must find that they can write."""
    people = {a.person for a in incident.open_assignments()}
    rows = models.ChannelMember.objects.filter(incident_id=incident.key, person_id__in=people)
    return set(rows.exclude(member="").values_list("member", flat=True))
