"""An incident's own channel, brought to what the incident is now: opened, described, filled, ended.

Looks at what is wanted and what stands, and asks for the next steps; looking twice asks for nothing twice. Runs inside
the transaction that changed the incident, or by the channel's timer.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from quarterdeck.core.incidents import Incident, Stamped, authority, chat
from quarterdeck.core.incidents import events as ev
from quarterdeck.core.incidents.events.chat import ChannelBack, ChannelEnded, ChannelOpened
from quarterdeck.core.incidents.structure import Template
from quarterdeck.core.kernel.refused import bad
from quarterdeck.store import log, models, tx
from quarterdeck.store.ids import new_id

from .. import casebook, due
from ..act import Act, engine_act
from ..comms.links import incident_url
from ..paging.directory import Directory
from . import channel_people, channel_steps, chat_rules, room_rights
from .channel_steps import KIND, ask, under_way

# What may bring a channel: an incident begins, is found to be of another type, or goes on.
_BEGINS = (ev.Declared, ev.TypeSet, ev.Reopened)
KEEP_TRYING = timedelta(hours=12)


def follow(
    incident: Incident, template: Template, new: Sequence[Stamped], directory: Directory
) -> list[ev.Event]:
    """What follows for the channel from what has just happened; inside the caller's transaction."""
    if incident.drill:
        return []
    row = _held(incident.key)
    if row is None and any(isinstance(s.event, _BEGINS) for s in new):
        row = _wanted(incident, directory.now)
    if row is None:
        return []
    if row.state in ("by_hand", "archived") and any(isinstance(s.event, ev.Reopened) for s in new):
        _bring_back(row, directory.now)
    return _bring(row, incident, template, directory)


def fire(incident_id: str, directory: Directory) -> None:
    """The channel's timer: something came back from the chat program, or time has passed."""
    log.lock_incident_at_once(incident_id)
    channel_people.write_down(incident_id, directory.now)

    def decide(incident: Incident, template: Template) -> list[ev.Event]:
        row = _held(incident_id)
        return [] if row is None else _bring(row, incident, template, directory)

    casebook.change_within(engine_act(directory.now), incident_id, decide)


def open_again(act: Act, incident_id: str) -> models.IncidentChannel:
    """A channel where there is none, or none any more. Takes a role in the incident."""
    with tx.write("engine", "web"):
        log.lock_incident(incident_id)
        case = casebook.load(incident_id, act.who)
        authority.act(case.incident, act.who)
        if case.incident.drill:
            raise bad("channel.drill", "A drill has no channel: it never leaves the building.")
        if case.incident.has_ended:
            raise bad("channel.ended", f"{incident_id} has ended. Reopen it first.")
        row = _held(incident_id)
        if row is None:
            rule = chat_rules.rule_of(case.incident.type)
            kind = rule.of(case.incident)
            if kind == "none":
                message = "No channel is set up for incidents of this type. See Settings, Chat channels."
                raise bad("channel.none", message)
            row = _made(case.incident, kind, rule, act.at)
        elif row.state in ("by_hand", "archived"):
            channel_steps.begin_anew(row, act.at)
        elif row.state == "failed" or row.error:
            row.retry_at = None
            row.save()
        due.rearm(KIND, incident_id, act.at, act.at)
        return row


def _held(incident_id: str) -> models.IncidentChannel | None:
    return models.IncidentChannel.objects.select_for_update().filter(incident_id=incident_id).first()


def _wanted(incident: Incident, now: datetime) -> models.IncidentChannel | None:
    """A new channel, where the rule of its type asks for one and no other chat was given."""
    if incident.has_ended or incident.chat_url:
        return None
    rule = chat_rules.rule_of(incident.type)
    kind = rule.of(incident)
    return _made(incident, kind, rule, now) if kind != "none" else None


def _made(incident: Incident, kind: str, rule: chat.Rule, now: datetime) -> models.IncidentChannel:
    return models.IncidentChannel.objects.create(
        id=new_id(), incident_id=incident.key, program=rule.program, private=kind == "private" or incident.restricted,
        name=chat.channel_name(incident, rule.prefix), created_at=now,
    )  # fmt: skip


def _bring(
    row: models.IncidentChannel, incident: Incident, template: Template, directory: Directory
) -> list[ev.Event]:
    now = directory.now
    if row.retry_at is not None and row.retry_at > now:
        due.rearm(KIND, incident.key, row.retry_at, now)
        return []
    row.retry_at = None
    if row.state == "failed":
        row.state = "opening"
    events: list[ev.Event] = []
    wake: datetime | None = None
    if row.state == "opening" and not incident.has_ended:
        _ask_for_it(row, incident, now)
    elif row.state == "open":
        events, wake = _open(row, incident, template, directory)
    elif row.state in ("by_hand", "archived"):
        events = _gone(row)
    row.save()
    if wake is not None:
        due.rearm(KIND, incident.key, max(wake, now), now)
    return events


def _ask_for_it(row: models.IncidentChannel, incident: Incident, now: datetime) -> None:
    """The name is kept before it is asked for: whoever asks again, after a crash, asks for the same."""
    if not row.name:
        row.name = chat.channel_name(incident, chat_rules.rule_of(incident.type).prefix, row.attempt)
    if not under_way(row, "open"):
        ask(row, "open", now, name=row.name, private=row.private, since=row.created_at.timestamp())


def _open(
    row: models.IncidentChannel, incident: Incident, template: Template, directory: Directory
) -> tuple[list[ev.Event], datetime | None]:
    events: list[ev.Event] = []
    if not row.said_open:
        row.said_open = True
        events.append(ChannelOpened(chat_rules.PROGRAMS[row.program], row.name, row.url))
    _describe(row, incident, template, directory)
    if incident.has_ended:
        return events, _ending(row, incident, directory.now)
    row.archive_at = None
    if row.said_end in ("gone", "over"):
        row.said_end = incident.phase
        events.append(ChannelBack(chat_rules.PROGRAMS[row.program], row.name))
    _resolved(row, incident, directory.now)
    found, wake = channel_people.look(row, incident, template, directory)
    return events + found + room_rights.keep(row, incident, directory.now), wake


def _bring_back(row: models.IncidentChannel, now: datetime) -> None:
    """The incident was reopened: so is its channel, whoever archived it."""
    if not under_way(row, "unarchive"):
        ask(row, "unarchive", now)


def _describe(
    row: models.IncidentChannel, incident: Incident, template: Template, directory: Directory
) -> None:
    """The topic is the contact card, as it is now (R-037)."""
    topic = chat.card(incident, template, directory.name, incident_url(incident.key))
    first = (
        {} if row.topic else {"purpose": f"{chat.headline(incident)}. War room: {incident_url(incident.key)}"}
    )
    lost = row.topic_set != topic and not under_way(row, "card")
    if topic != row.topic or lost:
        row.topic = topic
        ask(row, "card", directory.now, topic=topic, link=incident_url(incident.key), **first)


def _resolved(row: models.IncidentChannel, incident: Incident, now: datetime) -> None:
    """A word when service is back, and one when it was not over after all."""
    if incident.is_open == (row.said_end == ""):
        return
    row.said_end = "" if incident.is_open else incident.phase
    what = "is open again" if incident.is_open else "is resolved"
    text = "" if incident.is_open else _summary(incident)
    _post(row, incident, what, f"{chat.headline(incident)} {what}", text, now)


def _ending(row: models.IncidentChannel, incident: Incident, now: datetime) -> datetime | None:
    """A word about the end, then the archive after the days that are set."""
    if row.archive_at is None:
        row.said_end = incident.phase
        row.archive_at = now + timedelta(days=chat_rules.rule_of(incident.type).archive_days)
        _post(row, incident, "ended", f"{chat.headline(incident)}: {incident.phase}", _summary(incident), now)
    if row.archive_at is not None and row.archive_at > now:
        return row.archive_at
    row.state = "archiving"
    ask(row, "archive", now)
    return None


def _summary(incident: Incident) -> str:
    """What is said at the end; nothing of a restricted incident but where to read it."""
    merged = next((x.other for x in incident.crew.links.values() if x.kind == "merged_into"), "")
    if merged:
        return f"It goes on as {merged}: {incident_url(merged)}"
    if incident.restricted:
        return "Read in the incident what came of it."
    parts = [incident.resolution_summary, f"Cause: {incident.cause}" if incident.cause else ""]
    return "\n".join(p.strip() for p in parts if p.strip())[:2500]


def _gone(row: models.IncidentChannel) -> list[ev.Event]:
    """Said once."""
    if row.said_end not in ("gone", "over"):
        row.said_end = "gone" if row.state == "by_hand" else "over"
        how = "by_hand" if row.state == "by_hand" else "archived"
        return [ChannelEnded(chat_rules.PROGRAMS[row.program], row.name, how)]
    return []


def _post(
    row: models.IncidentChannel, incident: Incident, what: str, subject: str, text: str, now: datetime
) -> None:
    """A message in the channel, once for each thing that happened."""
    body = {
        "subject": subject[:200], "text": text, "link": incident_url(incident.key), "link_label": "War room",
        "kind": "message", "urgency": "low", "thread": incident.key,
    }  # fmt: skip
    models.Delivery.objects.get_or_create(
        key=f"channel-note/{incident.key}/{what}/{incident.seq}",
        defaults={
            "id": new_id(), "cls": "message", "channel": row.program, "address": row.room, "body": body,
            "next_at": now, "not_after": now + KEEP_TRYING, "created_at": now,
        },
    )  # fmt: skip
