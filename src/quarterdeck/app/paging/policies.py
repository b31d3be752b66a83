"""Escalation policies: who is called, who next when nobody answers. Audited with before and after.

A run that is under way keeps the policy it started with; a change counts from the next alert on.
"""

from __future__ import annotations

from dataclasses import replace

from django.db.models import F

from quarterdeck.core.escalation.plan import check
from quarterdeck.core.escalation.policy import Policy, Target
from quarterdeck.core.kernel.refused import Refused, bad, missing
from quarterdeck.core.kernel.text import clean
from quarterdeck.store import log, models, tx
from quarterdeck.store.ids import new_id

from ..act import Act, need
from ..catalog.catalogue import current
from ..incidents.services import free_key, named
from ..learning import notices
from ..people.keys import integrations
from ..upkeep import removals
from .directory import policy_data

DEFAULT = "default"


def create(act: Act, policy: Policy) -> models.EscalationPolicy:
    """A new policy under `policy.key`. "default" is used where a service names none, "commander" to call one."""
    need(act, "schedule.edit")
    policy = _checked(policy)
    with tx.write("engine", "web"):
        free_key(models.EscalationPolicy, policy.key, "policy")
        _targets_exist(policy)
        row = models.EscalationPolicy.objects.create(
            id=new_id(), key=policy.key, name=policy.name, definition=policy_data(policy)
        )
        told = {"policy": row.id, "after": row.definition}
        log.audit("PolicyCreated", told, at=act.at, actor=act.person)
    return row


def update(
    act: Act, key: str, policy: Policy, version: int | None = None, note: str = ""
) -> models.EscalationPolicy:
    """Replace key (what it is used for), name, steps, repeats and catch-all. `version` is the one that was looked at,
    None for any. Those whom it calls or called are sent a notice with the `note`.
    """
    need(act, "schedule.edit")
    policy = _checked(policy)
    with tx.write("engine", "web"):
        row = find(key, lock=True)
        if version is not None and version != row.version:
            raise Refused(
                "policy.moved",
                "Somebody changed this policy while you were writing. Look again, then decide.",
                kind="conflict",
            )
        _targets_exist(policy)
        if policy.key != row.key:
            free_key(models.EscalationPolicy, policy.key, "policy")
            _still_covered(row)
        after = policy_data(policy)
        if after != row.definition or policy.name != row.name or policy.key != row.key:
            models.EscalationPolicy.objects.filter(id=row.id).update(
                key=policy.key, name=policy.name, definition=after, version=F("version") + 1
            )
            told = {"policy": row.id, "before": row.definition, "after": after}
            if policy.key != row.key:
                told |= {"key_before": row.key, "key_after": policy.key}
            log.audit("PolicyChanged", told, at=act.at, actor=act.person)
            notices.of_policy(act, find(policy.key), row.definition, clean(note, notices.NOTE_LIMIT))
    return find(policy.key)


def delete(act: Act, key: str) -> str:
    """Take a policy away; its name. Refused while something calls by it. Escalations under way keep their copy."""
    need(act, "schedule.edit")
    with tx.write("engine", "web"):
        row = find(key, lock=True)
        used = _used_by(row)
        if used:
            raise _in_use(row, "deleted", used)
        _still_covered(row, "deleted")
        log.audit("PolicyDeleted", {"policy": row.id, "before": row.definition}, at=act.at, actor=act.person)
        name = row.name
        removals.note(act, "policy", row.id, name, removals.as_data(row), row.team_id)
        row.delete()
    return name


def _used_by(row: models.EscalationPolicy) -> str:
    service = models.Service.objects.filter(policy=row).values_list("name", flat=True).first()
    if service:
        return f"the service {service} is woken by it"
    source = (
        models.Integration.objects.filter(policy=row, revoked_at=None).values_list("name", flat=True).first()
    )
    return f"the integration {source} calls by it" if source else ""


def _still_covered(row: models.EscalationPolicy, what: str = "used for something else") -> None:
    """The default policy stays what it is while a service, or a tool that alerts, has no other."""
    if row.key != DEFAULT:
        return
    service = models.Service.objects.filter(policy=None).values_list("name", flat=True).first()
    sources = integrations().filter(policy=None, revoked_at=None)
    source = sources.values_list("name", flat=True).first()
    if service:
        raise _in_use(
            row, what, f"the service {service} has no policy of its own, and nobody would be paged for it"
        )
    if source:
        raise _in_use(row, what, f"nobody would be paged for an alert of {source} that names no service")


def _in_use(row: models.EscalationPolicy, what: str, used: str) -> Refused:
    return Refused(
        "policy.in_use", f"{row.name} cannot be {what}: {used}. Change that first.", kind="conflict"
    )


def find(key: str, *, lock: bool = False) -> models.EscalationPolicy:
    """A policy by key or id."""
    rows = models.EscalationPolicy.objects
    if lock:
        rows = rows.select_for_update(of=("self",))
    found = rows.filter(key=key).first() or rows.filter(id=key).first()
    if found is None:
        raise missing("policy.unknown", "There is no such policy. Look it up in the list of policies.")
    return found


def _checked(policy: Policy) -> Policy:
    policy = replace(policy, name=named(policy.name, "policy"))
    check(policy)
    return policy


def _targets_exist(policy: Policy) -> None:
    wanted = {t for s in policy.steps for t in s.targets} | set(policy.catch_all)
    for target in sorted(wanted, key=lambda t: (t.kind, t.ref)):
        if not _exists(target):
            raise bad(
                "target.unknown", f"A step names a {target.kind} that is not there. Choose one from the list."
            )


def _exists(target: Target) -> bool:
    match target.kind:
        case "person":
            return models.Person.objects.filter(id=target.ref, is_active=True).exists()
        case "schedule":
            return models.Schedule.objects.filter(id=target.ref).exists()
        case "team":
            return models.Team.objects.filter(id=target.ref).exists()
        case "role":
            return target.ref in roles()


def roles() -> dict[str, str]:
    """The roles of incidents, key → title, the commander first."""
    return {r.key: r.title for t in current().templates for r in t.roles}
