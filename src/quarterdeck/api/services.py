"""Services: what is watched, who owns it, whose policy calls; and the policies themselves, for reading."""

from __future__ import annotations

from typing import Annotated, Any

from ninja import Query

from quarterdeck.app import services as acts
from quarterdeck.app.directory import Directory, policy_from
from quarterdeck.core.escalation.policy import Target
from quarterdeck.store import models

from .doors import Request
from .fields import Key, LongLine, NewKey, Number, Read, Text, Url, Word, Write
from .operations import Noun
from .pages import Page, PageAsked, page

NOUN = Noun("Services", "/services")
POLICIES = Noun("Services", "/escalation-policies")


class Service(Read):
    """`team` and `policy` are keys; tier 1 is the most important."""

    id: str
    key: str
    name: str
    description: str
    tier: int
    team: str | None
    policy: str | None
    runbook_url: str
    dashboard_url: str


class ServiceWrite(Write):
    """`team` and `policy` are keys, empty for none."""

    key: NewKey
    name: Annotated[str, Text(120, least=1)]
    description: LongLine = ""
    tier: Annotated[int, Number(1, 5)] = 3
    team: Word = ""
    policy: Word = ""
    runbook_url: Url = ""
    dashboard_url: Url = ""


class ServicePatch(Write):
    """Only what is named changes."""

    name: Annotated[str, Text(120, least=1)] | None = None
    description: LongLine | None = None
    tier: Annotated[int, Number(1, 5)] | None = None
    team: Word | None = None
    policy: Word | None = None
    runbook_url: Url | None = None
    dashboard_url: Url | None = None


class PolicyTarget(Read):
    """A person, a schedule or a team, by id, with its name."""

    kind: str
    id: str
    name: str


class PolicyStep(Read):
    wait_seconds: int
    targets: list[PolicyTarget]


class Policy(Read):
    id: str
    key: str
    name: str
    repeats: int
    steps: list[PolicyStep]
    catch_all: list[PolicyTarget]


class ServicesAsked(PageAsked):
    team: Word = ""


@NOUN.get("", "service.read", Page[Service])
def list_services(request: Request, asked: Query[ServicesAsked]) -> Page[Service]:
    """Services by key, or those of one team."""
    rows = models.Service.objects.select_related("team", "policy")
    if asked.team:
        rows = rows.filter(team__key=asked.team)
    return page(asked, rows, ("key",), lambda found: [_told(r) for r in found])


@NOUN.post("", "service.edit", Service)
def create_service(request: Request, body: ServiceWrite) -> Service:
    return _told(acts.create(request.act, **body.model_dump()))


@NOUN.get("/{service}", "service.read", Service)
def get_service(request: Request, service: Key) -> Service:
    return _told(acts.find(service))


@NOUN.patch("/{service}", "service.edit", Service)
def change_service(request: Request, service: Key, body: ServicePatch) -> Service:
    return _told(acts.update(request.act, service, **body.model_dump(exclude_none=True)))


@POLICIES.get("", "schedule.read", Page[Policy])
def list_policies(request: Request, asked: Query[PageAsked]) -> Page[Policy]:
    """Escalation policies by key: whom each step names, and how long it waits."""
    directory = Directory(request.act.at)
    rows = models.EscalationPolicy.objects.all()
    return page(asked, rows, ("key",), lambda found: [_policy(r, directory) for r in found])


def _told(row: models.Service) -> Service:
    plain: dict[str, Any] = {n: getattr(row, n) for n in Service.model_fields if n not in ("team", "policy")}
    return Service(
        **plain, team=row.team.key if row.team else None, policy=row.policy.key if row.policy else None
    )


def _policy(row: models.EscalationPolicy, directory: Directory) -> Policy:
    policy = policy_from(row.definition)

    def named(target: Target) -> PolicyTarget:
        return PolicyTarget(kind=target.kind, id=target.ref, name=directory.label(target))

    return Policy(
        id=row.id,
        key=row.key,
        name=row.name,
        repeats=policy.repeats,
        steps=[
            PolicyStep(wait_seconds=int(s.wait.total_seconds()), targets=[named(t) for t in s.targets])
            for s in policy.steps
        ],
        catch_all=[named(t) for t in policy.catch_all],
    )
