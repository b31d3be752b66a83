"""What a successor in command is told: the content of form ICS 201, written from the incident as it stands."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime

from .delegations import standing_in_words
from .staffing import chart
from .state import Incident
from .structure import Template

# Headings of a transfer of command, in the order they are told.
HEADINGS: Mapping[str, str] = {
    "situation": "Situation",
    "objectives": "Objectives and priorities",
    "actions": "Current and planned actions",
    "organisation": "Organisation",
    "resources": "Resources",
    "decisions": "Open decisions and risks",
}


def snapshot(
    incident: Incident, template: Template, names: Callable[[str], str], clock: Callable[[datetime], str]
) -> dict[str, str]:
    """Heading key to text, one line a fact; the same state gives the same words. Empty headings say so."""
    made = {
        "situation": _situation(incident, clock),
        "objectives": _objectives(incident),
        "actions": _actions(incident, names, clock),
        "organisation": _organisation(incident, template, names),
        "resources": _resources(incident, names),
        "decisions": _decisions(incident, clock),
    }
    return {key: "\n".join(lines) or "Nothing recorded." for key, lines in made.items()}


def _situation(incident: Incident, clock: Callable[[datetime], str]) -> list[str]:
    since = f" since {clock(incident.phase_since)}" if incident.phase_since else ""
    lines = [f"{incident.key} {incident.title}: SEV{incident.severity}, {incident.phase}{since}."]
    lines += [t for t in (incident.what_we_know or incident.summary, incident.customer_effect) if t]
    harmed = [f"{k.replace('_', ' ')} {v}" for k, v in incident.dimensions.items() if v != "none"]
    return lines + ([f"Impact: {', '.join(harmed)}."] if harmed else [])


def _objectives(incident: Incident) -> list[str]:
    found = [f"Next step: {incident.next_step}"] if incident.next_step else []
    found += [f"Workaround: {incident.workaround}"] if incident.workaround else []
    return found + [f"Supposed cause: {h.text} ({h.state})" for h in incident.crew.hypotheses.values()]


def _actions(incident: Incident, names: Callable[[str], str], clock: Callable[[datetime], str]) -> list[str]:
    tasks = sorted((t for t in incident.tasks.values() if t.is_open), key=lambda t: t.due_at)
    return [f"{t.title} – {names(t.assignee)}, until {clock(t.due_at)}" for t in tasks] + [
        f"Update to {c.audience.replace('_', ' ')} due {clock(c.next_due)}" for c in incident.running_clocks()
    ]


def _organisation(incident: Incident, template: Template, names: Callable[[str], str]) -> list[str]:
    titles = {r.key: r.title for r in template.roles}
    found = [
        f"{titles.get(p.assignment.role, p.assignment.role.replace('_', ' '))}: {names(p.assignment.person)}"
        for p in chart(incident, template)
    ]
    return (
        found
        + [
            f"Workstream {w.title}: {names(w.leader)}, {len(w.members)} more"
            for w in incident.crew.open_workstreams()
        ]
        + standing_in_words(incident, names)
    )


def _resources(incident: Incident, names: Callable[[str], str]) -> list[str]:
    here = [p for p in incident.crew.presence.values() if p.is_here]
    found = [f"{names(p.person)}{f' ({p.organisation})' if p.organisation else ''} is here" for p in here]
    waiting = [c for c in incident.callouts.values() if c.how == "callout" and c.answered_at is None]
    found += [f"{names(c.person)} was called as {c.role.replace('_', ' ')}" for c in waiting]
    asked = [c for c in incident.business.open_cases() if c.state == "waiting"]
    return found + [f"Waiting for {c.vendor}: {c.what}" for c in asked]


def _decisions(incident: Incident, clock: Callable[[datetime], str]) -> list[str]:
    found = [f"Stopped for safety: {s.title or 'all work'} – {s.reason}" for s in incident.crew.open_stops()]
    last = list(incident.decisions.values())[-3:]
    return found + [f"Decided {clock(d.decided_at)}: {d.question} – {d.chosen}" for d in last]
