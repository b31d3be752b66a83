"""What is done with a message beside its reviews: looked at again, carried out, confirmed; and its versions."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from quarterdeck.core.incidents import content_hash, distribution, second_look
from quarterdeck.core.incidents import events as ev
from quarterdeck.core.incidents.content import Content
from quarterdeck.core.kernel.text import clean, line
from quarterdeck.store import codec, log

from .. import casebook
from ..act import Act
from ..casebook import Case


@dataclass(frozen=True, slots=True)
class Version:
    """One text of a message: its number from 1, who wrote it and when, and the text."""

    number: int
    person: str
    at: datetime
    content: Content
    content_hash: str


def carry_out(act: Act, incident_id: str, message_id: str, step: str, proof: str) -> Case:
    """Distributed, or confirmed, with a proof."""
    said = clean(proof, distribution.PROOF_LIMIT + 1)
    return casebook.change(
        act,
        incident_id,
        lambda i, t: distribution.carry_out(
            i, t, act.who, message_id=message_id, step=step, proof=said, at=act.at
        ),
    )


def still_right(act: Act, incident_id: str, message_id: str, reason: str) -> Case:
    """The facts moved; the text stands all the same."""
    return casebook.change(
        act,
        incident_id,
        lambda i, t: second_look.still_right(i, t, act.who, message_id=message_id, reason=line(reason, 300)),
    )


def versions(incident_id: str, message_id: str) -> Sequence[Version]:
    """Every text of a message as the log has it, oldest first. The caller has checked who may see it."""
    found: list[Version] = []
    for entry in log.read(incident_id):
        if entry.kind in ("MessageDrafted", "MessageEdited"):
            event = codec.decode(entry).event
            if isinstance(event, ev.MessageDrafted | ev.MessageEdited) and event.message_id == message_id:
                c = Content(
                    event.audience, event.headline, event.body, event.customer_effect, event.action,
                    event.next_update_at, event.final, event.status_word, event.components, event.pages,
                    sender_identity=event.sender_identity, sender_person=event.sender_person,
                )  # fmt: skip
                found.append(Version(len(found) + 1, entry.actor, entry.at, c, content_hash(c)))
    return found
