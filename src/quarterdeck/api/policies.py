"""Escalation policies: who is called, who next, when a step applies; and the times at which one would reach nobody."""

from __future__ import annotations

from datetime import time, timedelta
from typing import Annotated, Literal

from ninja import Query
from pydantic import Field

from quarterdeck.app.oncall import coverage
from quarterdeck.app.paging import policies as acts
from quarterdeck.app.paging import preflight
from quarterdeck.app.paging.directory import Directory, policy_from
from quarterdeck.core.escalation.policy import Policy as Core
from quarterdeck.core.escalation.policy import Step, Target, Window
from quarterdeck.store import models

from .doors import Request
from .fields import Key, Moment, NewKey, Number, Read, Text, Word, Write
from .operations import Noun
from .pages import Page, PageAsked, page

NOUN = Noun("Services", "/escalation-policies")
Kind = Literal["person", "schedule", "team", "role"]
Severity = Literal["critical", "error", "warning", "info"]
Mode = Literal["all", "one_of"]
Urgency = Literal["", "high", "low"]
Clock = Annotated[str, Text(5, pattern=r"^(?:[01][0-9]|2[0-3]):[0-5][0-9]$")]


class PolicyTarget(Read):
    """A person, a schedule or a team by id, or a role of the alert's incident by key; with its name."""

    kind: str
    id: str
    name: str


class PolicyWindow(Read):
    """A time of day in a zone; an end at or before the start is on the next day. Weekday 0 is Monday, none is all."""

    start: str
    end: str
    weekdays: list[int]
    zone: str


class PolicyStep(Read):
    """Without `severities` and `windows` it applies always. `mode` one_of calls one of its people, in turn by alert.
    `urgency` empty is the alert's own.
    """

    wait_seconds: int
    targets: list[PolicyTarget]
    severities: list[str]
    windows: list[PolicyWindow]
    mode: str
    urgency: str


class Policy(Read):
    """`ack_timeout_minutes` is after how long an acknowledged alert that still fires pages again; 0 is never."""

    id: str
    key: str
    name: str
    version: int
    repeats: int
    steps: list[PolicyStep]
    catch_all: list[PolicyTarget]
    ack_timeout_minutes: int


class Unreached(Read):
    """A stretch of time in which an alert of these severities (none: any) would reach nobody."""

    starts_at: Moment
    ends_at: Moment
    severities: list[str]


class PolicyDetail(Policy):
    """With the times of the next seven days at which it reaches nobody, and why it ends in nobody ("" if it does
    not).
    """

    unreached: list[Unreached]
    ends_in_nobody: str


class TargetWrite(Write):
    kind: Kind
    id: Annotated[str, Text(60, least=1)]


class StepWindowWrite(Write):
    start: Clock
    end: Clock
    weekdays: Annotated[list[Annotated[int, Number(0, 6)]], Field(max_length=7)] = Field(default_factory=list)
    zone: Word = "UTC"


class StepWrite(Write):
    targets: Annotated[list[TargetWrite], Field(max_length=100)]
    wait_seconds: Annotated[int, Number(1, 86_400)] = 300
    severities: Annotated[list[Severity], Field(max_length=4)] = Field(default_factory=list)
    windows: Annotated[list[StepWindowWrite], Field(max_length=100)] = Field(default_factory=list)
    mode: Mode = "all"
    urgency: Urgency = ""


class PolicyPut(Write):
    """All of it at once. `version` is the one that was read; without it whatever stands is replaced. `note` says what
    changes, for those whom it calls: they are told.
    """

    name: Annotated[str, Text(120, least=1)]
    steps: Annotated[list[StepWrite], Field(max_length=100)]
    repeats: Annotated[int, Number(0, 100)] = 0
    catch_all: Annotated[list[TargetWrite], Field(max_length=100)] = Field(default_factory=list)
    ack_timeout_minutes: Annotated[int, Number(0, 1_440)] = 0
    version: Annotated[int, Number(0, 2**31)] | None = None
    note: Annotated[str, Text(4000)] = ""


class PolicyWrite(PolicyPut):
    """`key` "default" is used where a service names none, "commander" to call one, "role-…" for a role."""

    key: NewKey


@NOUN.get("", "schedule.read", Page[Policy])
def list_policies(request: Request, asked: Query[PageAsked]) -> Page[Policy]:
    """Escalation policies by key: whom each step names, and how long it waits."""
    directory = Directory(request.act.at)
    rows = models.EscalationPolicy.objects.all()
    return page(asked, rows, ("key",), lambda found: [Policy(**_plain(r, directory)) for r in found])


@NOUN.post("", "schedule.edit", PolicyDetail)
def create_policy(request: Request, body: PolicyWrite) -> PolicyDetail:
    return _told(request, acts.create(request.act, _core(body.key, body)))


@NOUN.get("/{policy}", "schedule.read", PolicyDetail)
def get_policy(request: Request, policy: Key) -> PolicyDetail:
    """One policy, and when it would reach nobody."""
    return _told(request, acts.find(policy))


@NOUN.put("/{policy}", "schedule.edit", PolicyDetail)
def change_policy(request: Request, policy: Key, body: PolicyPut) -> PolicyDetail:
    """Replace a policy. Escalations under way keep their copy."""
    row = acts.find(policy)
    return _told(request, acts.update(request.act, row.key, _core(row.key, body), body.version, body.note))


@NOUN.delete("/{policy}", "schedule.edit")
def delete_policy(request: Request, policy: Key) -> None:
    """Take a policy away; refused while something calls by it."""
    acts.delete(request.act, policy)


def _core(key: str, body: PolicyPut) -> Core:
    return Core(
        key=key,
        name=body.name,
        steps=tuple(_step(s) for s in body.steps),
        repeats=body.repeats,
        catch_all=_targets(body.catch_all),
        ack_timeout=timedelta(minutes=body.ack_timeout_minutes),
    )


def _step(s: StepWrite) -> Step:
    return Step(
        targets=_targets(s.targets),
        wait=timedelta(seconds=s.wait_seconds),
        severities=tuple(dict.fromkeys(s.severities)),
        windows=tuple(
            Window(
                time.fromisoformat(w.start), time.fromisoformat(w.end), tuple(sorted(set(w.weekdays))), w.zone
            )
            for w in s.windows
        ),
        mode=s.mode,
        urgency=s.urgency,
    )


def _targets(wanted: list[TargetWrite]) -> tuple[Target, ...]:
    return tuple(dict.fromkeys(Target(t.kind, t.id) for t in wanted))


def _told(request: Request, row: models.EscalationPolicy) -> PolicyDetail:
    now = request.act.at
    spells = preflight.unreached(policy_from(row.definition), now)
    return PolicyDetail(
        **_plain(row, Directory(now)),
        unreached=[
            Unreached(starts_at=s.starts_at, ends_at=s.ends_at, severities=list(s.severities)) for s in spells
        ],
        ends_in_nobody=coverage.ends_in_nobody(row, now),
    )


def _plain(row: models.EscalationPolicy, directory: Directory) -> dict[str, object]:
    policy = policy_from(row.definition)

    def named(targets: tuple[Target, ...]) -> list[PolicyTarget]:
        return [PolicyTarget(kind=t.kind, id=t.ref, name=directory.label(t)) for t in targets]

    return {
        "id": row.id,
        "key": row.key,
        "name": row.name,
        "version": row.version,
        "repeats": policy.repeats,
        "steps": [
            PolicyStep(
                wait_seconds=int(s.wait.total_seconds()),
                targets=named(s.targets),
                severities=list(s.severities),
                windows=[
                    PolicyWindow(
                        start=f"{w.start:%H:%M}", end=f"{w.end:%H:%M}", weekdays=list(w.weekdays), zone=w.zone
                    )
                    for w in s.windows
                ],
                mode=s.mode,
                urgency=s.urgency,
            )
            for s in policy.steps
        ],
        "catch_all": named(policy.catch_all),
        "ack_timeout_minutes": int(policy.ack_timeout.total_seconds() // 60),
    }
