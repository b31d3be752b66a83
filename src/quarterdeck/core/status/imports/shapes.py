"""What was found on a page of another product, in our words, before anything is decided."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from quarterdeck.core.status.words import ComponentState


@dataclass(frozen=True, slots=True)
class FoundComponent:
    """`id` is the other product's. A component that was there before has what it showed, by the source's own words."""

    id: str
    name: str
    group: str = ""
    description: str = ""
    position: int = 0
    state: ComponentState = "operational"


@dataclass(frozen=True, slots=True)
class FoundPost:
    """One update. `incident` and `id` are the other product's; `components` are its ids and their states."""

    id: str
    incident: str
    title: str
    status_word: str
    body: str
    at: datetime
    components: Mapping[str, ComponentState] = field(default_factory=dict)
    impact: str = ""
    started_at: datetime | None = None
    scheduled_for: datetime | None = None
    scheduled_until: datetime | None = None


@dataclass(frozen=True, slots=True)
class FoundSubscriber:
    """`components` are the other product's ids; none means all."""

    kind: str  # email | sms | webhook
    address: str
    components: tuple[str, ...] = ()
    confirmed: bool = True


@dataclass(frozen=True, slots=True)
class Cannot:
    """Something that is not taken, and why."""

    kind: str
    what: str
    why: str


@dataclass(frozen=True, slots=True)
class Found:
    product: str
    title: str = ""
    zone: str = ""
    components: tuple[FoundComponent, ...] = ()
    posts: tuple[FoundPost, ...] = ()
    subscribers: tuple[FoundSubscriber, ...] = ()
    cannot: tuple[Cannot, ...] = ()
