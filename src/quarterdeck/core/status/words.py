"""The words of a status page: component states, incident words, impact. The lists are those of Statuspage."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Literal

from quarterdeck.core.kernel.refused import bad

ComponentState = Literal[
    "operational", "under_maintenance", "degraded_performance", "partial_outage", "major_outage"
]
Impact = Literal["none", "minor", "major", "critical", "maintenance"]

# From best to worst: this order decides what a group, a day and the whole page show.
COMPONENT_STATES: tuple[ComponentState, ...] = (
    "operational",
    "under_maintenance",
    "degraded_performance",
    "partial_outage",
    "major_outage",
)
LABELS: Mapping[str, str] = {
    "operational": "Operational",
    "under_maintenance": "Under maintenance",
    "degraded_performance": "Degraded performance",
    "partial_outage": "Partial outage",
    "major_outage": "Major outage",
}
_RANK: Mapping[str, int] = {state: rank for rank, state in enumerate(COMPONENT_STATES)}
_IMPACT_OF: Mapping[str, Impact] = {
    "operational": "none",
    "under_maintenance": "maintenance",
    "degraded_performance": "minor",
    "partial_outage": "major",
    "major_outage": "critical",
}
_IMPACTS: tuple[Impact, ...] = ("none", "maintenance", "minor", "major", "critical")
# What other pages call these states; full_outage is met in real feeds.
_ALIASES: Mapping[str, ComponentState] = {
    "full_outage": "major_outage",
    "degraded": "degraded_performance",
    "maintenance": "under_maintenance",
}
# Glossary 2.3: what the public sees of each phase.
_PHASE_WORDS: Mapping[str, str] = {
    "triage": "investigating",
    "investigating": "investigating",
    "identified": "identified",
    "monitoring": "monitoring",
    "resolved": "resolved",
    "analysis": "postmortem pending",
    "closed": "postmortem",
}
_WORD_LABELS: Mapping[str, str] = {
    "in_progress": "In progress",
    "postmortem pending": "Resolved, report to follow",
    "postmortem": "Report published",
}
OVER = frozenset({"resolved", "postmortem pending", "postmortem", "completed", "cancelled"})
MAINTENANCE_WORDS = ("scheduled", "in_progress", "verifying", "completed", "cancelled")


def component_state(word: str) -> ComponentState:
    """A state by its name or by a name other products use. Refuses other words."""
    plain = word.strip().casefold().replace(" ", "_")
    for state in COMPONENT_STATES:
        if plain == state:
            return state
    if plain in _ALIASES:
        return _ALIASES[plain]
    raise bad(
        "component.state",
        f"{word[:40]!r} is not a component state. Use one of {', '.join(COMPONENT_STATES)}.",
    )


def label(state: str) -> str:
    """A component state or an incident word as shown to people."""
    return LABELS.get(state) or _WORD_LABELS.get(state) or state.replace("_", " ").capitalize()


def rank(state: str) -> int:
    """0 is operational; higher is worse. Unknown words count as operational."""
    return _RANK.get(state, 0)


def worst(states: Iterable[str]) -> ComponentState:
    """The worst of some component states, operational when there are none."""
    return COMPONENT_STATES[max((rank(s) for s in states), default=0)]


def status_word(phase: str) -> str:
    """The word the public sees for a phase of an incident; "" for phases that are not shown."""
    return _PHASE_WORDS.get(phase, "")


def feed_word(word: str) -> str:
    """The word as programs that read Statuspage's API know it: they have no "postmortem pending"."""
    return "resolved" if word == "postmortem pending" else word


def impact_of(states: Iterable[str]) -> Impact:
    """The impact of an incident from the states of its components: the worst one counts."""
    return _IMPACT_OF[worst(states)]


def worst_impact(impacts: Iterable[str]) -> Impact:
    """The worst of some impacts, none when there are none. Maintenance is below every disturbance."""
    found = frozenset(impacts)
    return next((i for i in reversed(_IMPACTS) if i in found), "none")
