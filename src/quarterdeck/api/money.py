"""Money of an incident: authority lent, costs and budget, the harm in each dimension. Amounts count minor units."""

from __future__ import annotations

from typing import Annotated, Literal

from quarterdeck.app.casebook import Case, load
from quarterdeck.app.incidents import money as acts
from quarterdeck.core.incidents import business as parts
from quarterdeck.core.incidents import costing
from quarterdeck.core.incidents.delegations import MOST_WINDOW_HOURS, used
from quarterdeck.core.incidents.spending import MOST_HOURLY
from quarterdeck.core.incidents.structure import DIMENSIONS, LEVELS
from quarterdeck.core.kernel.money import MOST

from .doors import Request
from .fields import Id, IncidentId, Line, LongLine, Moment, Named, Number, Read, Text, When, Write, Yes
from .names import must_be_active
from .operations import Noun
from .pages import Page, whole

NOUN = Noun("Money", "/incidents/{incident}")
Currency = Annotated[str, Text(3, pattern=r"^[A-Za-z]{3}$")]
Minor = Annotated[int, Number(0, MOST)]
Dimension = Literal[DIMENSIONS]  # type: ignore[valid-type]
Level = Literal[LEVELS]  # type: ignore[valid-type]
_ACT = "incident.act"


class Delegation(Read):
    """`acts`: spend, budget, regulatory, continuity. `limit_minor` bounds all acts of the first two together, of which
    `spent_minor` and `planned_minor` are used up: over the whole incident, or within any `window_hours` (0: none).

    `office` passes on with the role. `lapsed`: it ended with its giver's command, and may be confirmed.
    """

    id: str
    from_person: Named
    to_person: Named
    acts: list[str]
    limit_minor: int
    currency: str
    until: Moment | None
    note: str
    given_at: Moment
    in_force: bool
    end_reason: str
    window_hours: int
    office: str
    spent_minor: int
    planned_minor: int
    lapsed: bool


class DelegationWrite(Write):
    """`until` left out lasts as long as the incident. Without `currency` that of the organisation counts."""

    person: Id
    acts: tuple[
        Literal["spend", "budget", "regulatory", "continuity", "shutdown", "disclosure", "data_deletion"],
        ...,
    ]
    limit_minor: Minor = 0
    currency: Currency | None = None
    until: When | None = None
    note: Line = ""
    window_hours: Annotated[int, Number(0, MOST_WINDOW_HOURS)] = 0


class CostEntry(Read):
    """`kind`: cost (spent), budget (planned). One that was struck counts no more."""

    id: str
    kind: str
    what: str
    minor: int
    currency: str
    entered_by: Named
    entered_at: Moment
    struck_at: Moment | None
    struck_reason: str


class MoneyWrite(Write):
    what: Annotated[str, Text(300, least=1)]
    minor: Annotated[int, Number(1, MOST)]
    currency: Currency | None = None


class MoneyReasonWrite(Write):
    reason: Annotated[str, Text(300, least=1)]


class CostLine(Read):
    """`kind`: people, entry, request, impact. `seconds` are people's time."""

    kind: str
    subject: str
    what: str
    minor: int
    currency: str
    seconds: int


class Costs(Read):
    """What the incident costs at `at`. `totals` sums every line, `spent` leaves out the harm; by currency."""

    at: Moment
    lines: list[CostLine]
    totals: dict[str, int]
    spent: dict[str, int]
    budget: dict[str, int]
    left: dict[str, int]
    entries: list[CostEntry]


class ImpactAssessment(Read):
    """`cost_minor` is what the dimension cost by now: once, and by the hour since the impact began."""

    dimension: str
    level: str
    note: str
    hour_minor: int
    once_minor: int
    currency: str
    cost_minor: int
    assessed_by: Named
    assessed_at: Moment


class AssessmentWrite(Write):
    """An hourly amount counts from now on; the first one, and with `from_start`, from the beginning of the impact."""

    level: Level
    note: Annotated[str, Text(2000)] = ""
    hour_minor: Annotated[int, Number(0, MOST_HOURLY)] = 0
    once_minor: Minor = 0
    currency: Currency | None = None
    from_start: Yes = False
    reason: LongLine = ""


class ImpactStartWrite(Write):
    began_at: When
    reason: LongLine = ""


class ImpactStart(Read):
    """`seconds` is how long the impact lasted by now, or until the incident was resolved."""

    began_at: Moment
    seconds: int


@NOUN.get("/delegations", "incident.read", Page[Delegation])
def list_delegations(request: Request, incident: IncidentId) -> Page[Delegation]:
    """Who lent which authority to whom, with limit and end."""
    case = load(incident, request.act.who)
    return whole(_delegation(request, case, d) for d in case.incident.business.delegations.values())


@NOUN.post("/delegations", _ACT, Delegation)
def delegate_authority(request: Request, incident: IncidentId, body: DelegationWrite) -> Delegation:
    """Lend authority: the commander, or an administrator for the organisation."""
    must_be_active(body.person, "person")
    case = acts.delegate(
        request.act, incident, body.person, tuple(body.acts), limit_minor=body.limit_minor,
        currency=body.currency or "", until=body.until, note=body.note, window_hours=body.window_hours,
    )  # fmt: skip
    return _delegation(request, case, next(reversed(case.incident.business.delegations.values())))


@NOUN.put("/delegations/{delegation}/confirmation", _ACT, Delegation)
def confirm_delegation(request: Request, incident: IncidentId, delegation: Id) -> Delegation:
    """Lend again what lapsed when command passed on, on the same terms. The answer is the new one."""
    case = acts.confirm(request.act, incident, delegation)
    return _delegation(request, case, next(reversed(case.incident.business.delegations.values())))


@NOUN.put("/delegations/{delegation}/end", _ACT, Delegation)
def end_delegation(
    request: Request, incident: IncidentId, delegation: Id, body: MoneyReasonWrite | None = None
) -> Delegation:
    """Take lent authority back, or give it back."""
    case = acts.revoke(request.act, incident, delegation, body.reason if body else "")
    return _delegation(request, case, case.incident.business.delegations[delegation])


@NOUN.get("/costs", "incident.read", Costs)
def get_costs(request: Request, incident: IncidentId) -> Costs:
    """What the incident costs so far, line by line."""
    return _costs(request, load(incident, request.act.who))


@NOUN.post("/costs", _ACT, Costs)
def enter_cost(request: Request, incident: IncidentId, body: MoneyWrite) -> Costs:
    """Money that was spent."""
    case = acts.enter(request.act, incident, "cost", body.what, body.minor, body.currency or "")
    return _costs(request, case)


@NOUN.post("/budget", _ACT, Costs)
def enter_budget(request: Request, incident: IncidentId, body: MoneyWrite) -> Costs:
    """Money that is planned; several entries add up."""
    case = acts.enter(request.act, incident, "budget", body.what, body.minor, body.currency or "")
    return _costs(request, case)


@NOUN.put("/costs/{entry}/strike", _ACT, Costs)
def strike_cost(request: Request, incident: IncidentId, entry: Id, body: MoneyReasonWrite) -> Costs:
    """An entry was wrong: it stays readable and counts no more."""
    return _costs(request, acts.strike(request.act, incident, entry, body.reason))


@NOUN.get("/impact-assessments", "incident.read", Page[ImpactAssessment])
def list_impact_assessments(request: Request, incident: IncidentId) -> Page[ImpactAssessment]:
    """The harm in each dimension that was assessed."""
    case = load(incident, request.act.who)
    return whole(_assessment(request, case, i) for i in case.incident.business.impacts.values())


@NOUN.put("/impact-assessments/{dimension}", _ACT, ImpactAssessment)
def assess_dimension(
    request: Request, incident: IncidentId, dimension: Dimension, body: AssessmentWrite
) -> ImpactAssessment:
    """Level, note and estimate of one dimension of the harm."""
    said = body.model_dump(exclude={"level", "currency"})
    case = acts.assess(request.act, incident, dimension, body.level, currency=body.currency or "", **said)
    return _assessment(request, case, case.incident.business.impacts[dimension])


@NOUN.put("/impact-start", _ACT, ImpactStart)
def set_impact_start(request: Request, incident: IncidentId, body: ImpactStartWrite) -> ImpactStart:
    """When the harm began, which is mostly before anybody declared."""
    case = acts.set_impact_start(request.act, incident, body.began_at, body.reason)
    began = costing.began(case.incident) or request.act.at
    until = costing.counted_until(case.incident, request.act.at)
    return ImpactStart(began_at=began, seconds=costing.seconds(began, until))


def _delegation(request: Request, case: Case, d: parts.Delegation) -> Delegation:
    at = d.ended_at or request.act.at
    names = request.names.load((d.from_person, d.to_person))
    return Delegation(
        id=d.id, from_person=names.of(d.from_person), to_person=names.of(d.to_person), acts=list(d.acts),
        limit_minor=d.limit_minor, currency=d.currency, until=d.until, note=d.note, given_at=d.given_at,
        in_force=d.in_force(request.act.at), end_reason=d.end_reason, window_hours=d.window_hours, office=d.office,
        spent_minor=used(case.incident, d, "spend", at) if d.currency else 0,
        planned_minor=used(case.incident, d, "budget", at) if d.currency else 0, lapsed=d.lapsed,
    )  # fmt: skip


def _costs(request: Request, case: Case) -> Costs:
    found = acts.so_far(case, request.act.at)
    entries = case.incident.business.costs.values()
    request.names.load({e.entered_by for e in entries})
    return Costs(
        at=request.act.at, lines=[CostLine.model_validate(line) for line in found.lines],
        totals=dict(found.totals), spent=dict(found.spent), budget=dict(found.planned), left=dict(found.left),
        entries=[_entry(request, e) for e in entries],
    )  # fmt: skip


def _entry(request: Request, e: parts.CostEntry) -> CostEntry:
    return CostEntry(
        id=e.id, kind=e.kind, what=e.what, minor=e.minor, currency=e.currency,
        entered_by=request.names.of(e.entered_by), entered_at=e.entered_at, struck_at=e.struck_at,
        struck_reason=e.struck_reason,
    )  # fmt: skip


def _assessment(request: Request, case: Case, i: parts.ImpactAssessment) -> ImpactAssessment:
    until = costing.counted_until(case.incident, request.act.at)
    return ImpactAssessment(
        dimension=i.dimension, level=case.incident.dimensions.get(i.dimension, "none"), note=i.note,
        hour_minor=i.hour_minor, once_minor=i.once_minor, currency=i.currency, cost_minor=costing.harm(i, until),
        assessed_by=request.names.of(i.assessed_by), assessed_at=i.assessed_at,
    )  # fmt: skip
