"""ICS forms and the Incident Action Plan as data: read, written, approved."""

from __future__ import annotations

from typing import Annotated, Any

from ninja import Query

from quarterdeck.app.casebook import load
from quarterdeck.app.ics import forms as acts

from .doors import Request
from .fields import Asked, Id, IncidentId, Number, Read, Text, Write
from .operations import Noun
from .pages import Page, whole

NOUN = Noun("ICS forms", "/incidents/{incident}/ics")
Key = Annotated[str, Text(8, pattern=r"^[0-9]{3}[A-Z]{0,2}$")]
BlockNumber = Annotated[str, Text(4, pattern=r"^[0-9]{1,2}[a-z]?$")]
_READ, _ACT = "incident.read", "incident.act"


class Approval(Read):
    """`hash` is SHA-256 over the frozen content, `version` counts approvals of the same form."""

    name: str
    position: str
    at: str
    version: int
    hash: str


class Form(Read):
    """`state`: missing, draft, approved, changed. `page` holds every numbered block, filled."""

    key: str
    title: str
    name: str
    subject: str
    subject_name: str
    state: str
    hash: str
    missing: list[dict[str, str]]
    approval: Approval | None
    page: dict[str, Any]


class Plan(Read):
    """The Incident Action Plan; `approval` is null while what is shown is a draft."""

    approval: Approval | None
    missing: list[str]
    hash: str
    plan: dict[str, Any]


class FormAsked(Asked):
    """Without a period the newest; `subject` where a form is made for several."""

    period: Id | None = None
    subject: Id | None = None


class PeriodAsked(Asked):
    period: Id | None = None


class BlockWrite(Write):
    """The whole text of a block. `version` is the one that was read; an older one is a conflict."""

    text: Annotated[str, Text(20_000)]
    version: Annotated[int, Number(0, 10**6)] | None = None


class SeenWrite(Write):
    """`hash` is that of the content the approver has read."""

    hash: Annotated[str, Text(64, pattern=r"^[0-9a-f]{64}$")] | None = None


@NOUN.get("/forms", _READ, Page[Form])
def list_forms(request: Request, incident: IncidentId, asked: Query[PeriodAsked]) -> Page[Form]:
    """Every form the incident offers, as it stands now."""
    case = load(incident, request.act.who)
    period = acts.period_of(case, asked.period or "")
    found = acts.show_all(case, request.act.who, request.act.at, period)
    return whole(_told(request, incident, s) for s in found)


@NOUN.get("/forms/{form}", _READ, Form)
def read_form(request: Request, incident: IncidentId, form: Key, asked: Query[FormAsked]) -> Form:
    """One form as it stands now."""
    return _form(request, incident, form, asked)


@NOUN.put("/forms/{form}/blocks/{block}", _ACT, Form)
def fill_form(
    request: Request,
    incident: IncidentId,
    form: Key,
    block: BlockNumber,
    body: BlockWrite,
    asked: Query[FormAsked],
) -> Form:
    """Write a block."""
    acts.fill(
        request.act, incident, form, block, body.text, period_id=asked.period or "", subject=asked.subject or "",
        version=body.version,
    )  # fmt: skip
    return _form(request, incident, form, asked)


@NOUN.put("/forms/{form}/approval", _ACT, Form)
def approve_form(
    request: Request, incident: IncidentId, form: Key, asked: Query[FormAsked], body: SeenWrite | None = None
) -> Form:
    """Freeze the form as it stands."""
    acts.approve(
        request.act, incident, form, period_id=asked.period or "", subject=asked.subject or "",
        seen=(body.hash or "") if body else "",
    )  # fmt: skip
    return _form(request, incident, form, asked)


@NOUN.get("/approvals/{approval}", _READ, dict[str, Any])
def read_approved_form(request: Request, incident: IncidentId, approval: Id) -> dict[str, Any]:
    """A form exactly as it was approved."""
    page, stamp = acts.frozen(incident, request.act.who, request.act.at, approval)
    return {"page": page, "approval": stamp}


@NOUN.get("/plan", _READ, Plan)
def read_plan(request: Request, incident: IncidentId, asked: Query[PeriodAsked]) -> Plan:
    """The Incident Action Plan of a period: as approved, else the draft."""
    return _plan(request, incident, asked)


@NOUN.put("/plan/approval", _ACT, Plan)
def approve_plan(
    request: Request, incident: IncidentId, asked: Query[PeriodAsked], body: SeenWrite | None = None
) -> Plan:
    """The commander approves the plan of a period."""
    acts.approve_plan(request.act, incident, asked.period or "", (body.hash or "") if body else "")
    return _plan(request, incident, asked)


def _plan(request: Request, incident: str, asked: PeriodAsked) -> Plan:
    who, now = request.act.who, request.act.at
    found, stamp = acts.approved_plan(incident, who, now, asked.period or "")
    case = load(incident, who)
    period = acts.period_of(case, asked.period or "")
    lacking = acts.plan_now(case, now, period)[1] if period and stamp is None else ()
    approval = Approval(**stamp) if stamp else None
    return Plan(approval=approval, missing=list(lacking), hash=acts.hash_of(found), plan=found)


def _form(request: Request, incident: str, form: str, asked: FormAsked) -> Form:
    found = acts.show(
        incident, request.act.who, request.act.at, form, asked.period or "", asked.subject or ""
    )
    return _told(request, incident, found)


def _told(request: Request, incident: str, s: acts.Shown) -> Form:
    case = load(incident, request.act.who) if s.approval else None
    approval = Approval(**acts.stamp(case, request.act.at, s.approval)) if case and s.approval else None
    return Form(
        key=s.form.key, title=s.page["title"], name=s.page["name"], subject=s.page["subject"],
        subject_name=s.page["subject_name"], state=s.state, hash=s.content_hash, missing=s.page["missing"],
        approval=approval, page=s.page,
    )  # fmt: skip
