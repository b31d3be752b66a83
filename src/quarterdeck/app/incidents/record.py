"""The record: notes, findings, decisions, corrections, pins. Nothing is edited; corrections supersede."""

from __future__ import annotations

from datetime import datetime

from quarterdeck.core.incidents import Event, Incident, Template, finish_task
from quarterdeck.core.incidents import record as core
from quarterdeck.core.kernel.text import clean, line
from quarterdeck.store.ids import new_id

from .. import casebook
from ..act import Act
from ..casebook import Case


def write(
    act: Act,
    incident_id: str,
    kind: str,
    text: str,
    *,
    happened_at: datetime | None = None,
    pinned: bool = False,
    followup: bool = False,
    entry_id: str = "",
) -> Case:
    """An entry on the timeline. `entry_id` makes a retry safe: the same id is written once."""
    return casebook.change(
        act,
        incident_id,
        lambda i, t: core.write_entry(
            i, t, act.who, entry_id=entry_id or new_id(), kind=kind, text=clean(text, 20_000), at=act.at,
            happened_at=happened_at, pinned=pinned, followup=followup,
        ),
    )  # fmt: skip


def report_can(
    act: Act, incident_id: str, condition: str, actions: str = "", needs: str = "", task_id: str = ""
) -> Case:
    """A report in the form condition, actions, needs (R-072). With `task_id` it also answers the request for one."""
    text = core.can_report(clean(condition, 3000), clean(actions, 3000), clean(needs, 3000))

    def decide(i: Incident, t: Template) -> list[Event]:
        written = core.write_entry(i, t, act.who, entry_id=new_id(), kind="can", text=text, at=act.at)
        return written + (finish_task(i, t, act.who, task_id=task_id, result=text) if task_id else [])

    return casebook.change(act, incident_id, decide)


def correct(act: Act, incident_id: str, supersedes: str, text: str, reason: str = "") -> Case:
    return casebook.change(
        act,
        incident_id,
        lambda i, t: core.correct_entry(
            i,
            t,
            act.who,
            entry_id=new_id(),
            supersedes=supersedes,
            text=clean(text, 20_000),
            reason=line(reason, 300),
        ),
    )


def pin(act: Act, incident_id: str, entry_id: str, pinned: bool = True) -> Case:
    return casebook.change(
        act, incident_id, lambda i, t: core.pin_entry(i, act.who, entry_id=entry_id, pinned=pinned)
    )


def flag(act: Act, incident_id: str, entry_id: str, followup: bool = True) -> Case:
    """Mark an entry for follow-up after the incident, or take the mark away."""
    return casebook.change(
        act, incident_id, lambda i, t: core.flag_entry(i, act.who, entry_id=entry_id, followup=followup)
    )


def decide(
    act: Act,
    incident_id: str,
    question: str,
    chosen: str,
    *,
    options: tuple[str, ...] = (),
    reason: str = "",
    objections: str = "",
    kind: str = "",
) -> Case:
    return casebook.change(
        act,
        incident_id,
        lambda i, t: core.make_decision(
            i, t, act.who, decision_id=new_id(), question=line(question, 500), chosen=line(chosen, 500),
            options=tuple(line(o, 500) for o in options), reason=clean(reason, 2000),
            objections=clean(objections, 2000), kind=kind,
        ),
    )  # fmt: skip
