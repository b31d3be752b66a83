"""Messages to audiences: drafted, edited, released by their hash, dropped; and the update clocks."""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated

from ninja import Query
from pydantic import Field

from quarterdeck.app.casebook import Case, load
from quarterdeck.app.comms import consents
from quarterdeck.app.comms import messages as acts
from quarterdeck.app.visibility import must_see
from quarterdeck.core.incidents import Content, chain, content_hash, incomplete, stale
from quarterdeck.core.incidents.parts import Message as Part
from quarterdeck.core.incidents.parts import UpdateClock
from quarterdeck.core.kernel.refused import bad, missing
from quarterdeck.core.status.words import component_state
from quarterdeck.store import models

from .doors import Request
from .fields import (
    Asked,
    Id,
    IncidentId,
    Key,
    Moment,
    Named,
    Number,
    Prose,
    Read,
    Text,
    When,
    Word,
    Write,
    Yes,
)
from .operations import Noun
from .pages import Page, PageAsked, page, whole

NOUN = Noun("Messages", "/incidents/{incident}/messages")
CLOCKS = Noun("Messages", "/incidents/{incident}/clocks")
LONGEST_MINUTES = 7 * 24 * 60
_PEOPLE = (
    "drafted_by", "edited_by", "released_by", "submitted_by", "countersigned_by", "sender_person", "spoken_by",
)  # fmt: skip


class Message(Read):
    """`state`: draft, in_review, released, sent, superseded. `content_hash` is what a release has to name; `lacking` is
    what is still to be said, and `missing` whose word is still out, before it can be released. `broke_glass` is the
    reason it went past them, and then somebody else countersigns. `stale` says which facts have changed since it was
    written; `overridden` is what it was released with all the same, and `override` why. `agreed`: its locked wording
    stands. `corrects` is the message it puts right, "" none. `sender_identity` is who it speaks as: "" the
    organisation, executive (`sender_person`), or a role; `spoken_by` the person in whose name it was released.
    """

    id: str
    audience: str
    phase: str
    state: str
    headline: str
    body: str
    customer_effect: str
    action: str
    next_update_at: Moment | None
    final: bool
    status_word: str
    components: dict[str, str]
    pages: list[str]
    content_hash: str
    lacking: dict[str, str]
    missing: list[str]
    drafted_by: Named
    drafted_at: Moment
    edited_by: Named | None
    edited_at: Moment | None
    released_by: Named | None
    released_at: Moment | None
    sent_at: Moment | None
    recipients: int
    page_count: int
    superseded_at: Moment | None
    superseded_reason: str
    submitted_by: Named | None
    submitted_at: Moment | None
    broke_glass: str
    countersigned: str
    countersigned_by: Named | None
    countersigned_at: Moment | None
    countersigned_text: str
    agreed: bool
    corrects: str
    prompts: list[str]
    stale: list[str]
    override: str
    overridden: list[str]
    sender_identity: str
    sender_person: Named | None
    spoken_by: Named | None


class MessageWrite(Write):
    """What the audience reads. Without `next_update_at` a message must be `final` (R-044).

    `components` maps the id of a component to its state, `pages` are ids or keys of status pages. `sender_identity`:
    "" the organisation, executive with the `sender_person` who is one, or a role that lends its name.
    """

    audience: Word
    headline: Annotated[str, Text(300, least=1)]
    body: Prose = ""
    customer_effect: Annotated[str, Text(4000)] = ""
    action: Annotated[str, Text(4000)] = ""
    next_update_at: When | None = None
    final: Yes = False
    status_word: Word = ""
    components: Annotated[dict[Id, Word], Field(max_length=200)] = Field(default_factory=dict)
    pages: Annotated[list[Key], Field(max_length=50)] = Field(default_factory=list)
    corrects: Annotated[str, Text(40)] = ""
    prompts: Annotated[list[Word], Field(max_length=10)] = Field(default_factory=list)
    sender_identity: Annotated[str, Text(60)] = ""
    sender_person: Annotated[str, Text(40)] = ""


class MessageEditWrite(MessageWrite):
    """`read_hash` is the hash of the text that was changed; where somebody has changed it since, the answer is 409."""

    read_hash: Annotated[str, Text(64, pattern="^([0-9a-f]{64})?$")] = ""


class ReleaseWrite(Write):
    """The hash of exactly the text that was read; another text is refused. `break_glass` is the reason to send it past
    reviews that are still out; `override` the reason to release it with errors the linter found, or stale.
    """

    content_hash: Annotated[str, Text(64, pattern="^[0-9a-f]{64}$")]
    break_glass: Annotated[str, Text(300)] = ""
    override: Annotated[str, Text(300)] = ""


class DropAsked(Asked):
    reason: Annotated[str, Text(300, least=1)]


class Clock(Read):
    """When an audience must hear from us next. `overdue_level` 1: its owner was told, 2: the commander too. `stage`:
    first (the first word is due), scope (who is affected is to be said next), steady, long (long-incident mode), or
    empty where the structure sets no cadence.
    """

    audience: str
    title: str
    minutes: int
    next_due: Moment
    owner_role: str
    running: bool
    overdue_level: int
    last_message: str | None
    stage: str
    remind_minutes: int
    grace_minutes: int
    reminded: bool


class ClockWrite(Write):
    minutes: Annotated[int, Number(5, LONGEST_MINUTES)]


class PaceWrite(Write):
    """`long` true: long-incident mode, with its reason; false: in step again."""

    long: Yes
    reason: Annotated[str, Text(300)] = ""


@NOUN.get("", "incident.read", Page[Message])
def list_messages(request: Request, incident: IncidentId, asked: Query[PageAsked]) -> Page[Message]:
    """Messages in the order they were drafted."""
    must_see(request.act.who, incident)
    case = load(incident)
    rows = models.MessageRow.objects.filter(incident_id=incident)
    return page(asked, rows, ("id",), lambda found: [_told(request, case, r.id) for r in found])


@NOUN.post("", "incident.act", Message)
def draft_message(request: Request, incident: IncidentId, body: MessageWrite) -> Message:
    """Draft a message for one audience."""
    case, message_id = acts.draft(request.act, incident, _content(body))
    return _told(request, case, message_id)


@NOUN.get("/{message}", "incident.read", Message)
def get_message(request: Request, incident: IncidentId, message: Id) -> Message:
    return _told(request, load(incident, request.act.who), message)


@NOUN.put("/{message}", "incident.act", Message)
def edit_message(request: Request, incident: IncidentId, message: Id, body: MessageEditWrite) -> Message:
    """Replace the text of a draft."""
    return _told(request, acts.edit(request.act, incident, message, _content(body), body.read_hash), message)


@NOUN.put("/{message}/release", "incident.act", Message)
def release_message(request: Request, incident: IncidentId, message: Id, body: ReleaseWrite) -> Message:
    """Let exactly this text go out, now."""
    case = acts.release(request.act, incident, message, body.content_hash, body.break_glass, body.override)
    return _told(request, case, message)


@NOUN.delete("/{message}", "incident.act")
def drop_message(request: Request, incident: IncidentId, message: Id, asked: Query[DropAsked]) -> None:
    """A draft that will not be sent; it stays in the record."""
    acts.drop(request.act, incident, message, asked.reason)


@CLOCKS.get("", "incident.read", Page[Clock])
def list_clocks(request: Request, incident: IncidentId) -> Page[Clock]:
    """The update clocks of the incident, the most urgent first."""
    case = load(incident, request.act.who)
    found = sorted(case.incident.clocks.values(), key=lambda c: (not c.running, c.next_due))
    return whole(_clock(case, c) for c in found)


@CLOCKS.put("/{audience}", "incident.act", Clock)
def set_clock(request: Request, incident: IncidentId, audience: Key, body: ClockWrite) -> Clock:
    """How often an audience hears from us; starts its clock if it does not run."""
    case = acts.set_clock(request.act, incident, audience, timedelta(minutes=body.minutes))
    return _clock(case, case.incident.clocks[audience])


@CLOCKS.put("/{audience}/pace", "incident.act", Clock)
def pace_clock(request: Request, incident: IncidentId, audience: Key, body: PaceWrite) -> Clock:
    """Enter long-incident mode for an audience, or leave it. By the communications lead or the commander."""
    case = acts.pace(request.act, incident, audience, slow=body.long, reason=body.reason)
    return _clock(case, case.incident.clocks[audience])


def _content(body: MessageWrite) -> Content:
    """Pages and components that do not exist are refused here, rather than left out silently."""
    pages = dict(models.StatusPage.objects.filter(key__in=body.pages).values_list("key", "id"))
    pages |= {i: i for i in models.StatusPage.objects.filter(id__in=body.pages).values_list("id", flat=True)}
    if not set(body.pages) <= pages.keys():
        raise bad("page.unknown", "One of these status pages does not exist.", pages="unknown")
    known = set(models.Component.objects.filter(id__in=list(body.components)).values_list("id", flat=True))
    if not body.components.keys() <= known:
        raise bad("component.unknown", "One of these components does not exist.", components="unknown")
    return Content(
        audience=body.audience,
        headline=body.headline,
        body=body.body,
        customer_effect=body.customer_effect,
        action=body.action,
        next_update_at=body.next_update_at,
        final=body.final,
        status_word=body.status_word,
        components={c: component_state(s) for c, s in body.components.items()},
        pages=tuple(pages[p] for p in body.pages),
        corrects=body.corrects,
        prompts=tuple(body.prompts),
        sender_identity=body.sender_identity,
        sender_person=body.sender_person,
    )


def _told(request: Request, case: Case, message_id: str) -> Message:
    part = case.incident.messages.get(message_id)
    if part is None:
        raise missing("message.unknown", "There is no such message in this incident. Reload the list.")
    names = request.names.load(tuple(getattr(part, p) for p in _PEOPLE))
    skipped = (
        *_PEOPLE,
        "content_hash",
        "lacking",
        "missing",
        "components",
        "pages",
        "stale",
        "prompts",
        "overridden",
    )
    unsent = part.state in ("draft", "in_review")
    return Message(
        **{n: getattr(part, n) for n in Message.model_fields if n not in skipped},
        components=dict(part.components),
        prompts=list(part.prompts),
        overridden=list(part.overridden),
        stale=[str(c) for c in stale.changes(case.incident, part)],
        pages=list(part.pages),
        content_hash=content_hash(part),
        lacking=incomplete(case.template, part) if unsent else {},
        missing=_missing(case, part, request) if unsent else [],
        drafted_by=names.of(part.drafted_by),
        edited_by=names.maybe(part.edited_by),
        released_by=names.maybe(part.released_by),
        submitted_by=names.maybe(part.submitted_by),
        countersigned_by=names.maybe(part.countersigned_by),
        sender_person=names.maybe(part.sender_person),
        spoken_by=names.maybe(part.spoken_by),
    )


def _missing(case: Case, part: Part, request: Request) -> list[str]:
    found = chain.missing(case.incident, case.template, part, request.act.at)
    return [*found, *filter(None, [consents.lacking(case, part)])]


def _clock(case: Case, clock: UpdateClock) -> Clock:
    audience = case.template.audience(clock.audience)
    return Clock(
        audience=clock.audience,
        title=audience.title if audience else clock.audience,
        minutes=clock.every_seconds // 60,
        next_due=clock.next_due,
        owner_role=clock.owner_role,
        running=clock.running,
        overdue_level=clock.overdue_level,
        last_message=clock.last_message_id or None,
        stage=clock.stage,
        remind_minutes=clock.remind_seconds // 60,
        grace_minutes=clock.grace_seconds // 60,
        reminded=clock.reminded_for == clock.next_due,
    )
