"""Sentences about consent to speak in somebody's name."""

from __future__ import annotations

from typing import assert_never

from ..events.consent import ConsentAsked, ConsentEvent, ConsentGiven, ConsentWithdrawn
from .line import Said, Teller


def consent(event: ConsentEvent, tell: Teller) -> Said:
    to = f"the message to {tell.titles(event.audience)}" if event.audience else "a message"
    match event:
        case ConsentAsked():
            title = f"{tell.name(event.person)} is asked to lend their name to {to}"
            return Said("message", "system", title, event.headline)
        case ConsentGiven():
            return Said("message", "entry", f"{tell.who} lends their name to {to}", event.headline)
        case ConsentWithdrawn(stopped=True):
            title = f"{tell.who} took back their name; {to} goes to nobody else"
            return Said("message", "key", title, event.reason or event.headline)
        case ConsentWithdrawn():
            title = f"{tell.who} took back their name from {to}"
            return Said("message", "key", title, event.reason or event.headline)
        case _:
            assert_never(event)
