"""Events of an incident's channel in a chat program. What people say there is part of the record, not of these."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class ChannelOpened:
    """The incident's own channel stands in `program`, such as Slack."""

    program: str
    name: str
    url: str = ""


@dataclass(frozen=True, slots=True)
class ChannelEnded:
    """`how`: archived (by its timer), by_hand (somebody archived or removed it there)."""

    program: str
    name: str
    how: str = "archived"


@dataclass(frozen=True, slots=True)
class NotInChannel:
    """Somebody holds a role and is not in the channel. `time` counts: 1 and 2 were told to them, 3 to the commander."""

    person: str
    minutes: int
    time: int = 1


@dataclass(frozen=True, slots=True)
class SpokenElsewhere:
    """Somebody named this incident in another channel. `by` is their name, as far as it is known."""

    place: str
    url: str = ""
    by: str = ""


@dataclass(frozen=True, slots=True)
class ChannelBack:
    """The incident goes on, and so does its channel."""

    program: str
    name: str


@dataclass(frozen=True, slots=True)
class ExecutiveReadsAlong:
    """An executive is in the responders' channel. `kept`: the chat program keeps them from writing; else `why` not."""

    name: str
    kept: bool
    why: str = ""


@dataclass(frozen=True, slots=True)
class RemovedFromChannel:
    """The commander or a deputy had somebody leave. `person` "" for who has no account here, known as `who`."""

    name: str
    person: str
    who: str
    reason: str = ""


ChatEvent = (
    ChannelOpened
    | ChannelEnded
    | ChannelBack
    | NotInChannel
    | SpokenElsewhere
    | ExecutiveReadsAlong
    | RemovedFromChannel
)
