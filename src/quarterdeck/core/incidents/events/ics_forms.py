"""Events of the forms of an ICS incident: words people wrote into a block, and what was approved and so frozen."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any


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
    """`page` is the form as it was approved, whole; `content_hash` is SHA-256 over its canonical JSON."""

    approval_id: str
    form: str
    period_id: str
    subject: str
    version: int
    content_hash: str
    page: dict[str, Any] = field(default_factory=dict)
    position: str = ""


@dataclass(frozen=True, slots=True)
class PlanApproved:
    """An Incident Action Plan, whole."""

    approval_id: str
    period_id: str
    version: int
    content_hash: str
    plan: dict[str, Any] = field(default_factory=dict)
    number: int = 0


FormEvent = FormFilled | FormApproved | PlanApproved
