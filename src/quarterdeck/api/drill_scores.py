"""What a drill showed: items with their evidence, the facilitator's ratings, gaps that become action items; drills
compared with one another, and how ready each team is.
"""

from __future__ import annotations

from typing import Annotated, Literal

from ninja import Query

from quarterdeck.app.drills import drill_figures, drill_gaps, drill_scores
from quarterdeck.app.drills.drill_scores import Sheet
from quarterdeck.core.drills.scoring import MEASURES, RATINGS, RUBRIC, Gap
from quarterdeck.core.drills.scoring import Item as Scored
from quarterdeck.store import models

from .doors import Request
from .fields import Asked, Day, Id, Line, Moment, Named, Number, Read, Text, Word, Write
from .operations import Noun
from .pages import Page, whole

NOUN = Noun("Drills", "/drills/{drill}")
COMPARISON = Noun("Drills", "/drill-comparison")
READINESS = Noun("Drills", "/drill-readiness")
RUBRICS = Noun("Drills", "/drill-rubric")
_READ = "incident.read"
ItemKey = Annotated[str, Text(200)]
Remark = Annotated[str, Text(drill_scores.NOTE_LIMIT)]
Verdict = Literal["met", "late", "missed", "waiting", "not_seen"]


class DrillEvidence(Read):
    """An event of the log of the drill's incident, by its place there."""

    seq: int
    at: Moment


class DrillItem(Read):
    """`share` is 0 to 1, null where it does not count: what was not seen is never zero. Times are drill time."""

    key: str
    title: str
    role: str
    verdict: Verdict
    share: float | None
    measured_seconds: int | None
    at_most_seconds: int | None
    note: str
    evidence: list[DrillEvidence]


class DrillRating(Read):
    """`points` 0 to 4, null for words alone."""

    role: str
    item: str
    points: int | None
    note: str


class DrillRole(Read):
    """`score` is 0 to 100, null when nothing was seen of the role."""

    role: str
    title: str
    people: list[Named]
    score: int | None
    items: list[DrillItem]
    ratings: list[DrillRating]


class DrillResult(Read):
    """Every role for the facilitator and administrators; a participant sees the whole and their own roles."""

    drill: str
    incident: str
    running: bool
    score: int | None
    restore_seconds: int | None
    items: list[DrillItem]
    steps: list[DrillItem]
    injects: list[DrillItem]
    roles: list[DrillRole]
    all_roles: bool
    agreed_at: Moment | None


class DrillGap(Read):
    """`state`: proposed, confirmed, dropped. `item` is the action item it became. `repeated`: the drill before of this
    team or scenario showed it too.
    """

    key: str
    kind: str
    role: str
    title: str
    why: str
    repeated: bool
    state: Literal["proposed", "confirmed", "dropped"]
    item: str | None


class DrillFigures(Read):
    """Times in seconds of drill time; null is what was not seen."""

    drill: str
    title: str
    team: str
    scenario: str
    kind: str
    held_at: Moment
    acknowledge: int | None
    command: int | None
    first_update: int | None
    restore: int | None
    score: int | None


class DrillTrend(Read):
    """`direction`: better, worse, steady, or empty when there are fewer than four drills with a value."""

    key: str
    title: str
    n: int
    median: float | None
    direction: Literal["better", "worse", "steady", ""]


class DrillComparison(Read):
    """Drills alone, oldest first: no real incident is among them."""

    drills: list[DrillFigures]
    trends: list[DrillTrend]


class DrillReadiness(Read):
    """Of one team. `last_score` is of its last drill."""

    team: str
    name: str
    last_drill: str | None
    last_at: Moment | None
    last_score: int | None
    next_at: Moment | None
    open_gaps: int
    overdue_gaps: int


class DrillRubricItem(Read):
    """`words` say what 0, 1, 2, 3 and 4 look like."""

    key: str
    title: str
    words: list[str]


class DrillRubric(Read):
    ratings: list[str]
    items: list[DrillRubricItem]


class DrillRatingWrite(Write):
    role: Word
    item: Word
    points: Annotated[int, Number(0, 4)] | None = None
    note: Remark = ""


class DrillJudgementWrite(Write):
    """`key` is that of a step or a fired inject; an empty verdict takes the word back."""

    key: ItemKey
    verdict: Literal["met", "late", "missed", ""]
    note: Line = ""


class DrillGapWrite(Write):
    """Confirming takes an owner and a date; dropping a reason."""

    key: ItemKey
    state: Literal["confirmed", "dropped"]
    title: Line = ""
    owner: Id | None = None
    due_on: Day | None = None
    reason: Line = ""


class CompareAsked(Asked):
    team: Word = ""
    scenario: Word = ""


@NOUN.get("/result", _READ, DrillResult)
def get_drill_result(request: Request, drill: Id) -> DrillResult:
    """What it showed. While it runs, only its facilitator and administrators may ask."""
    return _result(request, _sheet(request, drill))


@NOUN.put("/ratings", _READ, DrillRating)
def rate_drill_role(request: Request, drill: Id, body: DrillRatingWrite) -> DrillRating:
    """What the facilitator saw of a role, until the drill is agreed."""
    made = drill_scores.rate(request.act, drill, body.role, body.item, body.points, body.note)
    return DrillRating(role=made.role, item=made.item, points=made.points, note=made.note)


@NOUN.put("/judgements", _READ, DrillResult)
def judge_drill_item(request: Request, drill: Id, body: DrillJudgementWrite) -> DrillResult:
    """What the log cannot show of a step or an inject, by the facilitator."""
    drill_scores.judge(request.act, drill, body.key, body.verdict, body.note)
    return _result(request, drill_scores.live(request.act, drill))


@NOUN.put("/agreement", _READ, DrillResult)
def agree_drill(request: Request, drill: Id) -> DrillResult:
    """The results are talked over: from now on nothing of them changes."""
    drill_scores.agree(request.act, drill)
    return _result(request, drill_scores.results(request.act, drill))


@NOUN.get("/gaps", _READ, Page[DrillGap])
def list_drill_gaps(request: Request, drill: Id) -> Page[DrillGap]:
    """What it showed to be missing, and what became of it."""
    found = drill_scores.results(request.act, drill)
    return whole(_gap(g, found.kept.get(g.key)) for g in found.gaps)


@NOUN.put("/gaps", _READ, DrillGap)
def decide_drill_gap(request: Request, drill: Id, body: DrillGapWrite) -> DrillGap:
    """A confirmed gap becomes an action item with an owner and a date; a dropped one keeps its reason."""
    if body.state == "confirmed":
        made = drill_gaps.confirm(
            request.act, drill, body.key, owner=body.owner or "", due_on=body.due_on or "", title=body.title
        )
    else:
        made = drill_gaps.drop(request.act, drill, body.key, body.reason)
    return _gap(Gap(made.key, made.kind, made.role, made.title, "", made.repeated), made)


@COMPARISON.get("", "insight.read", DrillComparison)
def compare_drills(request: Request, asked: Query[CompareAsked]) -> DrillComparison:
    """The last sixty drills of a team or a scenario, or of all, with median and trend."""
    found = drill_figures.compared(request.act.who, asked.team, asked.scenario)
    return DrillComparison(
        drills=[
            DrillFigures(
                drill=h.drill.id, title=h.drill.title, team=h.team, scenario=h.drill.scenario, kind=h.drill.kind,
                held_at=h.held_at, **{key: h.figures.value(key) for key in MEASURES},
            )
            for h in found.held
        ],
        trends=[
            DrillTrend.model_validate({"key": key, "title": MEASURES[key][0], "n": t.n, "median": t.median,
                                       "direction": t.direction})
            for key, t in found.trends.items()
        ],
    )  # fmt: skip


@READINESS.get("", _READ, Page[DrillReadiness])
def list_drill_readiness(request: Request) -> Page[DrillReadiness]:
    """Each team's last and next drill, and its gaps that are still open."""
    return whole(
        DrillReadiness(
            team=r.team, name=r.name, last_drill=r.last.drill.id if r.last else None,
            last_at=r.last.held_at if r.last else None, last_score=r.last.figures.score if r.last else None,
            next_at=r.next_at, open_gaps=r.open_gaps, overdue_gaps=r.overdue_gaps,
        )
        for r in drill_figures.readiness(request.act.who, request.act.at)
    )  # fmt: skip


@RUBRICS.get("", _READ, DrillRubric)
def get_drill_rubric(request: Request) -> DrillRubric:
    """What a facilitator rates a role by, in words of behaviour."""
    items = [DrillRubricItem(key=r.key, title=r.title, words=list(r.words)) for r in RUBRIC]
    return DrillRubric(ratings=list(RATINGS), items=items)


def _sheet(request: Request, drill: str) -> Sheet:
    known = drill_scores.seen(request.act, drill)
    asked = drill_scores.live if known.state == "running" else drill_scores.results
    return asked(request.act, drill)


def _result(request: Request, found: Sheet) -> DrillResult:
    shown = found.result
    names = request.names.load(p for r in shown.roles for p in r.people)
    return DrillResult(
        drill=found.drill.id, incident=found.drill.incident_id, running=found.drill.state == "running",
        score=shown.score, restore_seconds=int(shown.to_restore.total_seconds()) if shown.to_restore else None,
        items=[_item(i) for i in shown.items], steps=[_item(i) for i in shown.steps],
        injects=[_item(i) for i in shown.injects],
        roles=[
            DrillRole(
                role=r.role, title=r.title, people=[names.of(p) for p in r.people], score=r.score,
                items=[_item(i) for i in r.items],
                ratings=[DrillRating(role=n.role, item=n.item, points=n.points, note=n.note) for n in r.ratings],
            )
            for r in shown.roles
        ],
        all_roles=found.all_roles, agreed_at=found.agreed_at,
    )  # fmt: skip


def _item(i: Scored) -> DrillItem:
    return DrillItem.model_validate(
        {
            "key": i.key, "title": i.title, "role": i.role, "verdict": i.verdict,
            "share": None if i.share is None else round(i.share, 4),
            "measured_seconds": None if i.measured is None else int(i.measured.total_seconds()),
            "at_most_seconds": None if i.at_most is None else int(i.at_most.total_seconds()),
            "note": i.note, "evidence": [{"seq": e.seq, "at": e.at} for e in i.evidence],
        }
    )  # fmt: skip


def _gap(g: Gap, kept: models.DrillGap | None) -> DrillGap:
    return DrillGap.model_validate(
        {
            "key": g.key, "kind": g.kind, "role": g.role, "title": kept.title if kept else g.title,
            "why": (kept.reason if kept else "") or g.why, "repeated": g.repeated,
            "state": kept.state if kept else "proposed", "item": (kept.item_id or None) if kept else None,
        }
    )  # fmt: skip
