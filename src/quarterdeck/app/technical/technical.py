"""The technical work of an incident: repairs, findings, evidence, runbook steps, questions on tasks, its channel."""

from __future__ import annotations

from quarterdeck.core.incidents import findings, remediations, task_words
from quarterdeck.core.kernel.links import safe_url
from quarterdeck.core.kernel.refused import bad
from quarterdeck.core.kernel.text import clean, line
from quarterdeck.store.ids import new_id

from .. import casebook
from ..act import Act
from ..casebook import Case
from ..paging.directory import must_be_active


def propose(
    act: Act,
    incident_id: str,
    title: str,
    plan: str,
    risk: str,
    assignee: str,
    minutes: int,
    *,
    rollback: str = "",
    kind: str = "fix",
) -> Case:
    """A repair with its plan, its risk and the way back (R-062)."""
    if assignee:
        must_be_active(assignee, "assignee")
    return casebook.change(
        act,
        incident_id,
        lambda i, t: remediations.propose(
            i, act.who, remediation_id=new_id(), title=line(title, 300), plan=clean(plan, 5000), risk=risk,
            assignee=assignee, minutes=minutes, rollback=clean(rollback, 5000), kind=kind,
        ),
    )  # fmt: skip


def change(
    act: Act,
    incident_id: str,
    remediation_id: str,
    title: str,
    plan: str,
    risk: str,
    assignee: str,
    minutes: int,
    *,
    rollback: str = "",
    kind: str = "fix",
) -> Case:
    """Another plan; it is decided and approved anew."""
    if assignee:
        must_be_active(assignee, "assignee")
    return casebook.change(
        act,
        incident_id,
        lambda i, t: remediations.change(
            i, t, act.who, remediation_id=remediation_id, title=line(title, 300), plan=clean(plan, 5000), risk=risk,
            assignee=assignee, minutes=minutes, rollback=clean(rollback, 5000), kind=kind,
        ),
    )  # fmt: skip


def approve(act: Act, incident_id: str, remediation_id: str, reason: str = "") -> Case:
    """The commander's decision, or the word of a second person."""
    return casebook.change(
        act,
        incident_id,
        lambda i, t: remediations.approve(
            i, t, act.who, remediation_id=remediation_id, decision_id=new_id(), reason=clean(reason, 2000)
        ),
    )


def refuse(act: Act, incident_id: str, remediation_id: str, reason: str) -> Case:
    return casebook.change(
        act,
        incident_id,
        lambda i, t: remediations.refuse(
            i, t, act.who, remediation_id=remediation_id, decision_id=new_id(), reason=clean(reason, 2000)
        ),
    )


def start(act: Act, incident_id: str, remediation_id: str) -> Case:
    """It begins as a task with its time box."""
    return casebook.change(
        act, incident_id, lambda i, t: remediations.start(i, t, act.who, remediation_id=remediation_id)
    )


def end(act: Act, incident_id: str, remediation_id: str, outcome: str, result: str) -> Case:
    """How it went."""
    return casebook.change(
        act,
        incident_id,
        lambda i, t: remediations.end(
            i, t, act.who, remediation_id=remediation_id, outcome=outcome, result=clean(result, 2000)
        ),
    )


def withdraw(act: Act, incident_id: str, remediation_id: str, reason: str) -> Case:
    return casebook.change(
        act,
        incident_id,
        lambda i, t: remediations.withdraw(
            i, t, act.who, remediation_id=remediation_id, reason=line(reason, 500)
        ),
    )


def report_finding(
    act: Act,
    incident_id: str,
    fact: str,
    *,
    confidence: str = "medium",
    evidence: str = "",
    url: str = "",
    hypothesis: str = "",
    entry_id: str = "",
) -> Case:
    """A fact with what shows it, to whoever leads the technical work (R-067). `entry_id` makes a retry safe."""
    return casebook.change(
        act,
        incident_id,
        lambda i, t: findings.report_finding(
            i, t, act.who, entry_id=entry_id or new_id(), finding_id=new_id(), fact=clean(fact, 5000),
            confidence=confidence, evidence=clean(evidence, 5000), url=link(url), hypothesis=hypothesis,
        ),
    )  # fmt: skip


def add_evidence(
    act: Act,
    incident_id: str,
    hypothesis_id: str,
    text: str = "",
    *,
    url: str = "",
    file: str = "",
    speaks: str = "neutral",
) -> Case:
    """Words, a link or a file of the incident, for or against a supposed cause (R-016)."""
    return casebook.change(
        act,
        incident_id,
        lambda i, t: findings.add_evidence(
            i, act.who, evidence_id=new_id(), hypothesis_id=hypothesis_id, text=clean(text, 5000), url=link(url),
            file=file, speaks=speaks,
        ),
    )  # fmt: skip


def pass_hypothesis(act: Act, incident_id: str, hypothesis_id: str, owner: str) -> Case:
    """Somebody else tests it."""
    must_be_active(owner, "owner")
    return casebook.change(
        act,
        incident_id,
        lambda i, t: findings.pass_hypothesis(i, t, act.who, hypothesis_id=hypothesis_id, owner=owner),
    )


def record_step(
    act: Act,
    incident_id: str,
    runbook: str,
    step: str,
    *,
    outcome: str = "worked",
    result: str = "",
    workstream_id: str = "",
) -> Case:
    """A step of a runbook with its result (R-069)."""
    return casebook.change(
        act,
        incident_id,
        lambda i, t: findings.record_step(
            i, act.who, step_id=new_id(), runbook=line(runbook, 300), step=line(step, 400), outcome=outcome,
            result=clean(result, 5000), workstream_id=workstream_id,
        ),
    )  # fmt: skip


def set_channel(act: Act, incident_id: str, url: str) -> Case:
    """Where the technical people talk."""
    found = link(url)
    return casebook.change(act, incident_id, lambda i, t: findings.set_channel(i, t, act.who, url=found))


def say_on_task(act: Act, incident_id: str, task_id: str, text: str, *, asks: bool = False) -> Case:
    """A question or an answer on a task (R-068)."""
    return casebook.change(
        act,
        incident_id,
        lambda i, t: task_words.say(
            i, act.who, word_id=new_id(), task_id=task_id, text=clean(text, 4000), asks=asks
        ),
    )


def link(url: str) -> str:
    """A link that a browser opens, or nothing."""
    found = line(url, 2000)
    if found and (safe_url(found) is None or found.startswith("mailto:")):
        message = "This is not a link that a browser opens. Start it with https://."
        raise bad("url.link", message, url=message)
    return found
