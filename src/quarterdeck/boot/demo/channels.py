"""The story's chat: from now on incidents get a channel, which stays on this machine; somebody has left it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from quarterdeck.app.chat import chat_inbound, chat_rules
from quarterdeck.store import models

if TYPE_CHECKING:
    from .live import Router


def open_channels(telling: Router) -> None:
    """Every incident that is declared from here on gets one."""
    act = telling.act(telling.me)
    chat_rules.put(act, "", wanted="public", program="console", restricted="private")


def leave_channel(telling: Router, name: str) -> None:
    """Somebody who has a role is not there any more: the war room lists them, and they are told."""
    channel = models.IncidentChannel.objects.get(incident_id=telling.id)
    person = telling.corvane.people[name]
    member = models.ChannelMember.objects.get(incident_id=telling.id, person_id=person)
    event = {"type": "member_left_channel", "channel": channel.room, "user": member.member}
    chat_inbound.take(f"demo-{member.member}", event, telling.stage.now)
