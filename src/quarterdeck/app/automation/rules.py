"""Rules as people keep them: made, changed with a version each, switched on and off. Every change is audited.

A rule that does not pass the check is not saved. Nothing is ever deleted: what ran must stay explainable.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from django.db.models import Q, QuerySet

from quarterdeck.app.act import Act, need
from quarterdeck.app.health import alarms
from quarterdeck.app.visibility import hidden_incidents
from quarterdeck.channels import webhook
from quarterdeck.core.access import RULE_PREFIX, Who
from quarterdeck.core.incidents.automation import Finding, Rule, check, plain, read
from quarterdeck.core.incidents.guards import filled, one_line
from quarterdeck.core.kernel.refused import Refused, bad, missing
from quarterdeck.core.kernel.text import clean, line
from quarterdeck.store import log, models, tx
from quarterdeck.store.ids import new_id

from .running import ALARM

KEY = re.compile(r"[a-z][a-z0-9_-]{0,30}")
MOST_RULES = 200


@dataclass(frozen=True, slots=True)
class Draft:
    """A rule as somebody wrote it."""

    name: str
    rule: Rule
    description: str = ""
    team_id: str = ""
    position: int = 0


def rules() -> QuerySet[models.AutomationRule]:
    """Every rule, in the order they are looked at."""
    return models.AutomationRule.objects.order_by("position", "name", "id")


def find(key: str) -> models.AutomationRule:
    """By key or id."""
    found = models.AutomationRule.objects.filter(Q(key=key) | Q(id=key)).first()
    if found is None:
        raise missing("rule.unknown", "There is no such rule. Look it up in the list of rules.")
    return found


def said(row: models.AutomationRule, version: int = 0) -> Rule:
    """What the rule says, now or in a version."""
    return read(version_of(row, version).definition)


def version_of(row: models.AutomationRule, version: int = 0) -> models.AutomationVersion:
    found = models.AutomationVersion.objects.filter(rule_id=row.id, version=version or row.version).first()
    if found is None:
        raise missing("version.unknown", "The rule has no such version. Look at its history.")
    return found


def versions(row: models.AutomationRule) -> list[models.AutomationVersion]:
    """The newest first."""
    return list(models.AutomationVersion.objects.filter(rule_id=row.id).order_by("-version")[:100])


def runs(who: Who) -> QuerySet[models.AutomationRun]:
    """Runs that `who` may know of, the newest first."""
    hidden = hidden_incidents(who).values("id")
    rows = models.AutomationRun.objects.exclude(incident_id__in=hidden)
    alerts = models.Alert.objects.filter(incident_id__in=hidden).values("id")
    return rows.exclude(alert_id__in=alerts).order_by("-queued_at", "-id")


def find_run(run_id: str, who: Who) -> models.AutomationRun:
    found = runs(who).filter(id=run_id).first()
    if found is None:
        raise missing("run.unknown", "There is no such run. Look it up in the runs of the rule.")
    return found


def lint(rule: Rule) -> list[Finding]:
    """All that is wrong with it, with what only the installation knows: addresses it may call."""
    found = check(rule)
    for n, action in enumerate(rule.actions):
        url = action.values.get("url", "")
        if action.deed == "webhook" and url.startswith("https://"):
            try:
                webhook.check_address(url)
            except Refused as e:
                found.append(Finding(f"actions.{n}.url", e.message, 0))
    return found


def create(act: Act, key: str, draft: Draft, reason: str = "") -> models.AutomationRule:
    """A new rule, switched off."""
    need(act, "settings.edit")
    draft = _tamed(draft)
    if not KEY.fullmatch(key):
        message = "Give a key of at most 31 small letters, digits, _ and -, such as sev1-liaison."
        raise bad("key.unfit", message, key=message)
    with tx.write("web"):
        if models.AutomationRule.objects.filter(key=key).exists():
            message = "There is a rule with this key already. Choose another."
            raise Refused("key.taken", message, kind="conflict", fields={"key": message})
        if models.AutomationRule.objects.count() >= MOST_RULES:
            raise Refused(
                "rule.many", f"There are {MOST_RULES} rules already. Change one of them.", kind="conflict"
            )
        row = models.AutomationRule(id=new_id(), key=key, created_by=act.person, created_at=act.at, version=0)
        _write(act, row, draft, reason or "Made", "RuleCreated")
    return row


def change(act: Act, key: str, draft: Draft, reason: str) -> models.AutomationRule:
    """A new version. Runs that wait already go on by the version they met."""
    need(act, "settings.edit")
    draft = _tamed(draft)
    with tx.write("web"):
        row = _locked(key)
        same = (row.name, row.description, row.team_id, row.position) == (
            draft.name, draft.description, draft.team_id, draft.position,
        )  # fmt: skip
        if same and plain(said(row)) == plain(draft.rule) and _is_kept(row):
            return row
        why = filled(line(reason, 300), "reason", "Say why you change it; it is kept with the version.")
        _write(act, row, draft, why, "RuleChanged")
    return row


def _is_kept(row: models.AutomationRule) -> bool:
    """Whether whoever wrote it is still there; if not, saving it as it is takes it over."""
    return not models.Person.objects.filter(id=version_of(row).author, is_active=False).exists()


def switch(act: Act, key: str, enabled: bool, reason: str = "") -> models.AutomationRule:
    """On or off. A rule that the check finds fault with now is not switched on."""
    need(act, "settings.edit")
    with tx.write("web"):
        row = _locked(key)
        if row.enabled == enabled:
            return row
        if enabled:
            _refuse(lint(said(row)))
            alarms.clear_alarm(ALARM, row.id, act.at)
            row.failures, row.stopped, row.enabled_at = 0, "", act.at
        row.enabled, row.changed_at = enabled, act.at
        row.save()
        told = {"rule": row.key, "name": row.name, "version": row.version, "reason": line(reason, 300)}
        log.audit("RuleEnabled" if enabled else "RuleDisabled", told, at=act.at, actor=act.person)
    return row


def names(keys: Sequence[str]) -> dict[str, str]:
    """Of actors "rule:<key>": what they are called."""
    wanted = [k.removeprefix(RULE_PREFIX) for k in keys]
    rows = models.AutomationRule.objects.filter(key__in=wanted).values_list("key", "name")
    return {f"{RULE_PREFIX}{key}": f"Automation: {name}" for key, name in rows}


def _write(act: Act, row: models.AutomationRule, draft: Draft, reason: str, event: str) -> None:
    row.name, row.description, row.team_id = draft.name, draft.description, draft.team_id
    row.position, row.trigger, row.version, row.changed_at = (
        draft.position,
        draft.rule.trigger,
        row.version + 1,
        act.at,
    )
    row.save()
    definition: dict[str, Any] = plain(draft.rule)
    models.AutomationVersion.objects.create(
        id=new_id(), rule_id=row.id, version=row.version, definition=definition, author=act.person,
        reason=line(reason, 300), at=act.at,
    )  # fmt: skip
    told = {"rule": row.key, "name": row.name, "version": row.version, "reason": line(reason, 300)}
    log.audit(event, told | {"definition": definition}, at=act.at, actor=act.person)


def _tamed(draft: Draft) -> Draft:
    name = one_line(filled(line(draft.name, 200), "name", "Give the rule a name."), "name", 120)
    if draft.team_id and not models.Team.objects.filter(id=draft.team_id).exists():
        message = "There is no such team. Choose one from the list."
        raise bad("team.unknown", message, team=message)
    if not -10_000 <= draft.position <= 10_000:
        message = "Give a number between -10000 and 10000."
        raise bad("position.range", message, position=message)
    actions = tuple(
        replace(a, values={k: clean(v, 5_000).strip() for k, v in a.values.items()})
        for a in draft.rule.actions
    )
    rule = replace(draft.rule, condition=line(draft.rule.condition, 5_000), actions=actions)
    _refuse(lint(rule))
    return replace(draft, name=name, description=line(draft.description, 600), rule=rule)


def _refuse(findings: Sequence[Finding]) -> None:
    """Refuse with every finding at its field, the first one in words."""
    if findings:
        fields: dict[str, str] = {}
        for f in findings:
            fields.setdefault(f.field, f.text)
        raise Refused("rule.unfit", findings[0].text, kind="bad", fields=fields)


def _locked(key: str) -> models.AutomationRule:
    return models.AutomationRule.objects.select_for_update().get(id=find(key).id)
