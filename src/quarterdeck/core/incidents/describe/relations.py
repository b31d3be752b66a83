"""How ties to other incidents read in the record."""

from __future__ import annotations

from typing import assert_never

from ..events import relations as ev
from .line import Said, Teller, quoted


def relation(event: ev.RelationEvent, tell: Teller) -> Said:
    match event:
        case ev.IncidentLinked():
            title = f"{tell.who} linked {event.other} as {tell.titles(event.kind)}"
            return Said("link", "entry", title, event.note)
        case ev.IncidentUnlinked():
            title = f"{tell.who} took back the link to {event.other} as {tell.titles(event.kind)}"
            return Said("link", "system", title, event.reason)
        case ev.GroupJoined():
            return Said("link", "entry", f"{tell.who} put the incident into the group {quoted(event.title)}")
        case ev.GroupLeft():
            return Said(
                "link", "entry", f"{tell.who} took the incident out of the group {quoted(event.title)}"
            )
        case ev.MergedFrom():
            return Said(
                "link",
                "key",
                f"{tell.who} merged {event.other} {quoted(event.title)} into this one",
                event.reason,
            )
        case ev.MergedInto():
            return Said(
                "link",
                "key",
                f"{tell.who} merged this incident into {event.other} {quoted(event.title)}",
                event.reason,
            )
        case _:
            assert_never(event)
