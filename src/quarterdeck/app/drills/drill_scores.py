"""What a drill showed, for whom it is: the whole for the facilitator and administrators, one's own roles for a
participant after the end. The facilitator rates until the drill is agreed.

Reads the log of the drill's incident; never ranks people.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, TypeVar

from quarterdeck.core.access import Who, may
from quarterdeck.core.drills.scoring import (
    Expected,
    Gap,
    Inject,
    Judgement,
    Rating,
    Result,
    Setting,
    figures,
    gaps,
    result,
    rubric_item,
)
from quarterdeck.core.drills.scoring.shapes import LATE, MET, MISSED
from quarterdeck.core.incidents import Stamped
from quarterdeck.core.kernel.refused import Refused, bad, forbidden, missing
from quarterdeck.core.kernel.text import clean
from quarterdeck.store import codec, log, models, tx

from .. import casebook
from ..act import Act
from ..casebook import Case
from . import drills

NOTE_LIMIT, REASON_LIMIT = 2000, 300
JUDGED = (MET, LATE, MISSED)
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Sheet:
    """A drill with what it showed. `all_roles`: the reader sees every role; else only those they held.

    `gaps` are the proposals, the decided among them; `kept` the decisions by key.
    """

    drill: models.Drill
    case: Case
    log: tuple[Stamped, ...]
    setting: Setting
    result: Result
    gaps: tuple[Gap, ...]
    kept: dict[str, models.DrillGap]
    agreed_at: datetime | None
    all_roles: bool


def leads(drill: models.Drill, who: Who) -> bool:
    """Whether somebody sees all of it: who steers it; after the end also who may steer drills, though they played."""
    return drills.may_steer(drill, who) or (drill.state == drills.ENDED and may(who, "drill.steer"))


def must_lead(drill: models.Drill, who: Who) -> None:
    if not leads(drill, who):
        raise forbidden(
            "drill.facilitator",
            "Only the facilitator of this drill may see and do this. Ask them, or an administrator.",
        )


def seen(act: Act, drill_id: str) -> models.Drill:
    """The drill, if the reader may know of it."""
    return drills.find(drill_id, act.who)


def led(act: Act, drill_id: str) -> models.Drill:
    """The drill, for whoever steers it. One that is hidden from the reader is not there at all."""
    drill = drills.find(drill_id, act.who)
    must_lead(drill, act.who)
    return drill


def live(act: Act, drill_id: str) -> Sheet:
    """What it shows up to now, for the facilitator."""
    drill = led(act, drill_id)
    if not drill.incident_id:
        raise Refused("drill.planned", "This drill has not started. Start it first.")
    return sheet(drill, act.at, all_roles=True)


def results(act: Act, drill_id: str) -> Sheet:
    """After the end: everything for the facilitator and administrators, else the whole and one's own roles."""
    drill = drills.find(drill_id, act.who)
    if drill.state != "ended" or not drill.incident_id:
        raise missing("drill.running", "There are no results yet: they are there when the drill has ended.")
    found = sheet(drill, act.at, all_roles=leads(drill, act.who))
    return found if found.all_roles else _own(found, act.person)


def _own(found: Sheet, person: str) -> Sheet:
    mine = tuple(r for r in found.result.roles if person in r.people)
    keys = {r.role for r in mine}
    shown = replace(
        found.result,
        roles=mine,
        steps=tuple(i for i in found.result.steps if not i.role or i.role in keys),
        injects=tuple(i for i in found.result.injects if not i.role or i.role in keys),
    )
    return replace(found, result=shown, gaps=tuple(g for g in found.gaps if not g.role or g.role in keys))


def sheet(drill: models.Drill, at: datetime, *, all_roles: bool) -> Sheet:
    case = casebook.load(drill.incident_id)
    entries = tuple(codec.decode(e) for e in log.read(drill.incident_id))
    setting = setting_of(drill, at)
    found = result(entries, case.template, setting)
    row = models.DrillScore.objects.filter(drill_id=drill.id).first()
    kept = {g.key: g for g in models.DrillGap.objects.filter(drill_id=drill.id)}
    agreed_at = row.agreed_at if row else None
    proposed = gaps(found, before(drill))
    return Sheet(drill, case, entries, setting, found, proposed, kept, agreed_at, all_roles)


def setting_of(drill: models.Drill, at: datetime) -> Setting:
    """What the log does not say: the pinned script, the clock, the injects, and what the facilitator said."""
    started = drill.started_at or at
    return Setting(
        started_at=started,
        now=max(at, started),
        facilitator=drill.facilitator,
        ended_at=drill.ended_at,
        pauses=drills.pauses_of(drill),
        expected=tuple(_expected(s) for s in drill.script.get("steps", ())),
        injects=_injects(drill),
        judgements=tuple(
            Judgement(j.key, j.verdict, j.note) for j in models.DrillJudgement.objects.filter(drill_id=drill.id)
        ),
        ratings=tuple(
            Rating(r.role, r.item, r.points, r.note)
            for r in models.DrillRating.objects.filter(drill_id=drill.id).order_by("rated_at", "id")
        ),
    )  # fmt: skip


def _expected(step: dict[str, Any]) -> Expected:
    return Expected(step["key"], step.get("role", ""), step["title"], step["by_minute"], step.get("sign", ""))


def _injects(drill: models.Drill) -> tuple[Inject, ...]:
    rows = models.DrillInject.objects.filter(drill_id=drill.id).order_by("fired_at", "id")
    return tuple(_inject(row) for row in rows)


def _inject(row: models.DrillInject) -> Inject:
    within = timedelta(minutes=row.within_minutes)
    return Inject(row.key, row.title, row.fired_at if row.state == "fired" else None, row.role, within)


def team_of(drill: models.Drill) -> str:
    """The key of the team it practises: its plan's, else that of the first service of the script."""
    plan = models.DrillPlan.objects.filter(id=drill.plan_id).first() if drill.plan_id else None
    if plan is not None and plan.team:
        return str(plan.team)
    owning = models.Service.objects.filter(key__in=drill.script.get("services", ())).exclude(team=None)
    key: str | None = owning.order_by("key").values_list("team__key", flat=True).first()
    return key or ""


def before(drill: models.Drill) -> frozenset[str]:
    """The gaps of the drill before: the last of the same team, else of the same scenario."""
    earlier = models.DrillScore.objects.filter(held_at__lt=drill.started_at or drill.scheduled_at)
    earlier = earlier.exclude(drill_id=drill.id).order_by("-held_at")
    team = team_of(drill)
    last = earlier.filter(team=team).first() if team else None
    last = last or earlier.filter(scenario=drill.scenario).first()
    return frozenset(last.gaps) if last else frozenset()


def keep(drill: models.Drill, at: datetime) -> None:
    """Write the figures of a drill that is over, inside the caller's transaction. An agreed one stays as it is."""
    row = models.DrillScore.objects.filter(drill_id=drill.id).first()
    if drill.state != "ended" or not drill.incident_id or (row is not None and row.agreed_at is not None):
        return
    found = sheet(drill, at, all_roles=True)
    measured = figures(found.result)
    models.DrillScore.objects.update_or_create(
        drill_id=drill.id,
        defaults={
            "incident_id": drill.incident_id, "team": team_of(drill), "scenario": drill.scenario,
            "held_at": drill.started_at, "acknowledge": measured.acknowledge, "command": measured.command,
            "first_update": measured.first_update, "restore": measured.restore, "score": measured.score,
            "gaps": sorted({g.key for g in found.gaps}),
        },
    )  # fmt: skip


def rate(
    act: Act, drill_id: str, role: str, item: str, points: int | None, note: str = ""
) -> models.DrillRating:
    """What was seen of a role: 0 to 4, or words alone. The same item again is said anew, until the drill is agreed."""
    rubric_item(item)
    if points is not None and not 0 <= points <= 4:
        raise bad("points.range", "Give 0 to 4, or none.", points="Give 0 to 4, or none.")
    said = clean(note, NOTE_LIMIT)
    if points is None and not said:
        raise bad(
            "rating.empty", "Give points, or write what you saw.", note="Give points, or write what you saw."
        )

    def save(drill: models.Drill) -> models.DrillRating:
        _must_be_role(drill, role)
        row, _new = models.DrillRating.objects.update_or_create(
            drill_id=drill.id, role=role, item=item,
            defaults={"points": points, "note": said, "rated_by": act.person, "rated_at": act.at},
        )  # fmt: skip
        return row

    return _while_open(act, drill_id, save)


def judge(act: Act, drill_id: str, key: str, verdict: str, note: str = "") -> None:
    """Met, late or missed, of a step or an inject that the log cannot show; "" takes the word back."""
    if verdict and verdict not in JUDGED:
        message = f"Say one of: {', '.join(JUDGED)}."
        raise bad("verdict.unknown", message, verdict=message)

    def save(drill: models.Drill) -> None:
        found = sheet(drill, act.at, all_roles=True).result
        if key not in {i.key for i in (*found.steps, *found.injects)}:
            raise missing("item.unknown", "There is no such step or fired inject in this drill.")
        if not verdict:
            models.DrillJudgement.objects.filter(drill_id=drill.id, key=key).delete()
            return
        models.DrillJudgement.objects.update_or_create(
            drill_id=drill.id, key=key,
            defaults={
                "verdict": verdict, "note": clean(note, REASON_LIMIT), "judged_by": act.person, "judged_at": act.at,
            },
        )  # fmt: skip

    _while_open(act, drill_id, save)


def agree(act: Act, drill_id: str) -> None:
    """The results are talked over and agreed: from now on nothing of them changes."""
    with tx.write():
        drill = _locked(act, drill_id)
        if drill.state != "ended":
            raise Refused("drill.running", "A drill is agreed after its end. End it first.")
        keep(drill, act.at)
        changed = models.DrillScore.objects.filter(drill_id=drill.id, agreed_at=None).update(
            agreed_at=act.at, agreed_by=act.person
        )
        if changed:
            log.audit("DrillAgreed", {"drill": drill.id}, at=act.at, actor=act.person)


def _while_open(act: Act, drill_id: str, save: Callable[[models.Drill], T]) -> T:
    with tx.write():
        drill = _locked(act, drill_id)
        if not drill.incident_id:
            raise Refused("drill.planned", "This drill has not started. Rate what was seen once it runs.")
        if models.DrillScore.objects.filter(drill_id=drill.id).exclude(agreed_at=None).exists():
            raise Refused("drill.agreed", "The results of this drill are agreed and stay as they are.")
        done = save(drill)
        keep(drill, act.at)
        return done


def _locked(act: Act, drill_id: str) -> models.Drill:
    drill = led(act, drill_id)
    return models.Drill.objects.select_for_update().get(id=drill.id)


def _must_be_role(drill: models.Drill, role: str) -> None:
    case = casebook.load(drill.incident_id)
    if case.template.role(role) is None:
        known = ", ".join(r.key for r in case.template.roles)
        message = f"There is no role {role!r} in this drill. Choose one of: {known}."
        raise bad("role.unknown", message, role=message)
