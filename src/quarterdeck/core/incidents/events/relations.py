"""Events of an incident's ties to others: links, groups, and merging."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class IncidentLinked:
    """`kind` is what `other` is to this incident: parent, child, related."""

    other: str
    kind: str
    note: str = ""


@dataclass(frozen=True, slots=True)
class IncidentUnlinked:
    other: str
    kind: str
    reason: str = ""


@dataclass(frozen=True, slots=True)
class GroupJoined:
    group: str
    title: str = ""


@dataclass(frozen=True, slots=True)
class GroupLeft:
    group: str
    title: str = ""


@dataclass(frozen=True, slots=True)
class MergedFrom:
    """Another incident turned out to be this one; its open work was taken on here."""

    other: str
    title: str = ""
    reason: str = ""


@dataclass(frozen=True, slots=True)
class MergedInto:
    """This incident is part of `other`: it ends here and goes on there."""

    other: str
    title: str = ""
    reason: str = ""


RelationEvent = IncidentLinked | IncidentUnlinked | GroupJoined | GroupLeft | MergedFrom | MergedInto
