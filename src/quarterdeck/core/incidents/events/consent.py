"""Events of a message in somebody's name: they are asked, they agree to exactly this text, they take it back."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class ConsentAsked:
    """`person` is asked to lend their name, as `sender_identity`, to the text with this hash."""

    message_id: str
    person: str
    content_hash: str
    sender_identity: str
    audience: str = ""
    headline: str = ""


@dataclass(frozen=True, slots=True)
class ConsentGiven:
    """By the person alone, for exactly the text with this hash. `via` is the door they came through."""

    message_id: str
    content_hash: str
    sender_identity: str
    via: str = ""
    audience: str = ""
    headline: str = ""


@dataclass(frozen=True, slots=True)
class ConsentWithdrawn:
    """`stopped`: the message was on its way already, and whoever has not got it does not."""

    message_id: str
    reason: str = ""
    stopped: bool = False
    audience: str = ""
    headline: str = ""


ConsentEvent = ConsentAsked | ConsentGiven | ConsentWithdrawn
