"""Events of the forms of an ICS incident: words people wrote into a block, and what was approved and so frozen."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class FormFilled:
    """The whole text of one block; "" empties it. `subject` names whose form it is, where there are several."""

    form: str
    period_id: str
    subject: str
    block: str
    text: str
    label: str = ""


@dataclass(frozen=True, slots=True)
class FormApproved:
    """`page` is the form as it was approved, whole, as canonical JSON; `content_hash` is SHA-256 over that text."""

    approval_id: str
    form: str
    period_id: str
    subject: str
    version: int
    content_hash: str
    page: str = ""
    position: str = ""


@dataclass(frozen=True, slots=True)
class PlanApproved:
    """An Incident Action Plan, whole, as canonical JSON."""

    approval_id: str
    period_id: str
    version: int
    content_hash: str
    plan: str = ""
    number: int = 0


FormEvent = FormFilled | FormApproved | PlanApproved
