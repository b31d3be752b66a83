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
        case ev.ChannelBack():
            return Said("channel", "entry", f"The channel #{event.name} is open again")
        case ev.ExecutiveReadsAlong():
            title = f"An executive reads along in #{event.name}"
            kept = f"The chat program does not keep them from writing: {event.why}. What they write is noted."
            return Said("channel", "entry", title, "They cannot write there." if event.kept else kept)
        case ev.RemovedFromChannel():
            whom = tell.name(event.person) if event.person else event.who
            return Said("channel", "entry", f"{tell.who} removed {whom} from #{event.name}", event.reason)
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
