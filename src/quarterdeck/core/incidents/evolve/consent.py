"""How consent to speak in somebody's name changes the incident."""

from __future__ import annotations

from dataclasses import replace
from typing import assert_never

from ..approval import Consent
from ..events import Stamped
from ..events.consent import ConsentAsked, ConsentEvent, ConsentGiven, ConsentWithdrawn
from ..state import Incident
from .fold import change, put


def consent(state: Incident, stamped: Stamped, event: ConsentEvent) -> Incident:
    approval, key = state.approval, event.message_id
    match event:
        case ConsentAsked():
            asked = Consent(
                key, key, event.person, event.sender_identity, event.content_hash, "asked", stamped.at
            )
            consents = put(approval.consents, key, asked)
        case ConsentGiven():
            given = Consent(
                key, key, stamped.actor, event.sender_identity, event.content_hash, "given", stamped.at, event.via
            )  # fmt: skip
            consents = put(approval.consents, key, given)
        case ConsentWithdrawn():
            consents = change(approval.consents, key, state="withdrawn", at=stamped.at, reason=event.reason)
        case _:
            assert_never(event)
    return replace(state, approval=replace(approval, consents=consents))
