"""Steps in an incident's channel as rows of the outbox, and what came of each: kept here, gone on with by a timer.

Nothing of an incident is appended here: whoever records a send holds the outbox, and an incident is locked before it.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from django.db.models import QuerySet

from quarterdeck.channels import console_rooms, slack_rooms
from quarterdeck.channels.outcome import Outgoing, Sent
from quarterdeck.core.kernel.text import line
from quarterdeck.store import models
from quarterdeck.store.ids import new_id

from .. import due

KIND = "channel"
_FIRST = "channel/"
KEEP_TRYING = timedelta(hours=6)
AGAIN = timedelta(minutes=10)
# Slack's words for a channel that is no more.
_GONE = frozenset({"is_archived", "channel_not_found"})
MOST_ATTEMPTS = 9
MOST_MEMBERS = 2000


def ask(channel: models.IncidentChannel, step: str, now: datetime, **said: Any) -> None:
    """Have a step done, inside the caller's transaction. Of topics and looks not yet begun only the newest counts."""
    data = {"step": step, "room": channel.room, **said}
    body = {
        "subject": f"{step} #{channel.name}",
        "kind": "message",
        "urgency": "low",
        "data": {slack_rooms.STEP: data},
    }
    waiting = _waiting(channel, step).filter(attempts=0).first() if step in ("card", "look") else None
    if waiting is not None:
        waiting.body = body
        waiting.save(update_fields=["body"])
        return
    key = new_id()
    models.Delivery.objects.create(
        id=key, key=f"{_FIRST}{channel.incident_id}/{step}/{key}", cls="message", channel=channel.program,
        address=channel.room or channel.name, body=body, next_at=now, not_after=now + KEEP_TRYING, created_at=now,
    )  # fmt: skip


def under_way(channel: models.IncidentChannel, step: str) -> bool:
    return _waiting(channel, step, ("queued", "sending")).exists()


def _waiting(
    channel: models.IncidentChannel, step: str, states: tuple[str, ...] = ("queued",)
) -> QuerySet[models.Delivery]:
    first = f"{_FIRST}{channel.incident_id}/{step}/"
    return models.Delivery.objects.filter(key__gte=first, key__lt=f"{first}~", state__in=states)


def _of(row: models.Delivery) -> tuple[models.IncidentChannel | None, Mapping[str, Any]]:
    """The channel a step belongs to, and what was asked for. (A row may have been loaded without its body.)"""
    if not row.key.startswith(_FIRST):
        return None, {}
    incident_id = row.key.split("/")[1]
    found = models.IncidentChannel.objects.select_for_update().filter(incident_id=incident_id).first()
    return found, row.body["data"][slack_rooms.STEP]


def answered(row: models.Delivery, told: Mapping[str, Any] | None, now: datetime) -> None:
    """A step was done."""
    channel, asked = _of(row)
    if channel is None or told is None:
        return
    channel.error, channel.retry_at = "", None
    _KEEP[asked["step"]](channel, asked, told, now)
    channel.save()
    due.arm(KIND, channel.incident_id, now, now)


def failed(row: models.Delivery, why: str, now: datetime) -> None:
    """A step is given up: why stands on Health and in the war room, and it is tried again later by itself."""
    channel, asked = _of(row)
    if channel is None:
        return
    code = slack_rooms.code_of(why)
    if asked["step"] in ("readers", "kick"):
        channel.error = line(why, 300)
        channel.rights = "flagged" if asked["step"] == "readers" else channel.rights
    elif code in _GONE and channel.state in ("open", "archiving"):
        channel.state, channel.error = "by_hand" if channel.state == "open" else "archived", ""
    else:
        channel.error = line(why, 300)
        channel.retry_at = now + AGAIN
        channel.state = "failed" if asked["step"] == "open" else channel.state
    channel.save()
    due.arm(KIND, channel.incident_id, channel.retry_at or now, now)


def play_along(now: datetime) -> None:
    """Answer the steps that wait on the console at once, as an engine would have: for a story that is laid out."""
    rows = models.Delivery.objects.filter(
        key__gte=_FIRST, key__lt=f"{_FIRST}~", state="queued", next_at__lte=now
    )
    for row in rows.filter(channel=console_rooms.PROGRAM).order_by("id"):
        outcome = console_rooms.act(Outgoing(row.key, row.address, "", "", data=row.body["data"]))
        answered(row, outcome.told if isinstance(outcome, Sent) else None, now)


def begin_anew(channel: models.IncidentChannel, now: datetime) -> None:
    """Another channel in the place of one that is gone; it is asked for by its timer."""
    _next_name(channel)
    channel.created_at = now
    channel.save()
    models.ChannelMember.objects.filter(incident_id=channel.incident_id).delete()
    due.arm(KIND, channel.incident_id, now, now)


def _next_name(channel: models.IncidentChannel) -> None:
    channel.attempt += 1
    channel.state, channel.room, channel.url, channel.topic, channel.topic_set = "opening", "", "", "", ""
    channel.name, channel.error, channel.retry_at = "", "", None
    channel.said_open, channel.said_end, channel.archive_at = False, "", None


def _opened(channel: models.IncidentChannel, asked: Any, told: Mapping[str, Any], now: datetime) -> None:
    if told.get("taken"):
        if channel.attempt >= MOST_ATTEMPTS:
            channel.error, channel.state = (
                "Every name that was tried is taken. Choose another prefix.",
                "failed",
            )
            channel.retry_at = now + AGAIN
        else:
            _next_name(channel)
        return
    channel.room, channel.name = str(told["room"])[:40], str(told["name"])[:80]
    channel.url, channel.own_member = str(told["url"])[:2000], str(told["own"])[:40]
    channel.state, channel.opened_at = "open", now


def _described(channel: models.IncidentChannel, asked: Any, told: Mapping[str, Any], now: datetime) -> None:
    channel.topic_set = str(told["topic"])[:300]
    if told.get("lacks"):
        channel.error = line(f"Set the topic; not allowed besides: {', '.join(told['lacks'])}", 300)


def _invited(channel: models.IncidentChannel, asked: Any, told: Mapping[str, Any], now: datetime) -> None:
    for member, why in told["invited"].items():
        rows = models.ChannelMember.objects.filter(incident_id=channel.incident_id, member=member)
        rows.update(invited_at=now, error=why[:200], **({} if why else {"here": True}))


def _seen(channel: models.IncidentChannel, asked: Any, told: Mapping[str, Any], now: datetime) -> None:
    """Who is there now. Whoever is not known here is kept by their name there."""
    channel.looked_at = now
    if told["members"] is None:
        return
    here = [m for m in told["members"] if m != channel.own_member][:MOST_MEMBERS]
    rows = models.ChannelMember.objects.filter(incident_id=channel.incident_id)
    rows.exclude(member__in=here).update(here=False)
    rows.filter(member__in=here).update(here=True, error="")
    known = set(rows.values_list("member", flat=True))
    people = person_by_member(channel.program, [m for m in here if m not in known])
    for member, person in people.items():
        # Who was waited for before their id was known.
        if rows.filter(person_id=person, member="").update(member=member, here=True, error=""):
            known.add(member)
    made = [
        models.ChannelMember(
            id=f"{channel.incident_id}:{m}"[:120], incident_id=channel.incident_id, person_id=people.get(m, ""),
            member=m, name=str(told["names"].get(m, ""))[:200], here=True,
        )
        for m in here
        if m not in known
    ]  # fmt: skip
    models.ChannelMember.objects.bulk_create(made, ignore_conflicts=True)
    for member, name in told["names"].items():
        rows.filter(member=member, name="").update(name=str(name)[:200])


def _fetched(channel: models.IncidentChannel, asked: Any, told: Mapping[str, Any], now: datetime) -> None:
    """A message that was marked; the timer writes it into the incident."""
    rows = models.ChatEntry.objects.filter(id=f"{asked['room']}/{asked['stamp']}"[:80], state="wanted")
    rows.update(
        state="fetched", text=str(told["text"])[:20_000], author=str(told.get("user", ""))[:40],
        name=str(told.get("name", ""))[:200],
    )  # fmt: skip


def _rights(channel: models.IncidentChannel, asked: Any, told: Mapping[str, Any], now: datetime) -> None:
    """Whether the chat program keeps those who only read from writing, and why not."""
    channel.rights = "" if not asked["posters"] else "set" if told["set"] else "flagged"
    channel.rights_why = str(told["why"])[:100]


def _gone(channel: models.IncidentChannel, asked: Any, told: Mapping[str, Any], now: datetime) -> None:
    rows = models.ChannelMember.objects.filter(incident_id=channel.incident_id, member=asked["member"])
    rows.update(here=False)


def _back(channel: models.IncidentChannel, asked: Any, told: Mapping[str, Any], now: datetime) -> None:
    """Open again; where the chat program did not let it be, another one takes its place."""
    if told["back"]:
        channel.state, channel.archive_at = "open", None
    else:
        begin_anew(channel, now)


def _archived(channel: models.IncidentChannel, asked: Any, told: Mapping[str, Any], now: datetime) -> None:
    channel.state = "archived"


_KEEP = {
    "open": _opened, "card": _described, "invite": _invited, "look": _seen, "fetch": _fetched, "archive": _archived,
    "readers": _rights, "kick": _gone, "unarchive": _back,
}  # fmt: skip


def person_by_member(program: str, members: list[str]) -> dict[str, str]:
    """Whose these ids are: of people who have confirmed them as a contact, each id of one person alone."""
    rows = models.ContactMethod.objects.filter(kind=program, address__in=members, disabled=False)
    found: dict[str, set[str]] = {}
    for address, person in rows.exclude(verified_at=None).values_list("address", "person_id"):
        found.setdefault(address, set()).add(person)
    return {address: next(iter(people)) for address, people in found.items() if len(people) == 1}


def members_of(program: str, people: list[str]) -> dict[str, str]:
    """Under which id each of these people is known there, where they have confirmed one."""
    rows = models.ContactMethod.objects.filter(kind=program, person_id__in=people, disabled=False)
    rows = rows.exclude(verified_at=None).order_by("-position")
    found = rows.values_list("person_id", "address")
    # A contact in Slack may be a room, too.
    return {person: address for person, address in found if program != "slack" or address[:1] in ("U", "W")}
