"""Services: what is watched, who owns it, whose policy calls."""

from __future__ import annotations

from typing import Annotated, Any

from ninja import Query

from quarterdeck.app.incidents import ownership
from quarterdeck.app.incidents import services as acts
from quarterdeck.core.access import may
from quarterdeck.store import models

from .doors import Request
from .fields import Asked, Key, LongLine, Named, NewKey, Number, Read, Text, Url, When, Word, Write
from .oncall import Duties, told
from .operations import Noun
from .pages import Page, PageAsked, page

NOUN = Noun("Services", "/services")


class Owner(Read):
    key: str
    name: str
    leads: list[Named]


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


class ServiceOwned(Service):
    """`owner` is the team with who leads it. `on_call` are the schedules that its policy calls, or where it has none
    the default policy, at the instant asked for; null for whoever may not see schedules.
    """

    owner: Owner | None
    on_call: list[Duties] | None


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


class ServiceAsked(Asked):
    """`at` is now unless given."""

    at: When | None = None


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


@NOUN.get("/{service}", "service.read", ServiceOwned)
def get_service(request: Request, service: Key, asked: Query[ServiceAsked]) -> ServiceOwned:
    """A service with whose it is and who is on call for it."""
    row = acts.find(service)
    owner = ownership.owner_of(row, asked.at or request.act.at)
    team = owner.team
    return ServiceOwned(
        **dict(_told(row)),
        owner=Owner(
            key=team.key,
            name=team.name,
            leads=[Named(id=p.id, name=p.name) for p in ownership.leads_of(team)],
        )
        if team
        else None,
        on_call=[told(d) for d in owner.duties] if may(request.act.who, "schedule.read") else None,
    )


@NOUN.patch("/{service}", "service.edit", Service)
def change_service(request: Request, service: Key, body: ServicePatch) -> Service:
    return _told(acts.update(request.act, service, **body.model_dump(exclude_none=True)))


def _told(row: models.Service) -> Service:
    plain: dict[str, Any] = {n: getattr(row, n) for n in Service.model_fields if n not in ("team", "policy")}
    return Service(
        **plain, team=row.team.key if row.team else None, policy=row.policy.key if row.policy else None
    )
