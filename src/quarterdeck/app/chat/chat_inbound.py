"""What a chat program reports: who came and went, what was marked or edited, where else an incident is spoken of.

Each report counts once. Nothing that is said there is carried out; a text is text. Whoever calls has checked that the
chat program really sent it.
"""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

from django.db.models import QuerySet

from quarterdeck.channels import slack_text
from quarterdeck.core.incidents import chat
from quarterdeck.core.incidents.events.chat import SpokenElsewhere
from quarterdeck.core.kernel.refused import Refused
from quarterdeck.core.kernel.text import clean
from quarterdeck.store import log, models, tx
from quarterdeck.store.ids import new_id

from .. import casebook, due
from ..act import engine_act
from ..paging.directory import Directory
from . import channel_people, channel_steps, room_rights
from .channel_steps import ask

# Marks that make a message an entry.
MARKS = frozenset({"pushpin", "round_pushpin"})
# One note about another channel in this time: a talk is not told sentence by sentence.
QUIET = timedelta(minutes=30)
MOST_NAMED = 5
KEEP = timedelta(days=7)
_SPOKEN = frozenset({"", "thread_broadcast", "file_share", "me_message"})
_GONE = frozenset({"channel_archive", "group_archive", "channel_deleted", "group_deleted"})


def take(event_id: str, event: Mapping[str, Any], now: datetime) -> bool:
    """Deal with one report; False when it was dealt with before. Safe to be told again after an error."""
    with tx.write("engine", "web"):
        _, new = models.ChatReport.objects.get_or_create(id=f"slack:{event_id}"[:120], defaults={"at": now})
        if new:
            handle = _HANDLERS.get(_word(event, "type"))
            if handle is not None:
                handle(event, now)
        return new


def once(key: str, now: datetime) -> bool:
    """Whether this is the first time; inside the caller's transaction."""
    _, new = models.ChatReport.objects.get_or_create(id=key[:120], defaults={"at": now})
    return new


def tidy(now: datetime) -> None:
    """Forget reports that no chat program sends again."""
    old = models.ChatReport.objects.filter(at__lt=now - KEEP)
    if old.exists():
        with tx.write():
            old.delete()


def incident_of_room(room: str) -> str:
    """The incident whose channel this is; "" for any other."""
    rows = models.IncidentChannel.objects.filter(room=room) if room else models.IncidentChannel.objects.none()
    return rows.values_list("incident_id", flat=True).first() or ""


def _word(event: Mapping[str, Any], name: str) -> str:
    value = event.get(name)
    return clean(value)[:40] if isinstance(value, str) else ""


def _channel(room: str) -> models.IncidentChannel | None:
    return models.IncidentChannel.objects.filter(room=room).first() if room else None


def _message(event: Mapping[str, Any], now: datetime) -> None:
    subtype = _word(event, "subtype")
    if subtype == "message_changed":
        _edited(event, now)
    elif subtype in _SPOKEN and not event.get("bot_id"):
        _elsewhere(event, now)
        _written(event, now)


def _written(event: Mapping[str, Any], now: datetime) -> None:
    """Words in an incident's own channel: of those who only read there they are noted."""
    channel, text = _channel(_word(event, "channel")), event.get("text")
    if channel is not None and isinstance(text, str) and _word(event, "user"):
        room_rights.wrote(channel, _word(event, "user"), slack_text.plain(text), now)


def _elsewhere(event: Mapping[str, Any], now: datetime) -> None:
    """A note in the war room of each open incident that was named in a channel that is not its own."""
    room, text = _word(event, "channel"), event.get("text")
    if not isinstance(text, str) or "inc" not in text.lower():
        return
    named = sorted(chat.numbers_in(slack_text.plain(text)))[:MOST_NAMED]
    own = _channel(room)
    rows = models.IncidentRow.objects.filter(number__in=named, is_open=True, drill=False)
    for incident_id in rows.order_by("number").values_list("id", flat=True):
        if own is None or own.incident_id != incident_id:
            _note(incident_id, own, event, now)


def _note(
    incident_id: str, own: models.IncidentChannel | None, event: Mapping[str, Any], now: datetime
) -> None:
    key = f"elsewhere:{incident_id}:{_word(event, 'channel')}"
    said = models.ChatReport.objects.filter(id=key).first()
    if said is not None and said.at > now - QUIET:
        return
    models.ChatReport.objects.update_or_create(id=key, defaults={"at": now})
    person = channel_steps.person_by_member("slack", [_word(event, "user")]).get(_word(event, "user"), "")
    by = Directory(now).name(person) if person else ""
    # That there is another incident's private channel, not all who read this one may know.
    hidden = own is not None and own.private
    link = "" if hidden else _link(_word(event, "channel"), _word(event, "ts"))
    found = SpokenElsewhere(own.name if own is not None and not hidden else "", link, by)
    log.lock_incident(incident_id)
    casebook.change_within(engine_act(now), incident_id, lambda i, t: [] if i.has_ended else [found])


def _link(room: str, stamp: str) -> str:
    """Where a message stands, on the web."""
    known = models.IncidentChannel.objects.exclude(url="").values_list("url", flat=True).first()
    where = urlsplit(known or "")
    if not where.netloc or not room.isalnum() or not stamp.replace(".", "").isdigit():
        return ""
    return f"https://{where.netloc}/archives/{room}/p{stamp.replace('.', '')}"


def _edited(event: Mapping[str, Any], now: datetime) -> None:
    message = event.get("message")
    if not isinstance(message, Mapping):
        return
    entry = _entry(_word(event, "channel"), _word(message, "ts")).filter(state="written").first()
    text, channel = message.get("text"), _channel(_word(event, "channel"))
    if entry is None or channel is None or not isinstance(text, str):
        return
    log.lock_incident(entry.incident_id)
    with suppress(Refused):
        channel_people.edit(entry, f"#{channel.name}", slack_text.plain(text), now)


def _entry(room: str, stamp: str) -> QuerySet[models.ChatEntry]:
    return models.ChatEntry.objects.filter(id=f"{room}/{stamp}"[:80])


def _reaction(event: Mapping[str, Any], now: datetime) -> None:
    item = event.get("item")
    if _word(event, "reaction") in MARKS and isinstance(item, Mapping):
        _marked(_word(item, "channel"), _word(item, "ts"), _word(event, "user"), now)


def _pinned(event: Mapping[str, Any], now: datetime) -> None:
    item = event.get("item")
    message = item.get("message") if isinstance(item, Mapping) else None
    if isinstance(message, Mapping):
        _marked(_word(event, "channel_id"), _word(message, "ts"), _word(event, "user"), now)


def _marked(room: str, stamp: str, member: str, now: datetime) -> None:
    """The engine fetches the message; the entry follows. Only who is known here chooses what is kept."""
    channel = _channel(room)
    person = channel_steps.person_by_member("slack", [member]).get(member, "")
    said_at = _moment(stamp)
    if channel is None or not person or said_at is None or said_at > now + timedelta(minutes=5):
        return
    _, new = models.ChatEntry.objects.get_or_create(
        id=f"{room}/{stamp}"[:80],
        defaults={
            "incident_id": channel.incident_id, "entry_id": new_id(), "chosen_by": person, "at": said_at,
        },
    )  # fmt: skip
    if new:
        ask(channel, "fetch", now, stamp=stamp)


def _moment(stamp: str) -> datetime | None:
    whole, _, rest = stamp.partition(".")
    if not (whole.isascii() and whole.isdigit() and len(whole) <= 11 and (not rest or rest.isdigit())):
        return None
    return datetime.fromtimestamp(int(whole), UTC)


def _came(event: Mapping[str, Any], now: datetime) -> None:
    _moved(event, now, here=True)


def _went(event: Mapping[str, Any], now: datetime) -> None:
    _moved(event, now, here=False)


def _moved(event: Mapping[str, Any], now: datetime, *, here: bool) -> None:
    channel, member = _channel(_word(event, "channel")), _word(event, "user")
    if channel is None or not member or member == channel.own_member:
        return
    rows = models.ChannelMember.objects.filter(incident_id=channel.incident_id, member=member)
    if not rows.update(here=here, **({"error": ""} if here else {})) and here:
        person = channel_steps.person_by_member("slack", [member]).get(member, "")
        models.ChannelMember.objects.get_or_create(
            id=f"{channel.incident_id}:{member}"[:120],
            defaults={
                "incident_id": channel.incident_id,
                "person_id": person,
                "member": member,
                "here": True,
            },
        )
    due.arm(channel_steps.KIND, channel.incident_id, now, now)


def _gone(event: Mapping[str, Any], now: datetime) -> None:
    """Somebody archived or removed it; what this product archives it knows."""
    rows = models.IncidentChannel.objects.filter(room=_word(event, "channel"), state="open").exclude(room="")
    for channel in rows.select_for_update():
        channel.state, channel.error = "by_hand", ""
        channel.save(update_fields=["state", "error"])
        due.arm(channel_steps.KIND, channel.incident_id, now, now)


_HANDLERS = {
    "message": _message, "reaction_added": _reaction, "pin_added": _pinned, "member_joined_channel": _came,
    "member_left_channel": _went, **dict.fromkeys(_GONE, _gone),
}  # fmt: skip
