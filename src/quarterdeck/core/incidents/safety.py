"""Safety stops: who may halt work, what stands still until it is cleared, and who may clear it (R-167)."""

from __future__ import annotations

from quarterdeck.core.access import Who
from quarterdeck.core.kernel.refused import Refused, bad, forbidden

from .authority import act, may
from .crew import SafetyStop
from .events import Event, SafetyCleared, SafetyStopped
from .guards import filled, known, not_ended
from .state import Incident
from .structure import Template

WHAT = ("everything", "task", "workstream")


def stop(
    incident: Incident, by: Who, *, stop_id: str, reason: str, what: str = "everything", subject: str = ""
) -> list[Event]:
    """Whoever acts in the incident may halt what is dangerous; clearing it takes more. [] when it stands already."""
    not_ended(incident)
    act(incident, by)
    if what not in WHAT:
        raise bad("stop.what", f"There is no stop of {what!r}. Choose one of: {', '.join(WHAT)}.")
    if stop_id in incident.crew.stops or any(
        (s.what, s.subject) == (what, subject) for s in incident.crew.open_stops()
    ):
        return []
    why = filled(reason, "reason", "Say what the danger is; everybody reads it.")
    return [SafetyStopped(stop_id, what, subject, _title(incident, what, subject), why)]


def clear(incident: Incident, template: Template, by: Who, *, stop_id: str, clearance: str) -> list[Event]:
    """Work goes on. By the safety officer where there is one, else by who ordered the stop or the commander."""
    not_ended(incident)
    found = known(incident.crew.stops.get(stop_id), "stop.unknown", "safety stop")
    if not found.is_open:
        return []
    if not may_clear(incident, template, by, found):
        raise forbidden(
            "stop.clear", "Only the safety officer, the commander or who ordered it clears a stop. Ask them."
        )
    said = filled(clearance, "clearance", "Say what makes it safe now; it is recorded.")
    return [SafetyCleared(stop_id, found.title, said)]


def may_clear(incident: Incident, template: Template, by: Who, stop: SafetyStop) -> bool:
    return may(incident, template, by, "safety.stop") or _ordered_or_commands(incident, stop, by)


def stopping(incident: Incident, task_id: str = "", workstream_id: str = "") -> SafetyStop | None:
    """The stop that holds this piece of work, None when it may go on."""
    for s in incident.crew.open_stops():
        if s.what == "everything" or (s.what, s.subject) in (
            ("task", task_id),
            ("workstream", workstream_id),
        ):
            return s
    return None


def must_not_be_stopped(incident: Incident, task_id: str = "", person: str = "") -> None:
    """Refuses work that a stop holds: its task, the sub-team of the person, or everything."""
    streams = [w.id for w in incident.crew.open_workstreams() if person and person in (w.leader, *w.members)]
    found = next(
        (s for w in streams or [""] for s in [stopping(incident, task_id, w)] if s is not None), None
    )
    if found is not None:
        what = "All work" if found.what == "everything" else f"“{found.title}”"
        raise Refused(
            "safety.stopped",
            f"{what} is stopped for safety: {found.reason} Wait until the stop is cleared.",
            details={"stop": found.id, "by": found.ordered_by},
        )


def _ordered_or_commands(incident: Incident, found: SafetyStop, by: Who) -> bool:
    commander = incident.commander
    return by.person == found.ordered_by or bool(commander and commander.person == by.person)


def _title(incident: Incident, what: str, subject: str) -> str:
    if what == "everything":
        return ""
    if what == "task":
        return known(incident.tasks.get(subject), "task.unknown", "task").title
    return known(incident.crew.workstreams.get(subject), "workstream.unknown", "workstream").title
