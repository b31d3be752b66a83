"""How a second look at a text and the steps after release change the incident."""

from __future__ import annotations

from dataclasses import replace
from typing import assert_never

from ..approval import StepDone, place
from ..events import Stamped
from ..events.message_steps import (
    MessageStepDone,
    MessageStepEvent,
    MessageStillRight,
    PromptsTicked,
)
from ..stale import snapshot
from ..state import Incident
from .fold import change, put


def message_step(state: Incident, stamped: Stamped, event: MessageStepEvent) -> Incident:
    match event:
        case MessageStillRight():
            return _message(state, event.message_id, facts=snapshot(state))
        case PromptsTicked():
            return _message(state, event.message_id, prompts=event.prompts)
        case MessageStepDone():
            key = place(event.message_id, event.step, event.role)
            done = StepDone(
                key, event.message_id, event.step, event.role, stamped.actor, stamped.at, event.proof
            )
            approval = replace(state.approval, done=put(state.approval.done, key, done))
            return replace(state, approval=approval)
        case _:
            assert_never(event)


def _message(state: Incident, message_id: str, /, **values: object) -> Incident:
    return replace(state, messages=change(state.messages, message_id, **values))
