"""How words in blocks of forms, and approvals, are kept. An approval is never changed by anything later."""

from __future__ import annotations

from dataclasses import replace
from typing import assert_never

from ..events import Stamped
from ..events.ics_forms import FormApproved, FormEvent, FormFilled, PlanApproved
from ..ics.parts import FormApproval, FormFill, Ics, PlanApproval, fill_key
from .fold import put


def form(state: Ics, stamped: Stamped, event: FormEvent) -> Ics:
    match event:
        case FormFilled():
            return replace(state, fills=_filled(state, stamped, event))
        case FormApproved():
            approval = FormApproval(
                event.approval_id, event.form, event.period_id, event.subject, event.version, event.content_hash,
                event.page, stamped.actor, stamped.at, event.position,
            )  # fmt: skip
            return replace(state, approvals=put(state.approvals, event.approval_id, approval))
        case PlanApproved():
            plan = PlanApproval(
                event.approval_id, event.period_id, event.version, event.content_hash, event.plan,
                stamped.actor, stamped.at,
            )  # fmt: skip
            return replace(state, plans=put(state.plans, event.approval_id, plan))
        case _:
            assert_never(event)


def _filled(state: Ics, stamped: Stamped, event: FormFilled) -> dict[str, FormFill]:
    key = fill_key(event.form, event.period_id, event.subject, event.block)
    before = state.fills.get(key)
    version = before.version + 1 if before else 1
    fill = FormFill(
        event.form, event.period_id, event.subject, event.block, event.text, stamped.actor, stamped.at, version
    )  # fmt: skip
    return {**state.fills, key: fill}
