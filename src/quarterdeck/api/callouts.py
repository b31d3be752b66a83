"""Callouts: paging people, schedules and teams, paging a commander, what became of each, and answering."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Annotated, Any, Literal

from django.http import HttpResponse
from ninja import Query
from pydantic import Field

from quarterdeck.app import search
from quarterdeck.app.act import need
from quarterdeck.app.paging import paging
from quarterdeck.app.visibility import known_to, must_see
from quarterdeck.core.escalation.policy import Target
from quarterdeck.core.kernel.refused import Refused, bad, missing
from quarterdeck.store import models

from .doors import LOGIN, Request
from .fields import Flag, Id, IncidentId, Key, Line, LongLine, Moment, Named, Read, Write
from .operations import Noun
from .pages import Page, PageAsked, page
from .problems import Problem, problem, refusal

NOUN = Noun("Callouts", "/callouts")
COMMANDER = Noun("Callouts", "/commander-callouts")
PHONES = Noun("Callouts", "/phone-list")
MOST_TARGETS = 20
State = Literal["waiting", "acknowledged", "cancelled", "unreachable", "informed"]


class CalloutAttempt(Read):
    """One try to send. `outcome`: accepted, retry, gave_up, ambiguous, dropped; "" while it runs."""

    n: int
    at: Moment
    phase: str
    outcome: str
    detail: str


class CalloutDelivery(Read):
    """One contact of the person, and what became of it."""

    id: str
    channel: str
    state: str
    created_at: Moment
    finished_at: Moment | None
    error: str
    attempts: list[CalloutAttempt]


class Callout(Read):
    """A request that one person responds now. `reason` is what they read: why them."""

    id: str
    person: Named
    kind: Literal["callout", "heads_up"]
    subject: str
    reason: str
    urgency: str
    state: State
    alert: str | None
    incident: str | None
    role: str | None
    step: int
    cycle: int
    created_at: Moment
    created_by: Named | None
    expires_at: Moment
    acknowledged_at: Moment | None
    seen_at: Moment | None
    acknowledged_via: str | None
    note: str
    drill: bool
    deliveries: list[CalloutDelivery]


class CalloutsMade(Read):
    """What was sent out, one for each person."""

    items: list[Callout]


class Phone(Read):
    """Somebody to ring by hand."""

    name: str
    title: str
    phone: str
    email: str


class CommanderCalled(CalloutsMade):
    """With the people to ring should nobody answer."""

    phone_list: list[Phone]


class CommanderMissing(Problem):
    """Nobody could be paged: ring these people."""

    phone_list: list[Phone] = Field(default_factory=list)


class CalloutsAsked(PageAsked):
    mine: Flag = False
    state: State | Literal[""] = ""


Targets = Annotated[list[Key], Field(max_length=MOST_TARGETS)]


class CalloutWrite(Write):
    """Whom to page, by id (or key, for schedules and teams), about what, and why: they will read it."""

    people: Annotated[list[Id], Field(max_length=MOST_TARGETS)] = Field(default_factory=list)
    schedules: Targets = Field(default_factory=list)
    teams: Targets = Field(default_factory=list)
    subject: Line = ""
    reason: LongLine
    incident: IncidentId | None = None
    urgency: Literal["high", "low"] = "high"


class CommanderCallWrite(Write):
    reason: LongLine = ""
    incident: IncidentId | None = None


@NOUN.get("", LOGIN, Page[Callout])
def list_callouts(request: Request, asked: Query[CalloutsAsked]) -> Page[Callout]:
    """Callouts, the newest first; `mine=true` for one's own. Those of others take the permission alert.read."""
    if not asked.mine:
        need(request.act, "alert.read")
    rows = search.callouts(request.act.who, mine=asked.mine, state=asked.state)
    return page(asked, rows, ("-id",), lambda found: told(request, found))


@NOUN.post("", "page.send", CalloutsMade)
def page_people(request: Request, body: CalloutWrite) -> CalloutsMade:
    """Page people, whoever is on call in schedules, and teams."""
    if body.incident:
        must_see(request.act.who, body.incident)
    made = paging.page(
        request.act,
        _targets(body),
        body.subject,
        body.reason,
        incident_id=body.incident or "",
        urgency=body.urgency,
    )
    return CalloutsMade(items=told(request, _rows(made)))


@NOUN.get("/{callout}", LOGIN, Callout)
def get_callout(request: Request, callout: Id) -> Callout:
    """One callout with its deliveries and attempts."""
    row = search.callouts(request.act.who).filter(id=callout).first()
    if row is None:
        raise missing("callout.unknown", "There is no such callout. Look it up in the list.")
    if row.person_id != request.act.person:
        need(request.act, "alert.read")
    return told(request, [row])[0]


@NOUN.put("/{callout}/acknowledgement", LOGIN, Callout)
def acknowledge_callout(request: Request, callout: Id, together: bool = False) -> Callout:
    """Answer a callout that is one's own; what it is about is taken as well. With `together` so is everything else that
    went out on the same page.
    """
    answer = paging.acknowledge_bundle if together else paging.acknowledge_callout
    return told(request, _rows([answer(request.act, callout)]))[0]


@COMMANDER.post("", "commander.call", CommanderCalled, more={409: CommanderMissing})
def page_commander(
    request: Request, body: CommanderCallWrite | None = None
) -> CommanderCalled | HttpResponse:
    """Page the primary and the backup commander at once; never hesitate.

    409 with `phone_list` when nobody could be paged.
    """
    said = body or CommanderCallWrite()
    if said.incident:
        must_see(request.act.who, said.incident)
    phones = paging.phone_list(request.act.at)
    try:
        made = paging.page_commander(request.act, said.reason, said.incident or "")
    except Refused as refused:
        if refused.kind != "conflict":
            raise
        return refusal(refused, phone_list=phones)
    if all(c.state == "unreachable" for c in made):
        message = "Neither commander can be reached by any contact. Call these people yourself."
        return problem(409, "commander.unreachable", message, phone_list=phones)
    return CommanderCalled(items=told(request, _rows(made)), phone_list=[Phone(**p) for p in phones])


@PHONES.get("", "commander.call", Page[Phone])
def list_phones(request: Request) -> Page[Phone]:
    """Whom to ring by hand when paging fails."""
    return Page(items=[Phone(**p) for p in paging.phone_list(request.act.at)], next=None)


def _targets(body: CalloutWrite) -> list[Target]:
    """The people, schedules and teams that are named. One that does not exist is refused, not skipped."""
    people = set(
        models.Person.objects.filter(id__in=body.people, is_active=True).values_list("id", flat=True)
    )
    found = [Target("person", p) for p in body.people if p in people]
    if len(people) < len(set(body.people)):
        raise bad(
            "person.unknown", "One of these people is not there or not active.", people="unknown person"
        )
    found += [Target("schedule", i) for i in _ids(models.Schedule, body.schedules, "schedules")]
    return found + [Target("team", i) for i in _ids(models.Team, body.teams, "teams")]


def _ids(model: type[models.Schedule] | type[models.Team], named: Sequence[str], field: str) -> list[str]:
    rows: Any = model._default_manager.values_list("id", "key")
    by_name = {name: row_id for row_id, key in rows for name in (row_id, key)}
    if not set(named) <= by_name.keys():
        raise bad("target.unknown", f"One of these {field} does not exist.", **{field: "unknown"})
    return [by_name[name] for name in dict.fromkeys(named)]


def _rows(made: Iterable[models.Callout]) -> list[models.Callout]:
    return list(
        models.Callout.objects.select_related("person").filter(id__in=[c.id for c in made]).order_by("id")
    )


def told(request: Request, rows: Sequence[models.Callout]) -> list[Callout]:
    """Callouts as they are answered, with deliveries and attempts in three queries."""
    names = request.names.load(r.created_by for r in rows)
    known = known_to(request.act.who, (r.incident_id for r in rows))
    deliveries = _deliveries([r.id for r in rows])
    return [
        Callout(
            id=r.id,
            person=Named(id=r.person_id, name=r.person.name),
            kind=r.kind,
            subject=r.subject,
            reason=r.reason,
            urgency=r.urgency,
            state=r.state,
            alert=r.alert_id or None,
            incident=r.incident_id if r.incident_id in known else None,
            role=r.role or None,
            step=r.step,
            cycle=r.cycle,
            created_at=r.created_at,
            created_by=names.maybe(r.created_by),
            expires_at=r.expires_at,
            acknowledged_at=r.acknowledged_at,
            seen_at=r.seen_at,
            acknowledged_via=r.acknowledged_via or None,
            note=r.note,
            drill=r.drill,
            deliveries=deliveries.get(r.id, []),
        )
        for r in rows
    ]


def _deliveries(callout_ids: Sequence[str]) -> dict[str, list[CalloutDelivery]]:
    """Without addresses: whoever may see that somebody was paged need not learn their number."""
    rows = list(models.Delivery.objects.filter(callout_id__in=callout_ids).order_by("id"))
    tries: dict[str, list[CalloutAttempt]] = {}
    for a in models.Attempt.objects.filter(delivery_id__in=[r.id for r in rows]).order_by("id"):
        tries.setdefault(a.delivery_id, []).append(CalloutAttempt.model_validate(a))
    found: dict[str, list[CalloutDelivery]] = {}
    for r in rows:
        one = CalloutDelivery(
            id=r.id,
            channel=r.channel,
            state=r.state,
            created_at=r.created_at,
            finished_at=r.finished_at,
            error=r.error,
            attempts=tries.get(r.id, []),
        )
        found.setdefault(r.callout_id, []).append(one)
    return found
