"""Checklist items of the roles, and validation checks per region or component."""

from __future__ import annotations

from quarterdeck.core.access import Who
from quarterdeck.core.kernel.refused import Refused, bad, missing

from .authority import act, authorise
from .eligibility import definition
from .events import CheckFailed, ChecklistDone, ChecklistUndone, CheckPassed, CheckPlanned, Event
from .guards import filled, known, not_ended, one_line
from .parts import Check
from .state import Incident, tick_key
from .structure import ChecklistItem, Template

KINDS = ("region", "component", "service", "other")


def tick(
    incident: Incident, template: Template, by: Who, *, role: str, phase: str, index: int
) -> list[Event]:
    """A checklist item is done. [] when it is ticked already."""
    not_ended(incident)
    act(incident, by)
    item = _item(template, role, phase, index)
    if tick_key(role, phase, index) in incident.ticks:
        return []
    return [ChecklistDone(role, phase, index, item.text)]


def untick(
    incident: Incident, template: Template, by: Who, *, role: str, phase: str, index: int
) -> list[Event]:
    """The item is open again. [] when it is not ticked."""
    not_ended(incident)
    act(incident, by)
    item = _item(template, role, phase, index)
    if tick_key(role, phase, index) not in incident.ticks:
        return []
    return [ChecklistUndone(role, phase, index, item.text)]


def plan_check(
    incident: Incident,
    template: Template,
    by: Who,
    *,
    check_id: str,
    subject: str,
    kind: str = "region",
    service: str = "",
) -> list[Event]:
    """What must be seen to work before the incident can be resolved."""
    not_ended(incident)
    authorise(incident, template, by, "check.plan", "incident.phase")
    subject = one_line(
        filled(subject, "subject", "Say which region or component is checked."), "subject", 200
    )
    if kind not in KINDS:
        raise bad("check.kind", f"There is no kind of check {kind!r}. Choose one of: {', '.join(KINDS)}.")
    if check_id in incident.checks:
        return []
    if any(c.subject.casefold() == subject.casefold() for c in incident.checks.values()):
        raise Refused("check.twice", f"A check of {subject} is planned already. Use that one.")
    return [CheckPlanned(check_id, subject, kind, service)]


def pass_check(
    incident: Incident, by: Who, *, check_id: str, note: str = "", firing: tuple[str, ...] = ()
) -> list[Event]:
    """It works there. Refused while an alert of the service it is bound to fires (R-064); `firing` names them."""
    check = _check(incident, by, check_id)
    if check.service and firing:
        raise Refused(
            "check.alert_firing",
            f"“{firing[0]}” still fires, and this check follows the alerts of {check.service}. "
            "Wait until they are over, or close them.",
        )
    if check.state == "passed" and check.note == note.strip():
        return []
    return [CheckPassed(check.id, note.strip(), check.subject)]


def fail_check(incident: Incident, by: Who, *, check_id: str, note: str) -> list[Event]:
    """It does not work there, with what was seen."""
    check = _check(incident, by, check_id)
    note = filled(note, "note", "Say what you saw.")
    if check.state == "failed" and check.note == note:
        return []
    return [CheckFailed(check.id, note, check.subject)]


def _check(incident: Incident, by: Who, check_id: str) -> Check:
    not_ended(incident)
    act(incident, by)
    return known(incident.checks.get(check_id), "check.unknown", "check")


def _item(template: Template, role: str, phase: str, index: int) -> ChecklistItem:
    items = definition(template, role).checklist.get(phase, ())
    if not 0 <= index < len(items):
        raise missing(
            "checklist.unknown", f"The role {role} has no item {index + 1} in {phase}. Reload the page."
        )
    return items[index]
