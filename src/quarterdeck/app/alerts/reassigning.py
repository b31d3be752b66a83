"""Passing an alert on: its page goes to another person or by another policy, with a reason. Nobody is lost on the way:
the run that stood ends and the new one starts in one transaction, and behind a person stands the alert's own policy.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from quarterdeck.core.escalation.lint import MAX_STEPS
from quarterdeck.core.escalation.policy import Policy, Step, Target
from quarterdeck.core.kernel.refused import Refused, bad
from quarterdeck.core.kernel.text import line
from quarterdeck.store import log, models, tx

from ..act import Act, need
from ..paging import escalations, policies
from ..paging.directory import Directory, default_policy, must_be_active
from ..paging.policy_rows import policy_from
from . import mirror, notes
from .alerts import as_paged, locked

WAIT = timedelta(minutes=5)


@tx.again
def reassign(
    act: Act, alert_id: str, *, person: str = "", policy: str = "", reason: str = ""
) -> models.Alert:
    """Call this person (id) first, or by this policy (key), from its first step. What was acknowledged is open again
    until the new one answers.
    """
    need(act, "alert.act")
    reason = line(reason, 300)
    if not reason:
        raise bad("reassign.reason", "Say why you pass it on: they read it.", reason="missing")
    if bool(person) == bool(policy):
        raise bad("reassign.target", "Say to whom: a person or a policy, one of the two.", to="missing")
    with tx.write("engine", "web"):
        alert = locked(alert_id)
        _may_pass(alert)
        directory = Directory(act.at)
        wanted = (
            _to_person(alert, person, directory) if person else policy_from(policies.find(policy).definition)
        )
        whom = directory.name(person) if person else f"the policy {wanted.name}"
        why = f"{directory.name(act.person)} passed it to {whom}: {reason}"
        _open_again(alert, why, act)
        notes.write([(alert.id, act.at, "reassigned", act.person, line(why, 600))])
        subject = escalations.Subject(alert.summary, escalations.urgency_of(alert.severity), alert.id)
        escalations.start(wanted, subject, act.at)
        told = {"alert": alert.id, "person": person, "policy": policy, "reason": reason}
        log.audit("AlertReassigned", told, at=act.at, actor=act.person)
    return alert


@tx.again
def escalate(act: Act, alert_id: str) -> models.Alert:
    """Call the next step of the policy now, without a reason: whoever needs help must not hesitate. What was
    acknowledged is open again until the next one answers.
    """
    need(act, "alert.act")
    with tx.write("engine", "web"):
        alert = locked(alert_id)
        _may_pass(alert)
        run = models.Run.objects.filter(alert_id=alert.id).order_by("-id").first()
        if run is None or run.position is None:
            raise Refused(
                "escalate.nobody_left",
                "Nobody further is named for this alert. Pass it on to somebody, or page a commander.",
                kind="conflict",
            )
        why = f"{Directory(act.at).name(act.person)} calls the next step now."
        notes.write([(alert.id, act.at, "reassigned", act.person, why)])
        log.audit("AlertEscalated", {"alert": alert.id}, at=act.at, actor=act.person)
        if alert.status == "open" and run.state == "running":
            escalations.hold([run.id])
            escalations.hurry(run.id, act.at)
        else:
            _open_again(alert, why, act)
            subject = escalations.Subject(alert.summary, escalations.urgency_of(alert.severity), alert.id)
            follows = escalations.position_from(run.position | {"due_at": None})
            escalations.start(policy_from(run.policy), subject, act.at, follows)
    return alert


def _may_pass(alert: models.Alert) -> None:
    if alert.status in ("resolved", "silenced"):
        what = "over" if alert.status == "resolved" else "silenced"
        raise Refused(
            f"alert.{alert.status}",
            f"This alert is {what}: nobody is called for it, so there is nothing to pass on.",
            kind="conflict",
        )


def _open_again(alert: models.Alert, why: str, act: Act) -> None:
    """Whatever run stands ends here; the caller starts the next one."""
    if alert.status == "acknowledged":
        mirror.tell([mirror.News("opened", alert.id, alert.summary, alert.severity)], act.at)
    alert.status, alert.reason, alert.paged = "open", line(why, 500), True
    alert.acknowledged_at, alert.acknowledged_by = None, ""
    alert.version += 1
    alert.save(update_fields=["status", "reason", "paged", "acknowledged_at", "acknowledged_by", "version"])
    escalations.stop_paging([alert.id], act.at, why)


def _to_person(alert: models.Alert, person: str, directory: Directory) -> Policy:
    """This person first; without an answer everybody whom the alert's own policy calls."""
    must_be_active(person, "person")
    own = as_paged(alert).policy_id
    row = models.EscalationPolicy.objects.filter(id=own).first() if own else None
    row = row or default_policy()
    first = Step((Target("person", person),), WAIT)
    name = f"To {directory.name(person)}"
    if row is None:
        return Policy("", name, (first,))
    behind = policy_from(row.definition)
    return replace(behind, name=name, steps=(first, *behind.steps[: MAX_STEPS - 1]))
