"""Events beside a message's way to release: looked at again, questions answered, carried to its audience."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class MessageStillRight:
    """The facts have changed since the text was written, and it is right all the same."""

    message_id: str
    reason: str
    audience: str = ""
    headline: str = ""


@dataclass(frozen=True, slots=True)
class PromptsTicked:
    """Which of the four questions the author has answered in the text (R-296)."""

    message_id: str
    prompts: tuple[str, ...] = ()
    audience: str = ""
    headline: str = ""


@dataclass(frozen=True, slots=True)
class MessageStepDone:
    """`step` is distribute or confirm; `proof` says where it can be seen."""

    message_id: str
    step: str
    role: str
    proof: str = ""
    audience: str = ""
    headline: str = ""


MessageStepEvent = MessageStillRight | PromptsTicked | MessageStepDone
