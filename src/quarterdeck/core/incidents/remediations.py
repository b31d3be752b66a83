"""Repairs: plan, risk, way back, who carries it out, who approved it, how it went (R-062).

A risky one waits for the commander's decision and for the word of somebody who does not carry it out (R-053).
"""

from __future__ import annotations

from quarterdeck.core.access import Who
from quarterdeck.core.kernel.refused import Refused, bad, forbidden

from .authority import act, authorise, is_acting, may, must_be_inside
from .events import Event, TaskCancelled, TaskDone, TaskGiven, TaskReassigned
from .events.technical import (
    RemediationApproved,
    RemediationChanged,
    RemediationEnded,
    RemediationPassed,
    RemediationProposed,
    RemediationRefused,
    RemediationStarted,
)
from .guards import filled, known, not_ended, one_line
from .record import make_decision
from .safety import must_not_be_stopped
from .state import Incident
from .structure import Template
from .technical import Remediation

RISKS = ("low", "medium", "high")
KINDS = ("fix", "workaround", "mitigation")
OUTCOMES = ("done", "failed", "rolled_back")
TITLE_LIMIT, TEXT_LIMIT = 200, 4000
LONGEST_MINUTES = 24 * 60
_CHANGE = ("remediation.apply", "task.assign", "decision.make")
YES, NO = "carry it out", "leave it"


def propose(
    incident: Incident,
    by: Who,
    *,
    remediation_id: str,
    title: str,
    plan: str,
    risk: str,
    assignee: str,
    minutes: int,
    rollback: str = "",
    kind: str = "fix",
) -> list[Event]:
    """Anybody who acts proposes a repair; a risky one says the way back."""
    not_ended(incident)
    act(incident, by)
    if remediation_id in incident.technical.remediations:
        return []
    told = _told(title, plan, risk, rollback, kind, assignee, minutes)
    must_be_inside(incident, assignee, "assignee")
    return [RemediationProposed(remediation_id, *told)]


def change(
    incident: Incident,
    template: Template,
    by: Who,
    *,
    remediation_id: str,
    title: str,
    plan: str,
    risk: str,
    assignee: str,
    minutes: int,
    rollback: str = "",
    kind: str = "fix",
) -> list[Event]:
    """Another plan, before it has begun. What was decided and approved of the plan before counts no more."""
    repair = _proposed(incident, remediation_id)
    if by.person != repair.proposed_by:
        authorise(incident, template, by, *_CHANGE)
    told = _told(title, plan, risk, rollback, kind, assignee, minutes)
    must_be_inside(incident, assignee, "assignee")
    before = (
        repair.title, repair.plan, repair.risk, repair.rollback, repair.kind, repair.assignee, repair.minutes
    )  # fmt: skip
    return [] if told == before else [RemediationChanged(repair.id, *told)]


def question(repair: Remediation) -> str:
    """What the commander decides about a repair."""
    return f"Carry out the repair “{repair.title}”?"


def approve(
    incident: Incident,
    template: Template,
    by: Who,
    *,
    remediation_id: str,
    decision_id: str,
    reason: str = "",
) -> list[Event]:
    """The commander decides that it is done; anybody else who acts gives the second person's word.

    Whoever carries it out does not approve it (two-person check); as commander they only decide.
    """
    repair = _proposed(incident, remediation_id)
    act(incident, by)
    decides = may(incident, template, by, "decision.make") and not repair.decision
    if not decides and by.person == repair.assignee:
        raise forbidden(
            "remediation.own",
            "Whoever carries out a repair does not approve it. Ask somebody else who works on the incident.",
        )
    if not decides:
        return [] if repair.approved_by else [RemediationApproved(repair.id, repair.title)]
    made = make_decision(
        incident, template, by, decision_id=decision_id, question=question(repair), options=(YES, NO), chosen=YES,
        reason=reason, kind="act",
    )  # fmt: skip
    return [*made, RemediationApproved(repair.id, repair.title, decision_id)]


def refuse(
    incident: Incident, template: Template, by: Who, *, remediation_id: str, decision_id: str, reason: str
) -> list[Event]:
    """The commander decides against it."""
    repair = _proposed(incident, remediation_id)
    why = filled(reason, "reason", "Say why it is not done; it is recorded.")
    made = make_decision(
        incident, template, by, decision_id=decision_id, question=question(repair), options=(YES, NO), chosen=NO,
        reason=why, kind="act",
    )  # fmt: skip
    return [*made, RemediationRefused(repair.id, repair.title, why, decision_id)]


def lacking(repair: Remediation) -> tuple[str, ...]:
    """What a risky repair still waits for, in words; empty when it may begin."""
    if not repair.is_risky:
        return ()
    open_ = [] if repair.decision else ["the commander's decision"]
    return (*open_, *(() if repair.approved_by else ("the word of a second person",)))


def start(incident: Incident, template: Template, by: Who, *, remediation_id: str) -> list[Event]:
    """It begins, as a task with its time box. Refused `remediation.blocked` while a risky one lacks something."""
    repair = _repair(incident, remediation_id)
    if repair.state == "running":
        return []
    _proposed(incident, remediation_id)
    if by.person != repair.assignee:
        authorise(incident, template, by, *_CHANGE)
    elif not is_acting(incident, by):
        act(incident, by)
    open_ = lacking(repair)
    if open_:
        raise Refused(
            "remediation.blocked",
            f"The repair “{repair.title}” is risky and waits for {' and '.join(open_)}. Ask for it first.",
            details={"missing": "; ".join(open_)},
        )
    must_not_be_stopped(incident, repair.id, repair.assignee)
    task = TaskGiven(repair.id, repair.title, repair.assignee, repair.minutes, "", "remediation")
    return [RemediationStarted(repair.id, repair.title), task]


def end(
    incident: Incident, template: Template, by: Who, *, remediation_id: str, outcome: str, result: str
) -> list[Event]:
    """How it went: done, failed, rolled back. By who carries it out, or for them."""
    repair = _repair(incident, remediation_id)
    if outcome not in OUTCOMES:
        raise bad("outcome.unknown", f"Choose one of: {', '.join(OUTCOMES)}.")
    if repair.state != "running":
        raise Refused(
            "remediation.not_running", f"This repair is {_word(repair)}. Only one that runs has a result."
        )
    if by.person != repair.assignee:
        authorise(incident, template, by, *_CHANGE)
    must_not_be_stopped(incident, repair.id, repair.assignee)
    said = filled(result, "result", "Say what came of it; it is recorded.")
    task = incident.tasks.get(repair.id)
    ends: list[Event] = [TaskDone(repair.id, said, repair.title)] if task and task.is_open else []
    return [RemediationEnded(repair.id, outcome, said, repair.title), *ends]


def withdraw(
    incident: Incident, template: Template, by: Who, *, remediation_id: str, reason: str
) -> list[Event]:
    """It is not done after all. Before it begins only; one that runs has a result."""
    repair = _repair(incident, remediation_id)
    if repair.state == "withdrawn":
        return []
    _proposed(incident, remediation_id)
    if by.person != repair.proposed_by:
        authorise(incident, template, by, *_CHANGE)
    why = filled(reason, "reason", "Say why it is not needed.")
    return [RemediationEnded(repair.id, "withdrawn", why, repair.title)]


def with_task(incident: Incident, event: TaskDone | TaskCancelled | TaskReassigned) -> list[Event]:
    """What the end or the passing on of its task means for a repair. Empty for any other task."""
    repair = incident.technical.remediations.get(event.task_id)
    if repair is None or repair.state != "running":
        return []
    if isinstance(event, TaskReassigned):
        if repair.is_risky and event.assignee == repair.approved_by:
            raise Refused(
                "remediation.own",
                "They approved this repair, so somebody else carries it out. Name another one.",
            )
        return [RemediationPassed(repair.id, event.assignee, repair.title)]
    if isinstance(event, TaskCancelled):
        return [RemediationEnded(repair.id, "stopped", event.reason, repair.title)]
    return [RemediationEnded(repair.id, "done", event.result, repair.title)]


def _repair(incident: Incident, remediation_id: str) -> Remediation:
    not_ended(incident)
    found = incident.technical.remediations.get(remediation_id)
    return known(found, "remediation.unknown", "repair")


def _proposed(incident: Incident, remediation_id: str) -> Remediation:
    repair = _repair(incident, remediation_id)
    if repair.state != "proposed":
        raise Refused("remediation.state", f"This repair is {_word(repair)}. Propose another one.")
    return repair


def _word(repair: Remediation) -> str:
    return repair.state.replace("_", " ")


def _told(
    title: str, plan: str, risk: str, rollback: str, kind: str, assignee: str, minutes: int
) -> tuple[str, str, str, str, str, str, int]:
    title = one_line(filled(title, "title", "Say what is repaired."), "title", TITLE_LIMIT)
    plan = _short(filled(plan, "plan", "Say what is done, step by step."), "plan")
    if risk not in RISKS:
        raise bad("risk.unknown", f"Choose a risk: {', '.join(RISKS)}.", risk="Choose one of them.")
    if kind not in KINDS:
        raise bad("kind.unknown", f"Choose a kind: {', '.join(KINDS)}.", kind="Choose one of them.")
    rollback = _short(rollback.strip(), "rollback")
    if risk != "low":
        filled(rollback, "rollback", "A risky repair says the way back. Write it, or lower the risk.")
    filled(assignee, "assignee", "Name one person who carries it out.")
    if not 0 < minutes <= LONGEST_MINUTES:
        message = f"Give a time box of 1 to {LONGEST_MINUTES} minutes."
        raise bad("minutes.number", message, minutes=message)
    return title, plan, risk, rollback, kind, assignee.strip(), minutes


def _short(text: str, field: str) -> str:
    if len(text) > TEXT_LIMIT:
        message = f"The text has {len(text)} characters; {TEXT_LIMIT} fit. Shorten it."
        raise bad(f"{field}.long", message, **{field: message})
    return text
