"""What a channel leaves in the state: its address. Who is in it is read where it is, and not kept in the log."""

from __future__ import annotations

from dataclasses import replace

from ..events.chat import ChannelOpened, ChatEvent
from ..state import Incident


def chat(state: Incident, event: ChatEvent) -> Incident:
    if isinstance(event, ChannelOpened):
        return replace(state, chat_url=event.url or state.chat_url)
    return state
