"""Every form there is, in the order of its number, and which of them an incident's structure offers."""

from __future__ import annotations

from quarterdeck.core.kernel.refused import missing

from . import f201, f202, f203, f204, f205, f206, f207, f208, f209, f211, f213, f214, f215, f221, f230, f234
from .shapes import Form

_ALL = (
    f201.FORM, f202.FORM, f203.FORM, f204.FORM, f205.FORM, f205.LIST, f206.FORM, f207.FORM, f208.FORM, f209.FORM,
    f211.STATUS, f211.FORM, f213.FORM, f213.REQUEST, f214.FORM, f215.FORM, f215.SAFETY, f221.FORM,
    f230.SCHEDULE, f230.SUMMARY, f230.ACTIONS, f234.FORM,
)  # fmt: skip
FORMS: dict[str, Form] = {f.key: f for f in _ALL}
# What any other structure uses: the briefing at a handover, the chart, logs, open actions.
ELSEWHERE = ("201", "207", "214", "233")
# The Incident Action Plan in its order (after the cover, ICS 200).
PLAN = ("202", "203", "204", "205", "206", "208", "207")
# Known numbers that are not produced: support vehicles and air operations.
NOT_PRODUCED = {"218": "Support Vehicle/Equipment Inventory", "220": "Air Operations Summary"}


def offered(template: str) -> tuple[str, ...]:
    """The forms of incidents of a structure."""
    return tuple(FORMS) if template == "ics" else ELSEWHERE


def form(key: str, template: str) -> Form:
    """The form. Refuses what there is not, or not in this structure."""
    if key in NOT_PRODUCED:
        raise missing("form.not_produced", f"ICS {key} ({NOT_PRODUCED[key]}) is not produced here.")
    if key not in offered(template):
        raise missing(
            "form.unknown", f"This incident offers the forms {', '.join(offered(template))}. Choose one."
        )
    return FORMS[key]
