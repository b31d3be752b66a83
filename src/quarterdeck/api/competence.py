"""Certifications of people for roles: the matrix, giving, planning and ending them, and the rule for those without."""

from __future__ import annotations

from typing import Literal

from ninja import Query

from quarterdeck.app.people import competence as acts
from quarterdeck.core.incidents.competence import POLICIES
from quarterdeck.store import models

from .doors import Request
from .fields import Flag, Id, Key, Line, Moment, Named, Read, When, Write
from .operations import Noun
from .pages import Page, PageAsked, page

NOUN = Noun("Competence", "/competence")
Policy = Literal[POLICIES]  # type: ignore[valid-type]


class RoleCover(Read):
    """`thin`: fewer than two active people can fill it."""

    role: str
    title: str
    qualified: int
    planned: int
    thin: bool


class Competence(Read):
    """`uncertified` are on a commander's schedule in the next 90 days without the certification."""

    policy: str
    roles: list[RoleCover]
    uncertified: list[Named]


class Certification(Read):
    """`certified_at` empty: training that is planned for `planned_for`. `ended_at`: it counts no longer."""

    id: str
    person: Named
    role: str
    planned_for: Moment | None
    certified_at: Moment | None
    expires_at: Moment | None
    certified_by: Named | None
    note: str
    ended_at: Moment | None


class CertificationWrite(Write):
    """A plan with `planned_for`; else a certification, from `certified_at` (now) until `expires_at` (for ever)."""

    person: Id
    role: Key
    planned_for: When | None = None
    certified_at: When | None = None
    expires_at: When | None = None
    note: Line = ""


class CompetenceRuleWrite(Write):
    policy: Policy


class CertificationsAsked(PageAsked):
    """`ended=true` shows those that count no longer as well."""

    person: Line = ""
    role: Line = ""
    ended: Flag = False


@NOUN.get("", "schedule.read", Competence)
def get_competence(request: Request) -> Competence:
    """Every role that asks for a certification, with how many can fill it."""
    found = acts.matrix(request.act.at)
    roles = [
        RoleCover(role=c.role, title=c.title, qualified=c.qualified, planned=c.planned, thin=c.is_thin)
        for c in found.columns
    ]
    lacking = acts.uncertified(request.act.at)
    names = request.names.load(lacking)
    return Competence(policy=acts.policy(), roles=roles, uncertified=[names.of(p) for p in sorted(lacking)])


@NOUN.put("/policy", "settings.edit", Competence)
def set_competence_policy(request: Request, body: CompetenceRuleWrite) -> Competence:
    """Whether somebody without certification is warned or refused."""
    acts.set_policy(request.act, body.policy)
    return get_competence(request)


@NOUN.get("/certifications", "schedule.read", Page[Certification])
def list_certifications(request: Request, asked: Query[CertificationsAsked]) -> Page[Certification]:
    """Certifications and plans, by id."""
    rows = models.Certification.objects.all()
    if not asked.ended:
        rows = rows.filter(ended_at=None)
    if asked.person:
        rows = rows.filter(person_id=asked.person)
    if asked.role:
        rows = rows.filter(role=asked.role)
    return page(asked, rows, ("id",), lambda found: [_told(request, r) for r in found])


@NOUN.post("/certifications", "person.edit", Certification)
def add_certification(request: Request, body: CertificationWrite) -> Certification:
    """Certify somebody for a role, or plan their training."""
    if body.planned_for is not None:
        row = acts.plan(request.act, body.person, body.role, body.planned_for, body.note)
    else:
        row = acts.certify(
            request.act, body.person, body.role, certified_at=body.certified_at, expires_at=body.expires_at,
            note=body.note,
        )  # fmt: skip
    return _told(request, row)


@NOUN.delete("/certifications/{certification}", "person.edit")
def end_certification(request: Request, certification: Id) -> None:
    """It counts no longer; the record stays."""
    acts.end(request.act, certification)


def _told(request: Request, row: models.Certification) -> Certification:
    names = request.names
    return Certification(
        id=row.id, person=names.of(row.person_id), role=row.role, planned_for=row.planned_for,
        certified_at=row.certified_at, expires_at=row.expires_at,
        certified_by=names.maybe(row.certified_by), note=row.note,
        ended_at=row.ended_at,
    )  # fmt: skip
