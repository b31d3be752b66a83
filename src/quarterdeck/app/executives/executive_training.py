"""Executives on duty and their training: what they learnt, their last drill, and who is rostered without (X-20). The
records are those of training and of drills; nobody is refused for lacking one, they are flagged.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Q

from quarterdeck.core.escalation.policy import Target
from quarterdeck.core.incidents import executive_training as core
from quarterdeck.core.incidents.executive_training import DUTIES, TRACK, Standing, lacking, said
from quarterdeck.core.kernel.refused import bad
from quarterdeck.core.kernel.text import line
from quarterdeck.core.oncall import shifts
from quarterdeck.store import log, models, tx
from quarterdeck.store.ids import new_id

from ..act import Act, need
from ..paging.directory import must_be_active, policy_from, schedule_from
from ..people import training
from . import executive_quiz
from .executive_duty import KEY

AHEAD = timedelta(days=90)
MINUTES = 60
# Policies whose schedules and people are the executive duty.
POLICIES = (KEY, *(f"role-{role}" for role in DUTIES))


@dataclass(frozen=True, slots=True)
class Rostered:
    """Somebody with executive duty ahead: by which schedules or policies, how they stand, and what they lack."""

    person: str
    duties: tuple[str, ...]
    standing: Standing
    lacks: tuple[str, ...]


def record(
    act: Act, person: str, *, track: str, held_at: datetime, topic: str = "", valid_months: int = 0
) -> None:
    """That somebody was trained in a track, on a day that has passed; whoever writes it down stands beside it."""
    need(act, "person.edit")
    must_be_active(person, "person")
    if held_at > act.at or act.at - held_at > training.BACK * 20:
        raise bad("training.when", "Give the day it was held: today, or before.", held_at="out of range")
    more = training.checked(training.Details(track, valid_months=valid_months))
    with tx.write("web"):
        made = models.TrainingSession.objects.create(
            id=new_id(), topic=line(topic, 200) or training.TRACKS.get(track, track), trainer=act.person,
            held_at=held_at, invited=[], attended=[person], created_by=act.person, created_at=act.at, track=more.track,
            minutes=MINUTES, valid_months=more.valid_months,
        )  # fmt: skip
        told = {"session": made.id, "person": person, "track": track}
        log.audit("TrainingRecorded", told, at=act.at, actor=act.person)


def standings(people: Collection[str], now: datetime) -> dict[str, Standing]:
    """How each of these people stands; four queries, however many they are."""
    held: dict[str, list[tuple[datetime, datetime | None]]] = {}
    rows = models.TrainingSession.objects.filter(track=TRACK, called_off_at=None, held_at__lte=now)
    for row in rows.order_by("-held_at")[: training.MOST * 5]:
        for person in row.attended:
            held.setdefault(person, []).append((row.held_at, training.expires(row)))
    took: dict[str, list[datetime]] = {}
    drills = models.DrillPerson.objects.filter(
        person_id__in=list(people), observer=False, drill__state="ended", drill__ended_at__isnull=False
    )
    for person, ended in drills.values_list("person_id", "drill__ended_at"):
        took.setdefault(person, []).append(ended)
    passed = executive_quiz.passed(people, now)
    return {p: core.standing(held.get(p, ()), took.get(p, ()), now, passed.get(p)) for p in people}


def roster(now: datetime) -> list[Rostered]:
    """Everybody with executive duty in the next 90 days, by id."""
    named: dict[str, list[str]] = {}
    targets, persons = _targets()
    for person, name in persons:
        named.setdefault(person, []).append(name)
    rows = models.Schedule.objects.filter(Q(id__in=targets) | Q(key=KEY))
    for row in rows.prefetch_related("layers", "overrides"):
        for person in {p for s in shifts(schedule_from(row), now, now + AHEAD) for p in s.people}:
            named.setdefault(person, []).append(row.name)
    found = standings(named, now)
    return [
        Rostered(p, tuple(sorted(set(names))), found[p], lacking(found[p], now))
        for p, names in sorted(named.items())
    ]


def untrained(now: datetime) -> dict[str, str]:
    """Who is rostered and lacks something, and what, in words."""
    return {r.person: said(r.lacks) for r in roster(now) if r.lacks}


def notes(people: Sequence[str], now: datetime) -> dict[str, str]:
    """For whoever is about to be asked: what these people lack, in words; those who lack nothing are left out."""
    found = {p: lacking(s, now) for p, s in standings(people, now).items()}
    return {p: said(lacks) for p, lacks in found.items() if lacks}


def after_saving(schedule_id: str, now: datetime) -> str:
    """Who of one schedule has executive duty ahead untrained, for whoever has just changed it; "" for nobody."""
    row = models.Schedule.objects.filter(id=schedule_id).first()
    if row is None or (row.key != KEY and row.id not in _targets()[0]):
        return ""
    lacks = {r.person: said(r.lacks) for r in roster(now) if r.lacks and row.name in r.duties}
    names = models.Person.objects.filter(id__in=lacks).order_by("name").values_list("id", "name")
    told = "; ".join(f"{name} ({lacks[i]})" for i, name in names)
    return f"Not trained for executive duty: {told}." if told else ""


def suggested(role: str, who: str, now: datetime) -> list[dict[str, str]]:
    """Executives who may be asked to take an executive role, the trained first; () for any other role."""
    if role not in DUTIES:
        return []
    rows = list(models.Person.objects.filter(role=TRACK, is_active=True).exclude(id=who).order_by("name"))
    short = notes([p.id for p in rows], now)
    rows.sort(key=lambda p: p.id in short)
    return [
        {"id": p.id, "name": p.name, "title": p.title,
         "note": f"not trained as an executive: {short[p.id]}" if p.id in short else "trained as an executive"}
        for p in rows
    ]  # fmt: skip


def _targets() -> tuple[set[str], list[tuple[str, str]]]:
    """The schedules of executive duty, and people named by its policies with the policy's name."""
    schedules: set[str] = set()
    people: list[tuple[str, str]] = []
    for row in models.EscalationPolicy.objects.filter(key__in=POLICIES):
        policy = policy_from(row.definition)
        named: list[Target] = [t for s in policy.steps for t in s.targets] + list(policy.catch_all)
        schedules |= {t.ref for t in named if t.kind == "schedule"}
        people += [(t.ref, row.name) for t in named if t.kind == "person"]
    return schedules, people
