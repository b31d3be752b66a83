"""How ties to other incidents change, and what being merged into one ends."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import assert_never

from .. import crew as parts
from ..events import Stamped
from ..events import relations as ev
from ..state import Incident
from .course import ended
from .fold import drop, put


def relation(state: Incident, stamped: Stamped, event: ev.RelationEvent) -> Incident:
    links = state.crew.links
    match event:
        case ev.IncidentLinked():
            found = _linked(links, event.kind, event.other, event.note, stamped)
            return _tied(state, links=found)
        case ev.IncidentUnlinked():
            return _tied(state, links=drop(links, f"{event.kind}/{event.other}"))
        case ev.GroupJoined():
            return _tied(state, group=event.group)
        case ev.GroupLeft():
            return _tied(state, group="")
        case ev.MergedFrom():
            return _tied(state, links=_linked(links, "merged_from", event.other, event.reason, stamped))
        case ev.MergedInto():
            return _merged(state, stamped, event)
        case _:
            assert_never(event)


def _linked(
    links: Mapping[str, parts.IncidentLink], kind: str, other: str, note: str, stamped: Stamped
) -> Mapping[str, parts.IncidentLink]:
    return put(links, f"{kind}/{other}", parts.IncidentLink(other, kind, note, stamped.at))


def _merged(state: Incident, stamped: Stamped, event: ev.MergedInto) -> Incident:
    """It ends as a closed incident does: every role with it, and no clock runs on."""
    links = _linked(state.crew.links, "merged_into", event.other, event.reason, stamped)
    return ended(_tied(state, links=links), stamped, "merged")


def _tied(state: Incident, **values: object) -> Incident:
    return replace(state, crew=replace(state.crew, **values))  # type: ignore[arg-type]
