"""Handing a message in, judging it, passing a step on, countersigning. The rules are in core.incidents.chain."""

from __future__ import annotations

from quarterdeck.core.incidents import chain
from quarterdeck.core.kernel.text import clean, line

from .. import casebook
from ..act import Act
from ..casebook import Case
from ..paging.directory import must_be_active


def submit(act: Act, incident_id: str, message_id: str, text_hash: str) -> Case:
    """Ask those who review exactly this text."""
    return casebook.change(
        act,
        incident_id,
        lambda i, t: chain.submit(i, t, act.who, message_id=message_id, text_hash=text_hash, at=act.at),
    )


def judge(
    act: Act,
    incident_id: str,
    message_id: str,
    *,
    step: str,
    role: str,
    verdict: str,
    text_hash: str,
    text: str = "",
    ticked: tuple[str, ...] = (),
) -> Case:
    """ok, suggestion or objection of one role about exactly this text."""
    return casebook.change(
        act,
        incident_id,
        lambda i, t: chain.judge(
            i, t, act.who, message_id=message_id, step=step, role=role, verdict=verdict, text_hash=text_hash,
            at=act.at, text=clean(text, chain.TEXT_LIMIT), ticked=ticked,
        ),
    )  # fmt: skip


def pass_on(
    act: Act, incident_id: str, message_id: str, *, step: str, role: str, person: str, reason: str = ""
) -> Case:
    """Let somebody else answer in one's role for this message."""
    must_be_active(person, "person")
    return casebook.change(
        act,
        incident_id,
        lambda i, t: chain.pass_on(
            i, t, act.who, message_id=message_id, step=step, role=role, person=person, at=act.at,
            reason=line(reason, 300),
        ),
    )  # fmt: skip


def countersign(act: Act, incident_id: str, message_id: str, verdict: str, text: str = "") -> Case:
    """The second look at a message that was released past its chain."""
    return casebook.change(
        act,
        incident_id,
        lambda i, t: chain.countersign(
            i, t, act.who, message_id=message_id, verdict=verdict, text=clean(text, chain.TEXT_LIMIT)
        ),
    )
