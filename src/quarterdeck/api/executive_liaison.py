"""Who bridges between executives and the response of an incident: needed since when, held by whom, who could."""

from __future__ import annotations

from typing import Literal

from quarterdeck.app.casebook import Case, load
from quarterdeck.app.incidents import bridging as acts
from quarterdeck.core.incidents import bridging

from .doors import Request
from .fields import Id, IncidentId, Moment, Named, Read, Write
from .operations import Noun

NOUN = Noun("Executives", "/incidents/{incident}/executive-liaison")


class LiaisonFiller(Read):
    """Somebody who could take the role: on call for it, or the deputy, or the internal liaison."""

    person: Named
    why: Literal["on_call", "deputy", "internal_liaison"]


class ExecutiveLiaison(Read):
    """`needed_since` is set while the role is needed and empty. `warned`: the gap was told; `passed_on`: the commander
    was asked, too. `answers` are those who answer executives now.
    """

    role: str
    title: str
    answers: list[Named]
    needed_since: Moment | None
    warned: bool
    passed_on: bool
    fillers: list[LiaisonFiller]


class LiaisonWrite(Write):
    """Without a person the first of `fillers` takes it."""

    person: Id | None = None


@NOUN.get("", "incident.read", ExecutiveLiaison)
def executive_liaison(request: Request, incident: IncidentId) -> ExecutiveLiaison:
    """Who bridges to executives, whether that is a gap, and who could fill it."""
    return _told(request, load(incident, request.act.who))


@NOUN.put("", "incident.act", ExecutiveLiaison)
def fill_executive_liaison(
    request: Request, incident: IncidentId, body: LiaisonWrite | None = None
) -> ExecutiveLiaison:
    """Name who bridges to executives."""
    return _told(request, acts.fill(request.act, incident, (body.person if body else None) or ""))


def _told(request: Request, case: Case) -> ExecutiveLiaison:
    now = request.act.at
    role, gap = acts.role_of(case), acts.gap(case, now)
    could = acts.fillers(case, now) if gap else ()
    answers = bridging.holders(case.incident, case.template)
    names = request.names.load([*answers, *(f.person for f in could)])
    return ExecutiveLiaison(
        role=role.key if role else "", title=role.title if role else "", answers=[names.of(p) for p in answers],
        needed_since=gap.since if gap else None, warned=bool(gap and gap.warned),
        passed_on=bool(gap and gap.passed_on),
        fillers=[LiaisonFiller(person=names.of(f.person), why=f.why) for f in could],
    )  # fmt: skip
