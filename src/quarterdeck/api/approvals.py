"""The way of a message to its release: handed in, judged, passed on, countersigned."""

from __future__ import annotations

from typing import Annotated, Literal

from ninja import Query
from pydantic import Field

from quarterdeck.app.casebook import Case, load
from quarterdeck.app.comms import approvals as acts
from quarterdeck.core.incidents import chain
from quarterdeck.core.incidents.chain import Asked as Step
from quarterdeck.core.kernel.refused import missing

from .doors import Request
from .fields import Id, IncidentId, Moment, Named, Read, Text, Word, Write
from .names import Names
from .operations import Noun
from .pages import Page, PageAsked, whole

NOUN = Noun("Messages", "/incidents/{incident}/messages/{message}")
_Hash = Annotated[str, Text(64, pattern="^[0-9a-f]{64}$")]
_Said = Annotated[str, Text(chain.TEXT_LIMIT)]


class MessageStep(Read):
    """One role on the way to release. `since` is null before its turn, `verdict` while it is silent; `level` says how
    often it was pressed. What is said counts for the text with this `content_hash` only.
    """

    step: str
    role: str
    title: str
    guidelines: list[str]
    since: Moment | None
    due: Moment | None
    level: int
    verdict: str | None
    by: Named | None
    at: Moment | None
    text: str
    ticked: list[str]


class MessageSubmitWrite(Write):
    """The hash of exactly the text that is handed in."""

    content_hash: _Hash


class MessageVerdictWrite(Write):
    """What a role says of exactly this text; anything but ok says why."""

    step: Literal["review", "approve"]
    role: Word
    verdict: Literal["ok", "suggestion", "objection"]
    content_hash: _Hash
    text: _Said = ""
    ticked: Annotated[list[Annotated[str, Text(200, least=1)]], Field(max_length=30)] = Field(
        default_factory=list
    )


class MessagePassWrite(Write):
    """Who may answer in this role too, for this message."""

    step: Literal["review", "approve"]
    role: Word
    person: Id
    reason: Annotated[str, Text(300)] = ""


class MessageSignWrite(Write):
    verdict: Literal["ok", "objection"]
    text: _Said = ""


@NOUN.get("/stages", "incident.read", Page[MessageStep])
def list_stages(
    request: Request, incident: IncidentId, message: Id, asked: Query[PageAsked]
) -> Page[MessageStep]:
    """Who is asked before this message may be released, in order, and what they said about its present text."""
    return _stages(request, load(incident, request.act.who), message)


@NOUN.put("/submission", "incident.act", Page[MessageStep])
def submit_message(
    request: Request, incident: IncidentId, message: Id, body: MessageSubmitWrite
) -> Page[MessageStep]:
    """Hand exactly this text in for review; an edit takes it back."""
    return _stages(request, acts.submit(request.act, incident, message, body.content_hash), message)


@NOUN.post("/verdicts", "incident.act", Page[MessageStep])
def judge_message(
    request: Request, incident: IncidentId, message: Id, body: MessageVerdictWrite
) -> Page[MessageStep]:
    """Say ok, suggest, or object strongly, for a role that is asked."""
    case = acts.judge(
        request.act, incident, message, step=body.step, role=body.role, verdict=body.verdict,
        text_hash=body.content_hash, text=body.text, ticked=tuple(body.ticked),
    )  # fmt: skip
    return _stages(request, case, message)


@NOUN.put("/stand-in", "incident.act", Page[MessageStep])
def pass_message_on(
    request: Request, incident: IncidentId, message: Id, body: MessagePassWrite
) -> Page[MessageStep]:
    """Let somebody else answer in one's role for this message."""
    case = acts.pass_on(
        request.act, incident, message, step=body.step, role=body.role, person=body.person, reason=body.reason
    )
    return _stages(request, case, message)


@NOUN.put("/countersignature", "incident.act", Page[MessageStep])
def countersign_message(
    request: Request, incident: IncidentId, message: Id, body: MessageSignWrite
) -> Page[MessageStep]:
    """A second person looks at what was released past its reviews."""
    case = acts.countersign(request.act, incident, message, body.verdict, body.text)
    return _stages(request, case, message)


def _stages(request: Request, case: Case, message_id: str) -> Page[MessageStep]:
    found = case.incident.messages.get(message_id)
    if found is None:
        raise missing("message.unknown", "There is no such message in this incident. Reload the list.")
    steps = chain.way(case.incident, case.template, found, request.act.at)
    names = request.names.load(tuple(s.verdict.person for s in steps if s.verdict))
    return whole(_stage(case, s, names) for s in steps)


def _stage(case: Case, step: Step, names: Names) -> MessageStep:
    role, verdict = case.template.role(step.role), step.verdict
    return MessageStep(
        step=step.step.step,
        role=step.role,
        title=role.title if role else step.role,
        guidelines=list(step.step.guidelines),
        since=step.since,
        due=step.due,
        level=step.level,
        verdict=verdict.verdict if verdict else None,
        by=names.of(verdict.person) if verdict else None,
        at=verdict.at if verdict else None,
        text=verdict.text if verdict else "",
        ticked=list(verdict.ticked) if verdict else [],
    )
