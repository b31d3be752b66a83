"""Events of communication: update clocks, messages from draft to sent, posts on status pages."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime


@dataclass(frozen=True, slots=True)
class ClockStarted:
    """Starts the update clock of an audience, or gives a running one a new interval. `stage` is one of `cadence`."""

    audience: str
    every_seconds: int
    next_due: datetime
    owner_role: str = ""
    stage: str = ""
    remind_seconds: int = 0
    grace_seconds: int = 300
    reason: str = ""


@dataclass(frozen=True, slots=True)
class ClockReset:
    audience: str
    next_due: datetime
    message_id: str = ""
    stage: str = ""


@dataclass(frozen=True, slots=True)
class ClockReminded:
    """The update is due soon; the owner of the clock hears of it once for each promised time."""

    audience: str
    due: datetime
    owner_role: str = ""


@dataclass(frozen=True, slots=True)
class ClockOverdue:
    """`level` 1: the owner of the clock is told; 2: the commander is told."""

    audience: str
    level: int
    due: datetime | None = None


@dataclass(frozen=True, slots=True)
class ClockStopped:
    audience: str
    reason: str = ""


ClockEvent = ClockStarted | ClockReset | ClockReminded | ClockOverdue | ClockStopped


@dataclass(frozen=True, slots=True)
class MessageDrafted:
    """`phase` is the incident's phase the text speaks about; `components` maps component id -> state.

    `agreed`: the locked wording is untouched; `corrects` is the id of the sent message that this one puts right.
    `sender_identity` is who it speaks as: "" the organisation, executive (`sender_person` says which), or a role.
    """

    message_id: str
    audience: str
    phase: str
    headline: str
    body: str = ""
    customer_effect: str = ""
    action: str = ""
    next_update_at: datetime | None = None
    final: bool = False
    status_word: str = ""
    components: dict[str, str] = field(default_factory=dict)
    pages: tuple[str, ...] = ()
    agreed: bool = False
    corrects: str = ""
    prompts: tuple[str, ...] = ()
    sender_identity: str = ""
    sender_person: str = ""


@dataclass(frozen=True, slots=True)
class MessageEdited:
    """The whole content again; nothing is merged."""

    message_id: str
    audience: str
    phase: str
    headline: str
    body: str = ""
    customer_effect: str = ""
    action: str = ""
    next_update_at: datetime | None = None
    final: bool = False
    status_word: str = ""
    components: dict[str, str] = field(default_factory=dict)
    pages: tuple[str, ...] = ()
    agreed: bool = False
    corrects: str = ""
    prompts: tuple[str, ...] = ()
    sender_identity: str = ""
    sender_person: str = ""


@dataclass(frozen=True, slots=True)
class MessageReleased:
    """`content_hash` says which text was released. `broke_glass` is the reason to pass over `skipped`, "" as a rule;
    `override` why it may go with the faults `overridden`. `preapproved` is the key of the agreed
    acknowledgement that was sent as it stands. `spoken_by` is the person in whose name it goes, "" the organisation's.
    """

    message_id: str
    content_hash: str
    audience: str = ""
    headline: str = ""
    broke_glass: str = ""
    skipped: tuple[str, ...] = ()
    override: str = ""
    overridden: tuple[str, ...] = ()
    preapproved: str = ""
    sender_identity: str = ""
    spoken_by: str = ""


@dataclass(frozen=True, slots=True)
class MessageSent:
    message_id: str
    recipients: int = 0
    pages: int = 0
    audience: str = ""
    headline: str = ""


@dataclass(frozen=True, slots=True)
class MessageSuperseded:
    message_id: str
    reason: str = ""
    audience: str = ""
    headline: str = ""


@dataclass(frozen=True, slots=True)
class PageUpdatePosted:
    update_id: str
    message_id: str
    page: str
    status_word: str
    body: str
    components: dict[str, str] = field(default_factory=dict)


MessageEvent = (
    MessageDrafted | MessageEdited | MessageReleased | MessageSent | MessageSuperseded | PageUpdatePosted
)
