"""Sentences of the channel: opened, ended, who is missing in it, and where else the incident is spoken of."""

from __future__ import annotations

from typing import assert_never

from ..events import chat as ev
from .line import Said, Teller

_TOLD = {1: "Told them.", 2: "Told them again.", 3: "Told the commander."}


def chat(event: ev.ChatEvent, tell: Teller) -> Said:
    match event:
        case ev.ChannelOpened():
            return Said("channel", "entry", f"The channel #{event.name} was opened in {event.program}")
        case ev.ChannelEnded():
            how = (
                f"was archived or removed in {event.program} by hand"
                if event.how == "by_hand"
                else "was archived"
            )
            return Said("channel", "entry", f"The channel #{event.name} {how}")
        case ev.NotInChannel():
            title = (
                f"{tell.name(event.person)} is not in the channel, {event.minutes} min after taking a role"
            )
            return Said("channel", "entry", title, _TOLD.get(event.time, ""))
        case ev.SpokenElsewhere():
            where = f"the channel #{event.place}" if event.place else "another channel"
            by = f" by {event.by}" if event.by else ""
            return Said("channel", "entry", f"This incident is spoken of in {where}{by}", event.url)
        case _:
            assert_never(event)
