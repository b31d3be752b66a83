"""An incident in ten lines for whoever joins late: who leads, how bad, what is known, tried and open (R-076).

The same state and the same words heard give the same lines. A topic with nothing to say has no line.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from .describe.line import Names, words
from .eligibility import definition
from .parts import Decision, Task
from .staffing import gaps
from .state import COMMANDER, Incident
from .structure import Template
from .whos_in_charge import Clock, command_line

LINES = 10
_MOST = 3  # of one kind in one line
_LONGEST = 300
FACTS = ("what_we_know", "customer_effect", "cause", "workaround", "next_step")
_UNKNOWN = {"what_we_know": "what we know", "customer_effect": "what customers notice", "cause": "the cause"}


def catch_up(
    incident: Incident,
    template: Template,
    names: Names,
    clock: Clock,
    now: datetime,
    questions: Sequence[str] = (),
) -> tuple[str, ...]:
    """At most ten lines. `names` gives a person's name, `clock` a moment as the reader's time of day; `questions` are
    the hypotheses that stand, the newest last.
    """
    lines = [
        _situation(incident, names, clock),
        _command(incident, template, names, clock),
        _impact(incident),
        _said("Known", incident.what_we_know),
        _said("Cause", incident.cause, "workaround", incident.workaround),
        _tried(incident),
        _now(incident, names, now),
        _decided(incident, clock),
        _next(incident, template, clock, now),
        _open(incident, template, now, questions),
    ]
    return tuple(line for line in lines if line)


def _situation(incident: Incident, names: Names, clock: Clock) -> str:
    rank = f"SEV{incident.severity}" + (" (not confirmed)" if incident.severity_unknown else "")
    since = f" since {clock(incident.phase_since)}" if incident.phase_since else ""
    said = ""
    if incident.declared_at:
        said = f"; declared {clock(incident.declared_at)} by {names(incident.declared_by)}"
    return f"{rank}, {incident.phase}{since}{said}: {incident.title}."


def _command(incident: Incident, template: Template, names: Names, clock: Clock) -> str:
    line = command_line(incident, names, clock, definition(template, COMMANDER).title)
    for h in incident.handovers.values():
        if h.is_open:
            role = template.role(h.role)
            title = role.title if role else words(h.role)
            line += f"; {names(h.from_person)} is handing {title} to {names(h.to_person)} ({h.state})"
    return f"{line}."


def _impact(incident: Incident) -> str:
    harmed = [f"{words(name)} {level}" for name, level in incident.dimensions.items() if level != "none"]
    if incident.customers_affected.strip():
        harmed.append(f"customers affected: {flat(incident.customers_affected)}")
    if incident.customer_effect.strip():
        harmed.append(f"customers notice: {flat(incident.customer_effect)}")
    return f"Impact: {'; '.join(harmed)}." if harmed else ""


def _said(label: str, text: str, also: str = "", more: str = "") -> str:
    """ "Cause: a bad release; workaround: pay by invoice", whichever of the two there is."""
    if text.strip() and more.strip():
        return f"{label}: {flat(text)}; {also}: {flat(more)}"
    if more.strip():
        return f"{also.capitalize()}: {flat(more)}"
    return f"{label}: {flat(text)}" if text.strip() else ""


def _tried(incident: Incident) -> str:
    ended = sorted(
        ((t.ended_at, t) for t in incident.tasks.values() if t.ended_at),
        key=lambda pair: (pair[0], pair[1].id),
    )
    told = [_outcome(t) for _, t in ended[-_MOST:]]
    failed = [f"check of {flat(c.subject)} failed" for c in incident.checks.values() if c.state == "failed"]
    found = told + failed[:_MOST]
    return f"Tried: {'; '.join(found)}." if found else ""


def _outcome(task: Task) -> str:
    came = flat(task.result or task.end_reason)
    return f"{flat(task.title)} ({task.state}{f': {came}' if came else ''})"


def _now(incident: Incident, names: Names, now: datetime) -> str:
    opened = sorted((t for t in incident.tasks.values() if t.is_open), key=lambda t: (t.due_at, t.id))
    late = [t for t in opened if now >= t.due_at]
    shown = [f"{flat(t.title)} ({names(t.assignee)})" for t in (late or opened)[: _MOST + 1]]
    if not shown:
        return ""
    more = len(late or opened) - len(shown)
    return f"{'Late' if late else 'Doing now'}: {'; '.join(shown)}{f'; {more} more' if more else ''}."


def _decided(incident: Incident, clock: Clock) -> str:
    last = list(incident.decisions.values())[-_MOST:]
    return "; ".join(f"Decision {clock(d.decided_at)}: {_choice(d)}" for d in last) + ("." if last else "")


def _choice(decision: Decision) -> str:
    """What was chosen; an answer to a proposal says nothing without the proposal."""
    chosen = flat(decision.chosen)
    return f"{flat(decision.question)} {chosen}" if decision.kind else chosen


def _next(incident: Incident, template: Template, clock: Clock, now: datetime) -> str:
    found = []
    running = sorted(incident.running_clocks(), key=lambda c: (c.next_due, c.audience))
    if running:
        audience = template.audience(running[0].audience)
        title = audience.title if audience else words(running[0].audience)
        due = "was due" if running[0].next_due < now else "is due"
        found.append(f"Next update to {title} {due} {clock(running[0].next_due)}")
    if incident.next_step.strip():
        found.append(f"Next step: {flat(incident.next_step)}")
    return f"{'. '.join(found)}." if found else ""


def _open(incident: Incident, template: Template, now: datetime, questions: Sequence[str]) -> str:
    if not incident.is_open:
        return ""
    supposed = [h.text for h in incident.crew.hypotheses.values() if h.state in ("proposed", "testing")]
    found = [f"is it “{flat(q)}”?" for q in [*questions, *supposed][-_MOST:]]
    relapse = incident.technical.open_relapse()
    if relapse is not None:
        found.insert(0, f"relapse, {flat(relapse.summary)} fires again")
    vacant = [r.title for r in gaps(incident, template, now)]
    if vacant:
        found.append(f"vacant: {', '.join(vacant)}")
    unknown = [what for name, what in _UNKNOWN.items() if not getattr(incident, name).strip()]
    if unknown:
        found.append(f"nobody has written {', '.join(unknown)}")
    return f"Open: {'; '.join(found)}." if found else ""


def flat(text: str) -> str:
    """One line of bounded length without its final stop: it becomes part of a sentence."""
    line = " ".join(text.split()).rstrip(".")
    return line if len(line) <= _LONGEST else f"{line[: _LONGEST - 1].rstrip()}…"


def standing(incident: Incident, hypotheses: Sequence[tuple[str, str]]) -> list[str]:
    """The texts of these hypotheses (id, text) that nobody corrected since."""
    known = incident.entries
    return [text for key, text in hypotheses if key in known and not known[key].superseded_by]
