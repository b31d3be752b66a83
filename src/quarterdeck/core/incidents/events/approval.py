"""Events of a message on its way to release: handed in, looked at, approved or objected to, passed on."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class MessageSubmitted:
    """The text with this hash is ready to be looked at; what was said about another text counts no more."""

    message_id: str
    content_hash: str
    audience: str = ""
    headline: str = ""


@dataclass(frozen=True, slots=True)
class MessageJudged:
    """`step` is review or approve, `verdict` ok, suggestion or objection; `ticked` are the guidelines that were
    looked at. It counts for exactly the text with this hash.
    """

    message_id: str
    step: str
    role: str
    verdict: str
    content_hash: str
    text: str = ""
    ticked: tuple[str, ...] = ()
    audience: str = ""
    headline: str = ""


@dataclass(frozen=True, slots=True)
class MessageStepLate:
    """`level` 1: whoever is asked is reminded; from 2 on, each time the next backup is called."""

    message_id: str
    step: str
    role: str
    level: int
    audience: str = ""
    headline: str = ""


@dataclass(frozen=True, slots=True)
class MessageStepPassed:
    """This person may answer in that role too, for this message only."""

    message_id: str
    step: str
    role: str
    person: str
    reason: str = ""
    audience: str = ""
    headline: str = ""


@dataclass(frozen=True, slots=True)
class MessageCountersigned:
    """A second person looked at what was released past its chain."""

    message_id: str
    content_hash: str
    verdict: str
    text: str = ""
    audience: str = ""
    headline: str = ""


@dataclass(frozen=True, slots=True)
class CountersignLate:
    """Nobody has countersigned within the hour; said once."""

    message_id: str
    audience: str = ""
    headline: str = ""


ApprovalEvent = (
    MessageSubmitted
    | MessageJudged
    | MessageStepLate
    | MessageStepPassed
    | MessageCountersigned
    | CountersignLate
)
