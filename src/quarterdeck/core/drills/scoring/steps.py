"""Steps the scenario expects, and injects: done by when, answered by which event. Where the log cannot say it, the
facilitator does; what nobody says is not seen.
"""

from __future__ import annotations

from datetime import timedelta

from quarterdeck.core.incidents import Stamped
from quarterdeck.core.incidents import events as ev
from quarterdeck.core.incidents.events import crew, technical

from .course import Course, evidence
from .shapes import HALF, LATE, MET, WAITING, Expected, Inject, Item, Judgement, timed, unseen
from .signs import first

STEP, INJECT = "step:", "inject:"
_SHARES = {MET: 1.0, LATE: HALF}
# What answers a surprise: word or work, never a tick or an acknowledgement.
_ANSWERS = (
    ev.EntryWritten, ev.DecisionMade, ev.TaskGiven, ev.TaskReassigned, ev.MessageDrafted, ev.MessageReleased,
    ev.RoleTaken, ev.RoleCalled, ev.HandoverOffered, ev.SeveritySet, ev.TypeSet, ev.ImpactSet, ev.FactsSet,
    ev.PhaseChanged, ev.Resolved, ev.WorkstreamOpened, crew.HypothesisStated, crew.HypothesisJudged,
    crew.ReserveActivated, crew.SafetyStopped, technical.RemediationProposed, technical.FindingReported,
)  # fmt: skip


def steps(course: Course) -> list[Item]:
    return [_step(course, one) for one in course.setting.expected]


def _step(course: Course, one: Expected) -> Item:
    key, said = STEP + one.key, _said(course, STEP + one.key)
    at_most = timedelta(minutes=one.by_minute)
    if said is not None:
        return _judged(key, one.title, one.role, said, at_most)
    if not one.sign:
        return unseen(key, one.title, one.role, "only the facilitator can say it")
    found = first(course, one.sign, one.role)
    taken = course.setting.minute(found.at) if found else None
    return timed(key, one.title, one.role, taken, at_most, course.setting, evidence(found) if found else ())


def injects(course: Course) -> list[Item]:
    """Those that were fired."""
    return [_inject(course, one) for one in course.setting.injects if one.fired_at is not None]


def _inject(course: Course, one: Inject) -> Item:
    key, said = INJECT + one.key, _said(course, INJECT + one.key)
    if said is not None:
        return _judged(key, one.title, one.role, said, one.within)
    fired = one.fired_at or course.setting.started_at
    found = next((s for s in course.log if s.at > fired and _answers(course, s, one.role)), None)
    taken = course.setting.between(fired, found.at) if found else None
    since = course.setting.minute(fired)
    seen = evidence(found) if found else ()
    return timed(key, one.title, one.role, taken, one.within, course.setting, seen, since)


def _answers(course: Course, s: Stamped, role: str) -> bool:
    if not isinstance(s.event, _ANSWERS) or not course.did(s):
        return False
    holders = [a for a in course.held(role) if a.started_at <= s.at] if role else []
    # While nobody holds the role, whoever answers stands in for it.
    return not holders or any(
        a.person == s.actor and (a.ended_at is None or s.at <= a.ended_at) for a in holders
    )


def _said(course: Course, key: str) -> Judgement | None:
    return next((j for j in course.setting.judgements if j.key == key), None)


def _judged(key: str, title: str, role: str, said: Judgement, at_most: timedelta) -> Item:
    note = f"said by the facilitator: {said.note}" if said.note else "said by the facilitator"
    share = None if said.verdict == WAITING else _SHARES.get(said.verdict, 0.0)
    return Item(key, title, role, said.verdict, share, None, at_most, note)
