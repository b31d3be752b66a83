"""What a channel is handed, and the three answers it may give."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any


@dataclass(frozen=True, slots=True)
class Outgoing:
    """One thing to one recipient over one channel. `key` is the same on every retry (at-least-once).

    `link` opens the acknowledgement page (GET shows, POST acts); `thread` groups mails of one incident.
    `facts` are labelled lines in the order to show (a page has all of `rendering.CALLOUT_FACTS`).
    `html` is ready-made and trusted (we render it); every other text is plain and must be escaped per sink.
    `at` is when it was decided (its row was made): the same on every retry, so that signed bodies and mail dates are.
    """

    key: str
    to: str
    subject: str
    text: str
    facts: tuple[tuple[str, str], ...] = ()
    link: str = ""
    link_label: str = "Acknowledge"
    html: str = ""
    thread: str = ""
    urgency: str = "high"
    kind: str = "page"  # page | message | test
    recipient_name: str = ""
    drill: bool = False
    practice: bool = False  # of a drill: a page to one of its own people, who is to be reached, marked
    data: Mapping[str, object] = field(default_factory=dict)
    at: datetime | None = None
    outside: bool = False  # strangers gave the address: what is allowed inside does not count for it


@dataclass(frozen=True, slots=True)
class Sent:
    """The provider accepted it. `told` is what it answered, where the engine goes on with that."""

    provider_id: str = ""
    detail: str = ""
    told: Mapping[str, Any] | None = None


@dataclass(frozen=True, slots=True)
class Retry:
    """Not accepted, or unknown whether it was (`ambiguous`): try again; with `elsewhere`, the person's next contact is
    not to wait for that. `address_only`: it is about this address, and says nothing about the provider.
    """

    why: str
    after_seconds: float | None = None
    ambiguous: bool = False
    elsewhere: bool = False
    address_only: bool = False


@dataclass(frozen=True, slots=True)
class GaveUp:
    """Trying this address again cannot help. `gone`: it will never take anything again, so the contact is at an end.
    `no_mailbox`: the mail server says that nobody has this address.
    """

    why: str
    gone: bool = False
    no_mailbox: bool = False


Outcome = Sent | Retry | GaveUp


@dataclass(frozen=True, slots=True)
class Lacks:
    """What a channel's settings miss: a name `to_send`, a name `to_answer`; `lost` says what does not work without what
    its provider reports back. Empty where nothing is missing or nothing is reported.
    """

    to_send: str = ""
    to_answer: str = ""
    lost: str = ""
