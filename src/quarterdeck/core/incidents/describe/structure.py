"""The sentence of a change of structure."""

from __future__ import annotations

from ..events.structure import StructureChanged
from .line import Said, Teller


def structure(event: StructureChanged, tell: Teller) -> Said:
    if event.template == event.previous:
        title = f"{tell.who} took version {event.version} of the structure {event.title}"
    else:
        title = f"{tell.who} changed the structure to {event.title}"
    lines = [
        f"{tell.names(event.people.get(key, ''))}: {tell.titles(event.was.get(key, ''))} goes on as {tell.titles(to)}"
        for key, to in event.moved.items()
    ]
    return Said("structure", "key", title, "\n".join([event.reason, *lines]))
