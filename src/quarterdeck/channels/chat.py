"""Writes into a room of Slack, Mattermost, Rocket.Chat or Discord, through the room's incoming webhook.

Make an incoming webhook in the chat program and put its address under a name of yours in `rooms`; that name is the
address here. Anybody who knows the webhook's address may write into the room, so it is kept like a password. For
Discord add `/slack` to the address it gives you. Names such as @channel that stand in an alert ring nobody.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from quarterdeck.core.kernel.refused import bad

from . import rendering
from .answers import judge, unreached
from .deadlines import MESSAGE_SECONDS, PAGE_SECONDS
from .graphemes import fit
from .guard import refuse_drill
from .outcome import GaveUp, Outcome, Outgoing
from .safe_http import SafeClient, Unreached

KIND = "chat"
NAME = "Chat room"
# Slack cuts a text at 40,000 characters, Mattermost at 16,383, Discord refuses more than 2,000.
MOST = 1_900
_ROOM = re.compile(r"^[\w.#-]{1,80}$")
_MARKS = re.compile(r"([\\`*_{}\[\]()#+!|<>~])")


@dataclass(frozen=True, slots=True)
class Settings:
    """Room names and the addresses of their incoming webhooks; how the chat program reads text."""

    rooms: dict[str, str] = field(
        default_factory=dict, repr=False, metadata={"label": "Rooms", "secret": True}
    )
    format: Literal["slack", "markdown"] = field(default="slack", metadata={"label": "Text format"})

    def __post_init__(self) -> None:
        for name, url in self.rooms.items():
            if not _ROOM.match(name):
                raise bad("chat.rooms", "A room's name has letters, digits, '.', '#', '-' or '_' only.")
            if not rendering.is_web_link(url):
                raise bad("chat.rooms", f"The room {name} needs the whole address of its incoming webhook.")


def check_address(to: str) -> str:
    """The name of a room. Raises Refused."""
    room = to.strip()
    if not _ROOM.match(room):
        raise bad("chat.room", "A room's name has letters, digits, '.', '#', '-' or '_' only.")
    return room


def render(outgoing: Outgoing, text_format: str = "slack") -> dict[str, Any]:
    """The JSON that incoming webhooks of all of them take. Text from outside rings nobody, and hides no address behind
    other words.
    """
    parts = [rendering.title(outgoing), outgoing.text.strip()]
    parts.append("\n".join(f"{label}: {value}" for label, value in rendering.facts(outgoing)))
    link = f"\n{outgoing.link_label}: {outgoing.link}" if rendering.is_web_link(outgoing.link) else ""
    words = _fitted("\n".join(p for p in parts if p), text_format, MOST - len(link))
    return {"text": f"{words}{link}"}


def _fitted(text: str, text_format: str, most: int) -> str:
    """As much of it as fits once it is escaped, which makes a character into as many as five: a room refuses what is
    longer, and all that stands beside it.
    """
    room = most
    while len(found := escape(fit(text, room), text_format)) > most:
        room -= (len(found) - most) // 5 + 1
    return found


def escape(text: str, text_format: str) -> str:
    """Plain text as the chat program shows it unchanged. A character nobody sees parts each @ from what follows: what
    counts as a mention differs, and Mattermost finds one in "x.@channel".
    """
    calm = text.replace("@", "@\u200b")
    if text_format == "slack":
        return calm.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    return _MARKS.sub(r"\\\1", calm)


def send(outgoing: Outgoing, settings: Settings, http: SafeClient) -> Outcome:
    """One message. Incoming webhooks cannot recognise repeats, so an unclear end may show it twice."""
    refusal = refuse_drill(outgoing, room=True)
    if refusal is not None:
        return refusal
    rooms: Mapping[str, str] = settings.rooms
    url = rooms.get(check_address(outgoing.to))
    if url is None:
        return GaveUp(f"There is no room {outgoing.to} in the settings. Add it under [channels.chat.rooms].")
    limit = PAGE_SECONDS if outgoing.kind == "page" else MESSAGE_SECONDS
    try:
        reply = http.post_json(url, render(outgoing, settings.format), headers={}, deadline_seconds=limit)
    except Unreached as failed:
        return unreached(failed, "The chat room")
    return judge(reply, "The chat room")
