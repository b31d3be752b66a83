"""The sentences of what is shared with other organisations, and of what they are asked and answer."""

from __future__ import annotations

from typing import assert_never

from ..events import outside as ev
from .line import Said, Teller

_ANSWERS = {"yes": "said yes to", "partly": "said yes in part to", "no": "said no to"}


def outside(event: ev.OutsideEvent, tell: Teller) -> Said:
    match event:
        case ev.EntryShared():
            how = "shared an entry with guests" if event.shared else "shares an entry with guests no longer"
            return Said("share", "system", f"{tell.who} {how}")
        case ev.AgencyListed():
            said = (
                ("Represented by", event.representative),
                ("Offers", event.offers),
                ("Limits", event.limits),
            )
            text = "\n".join(f"{label}: {value}" for label, value in said if value)
            return Said("agency", "entry", f"{tell.who} listed the agency {event.name}", text)
        case ev.AgencyLeft():
            return Said("agency", "entry", f"{tell.who} noted that {event.name} left", event.reason)
        case ev.AgencyAsked():
            return Said("agency", "entry", f"{tell.who} asked {event.name}", event.text)
        case ev.AgencyAnswered():
            how = _ANSWERS.get(event.answer, "answered")
            return Said("agency", "entry", f"{tell.who} {how} what {event.name} was asked", event.reply)
        case _:
            assert_never(event)
