"""Rules of automation: kept, checked, tried dry, switched on and off; their runs; and what they propose."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from ninja import Query
from pydantic import Field

from quarterdeck.app.automation import dry_run, files, proposing, veil
from quarterdeck.app.automation import rules as acts
from quarterdeck.app.casebook import load
from quarterdeck.core.incidents import proposals
from quarterdeck.core.incidents.automation import plain, read
from quarterdeck.store import models

from .doors import Request
from .fields import Asked, Flag, Id, IncidentId, Key, Moment, Named, Number, Read, Text, Word, Write, Yes
from .operations import Noun
from .pages import Page, PageAsked, page, whole

NOUN = Noun("Automation", "/automation/rules")
RUNS = Noun("Automation", "/automation/runs")
PROPOSALS = Noun("Automation", "/incidents/{incident}/proposals")
_READ, _WRITE = "settings.read", "settings.edit"
Reason = Annotated[str, Text(300)]


class RuleAction(Read):
    """`do` is the kind of action; `values` are its texts by name."""

    do: str
    values: dict[str, str]


class AutomationRule(Read):
    """`version` is the one in force; `stopped` says why the product switched it off, "" where a person did."""

    id: str
    key: str
    name: str
    description: str
    enabled: bool
    stopped: str
    position: int
    team: str
    version: int
    trigger: str
    minutes: int
    condition: str
    per_hour: int
    grants: list[str]
    actions: list[RuleAction]
    created_by: Named
    created_at: Moment
    changed_at: Moment


class RuleVersion(Read):
    version: int
    definition: dict[str, Any]
    author: Named
    reason: str
    at: Moment


class RuleFinding(Read):
    """`at` is the place in the text of the field, counted from 0; -1 where it is about the whole."""

    field: str
    text: str
    at: int


class ConditionPart(Read):
    """`depth` is how far inside the condition it stands, `have` the value that was there."""

    depth: int
    text: str
    holds: bool
    have: str


class RuleOutcome(Read):
    """`state`: done, failed, again (tried once more later)."""

    do: str
    state: str
    text: str


class RuleRun(Read):
    """`state`: queued, again, done, skipped, failed, stopped. `holds` is null before the condition was asked."""

    id: str
    rule: str
    version: int
    trigger: str
    incident: str
    alert: str
    state: str
    reason: str
    holds: bool | None
    condition: list[ConditionPart]
    actions: list[RuleOutcome]
    drill: bool
    attempts: int
    took_ms: int
    queued_at: Moment
    ended_at: Moment | None


class DryMatch(Read):
    at: Moment
    about: str
    title: str
    holds: bool


class DryAction(Read):
    """`problem` is what would be in its way."""

    title: str
    to: str
    text: str
    problem: str


class DryRun(Read):
    """Nothing was changed. `seen` moments the trigger was there in the last 30 days, `held` of them with the condition;
    `complete` is false where there was more than is looked through.
    """

    seen: int
    held: int
    complete: bool
    on: str
    matches: list[DryMatch]
    condition: list[ConditionPart]
    actions: list[DryAction]


class RuleActionWrite(Write):
    do: Word
    values: dict[Annotated[str, Text(40)], Annotated[str, Text(5_000)]] = Field(
        default_factory=dict, max_length=10
    )


class RuleSaid(Write):
    trigger: Word
    condition: Annotated[str, Text(4_000)] = "always"
    minutes: Annotated[int, Number(0, 100_000)] = 0
    per_hour: Annotated[int, Number(0, 10_000)] = 60
    grants: Annotated[list[Word], Field(max_length=30)] = Field(default_factory=list)
    actions: Annotated[list[RuleActionWrite], Field(max_length=30)] = Field(default_factory=list)


class RulePut(RuleSaid):
    """All of it at once. `reason` is kept with the version."""

    name: Annotated[str, Text(200)]
    description: Annotated[str, Text(600)] = ""
    team: Id | None = None
    position: Annotated[int, Number(-10_000, 10_000)] = 0
    reason: Reason = ""


class RuleNew(RulePut):
    key: Key


class RuleSwitch(Write):
    enabled: Yes
    reason: Reason = ""


class RuleFile(Read):
    toml: str


class RuleFileWrite(Write):
    toml: Annotated[str, Text(files.MOST_LETTERS)]
    reason: Reason = "Imported"


class RuleTaken(Read):
    """`became`: made (switched off), changed, same."""

    key: str
    became: str


class DryAsked(RuleSaid):
    """`about` is an incident or an alert to show it on; empty: the newest moment it would have run at."""

    name: Annotated[str, Text(120)] = "Draft"
    about: Annotated[str, Text(40)] = ""


class DryRunAsked(Asked):
    """An incident or an alert to show it on."""

    about: Annotated[str, Text(40)] = ""


class RunsAsked(PageAsked):
    rule: Annotated[str, Text(40)] = ""
    incident: Annotated[str, Text(13)] = ""
    state: Annotated[str, Text(20)] = ""


class RuleProposal(Read):
    """`kind`: severity or phase. `outcome` is empty while it waits."""

    id: str
    kind: str
    value: str
    reason: str
    rule: str
    made_at: Moment
    outcome: str
    settled_by: Named | None
    settled_at: Moment | None


class ProposalWrite(Write):
    outcome: Literal["accepted", "declined"]


class ProposalsAsked(PageAsked):
    """`open`: only those that wait for a decision."""

    open: Flag = False


@NOUN.get("", _READ, Page[AutomationRule])
def list_automation_rules(request: Request, asked: Query[PageAsked]) -> Page[AutomationRule]:
    """In the order they are looked at."""
    return page(
        asked, acts.rules(), ("position", "name", "id"), lambda rows: [_rule(request, r) for r in rows]
    )


@NOUN.post("", _WRITE, AutomationRule)
def make_automation_rule(request: Request, body: RuleNew) -> AutomationRule:
    """A new rule, switched off. Refused with every fault at its field."""
    return _rule(request, acts.create(request.act, body.key, _draft(body), body.reason))


@NOUN.get("/file", _READ, RuleFile)
def export_automation_rules(request: Request) -> RuleFile:
    """Every rule as TOML; addresses of webhooks whole only for those who may change rules."""
    return RuleFile(toml=files.dump(list(acts.rules()), request.act.who))


@NOUN.put("/file", _WRITE, Page[RuleTaken])
def import_automation_rules(request: Request, body: RuleFileWrite) -> Page[RuleTaken]:
    """Make and change the rules of a file, all or none. New ones are switched off."""
    told = files.take_in(request.act, files.parse(body.toml), body.reason)
    return whole(RuleTaken(key=key, became=became) for key, became in told)


@NOUN.put("/check", _READ, Page[RuleFinding])
def check_automation_rule(request: Request, body: RuleSaid) -> Page[RuleFinding]:
    """What is wrong with a rule, before it is saved. Changes nothing."""
    return whole(RuleFinding(field=f.field, text=f.text, at=f.at) for f in acts.lint(_read(body)))


@NOUN.put("/dry-run", _READ, DryRun)
def try_automation_rule(request: Request, body: DryAsked) -> DryRun:
    """What a rule would have done, saved or not. Changes nothing."""
    return _shown(dry_run.dry_run(request.act, _read(body), body.name, body.about))


@NOUN.get("/{rule}", _READ, AutomationRule)
def show_automation_rule(request: Request, rule: Key) -> AutomationRule:
    """By key or id."""
    return _rule(request, acts.find(rule))


@NOUN.put("/{rule}", _WRITE, AutomationRule)
def change_automation_rule(request: Request, rule: Key, body: RulePut) -> AutomationRule:
    """A new version, with a reason."""
    return _rule(request, acts.change(request.act, rule, _draft(body), body.reason))


@NOUN.put("/{rule}/enabled", _WRITE, AutomationRule)
def switch_automation_rule(request: Request, rule: Key, body: RuleSwitch) -> AutomationRule:
    """On or off."""
    return _rule(request, acts.switch(request.act, rule, body.enabled, body.reason))


@NOUN.get("/{rule}/versions", _READ, Page[RuleVersion])
def list_automation_versions(request: Request, rule: Key) -> Page[RuleVersion]:
    """The newest first, at most 100."""
    rows = acts.versions(acts.find(rule))
    names = request.names.load(r.author for r in rows)
    return whole(
        RuleVersion(
            version=r.version,
            definition=veil.of_definition(r.definition, request.act.who),
            author=names.of(r.author),
            reason=r.reason,
            at=r.at,
        )
        for r in rows
    )


@NOUN.get("/{rule}/dry-run", _READ, DryRun)
def try_saved_automation_rule(request: Request, rule: Key, asked: Query[DryRunAsked]) -> DryRun:
    """What the rule would have done, as it stands. Changes nothing."""
    row = acts.find(rule)
    return _shown(dry_run.dry_run(request.act, acts.said(row), row.name, asked.about))


@RUNS.get("", _READ, Page[RuleRun])
def list_automation_runs(request: Request, asked: Query[RunsAsked]) -> Page[RuleRun]:
    """The newest first; of incidents that one may know of."""
    rows = acts.runs(request.act.who)
    if asked.rule:
        rows = rows.filter(rule_id=acts.find(asked.rule).id)
    if asked.incident:
        rows = rows.filter(incident_id=asked.incident)
    if asked.state:
        rows = rows.filter(state=asked.state)
    return page(asked, rows, ("-queued_at", "-id"), _runs)


@RUNS.get("/{run}", _READ, RuleRun)
def show_automation_run(request: Request, run: Id) -> RuleRun:
    return _runs([acts.find_run(run, request.act.who)])[0]


@PROPOSALS.get("", "incident.read", Page[RuleProposal])
def list_rule_proposals(
    request: Request, incident: IncidentId, asked: Query[ProposalsAsked]
) -> Page[RuleProposal]:
    """What rules proposed in an incident; `open` leaves those that wait for a decision."""
    case = load(incident, request.act.who)
    found = proposals.open_ones(case.incident) if asked.open else tuple(case.incident.proposals.values())
    return whole(_proposal(request, p) for p in found)


@PROPOSALS.put("/{proposal}", "incident.act", RuleProposal)
def settle_rule_proposal(
    request: Request, incident: IncidentId, proposal: Id, body: ProposalWrite
) -> RuleProposal:
    """Accepting is the change itself, by one's own rights; declining leaves it as it is."""
    settle = proposing.accept if body.outcome == "accepted" else proposing.decline
    case = settle(request.act, incident, proposal)
    return _proposal(request, case.incident.proposals[proposal])


def _read(body: RuleSaid) -> Any:
    told = body.model_dump(include={"trigger", "condition", "minutes", "per_hour", "grants"})
    return read({**told, "actions": [{**a.values, "do": a.do} for a in body.actions]})


def _draft(body: RulePut) -> acts.Draft:
    return acts.Draft(body.name, _read(body), body.description, body.team or "", body.position)


def _rule(request: Request, row: models.AutomationRule) -> AutomationRule:
    rule = veil.of_rule(acts.said(row), request.act.who)
    told = plain(rule)
    return AutomationRule(
        id=row.id, key=row.key, name=row.name, description=row.description, enabled=row.enabled, stopped=row.stopped,
        position=row.position, team=row.team_id, version=row.version, trigger=rule.trigger, minutes=rule.minutes,
        condition=rule.condition, per_hour=rule.per_hour, grants=told["grants"],
        actions=[RuleAction(do=a.deed, values=dict(a.values)) for a in rule.actions],
        created_by=request.names.of(row.created_by), created_at=row.created_at, changed_at=row.changed_at,
    )  # fmt: skip


def _runs(rows: list[models.AutomationRun]) -> list[RuleRun]:
    keys = dict(
        models.AutomationRule.objects.filter(id__in=[r.rule_id for r in rows]).values_list("id", "key")
    )
    return [
        RuleRun(
            id=r.id, rule=keys.get(r.rule_id, ""), version=r.version, trigger=r.trigger, incident=r.incident_id,
            alert=r.alert_id, state=r.state, reason=r.reason, holds=r.holds,
            condition=[ConditionPart(depth=d, text=t, holds=h, have=v) for d, t, h, v in r.explained],
            actions=[RuleOutcome(do=o["do"], state=o["state"], text=o["text"]) for o in r.outcomes],
            drill=r.drill, attempts=r.attempts, took_ms=r.took_ms, queued_at=r.queued_at, ended_at=r.ended_at,
        )
        for r in rows
    ]  # fmt: skip


def _shown(found: dry_run.Shown) -> DryRun:
    return DryRun(
        seen=found.seen, held=found.held, complete=found.complete, on=found.on,
        matches=[DryMatch(at=m.at, about=m.about, title=m.title, holds=m.holds) for m in found.matches],
        condition=[ConditionPart(depth=p.depth, text=p.text, holds=p.holds, have=p.have) for p in found.parts],
        actions=[DryAction(title=a.title, to=a.to, text=a.text, problem=a.problem) for a in found.actions],
    )  # fmt: skip


def _proposal(request: Request, p: Any) -> RuleProposal:
    return RuleProposal(
        id=p.id, kind=p.kind, value=p.value, reason=p.reason, rule=p.name, made_at=p.made_at, outcome=p.outcome,
        settled_by=request.names.maybe(p.settled_by), settled_at=p.settled_at,
    )  # fmt: skip
