"""Those outside an incident: who spoke of it first, the agreed first word, affected customers, their count, the end."""

from __future__ import annotations

from typing import Annotated, Literal

from ninja import Query

from quarterdeck.app.casebook import Case, load
from quarterdeck.app.comms import acknowledging, closings
from quarterdeck.app.comms import telling as acts
from quarterdeck.app.visibility import must_see
from quarterdeck.core.incidents import closing, disclosure, impact_pulse
from quarterdeck.core.kernel.refused import missing
from quarterdeck.store import models

from .doors import Request
from .fields import Id, IncidentId, Moment, Named, Number, Read, Text, When, Write
from .operations import Noun
from .pages import Page, PageAsked, page, whole

MENTIONS = Noun("Disclosure", "/incidents/{incident}/mentions")
FIRST = Noun("Messages", "/incidents/{incident}/acknowledgement")
CLOSINGS = Noun("Messages", "/incidents/{incident}/closing-summaries")
CUSTOMERS = Noun("Affected customers", "/incidents/{incident}/affected-customers")
PULSES = Noun("Affected customers", "/incidents/{incident}/impact-pulses")
State = Literal["affected", "rolling_out", "done", "declined"]


class Mention(Read):
    """`ahead`: it was seen before our first public statement."""

    id: str
    source: str
    place: str
    seen_at: Moment
    link: str
    text: str
    ahead: bool
    recorded_by: Named
    recorded_at: Moment


class Disclosure(Read):
    """`first_statement_at`: when the public first heard of it from us. `outrun`: somebody else was ahead."""

    first_statement_at: Moment | None
    seconds_to_first_statement: int | None
    outrun: bool
    mentions: list[Mention]


class MentionWrite(Write):
    """Who spoke of it and where. Without `seen_at` it was seen now."""

    source: Annotated[str, Text(120, least=1)]
    place: Annotated[str, Text(120, least=1)]
    seen_at: When | None = None
    link: Annotated[str, Text(2000)] = ""
    text: Annotated[str, Text(2000)] = ""


class FirstWord(Read):
    """The agreed first word as it would go out now. `due_at` null: the structure sets no time."""

    key: str
    title: str
    audience: str
    headline: str
    customer_effect: str
    action: str
    next_update_at: Moment | None
    due_at: Moment | None
    approved_by: str
    approved_on: str


class SentWord(Read):
    message: str


class ClosingState(Read):
    """An audience that heard of the incident. `summary` is the message that closed it, `draft` one on its way."""

    audience: str
    title: str
    messages: int
    summary: str | None
    draft: str | None


class Drafts(Read):
    messages: list[str]


class AffectedCustomer(Read):
    id: str
    name: str
    reference: str
    state: State
    note: str
    listed_at: Moment
    changed_by: Named | None
    changed_at: Moment | None


class CustomersWrite(Write):
    """A customer a line: the name, and after a comma one's own number for them. A first line `name` is skipped."""

    customers: Annotated[str, Text(400_000, least=1)]


class CustomersListed(Read):
    changed: int
    listed: int
    open: int


class CustomerStateWrite(Write):
    """`declined` takes a note."""

    state: State
    note: Annotated[str, Text(300)] = ""


class Pulse(Read):
    id: str
    affected_now: int
    worst_case: int
    note: str
    taken_by: Named
    taken_at: Moment


class Pulses(Read):
    """`due_at` null: nobody takes it, or this severity asks for none. `late`: it is overdue."""

    due_at: Moment | None
    late: bool
    items: list[Pulse]


class PulseWrite(Write):
    affected_now: Annotated[int, Number(0, impact_pulse.MOST_CUSTOMERS)]
    worst_case: Annotated[int, Number(0, impact_pulse.MOST_CUSTOMERS)]
    note: Annotated[str, Text(300)] = ""


@MENTIONS.get("", "incident.read", Disclosure)
def get_disclosure(request: Request, incident: IncidentId) -> Disclosure:
    """The disclosure watch: when we spoke first, and who else did."""
    return _disclosure(request, load(incident, request.act.who))


@MENTIONS.post("", "incident.act", Mention)
def record_mention(request: Request, incident: IncidentId, body: MentionWrite) -> Mention:
    """Somebody outside spoke of it. Before our first public statement it is a red flag."""
    case, key = acts.record_mention(request.act, incident, **body.model_dump())
    found = _disclosure(request, case).mentions
    return next(m for m in found if m.id == key)


@FIRST.get("", "incident.read", FirstWord)
def get_acknowledgement(request: Request, incident: IncidentId) -> FirstWord:
    """The agreed first word to customers. 404 once one was sent."""
    word = acknowledging.first_word(load(incident, request.act.who), request.act.at)
    if word is None:
        raise missing(
            "acknowledgement.none", "A first word was sent already, or none is agreed for this incident."
        )
    said, c = word.wording, word.content
    return FirstWord(
        key=said.key, title=said.title, audience=c.audience, headline=c.headline, customer_effect=c.customer_effect,
        action=c.action, next_update_at=c.next_update_at, due_at=word.due_at, approved_by=said.approved_by,
        approved_on=said.approved_on,
    )  # fmt: skip


@FIRST.post("", "incident.act", SentWord)
def send_acknowledgement(request: Request, incident: IncidentId) -> SentWord:
    """Send it, as it stands. By the communications lead or the commander."""
    return SentWord(message=acknowledging.acknowledge(request.act, incident)[1])


@CLOSINGS.get("", "incident.read", Page[ClosingState])
def list_closing_summaries(request: Request, incident: IncidentId) -> Page[ClosingState]:
    """Every audience that heard of the incident, and whether it has heard of its end."""
    case = load(incident, request.act.who)
    return whole(
        ClosingState(
            audience=t.audience, title=t.title, messages=t.messages, summary=t.summary.id if t.summary else None,
            draft=t.draft.id if t.draft else None,
        )
        for t in closing.told(case.incident, case.template)
    )  # fmt: skip


@CLOSINGS.post("", "incident.act", Drafts)
def draft_closing_summaries(request: Request, incident: IncidentId) -> Drafts:
    """Draft what is missing; each draft is then checked, approved and released like any message."""
    return Drafts(messages=closings.draft_missing(request.act, incident))


@CUSTOMERS.get("", "incident.read", Page[AffectedCustomer])
def list_affected_customers(
    request: Request, incident: IncidentId, asked: Query[PageAsked]
) -> Page[AffectedCustomer]:
    """Affected customers by their id, with how far the repair is."""
    must_see(request.act.who, incident)
    rows = models.AffectedCustomerRow.objects.filter(incident_id=incident)
    return page(asked, rows, ("id",), lambda found: _customers(request, found))


@CUSTOMERS.post("", "incident.act", CustomersListed)
def put_affected_customers(request: Request, incident: IncidentId, body: CustomersWrite) -> CustomersListed:
    """Put customers on the list. Who is there already keeps their state."""
    case, changed = acts.list_customers(request.act, incident, body.customers)
    telling = case.incident.telling
    return CustomersListed(changed=changed, listed=len(telling.customers), open=len(telling.open_customers()))


@CUSTOMERS.put("/{customer}", "incident.act", AffectedCustomer)
def move_affected_customer(
    request: Request, incident: IncidentId, customer: Id, body: CustomerStateWrite
) -> AffectedCustomer:
    """How far the repair is with one customer."""
    acts.move_customer(request.act, incident, customer, body.state, body.note)
    return _customers(request, [models.AffectedCustomerRow.objects.get(id=customer)])[0]


@PULSES.get("", "incident.read", Pulses)
def list_impact_pulses(request: Request, incident: IncidentId) -> Pulses:
    """The counts of affected customers, the latest last, and when the next is due."""
    return _pulses(request, load(incident, request.act.who))


@PULSES.post("", "incident.act", Pulse)
def take_impact_pulse(request: Request, incident: IncidentId, body: PulseWrite) -> Pulse:
    """Count anew: affected now, and in the worst case."""
    case = acts.take_pulse(request.act, incident, body.affected_now, body.worst_case, body.note)
    return _pulses(request, case).items[-1]


def _disclosure(request: Request, case: Case) -> Disclosure:
    incident = case.incident
    found = sorted(incident.telling.mentions.values(), key=lambda m: (m.seen_at, m.id))
    names = request.names.load(m.recorded_by for m in found)
    ours = disclosure.first_statement_at(incident, case.template)
    took = int((ours - incident.declared_at).total_seconds()) if ours and incident.declared_at else None
    return Disclosure(
        first_statement_at=ours,
        seconds_to_first_statement=max(took, 0) if took is not None else None,
        outrun=disclosure.outrun_by(incident) is not None,
        mentions=[
            Mention(
                id=m.id, source=m.source, place=m.place, seen_at=m.seen_at, link=m.link, text=m.text, ahead=m.ahead,
                recorded_by=names.of(m.recorded_by), recorded_at=m.recorded_at,
            )
            for m in found
        ],
    )  # fmt: skip


def _customers(request: Request, rows: list[models.AffectedCustomerRow]) -> list[AffectedCustomer]:
    names = request.names.load(r.changed_by for r in rows if r.changed_by)
    return [
        AffectedCustomer(
            id=r.id, name=r.name, reference=r.reference, state=r.state, note=r.note, listed_at=r.listed_at,
            changed_by=names.maybe(r.changed_by), changed_at=r.changed_at,
        )
        for r in rows
    ]  # fmt: skip


def _pulses(request: Request, case: Case) -> Pulses:
    found = list(case.incident.telling.pulses.values())
    names = request.names.load(p.taken_by for p in found)
    due = impact_pulse.due_at(case.incident, case.template)
    items = [
        Pulse(
            id=p.id, affected_now=p.affected_now, worst_case=p.worst_case, note=p.note,
            taken_by=names.of(p.taken_by), taken_at=p.taken_at,
        )
        for p in found
    ]  # fmt: skip
    return Pulses(due_at=due, late=bool(due and due < request.act.at), items=items)
