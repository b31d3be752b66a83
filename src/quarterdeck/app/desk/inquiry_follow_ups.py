"""Before an incident closes: whoever asked is told how it ended, or somebody said that this is not needed (R-087).

Asked of every incident unless the installation says otherwise; whoever closes it may go on with a reason.
"""

from __future__ import annotations

from django.db.models import QuerySet

from quarterdeck.core.kernel.refused import Refused
from quarterdeck.core.kernel.text import counted
from quarterdeck.store import models

from ..comms import closing_rules


def asked_for() -> bool:
    """Whether closing waits for it: the catalogue says so in closing.toml."""
    return closing_rules.rules().tell_everyone


def waiting(incident_id: str) -> QuerySet[models.Inquiry]:
    """The inquiries of an incident of which nobody has said whether whoever asked is to be told how it ended, and those
    who are still to be told. What was closed without an answer is over.
    """
    rows = models.Inquiry.objects.filter(incident_id=incident_id).exclude(state="closed", answer="")
    return rows.exclude(follow_up__in=("told", "not_needed"))


def must_be_said(incident_id: str, override_reason: str) -> None:
    """Refuses to close while something waits, unless a reason is given to go on."""
    if override_reason.strip() or not asked_for():
        return
    left = waiting(incident_id).filter(follow_up="").count()
    if left:
        message = (
            f"{counted(left, 'inquiry', 'inquiries')} of {incident_id} without a follow-up: say"
            " on the desk whether they are to be told, were told, or need not be. Or give a reason to close anyway."
        )
        raise Refused("inquiry.follow_up", message, kind="conflict")
