"""The responders' channel and executives in it: they read there and do not write, and may be asked to leave (X-14)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta

from quarterdeck.core.access import Who
from quarterdeck.core.kernel.refused import Refused, forbidden

from .authority import holds_a_role, must_read
from .events import Event
from .events.boundary import BoundaryCrossed
from .events.chat import ExecutiveReadsAlong, RemovedFromChannel
from .guards import not_ended, one_line
from .state import DEPUTY, Incident

REASON_LIMIT, QUOTE_LIMIT = 300, 1000
# What the same person writes there within so long is one matter.
REPEAT = timedelta(minutes=5)
WROTE = "wrote in the channel of the responders"


def reads_only(incident: Incident, person: str, account: str) -> bool:
    """Whether somebody in the responders' channel may only read: an executive without a role that acts here."""
    return account == "executive" and not holds_a_role(incident, person)


def may_remove(incident: Incident, by: Who) -> bool:
    """The commander or a deputy."""
    commands = incident.commander is not None and incident.commander.person == by.person
    return commands or any(a.person == by.person for a in incident.holders(DEPUTY))


def remove(
    incident: Incident, by: Who, *, channel: str, person: str, name: str, reason: str = ""
) -> list[Event]:
    """Somebody without a role leaves the responders' channel; it is written down who had them leave."""
    must_read(incident, by)
    not_ended(incident)
    if not may_remove(incident, by):
        raise forbidden("channel.remove", "Only the commander or a deputy removes somebody. Ask them.")
    if person and holds_a_role(incident, person):
        raise Refused(
            "channel.role", f"{name} holds a role here and belongs in the channel. Release them first."
        )
    return [RemovedFromChannel(channel, person, name, one_line(reason, "reason", REASON_LIMIT))]


def read_along(incident: Incident, *, channel: str, kept: bool, why: str = "") -> list[Event]:
    """An executive is there. `kept` says that the chat program keeps them from writing, `why` why it does not."""
    return [] if incident.has_ended else [ExecutiveReadsAlong(channel, kept, why)]


def wrote(incident: Incident, now: datetime, *, crossing_id: str, person: str, text: str) -> list[Event]:
    """An executive wrote where they may only read: a boundary event, once for what is said in one go."""
    if incident.has_ended or holds_a_role(incident, person):
        return []
    said = [c for c in incident.boundary.crossings.values() if c.person == person and c.what == WROTE]
    if any(c.at + REPEAT > now for c in said):
        return []
    return [BoundaryCrossed(crossing_id, "off_channel", WROTE, text.strip()[:QUOTE_LIMIT], person)]


def boundary_word(why: str) -> str:
    """Why a chat program does not keep somebody from writing, in words."""
    return _WHY.get(why, f"it answered {why}") if why else ""


_WHY: Mapping[str, str] = {
    "too_many": "too many people are in the channel",
    "unsupported": "it knows no such right",
}
