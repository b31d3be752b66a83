"""The parts a review is written in, in four groups (R-022, R-150), with the question each answers. Words ask what made
an act sensible at the time; none asks who was at fault (R-292).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Group = Literal["happened", "response", "improvements", "strategic"]
GROUPS: dict[Group, str] = {
    "happened": "What happened and why",
    "response": "The response",
    "improvements": "Improvements",
    "strategic": "Strategic view",
}


@dataclass(frozen=True, slots=True)
class Part:
    """`key` is the section in the log; `ask` the question its writer answers."""

    key: str
    title: str
    group: Group
    ask: str


PARTS: tuple[Part, ...] = (
    Part(
        "what_happened",
        "What happened",
        "happened",
        "Tell the course of events so that somebody who was not there understands it, and why each thing happened.",
    ),
    Part(
        "root_cause",
        "Root cause",
        "happened",
        "What had to be true for this to happen? Go on asking why until the answer is something you can change.",
    ),
    Part(
        "contributing_factors",
        "Contributing factors",
        "happened",
        "What made it more likely, larger or longer: changes, load, gaps in tests, alerts, knowledge, time pressure.",
    ),
    Part(
        "technical_analysis",
        "Technical analysis",
        "happened",
        "The chain of technical events with the evidence for each step: graphs, logs, changes.",
    ),
    Part(
        "customer_impact",
        "Effect on customers",
        "happened",
        "What customers saw, how many, for how long, and what they were told.",
    ),
    Part(
        "how_we_responded",
        "How we responded",
        "response",
        "Role by role and clock by clock: what each role knew at the time, and what made its next step sensible.",
    ),
    Part(
        "what_helped",
        "What helped",
        "response",
        "What shortened the incident or kept it small, so that it is kept: tools, habits, people who knew, luck.",
    ),
    Part(
        "what_hindered",
        "What hindered",
        "response",
        "What cost time or certainty: missing access, unclear roles, wrong alerts, runbooks that did not fit.",
    ),
    Part(
        "improvements",
        "What we will improve",
        "improvements",
        "Which changes follow from this, and what each one would have changed this time.",
    ),
    Part(
        "recommendations",
        "Recommendations",
        "improvements",
        "Advice to others: teams, suppliers, leadership.",
    ),
    Part(
        "runbook_change",
        "Runbook change",
        "improvements",
        "The wording the runbook should have, from what was really done. Name the runbook and the step.",
    ),
    Part(
        "strategic",
        "Summary for leadership",
        "strategic",
        "The summary for those who decide: what it meant for customers and the company, and what follows from it.",
    ),
    Part(
        "strategic_themes",
        "Themes",
        "strategic",
        "What this incident shares with others: patterns in systems, suppliers, work and priorities.",
    ),
    Part(
        "strategic_investments",
        "Investment asks",
        "strategic",
        "Which money, people or time is asked for, what it would have changed this time, and what it costs not to.",
    ),
    Part(
        "strategic_decisions",
        "Decisions needed",
        "strategic",
        "What leadership is to decide, between which options, by when.",
    ),
    Part(
        "strategic_process",
        "Process",
        "strategic",
        "What leadership changes in how the company prepares, decides and works together.",
    ),
)


def part(key: str) -> Part | None:
    return next((p for p in PARTS if p.key == key), None)
