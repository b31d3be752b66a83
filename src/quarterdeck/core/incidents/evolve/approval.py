"""How the way of a message to its release changes the incident."""

from __future__ import annotations

from dataclasses import replace
from typing import assert_never

from ..approval import Reminder, StandIn, Verdict, place
from ..events import Stamped
from ..events.approval import (
    ApprovalEvent,
    CountersignLate,
    MessageCountersigned,
    MessageJudged,
    MessageStepLate,
    MessageStepPassed,
    MessageSubmitted,
)
from ..state import Incident
from .fold import change, put


def approval(state: Incident, stamped: Stamped, event: ApprovalEvent) -> Incident:
    match event:
        case MessageSubmitted():
            return _submitted(state, stamped, event)
        case MessageJudged():
            key = place(event.message_id, event.step, event.role)
            verdict = Verdict(
                key, event.message_id, event.step, event.role, event.verdict, event.content_hash,
                stamped.actor, stamped.at, event.text, event.ticked,
            )  # fmt: skip
            return _with(state, verdicts=put(state.approval.verdicts, key, verdict))
        case MessageStepLate():
            key = place(event.message_id, event.step, event.role)
            reminder = Reminder(key, event.message_id, event.level, stamped.at)
            return _with(state, reminders=put(state.approval.reminders, key, reminder))
        case MessageStepPassed():
            key = f"{place(event.message_id, event.step, event.role)}:{event.person}"
            stand_in = StandIn(
                key, event.message_id, event.step, event.role, event.person, event.reason, stamped.at
            )
            return _with(state, stand_ins=put(state.approval.stand_ins, key, stand_in))
        case MessageCountersigned():
            return _message(
                state,
                event.message_id,
                countersigned_by=stamped.actor,
                countersigned_at=stamped.at,
                countersigned=event.verdict,
                countersigned_text=event.text,
            )
        case CountersignLate():
            return _message(state, event.message_id, countersign_late=True)
        case _:
            assert_never(event)


def _submitted(state: Incident, stamped: Stamped, event: MessageSubmitted) -> Incident:
    """Whoever was pressed about another text is asked afresh."""
    kept = {k: r for k, r in state.approval.reminders.items() if r.message != event.message_id}
    asked = _message(
        state, event.message_id, state="in_review", submitted_by=stamped.actor, submitted_at=stamped.at
    )
    return _with(asked, reminders=kept)


def _with(state: Incident, /, **values: object) -> Incident:
    return replace(state, approval=replace(state.approval, **values))  # type: ignore[arg-type]


def _message(state: Incident, message_id: str, /, **values: object) -> Incident:
    return replace(state, messages=change(state.messages, message_id, **values))
