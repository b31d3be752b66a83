"""Who may approve a maintenance, make it longer, and change a status page with it while an incident is told there."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.conf import settings

from quarterdeck.core.kernel.refused import Refused, forbidden
from quarterdeck.core.status import maintenance_plan as plans
from quarterdeck.store import models

from ..act import Act
from ..status import page_rights
from . import maintenance_notices
from .maintenance_rows import note


def must_publish(act: Act, row: models.MaintenanceWindow, break_glass: str = "") -> None:
    """Refuse somebody else than its status page manager or commander while an incident is told on a page of this
    (R-042). Broken glass stands in the history of the window. Its own timer asks nobody.
    """
    own = models.Component.objects.filter(id__in=row.components).values_list("page_id", flat=True)
    found = (page_rights.must_publish(act, page, break_glass) for page in sorted({*row.pages, *own}))
    for kept in sorted({k for k in found if k}):
        note(row, "glass", act.person, kept, act.at)


def may_approve(act: Act, row: models.MaintenanceWindow) -> str:
    """Why they may approve this one. Refuses whoever may not."""
    able = approver(act, row)
    planners = [p for p in (row.planned_by, row.proposed_by) if p]
    mode = settings.QUARTERDECK.maintenance_approval
    return plans.may_approve(act.person, planners, mode, len(set(able) - set(planners)))


def approver(act: Act, row: models.MaintenanceWindow) -> list[str]:
    able = maintenance_notices.approvers(row)
    if act.person not in able:
        raise forbidden(
            "maintenance.approver",
            "An administrator approves it, or who leads the team of a covered service. Ask one of them.",
        )
    return able


def agreed(act: Act, row: models.MaintenanceWindow) -> bool:
    """Whether their word is enough: they may approve it, or nobody has to here."""
    if settings.QUARTERDECK.maintenance_approval == "none":
        return True
    try:
        may_approve(act, row)
    except Refused:
        return False
    return True


def may_extend(act: Act, row: models.MaintenanceWindow, until: datetime) -> None:
    """Refuse an end so late that somebody has to agree to it who may."""
    longest = max(plans.LONGEST_ALONE, row.planned_end - row.starts_at)
    if until - row.starts_at > longest and not agreed(act, row):
        raise _longer("A maintenance of more than a day is extended")


def asks_again(act: Act, row: models.MaintenanceWindow, lasts: timedelta) -> bool:
    """Whether a move to a span of this length has to be agreed to again. Refuses it where the public knows it already:
    what nobody has agreed to is not announced.
    """
    if lasts <= row.ends_at - row.starts_at or agreed(act, row):
        return False
    if row.announced_at is not None:
        raise _longer("It was announced, and is made longer")
    return True


def _longer(what: str) -> Refused:
    return forbidden(
        "maintenance.longer",
        f"{what} by who may approve it: an administrator, or who leads the team of a covered service. Ask one of them.",
    )
