"""Typed lines of the technical work, carried out: findings, causes, polls, runbook steps, questions, standing down."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

from quarterdeck.core.incidents.typed import Typed
from quarterdeck.core.kernel.refused import bad

from .. import casebook
from ..act import Act
from ..incidents import crew, decisions
from ..technical import technical


@dataclass(frozen=True, slots=True)
class Line:
    """Who typed what, where."""

    act: Act
    incident_id: str
    asked: Typed
    entry_id: str

    def parts(self, most: int) -> list[str]:
        """What stands between bars, each without outer white space."""
        return [p.strip() for p in re.split(r"\s*[|]\s*", self.asked.text, maxsplit=most - 1)]


def _finding(line: Line) -> str:
    fact, shown = [*line.parts(2), ""][:2]
    technical.report_finding(line.act, line.incident_id, fact, evidence=shown, entry_id=line.entry_id)
    return "Written."


def _hypothesis(line: Line) -> str:
    known = casebook.load(line.incident_id, line.act.who).incident.crew.hypotheses.values()
    # A line that is sent again by a browser that heard no answer says nothing new.
    if not any((h.text, h.stated_by) == (line.asked.text, line.act.person) for h in known):
        crew.state_hypothesis(line.act, line.incident_id, line.asked.text)
    return "Written. It is tested on the technical page."


def _poll(line: Line) -> str:
    decisions.open_poll(line.act, line.incident_id, line.asked.text, line.asked.number)
    return f"Asked. Without an objection it is decided in {line.asked.number} min."


def _object(line: Line) -> str:
    polls = casebook.load(line.incident_id, line.act.who).incident.technical.polls.values()
    waiting = [p for p in polls if p.is_open]
    if len(waiting) != 1:
        message = (
            "Nothing asks for objections now."
            if not waiting
            else "Several proposals wait. Object on the page."
        )
        raise bad("poll.which", message, text=message)
    decisions.raise_objection(line.act, line.incident_id, waiting[0].id, line.asked.text)
    return f"You object to “{waiting[0].proposal}”; it is stopped."


def _step(line: Line) -> str:
    if len(line.parts(3)) < 2:
        message = "Write it as: /step runbook | step | result"
        raise bad("command.form", message, text=message)
    runbook, step, result = [*line.parts(3), ""][:3]
    technical.record_step(line.act, line.incident_id, runbook, step, result=result)
    return "The step is on record."


def _ask(line: Line) -> str:
    found = casebook.load(line.incident_id, line.act.who).incident.tasks.values()
    mine = [t for t in found if t.is_open and t.assignee == line.act.person]
    if not mine:
        message = "You have no open task here. Ask on the page, below the task you mean."
        raise bad("task.none", message, text=message)
    technical.say_on_task(line.act, line.incident_id, mine[-1].id, line.asked.text, asks=True)
    return f"Asked about “{mine[-1].title}”."


def _stand_down(line: Line) -> str:
    decisions.stand_team_down(line.act, line.incident_id, line.asked.text)
    return "The team stands down. No clock runs."


ACTS: dict[str, Callable[[Line], str]] = {
    "finding": _finding, "hypothesis": _hypothesis, "poll": _poll, "object": _object, "step": _step, "ask": _ask,
    "stand-down": _stand_down,
}  # fmt: skip
