"""Who is in an incident's channel and who is missing: invited, told twice, then the commander hears of it (R-205). And
what was said there and marked by somebody becomes part of the record.
"""

from __future__ import annotations

from contextlib import suppress
from datetime import datetime, timedelta

from quarterdeck.channels import slack_text
from quarterdeck.core.incidents import Incident, chat
from quarterdeck.core.incidents import events as ev
from quarterdeck.core.incidents.events.chat import NotInChannel
from quarterdeck.core.incidents.structure import Template
from quarterdeck.core.kernel.refused import Refused
from quarterdeck.core.kernel.text import clean, line
from quarterdeck.store import models
from quarterdeck.store.ids import new_id

from .. import casebook
from ..act import act_of, engine_act
from ..comms.links import incident_url
from ..incidents import crew_notices
from ..paging.callouts import Request, call, default_expiry
from ..paging.directory import Directory
from . import channel_steps, chat_rules
from .channel_steps import ask, under_way

# How often it is looked who is there: while somebody is missing, while nobody is, and once it is resolved.
MISSING, ALL_HERE, RESOLVED = timedelta(minutes=1), timedelta(minutes=5), timedelta(minutes=30)
NO_ID = "No confirmed Slack id is among their contacts, so nobody can invite them."


def look(
    row: models.IncidentChannel, incident: Incident, template: Template, directory: Directory
) -> tuple[list[ev.Event], datetime]:
    """Invite who belongs there, tell who is missing; what to append, and when to look again."""
    now = directory.now
    people = chat.belongs(incident)
    members = _members(row, list(people))
    _invite(row, [m for p, m in members.items() if p in people], now)
    events: list[ev.Event] = []
    moments: list[datetime] = []
    away = False
    patience = chat_rules.rule_of(incident.type).patience(incident.severity)
    for person, since in people.items():
        member = members[person]
        if member.here:
            _came(member)
            continue
        away = away or bool(member.member)
        begun = max(since, row.opened_at or since)
        next_at = chat.told_next(begun, patience, member.told)
        # Whoever came a moment ago must not be told that they are missing: only a fresh look counts.
        seen = not member.member or (row.looked_at is not None and row.looked_at >= (next_at or now))
        if next_at is not None and next_at <= now and seen and incident.is_open:
            events.append(_tell(member, incident, begun, directory))
            next_at = chat.told_next(begun, patience, member.told)
        if next_at is not None and next_at > now:
            moments.append(next_at)
    pace = RESOLVED if not incident.is_open else MISSING if away else ALL_HERE
    due_at = (row.looked_at or row.opened_at or now) + (pace if row.looked_at else timedelta(0))
    if due_at <= now:
        if not under_way(row, "look"):
            _ask_who(row, now)
        due_at = now + pace
    return events, max(min([*moments, due_at]), now + timedelta(seconds=1))


def _ask_who(row: models.IncidentChannel, now: datetime) -> None:
    rows = models.ChannelMember.objects.filter(incident_id=row.incident_id).exclude(member="")
    known = [m for m, person, name in rows.values_list("member", "person_id", "name") if person or name]
    ask(row, "look", now, known=[*known, row.own_member])


def _members(row: models.IncidentChannel, people: list[str]) -> dict[str, models.ChannelMember]:
    """Of each of these people their row; made where there is none, with their id there as far as it is known."""
    rows = models.ChannelMember.objects.filter(incident_id=row.incident_id, person_id__in=people)
    found = {m.person_id: m for m in rows}
    unknown = [p for p in people if p not in found or not found[p].member]
    ids = channel_steps.members_of(row.program, unknown) if unknown else {}
    strangers = models.ChannelMember.objects.filter(incident_id=row.incident_id, member__in=ids.values())
    by_member = {m.member: m for m in strangers}
    for person in unknown:
        member = ids.get(person, "")
        here = by_member.get(member) if member else None
        if here is not None and person not in found:
            # Seen there before it was known who it is.
            here.person_id = person
            here.save(update_fields=["person_id"])
            found[person] = here
        elif person not in found:
            found[person] = models.ChannelMember.objects.create(
                id=f"{row.incident_id}:{person}", incident_id=row.incident_id, person_id=person, member=member,
                error="" if member else NO_ID,
            )  # fmt: skip
        elif member and here is None:
            found[person].member, found[person].error = member, ""
            found[person].save(update_fields=["member", "error"])
    return found


def _invite(row: models.IncidentChannel, members: list[models.ChannelMember], now: datetime) -> None:
    """Once each. Who left is not fetched back, but told."""
    wanted = [m for m in members if m.member and not m.here and m.invited_at is None]
    if not wanted:
        return
    models.ChannelMember.objects.filter(id__in=[m.id for m in wanted]).update(invited_at=now)
    ask(row, "invite", now, members=[m.member for m in wanted])


def _came(member: models.ChannelMember) -> None:
    if member.told:
        member.told, member.told_since = 0, None
        member.save(update_fields=["told", "told_since"])


def _tell(
    member: models.ChannelMember, incident: Incident, since: datetime, directory: Directory
) -> NotInChannel:
    """To themselves, to themselves again, then to the commander."""
    now = directory.now
    member.told += 1
    member.told_since = since
    member.save(update_fields=["told", "told_since"])
    minutes = int((now - since).total_seconds() // 60)
    name = directory.name(member.person_id)
    own = member.told < chat.TIMES
    commander = incident.commander.person if incident.commander else ""
    whom = member.person_id if own else commander
    subject = (
        f"Join the channel of {incident.key}" if own else f"{name} is not in the channel of {incident.key}"
    )
    why = member.error or f"You hold a role there for {minutes} min and are not in its channel."
    if not own:
        why = (
            member.error
            or f"They were told twice in {minutes} min. Call them, or give their role to somebody else."
        )
    if whom and crew_notices.expects_word(incident, whom):
        call(
            Request(
                person=whom, subject=line(subject, 200), reason=line(why, 300), expires_at=default_expiry(now),
                urgency="low", kind="heads_up", incident_id=incident.key, link=incident_url(incident.key),
            ),
            directory,
        )  # fmt: skip
    return NotInChannel(member.person_id, minutes, member.told)


# -- what was said there


def write_down(incident_id: str, now: datetime) -> None:
    """Messages that were marked and have been fetched become entries, each in the name of whoever wrote it."""
    rows = models.ChatEntry.objects.filter(incident_id=incident_id, state="fetched").order_by("at", "id")
    for entry in rows[:50]:
        person = models.Person.objects.filter(id=entry.chosen_by, is_active=True).first()
        done = False
        if person is not None:
            with suppress(Refused):
                _write(entry, person, now)
                done = True
        models.ChatEntry.objects.filter(id=entry.id).update(state="written" if done else "refused", text="")


def _write(entry: models.ChatEntry, chosen_by: models.Person, now: datetime) -> None:
    channel = models.IncidentChannel.objects.get(incident_id=entry.incident_id)
    author = channel_steps.person_by_member(channel.program, [entry.author]).get(entry.author, "")
    act = act_of(chosen_by.id, chosen_by.role, now, "chat")
    text = clean(slack_text.plain(entry.text), 10_000)
    casebook.change_within(
        act,
        entry.incident_id,
        lambda i, t: chat.bridge(
            i, act.who, entry_id=entry.entry_id, text=text, at=now, said_at=entry.at,
            place=f"#{channel.name}", author=author, guest="" if author else line(entry.name or entry.author, 100),
        ),
    )  # fmt: skip


def edit(entry: models.ChatEntry, place: str, text: str, now: datetime) -> None:
    """The message was edited there; inside the caller's transaction, the incident locked."""
    new = new_id()

    def decide(incident: Incident, template: Template) -> list[ev.Event]:
        return chat.edited(
            incident, entry_id=new, supersedes=entry.entry_id, text=clean(text, 10_000), place=place
        )

    case = casebook.change_within(engine_act(now), entry.incident_id, decide)
    if new in case.incident.entries:
        models.ChatEntry.objects.filter(id=entry.id).update(entry_id=new)
