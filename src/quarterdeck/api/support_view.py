"""What support may say now of an incident, and who of them has read it."""

from __future__ import annotations

from typing import Annotated

from quarterdeck.app.comms import support_view as acts

from .doors import Request
from .fields import IncidentId, Moment, Named, Read, Text, Write
from .operations import Noun

NOUN = Noun("Support", "/incidents/{incident}/support")
_READ = "incident.read"
Words = Annotated[str, Text(acts.TEXT_LIMIT)]


class SupportText(Read):
    audience: str
    headline: str
    text: str
    sent_at: Moment


class SupportQuestion(Read):
    question: str
    answer: str


class SupportReader(Read):
    """`read_at` null: not this text; `before` says that they read an earlier one."""

    person: Named
    read_at: Moment | None
    before: bool


class SupportRecord(Read):
    """Only what was sent and what was written for support. `digest` is of all of it, for the receipt."""

    said: list[SupportText]
    workaround: str
    do_not_say: str
    faq: list[SupportQuestion]
    next_update_at: Moment | None
    digest: str
    readers: list[SupportReader]


class SupportBriefWrite(Write):
    workaround: Words = ""
    do_not_say: Words = ""


class SupportQuestionWrite(Write):
    question: Annotated[str, Text(acts.TEXT_LIMIT, least=1)]
    answer: Annotated[str, Text(acts.TEXT_LIMIT, least=1)]


class SupportReceiptWrite(Write):
    digest: Annotated[str, Text(64)]


@NOUN.get("", _READ, SupportRecord)
def get_support(request: Request, incident: IncidentId) -> SupportRecord:
    return _told(request, incident)


@NOUN.put("", _READ, SupportRecord)
def brief_support(request: Request, incident: IncidentId, body: SupportBriefWrite) -> SupportRecord:
    """The customer liaison's words for support; whoever read the last reads again."""
    acts.write(request.act, incident, body.workaround, body.do_not_say)
    return _told(request, incident)


@NOUN.post("/questions", _READ, SupportRecord)
def add_support_question(request: Request, incident: IncidentId, body: SupportQuestionWrite) -> SupportRecord:
    acts.add_question(request.act, incident, body.question, body.answer)
    return _told(request, incident)


@NOUN.put("/receipt", _READ, SupportRecord)
def keep_support_receipt(request: Request, incident: IncidentId, body: SupportReceiptWrite) -> SupportRecord:
    """I have read it as it stood; refused (409) where it has changed meanwhile."""
    acts.read(request.act, incident, body.digest)
    return _told(request, incident)


def _told(request: Request, incident: str) -> SupportRecord:
    brief = acts.of(incident, request.act.who)
    return SupportRecord(
        said=[SupportText.model_validate(s) for s in brief.said], workaround=brief.workaround,
        do_not_say=brief.do_not_say, faq=[SupportQuestion.model_validate(f) for f in brief.faq],
        next_update_at=brief.next_update_at, digest=brief.digest,
        readers=[
            SupportReader(person=Named(id=r.person_id, name=r.name), read_at=r.read_at, before=r.before)
            for r in acts.readers(brief, request.act.who)
        ],
    )  # fmt: skip
