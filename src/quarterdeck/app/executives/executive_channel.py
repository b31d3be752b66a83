"""The executives' own channel in a chat program: private, for them and their liaison, apart from the responders'.

Brought to what the incident is now: opened once executives are engaged, where its type gets a channel at all, filled
with those who belong, archived after the end. Nothing said there reaches the incident's record (X-16).
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from quarterdeck.channels import slack_rooms
from quarterdeck.core.incidents import Incident, chat
from quarterdeck.core.incidents.structure import Template
from quarterdeck.core.kernel.text import line
from quarterdeck.store import models
from quarterdeck.store.ids import new_id

from .. import casebook, due
from ..chat import channel_steps, chat_rules
from ..comms import links
from ..paging.directory import Directory
from . import exec_streams
from .executive_channel_steps import FIRST, KIND

_TAIL = "-executives"
KEEP_TRYING = timedelta(hours=6)


def of(incident_id: str) -> models.ExecutiveChannel | None:
    return models.ExecutiveChannel.objects.filter(incident_id=incident_id, state="open").first()


def follow(incident: Incident, template: Template, directory: Directory) -> None:
    """After something happened in the incident, inside the caller's transaction."""
    if incident.drill or not _engaged(incident):
        return
    row = models.ExecutiveChannel.objects.select_for_update().filter(incident_id=incident.key).first()
    if row is None:
        rule = chat_rules.rule_of(incident.type)
        if incident.has_ended or rule.of(incident) == "none":
            return
        row = models.ExecutiveChannel(
            id=new_id(), incident_id=incident.key, program=rule.program, created_at=directory.now
        )
    _bring(row, incident, template, directory)


def fire(incident_id: str, directory: Directory) -> None:
    """Its timer: something came back from the chat program, or time has passed."""
    case = casebook.load(incident_id)
    follow(case.incident, case.template, directory)


def _engaged(incident: Incident) -> bool:
    """Somebody of the executives works in it, or was called for more than to read of it later."""
    work = incident.asks.work
    called = any(e.measure != "digest" for e in incident.asks.engaged.values())
    return called or bool(work.lines or work.tasks or work.words)


def _bring(
    row: models.ExecutiveChannel, incident: Incident, template: Template, directory: Directory
) -> None:
    now = directory.now
    if row.retry_at is not None and row.retry_at > now:
        due.rearm(KIND, incident.key, row.retry_at, now)
        return
    row.retry_at = None
    if row.state == "failed":
        row.state = "opening"
    if row.state == "opening" and not incident.has_ended:
        if not row.name:
            prefix, room = chat_rules.rule_of(incident.type).prefix, chat.NAME_LIMIT - len(_TAIL)
            row.name = chat.channel_name(incident, prefix, row.attempt)[:room].rstrip("-") + _TAIL
        if not _under_way(row, "open"):
            _ask(row, "open", now, name=row.name, private=True, since=row.created_at.timestamp())
    elif row.state == "open":
        _fill(row, incident, template, now)
        _end(row, incident, now)
    elif row.state == "archived" and not incident.has_ended and not _under_way(row, "unarchive"):
        _ask(row, "unarchive", now)
    row.save()


def _fill(row: models.ExecutiveChannel, incident: Incident, template: Template, now: datetime) -> None:
    """The topic, and who belongs there: others are asked to leave."""
    link = f"{links.incident_url(incident.key).rpartition('/incidents/')[0]}/briefs/{incident.key}"
    topic = f"{chat.headline(incident)}, {incident.phase}. Executives and their liaison. Brief: {link}"
    if topic != row.topic:
        row.topic = line(topic, 300)
        _ask(row, "card", now, topic=topic, link=link)
    people = [p.id for p in exec_streams.group(casebook.Case(incident, template))]
    wanted = sorted(set(channel_steps.members_of(row.program, people).values()))
    if new := [m for m in wanted if m not in row.members]:
        _ask(row, "invite", now, members=new)
    for gone in (m for m in row.members if m not in wanted):
        _ask(row, "kick", now, member=gone)
    row.members = wanted


def _end(row: models.ExecutiveChannel, incident: Incident, now: datetime) -> None:
    """A word at the end, then the archive after the days that are set."""
    if not incident.has_ended:
        row.archive_at, row.said_end = None, False
        return
    if row.archive_at is None:
        row.archive_at = now + timedelta(days=chat_rules.rule_of(incident.type).archive_days)
    if not row.said_end:
        row.said_end = True
        text = f"{chat.headline(incident)}: {incident.phase}. Read in the brief what came of it."
        _post(row, text, now)
    if row.archive_at > now:
        due.rearm(KIND, incident.key, row.archive_at, now)
        return
    row.state = "archiving"
    _ask(row, "archive", now)


def _post(row: models.ExecutiveChannel, text: str, now: datetime) -> None:
    body = {"subject": text, "text": "", "kind": "message", "urgency": "low", "thread": row.incident_id}
    models.Delivery.objects.create(
        id=new_id(), key=f"exec-channel-note/{row.incident_id}/{new_id()}", cls="message", channel=row.program,
        address=row.room, body=body, next_at=now, not_after=now + KEEP_TRYING, created_at=now,
    )  # fmt: skip


def _ask(row: models.ExecutiveChannel, step: str, now: datetime, **said: Any) -> None:
    data = {"step": step, "room": row.room, **said}
    body = {
        "subject": f"{step} #{row.name}", "kind": "message", "urgency": "low", "data": {slack_rooms.STEP: data},
    }  # fmt: skip
    key = new_id()
    models.Delivery.objects.create(
        id=key, key=f"{FIRST}{row.incident_id}/{step}/{key}", cls="message", channel=row.program,
        address=row.room or row.name, body=body, next_at=now, not_after=now + KEEP_TRYING, created_at=now,
    )  # fmt: skip


def _under_way(row: models.ExecutiveChannel, step: str) -> bool:
    first = f"{FIRST}{row.incident_id}/{step}/"
    rows = models.Delivery.objects.filter(key__gte=first, key__lt=f"{first}~")
    return rows.filter(state__in=("queued", "sending")).exists()
