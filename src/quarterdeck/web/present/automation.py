"""Rules of automation, their versions, their form and their runs, as pages show them. Decides nothing."""

from __future__ import annotations

import difflib
import json
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.db.models import Max
from django.utils.translation import gettext as _

from quarterdeck.app.automation import files, rules, veil
from quarterdeck.app.automation.dry_run import Shown
from quarterdeck.app.automation.targets import label
from quarterdeck.app.casebook import Case
from quarterdeck.app.catalog.catalogue import current
from quarterdeck.app.paging.directory import Directory
from quarterdeck.core.access import Who, may
from quarterdeck.core.incidents import proposals
from quarterdeck.core.incidents.authority import may as may_here
from quarterdeck.core.incidents.automation import DEEDS, GRANTS, TRIGGERS, Finding, Rule, names
from quarterdeck.core.incidents.automation.rule import MOST_ACTIONS, STATES, fields
from quarterdeck.core.incidents.structure import PHASES
from quarterdeck.store import models

MOST_CHOICES, RUNS_SHOWN = 300, 50
# Of a run: the mark's tone, shape and word.
RUN_STATES = {
    "queued": ("", "clock", "Waits"),
    "again": ("amber", "clock", "Tried again"),
    "done": ("green", "checkc", "Done"),
    "skipped": ("grey", "minusc", "Did not apply"),
    "failed": ("red", "octagonx", "Failed"),
    "stopped": ("amber", "triangle", "Stopped"),
}
ACTION_STATES = {"done": ("green", "checkc"), "failed": ("red", "octagonx"), "again": ("amber", "clock")}


def listing(who: Who) -> dict[str, Any]:
    rows = list(rules.rules())
    last: dict[str, models.AutomationRun] = {}
    # The newest run of each: as many rows as there are rules, however many runs.
    newest = rules.runs(who).order_by().values("rule_id").annotate(last=Max("queued_at"))
    wanted = {(r["rule_id"], r["last"]) for r in newest}
    times = {at for _rule, at in wanted}
    for run in rules.runs(who).filter(queued_at__in=times) if times else ():
        if (run.rule_id, run.queued_at) in wanted:
            last.setdefault(run.rule_id, run)
    known = {r.key for r in rows}
    return {
        "tab": "automation",
        "rules": [_head(r, last.get(r.id)) for r in rows],
        "edits": may(who, "settings.edit"),
        "examples": [
            {"key": e.key, "name": e.draft.name, "text": e.draft.description}
            for e in files.examples()
            if e.key not in known
        ],
    }


def _head(row: models.AutomationRule, last: models.AutomationRun | None) -> dict[str, Any]:
    trigger = TRIGGERS.get(row.trigger)
    return {
        "key": row.key, "name": row.name, "text": row.description, "on": row.enabled, "stopped": row.stopped,
        "version": row.version, "trigger": trigger.title if trigger else row.trigger,
        "url": f"/settings/automation/{row.key}", "last": _run_head(last) if last else None,
    }  # fmt: skip


def _run_head(run: models.AutomationRun) -> dict[str, Any]:
    tone, shape, word = RUN_STATES.get(run.state, ("grey", "minusc", run.state))
    return {
        "id": run.id, "url": f"/settings/automation/runs/{run.id}", "at": run.queued_at, "tone": tone, "shape": shape,
        "word": _(word), "reason": run.reason, "incident": run.incident_id, "alert": run.alert_id, "drill": run.drill,
        "version": run.version, "done": sum(o["state"] == "done" for o in run.outcomes), "of": len(run.outcomes),
    }  # fmt: skip


def detail(row: models.AutomationRule, who: Who, now: datetime) -> dict[str, Any]:
    known = rules.versions(row)
    told = [veil.of_definition(v.definition, who) for v in known]
    people = Directory(now)
    people.load_people({v.author for v in known})
    runs = rules.runs(who).filter(rule_id=row.id)[:RUNS_SHOWN]
    rule = veil.of_rule(rules.said(row), who)
    return {
        "tab": "automation",
        "rule": _head(row, None) | {"created_at": row.created_at},
        "said": spoken(rule, people),
        "edits": may(who, "settings.edit"),
        "versions": _versions(known, told, people),
        "runs": [_run_head(r) for r in runs],
    }


def spoken(rule: Rule, people: Directory) -> dict[str, Any]:
    """The rule in words."""
    trigger = TRIGGERS.get(rule.trigger)
    return {
        "trigger": trigger.title if trigger else rule.trigger, "minutes": rule.minutes, "condition": rule.condition,
        "per_hour": rule.per_hour, "grants": [GRANTS[g] for g in sorted(rule.grants) if g in GRANTS],
        "actions": [
            {
                "title": DEEDS[a.deed].title,
                "values": [
                    (f.title, _value(f.kind, a.values[f.key], people))
                    for f in DEEDS[a.deed].fields
                    if f.key in a.values
                ],
            }
            for a in rule.actions
            if a.deed in DEEDS
        ],
    }  # fmt: skip


def _value(kind: str, value: str, people: Directory) -> str:
    return label(value, people) if kind == "target" else value


def _versions(
    known: Sequence[models.AutomationVersion], definitions: Sequence[dict[str, Any]], people: Directory
) -> list[dict[str, Any]]:
    told = [json.dumps(d, indent=1, ensure_ascii=False).splitlines(keepends=True) for d in definitions]
    return [
        {
            "version": v.version, "by": people.name(v.author), "reason": v.reason, "at": v.at,
            "diff": _diff(told[n + 1], told[n]) if n + 1 < len(told) else [],
        }
        for n, v in enumerate(known)
    ]  # fmt: skip


def _diff(before: list[str], after: list[str]) -> list[tuple[str, str]]:
    kinds = {"+": "add", "-": "del", "@": "at"}
    lines = list(difflib.unified_diff(before, after, n=1))[2:]
    return [(kinds.get(line[:1], ""), line if line.endswith("\n") else f"{line}\n") for line in lines]


def run(row: models.AutomationRun, now: datetime) -> dict[str, Any]:
    rule = models.AutomationRule.objects.filter(id=row.rule_id).first()
    trigger = TRIGGERS.get(row.trigger)
    sent = models.Delivery.objects.filter(key__startswith=f"rule/{row.id}/").values_list(
        "key", "state", "error"
    )
    came = {int(key.rpartition("/")[2]): (state, error) for key, state, error in sent}
    return {
        "tab": "automation",
        "run": _run_head(row) | {"took_ms": row.took_ms, "ended_at": row.ended_at, "chain": row.chain},
        "rule": {"name": rule.name, "url": f"/settings/automation/{rule.key}"} if rule else None,
        "trigger": trigger.title if trigger else row.trigger,
        "parts": [{"depth": range(d), "text": t, "holds": h, "have": v} for d, t, h, v in row.explained],
        "actions": [_outcome(o, came.get(o["n"])) for o in row.outcomes],
    }


def _outcome(said: dict[str, Any], came: tuple[str, str] | None) -> dict[str, Any]:
    tone, shape = ACTION_STATES.get(said["state"], ("grey", "minusc"))
    deed = DEEDS.get(said["do"])
    return {
        "title": deed.title if deed else said["do"], "text": said["text"], "tone": tone, "shape": shape,
        "state": said["state"], "sent": came[0] if came else "", "error": came[1] if came else "",
    }  # fmt: skip


def runs(who: Who, incident: str) -> dict[str, Any]:
    """The newest runs, of one incident where one is named."""
    found = rules.runs(who).filter(incident_id=incident) if incident else rules.runs(who)
    rows = list(found[:RUNS_SHOWN])
    known = models.AutomationRule.objects.filter(id__in={r.rule_id for r in rows}).values_list("id", "name")
    names = dict(known)
    return {
        "tab": "automation",
        "incident": incident,
        "runs": [_run_head(r) | {"name": names.get(r.rule_id, "")} for r in rows],
    }


def form(rule: Rule, findings: Sequence[Finding], now: datetime) -> dict[str, Any]:
    """The builder: what can be chosen, what was chosen, and what is wrong at which field."""
    choices = _choices(now)
    wrong: dict[str, str] = {}
    for f in findings:
        at = f" {_('At letter')} {f.at + 1}." if f.at > 0 else ""
        wrong.setdefault(f.field, f"{f.text.rstrip('.')}.{at}" if at else f.text)
    about = rule.about or "incident"
    trigger = TRIGGERS.get(rule.trigger)
    return {
        "triggers": list(TRIGGERS.values()),
        "said": rule,
        "takes_minutes": bool(trigger and trigger.minutes),
        "grants": [{"key": k, "title": t, "on": k in rule.grants} for k, t in GRANTS.items()],
        "deeds": [d for d in DEEDS.values() if about in d.about],
        "actions": [_action(n, a.deed, dict(a.values), choices, wrong) for n, a in enumerate(rule.actions)],
        "room": len(rule.actions) < MOST_ACTIONS,
        "known_names": names(trigger) if trigger else (),
        "known_fields": fields(about),
        "wrong": wrong,
    }


def _action(
    n: int,
    deed: str,
    values: dict[str, str],
    choices: dict[str, list[tuple[str, str]]],
    wrong: dict[str, str],
) -> dict[str, Any]:
    found = DEEDS.get(deed)
    return {
        "n": n, "deed": deed, "wrong": wrong.get(f"actions.{n}.do", ""),
        "fields": [
            {
                "key": f.key, "name": f"a{n}_{f.key}", "title": f.title, "kind": f.kind, "required": f.required,
                "value": values.get(f.key, ""), "wrong": wrong.get(f"actions.{n}.{f.key}", ""),
                "choices": _with(choices.get(f.kind, []), values.get(f.key, "")) if f.kind in choices else None,
            }
            for f in (found.fields if found else ())
        ],
    }  # fmt: skip


def _with(known: list[tuple[str, str]], value: str) -> list[tuple[str, str]]:
    """What was chosen stays a choice, even where it is gone."""
    return known if not value or any(v == value for v, _text in known) else [*known, (value, value)]


def _choices(now: datetime) -> dict[str, list[tuple[str, str]]]:
    templates = current().templates
    roles = {r.key: r.title for t in templates for r in t.roles}
    audiences = {a.key: a.title for t in templates for a in t.audiences}
    people = models.Person.objects.filter(is_active=True).exclude(role="guest").order_by("name")
    schedules = models.Schedule.objects.order_by("name").values_list("id", "name")[:MOST_CHOICES]
    teams = models.Team.objects.order_by("name").values_list("id", "name")[:MOST_CHOICES]
    components = models.Component.objects.select_related("page").order_by("page__title", "name")[
        :MOST_CHOICES
    ]
    articles = models.KnowledgeArticle.objects.filter(incident_id="").order_by("title")
    return {
        "role": sorted(roles.items(), key=lambda r: r[1]),
        "audience": sorted(audiences.items(), key=lambda a: a[1]),
        "target": [
            *((f"role:{k}", f"{t} ({_('role')})") for k, t in sorted(roles.items(), key=lambda r: r[1])),
            *((f"schedule:{i}", f"{t} ({_('on call')})") for i, t in schedules),
            *((f"team:{i}", f"{t} ({_('team')})") for i, t in teams),
            *((f"person:{i}", t) for i, t in people.values_list("id", "name")[:MOST_CHOICES]),
        ],
        "severity": [(str(s.rank), s.label) for s in current().severities],
        "phase": [(p, p.capitalize()) for p in PHASES],
        "state": [(s, s.replace("_", " ").capitalize()) for s in STATES],
        "component": [(c.id, f"{c.page.title}: {c.name}") for c in components],
        "article": [(i, t) for i, t in articles.values_list("id", "title")[:MOST_CHOICES]],
        "type": [(t.key, t.title) for t in current().types],
    }


def dry(shown: Shown) -> dict[str, Any]:
    return {
        "seen": shown.seen, "held": shown.held, "complete": shown.complete, "on": shown.on, "matches": shown.matches,
        "parts": [{"depth": range(p.depth), "text": p.text, "holds": p.holds, "have": p.have} for p in shown.parts],
        "actions": shown.actions,
    }  # fmt: skip


def waiting(case: Case, who: Who) -> list[dict[str, Any]]:
    """What rules propose in an incident, for its page."""
    titles = {str(s.rank): s.label for s in current().severities}
    return [
        {
            "id": p.id, "reason": p.reason, "name": p.name, "kind": p.kind, "value": p.value,
            "what": titles.get(p.value, p.value) if p.kind == "severity" else p.value.capitalize(),
            "decides": may_here(
                case.incident, case.template, who, "severity.set" if p.kind == "severity" else "incident.phase"
            ),
        }
        for p in proposals.open_ones(case.incident)
    ]  # fmt: skip


def blank() -> Rule:
    return Rule("incident.declared")
