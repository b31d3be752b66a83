"""Words people write into forms, and the approval that freezes a form or a whole plan."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from typing import Any

from quarterdeck.core.access import Who
from quarterdeck.core.kernel.chain import canonical
from quarterdeck.core.kernel.refused import Refused

from ..authority import act
from ..events import Event
from ..events.ics_forms import FormApproved, FormFilled, PlanApproved
from ..guards import not_ended, unfit
from ..state import COMMANDER, Incident
from ..structure import Template
from ..unified import must_agree
from . import rights
from .parts import fill_key

BLOCK_LIMIT = 20_000


def fill_block(
    incident: Incident,
    by: Who,
    *,
    form: str,
    period_id: str,
    subject: str,
    block: str,
    label: str,
    text: str,
    version: int | None = None,
) -> list[Event]:
    """The whole text of a block. `version` is the one the writer saw: an older one is a conflict."""
    not_ended(incident)
    act(incident, by)
    if len(text) > BLOCK_LIMIT:
        message = f"The text has {len(text)} characters; {BLOCK_LIMIT} fit. Shorten it."
        raise unfit("text.long", "text", message)
    before = incident.ics.fills.get(fill_key(form, period_id, subject, block))
    if (before.text if before else "") == text.strip():
        return []
    seen = before.version if before else 0
    if version is not None and version != seen:
        raise Refused(
            "form.version",
            "Somebody else wrote this block meanwhile. Reload the form, compare, and save again.",
            details={"version": str(seen), "text": before.text if before else ""},
        )
    return [FormFilled(form, period_id, subject, block, text.strip(), label)]


def page_hash(page: Mapping[str, Any]) -> str:
    """SHA-256 over the canonical JSON of a page or a plan."""
    return hashlib.sha256(canonical(page).encode()).hexdigest()


def approve_form(
    incident: Incident,
    template: Template,
    by: Who,
    *,
    approval_id: str,
    form: str,
    period_id: str,
    subject: str,
    page: dict[str, Any],
    approvers: tuple[str, ...],
    seen: str = "",
) -> list[Event]:
    """Freeze a form. `seen` is the hash the approver was shown. [] when exactly this was approved already.

    Refused while a required block is empty.
    """
    not_ended(incident)
    position = rights.position(incident, template, by, *approvers)
    lacking = page["missing"]
    if lacking:
        names = "; ".join(f"{b['number']}. {b['label']}" for b in lacking)
        raise Refused("form.missing", f"ICS {form} lacks: {names}. Fill them, then approve.")
    found = page_hash(page)
    if seen and seen != found:
        raise Refused(
            "form.changed", "The form has changed since you looked at it. Read it again, then approve."
        )
    before = incident.ics.approval_of(form, period_id, subject)
    if before is not None and before.content_hash == found:
        return []
    version = before.version + 1 if before else 1
    return [FormApproved(approval_id, form, period_id, subject, version, found, canonical(page), position)]


def approve_plan(
    incident: Incident,
    template: Template,
    by: Who,
    *,
    approval_id: str,
    period_id: str,
    plan: dict[str, Any],
    lacking: tuple[str, ...],
    seen: str = "",
) -> list[Event]:
    """Freeze the Incident Action Plan. By the commander. Refused while a form of it is incomplete, and in a unified
    command while a member has not agreed to an objective (R-162).
    """
    not_ended(incident)
    rights.position(incident, template, by, COMMANDER)
    for objective in incident.ics.of_period(period_id):
        must_agree(incident, objective.text)
    if lacking:
        raise Refused("plan.missing", f"The plan is not complete: {'; '.join(lacking)}.")
    found = page_hash(plan)
    if seen and seen != found:
        raise Refused(
            "plan.changed", "The plan has changed since you looked at it. Read it again, then approve."
        )
    before = incident.ics.plan_of(period_id)
    if before is not None and before.content_hash == found:
        return []
    number = incident.ics.periods[period_id].number
    version = before.version + 1 if before else 1
    return [PlanApproved(approval_id, period_id, version, found, canonical(plan), number)]
