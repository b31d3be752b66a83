"""Drills: made, changed, started, paused, ended; who may see what of them (R-189 to R-191, R-198).

A drill is practised in an incident of the real engine. Whoever plays sees that incident, never what is still to come.
Only the facilitator steers, or whoever may steer drills of others and does not play in it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Q, QuerySet

from quarterdeck.core.access import GUEST, Who, may
from quarterdeck.core.drills import casting, clock
from quarterdeck.core.drills.scenario import Scenario
from quarterdeck.core.incidents.describe import words
from quarterdeck.core.incidents.drill import KINDS, mode
from quarterdeck.core.kernel.moments import parse, text
from quarterdeck.core.kernel.refused import Refused, bad, forbidden, missing
from quarterdeck.core.kernel.text import line
from quarterdeck.store import log, models, tx
from quarterdeck.store.ids import new_id

from .. import due
from ..act import Act, need
from ..paging.directory import Directory, must_be_active
from ..visibility import hidden_incidents
from . import drill_notices, drill_scenarios

KIND = "drill"
INJECT = "drill_inject"
PLANNED, RUNNING, ENDED, CANCELLED = "planned", "running", "ended", "cancelled"
STATES = (PLANNED, RUNNING, ENDED, CANCELLED)
TITLE_LIMIT, REASON_LIMIT = 200, 300
MOST_PEOPLE = 60
# A drill may be planned this far ahead.
FURTHEST = timedelta(days=400)


@dataclass(frozen=True, slots=True)
class View:
    """A drill as `who` may see it. `script` is None and `injects` are those that have happened while it is not over,
    for everybody but those who steer. `elapsed` is drill time.
    """

    drill: models.Drill
    people: tuple[models.DrillPerson, ...]
    injects: tuple[models.DrillInject, ...]
    script: Scenario | None
    steers: bool
    plays: bool
    paused: bool
    elapsed: timedelta

    @property
    def minutes(self) -> int:
        return int(self.drill.script.get("minutes", 0))

    @property
    def over(self) -> bool:
        return self.drill.state in (ENDED, CANCELLED)


def drills(who: Who) -> QuerySet[models.Drill]:
    """Every drill `who` may know of. Unordered. A surprise is known to those who run it until it starts; one of a
    restricted scenario only to those in it.
    """
    if GUEST in who.roles:
        return models.Drill.objects.none()
    rows = models.Drill.objects.exclude(incident_id__in=hidden_incidents(who).values("id"))
    mine = Q(facilitator=who.person) | Q(created_by=who.person)
    playing = models.DrillPerson.objects.filter(person_id=who.person).values("drill_id")
    known = Q(announced=True) | ~Q(state__in=(PLANNED, CANCELLED))
    if may(who, "drill.steer"):
        known |= ~Q(id__in=playing)
    return rows.filter(mine | (known & (Q(restricted=False) | Q(id__in=playing))))


def find(drill_id: str, who: Who) -> models.Drill:
    found = drills(who).filter(id=drill_id).first()
    if found is None:
        raise missing("drill.unknown", "There is no such drill. Look it up in the list of drills.")
    return found


def of_incident(incident_id: str) -> models.Drill | None:
    """The drill that an incident is played for."""
    return models.Drill.objects.filter(incident_id=incident_id).first() if incident_id else None


def may_steer(drill: models.Drill, who: Who) -> bool:
    if drill.facilitator == who.person:
        return True
    plays = models.DrillPerson.objects.filter(drill=drill, person_id=who.person, observer=False).exists()
    return may(who, "drill.steer") and not plays


def pauses_of(drill: models.Drill) -> tuple[clock.Pause, ...]:
    read = ((parse(a), parse(b) if b else None) for a, b in drill.pauses)
    return tuple((since, until) for since, until in read if since is not None)


def view(drill_id: str, who: Who, now: datetime) -> View:
    """Raises Refused (missing) where `who` may not know of it."""
    drill = find(drill_id, who)
    steers = may_steer(drill, who)
    over = drill.state == ENDED
    order = {role: n for n, role in enumerate(drill.script.get("roles", []))}
    found = models.DrillPerson.objects.filter(drill=drill).order_by("observer", "id")
    people = tuple(sorted(found, key=lambda p: (p.observer, order.get(p.role, len(order)))))
    rows = models.DrillInject.objects.filter(drill=drill).order_by("at_minute", "id")
    shown = rows if steers or over else rows.filter(state="fired")
    pauses = pauses_of(drill)
    end = drill.ended_at or now
    return View(
        drill=drill, people=people, injects=tuple(shown),
        script=drill_scenarios.unpinned(drill.script) if steers or over else None,
        steers=steers, plays=any(p.person_id == who.person and not p.observer for p in people),
        paused=drill.state == RUNNING and clock.is_paused(pauses),
        elapsed=clock.elapsed(drill.started_at, pauses, end) if drill.started_at else timedelta(),
    )  # fmt: skip


def create(
    act: Act, *, scenario: str, kind: str, scheduled_at: datetime | None = None, facilitator: str = "",
    participants: Sequence[str] = (), observers: Sequence[str] = (), roles: Mapping[str, str] | None = None,
    title: str = "", announced: bool = True,
) -> models.Drill:  # fmt: skip
    """A drill by hand. `roles` (role -> person) puts people into the roles of the scenario; those left out are given
    by turns.
    """
    need(act, "drill.plan")
    script = drill_scenarios.chosen(scenario)
    at = scheduled_at or act.at
    if not act.at - timedelta(days=1) <= at <= act.at + FURTHEST:
        message = "Give a time from now on, within a year."
        raise bad("drill.time", message, scheduled_at=message)
    with tx.write("engine", "web"):
        return make(
            act, script, kind=known_kind(kind), at=at, facilitator=facilitator or act.person,
            participants=participants, observers=observers, roles=roles or {}, title=title, announced=announced,
        )  # fmt: skip


def make(
    act: Act, script: Scenario, *, kind: str, at: datetime, facilitator: str, participants: Sequence[str],
    observers: Sequence[str] = (), roles: Mapping[str, str] | None = None, title: str = "", announced: bool = True,
    plan: models.DrillPlan | None = None,
) -> models.Drill:  # fmt: skip
    """A drill by hand or of its plan, inside the caller's transaction; whoever is in it is told."""
    can_facilitate(facilitator)
    row = models.Drill(
        id=new_id(), plan_id=plan.id if plan else "", planned_for=at if plan else None,
        title=line(title, TITLE_LIMIT) or words(kind).capitalize(), kind=kind, scenario=script.key,
        script=drill_scenarios.pinned(script), restricted=script.restricted, announced=announced, scheduled_at=at,
        facilitator=facilitator, created_by=act.person, created_at=act.at, changed_at=act.at,
    )  # fmt: skip
    row.save(force_insert=True)
    _put_people(row, participants, observers, roles or {})
    models.DrillInject.objects.bulk_create(drill_scenarios.inject_row(row, i) for i in script.injects)
    due.rearm(KIND, row.id, max(at, act.at), act.at)
    audit(act, "DrillPlanned", row, {"kind": kind, "at": text(at), "facilitator": facilitator})
    drill_notices.planned(row, act)
    return row


def change(
    act: Act, drill_id: str, *, title: str | None = None, facilitator: str | None = None,
    participants: Sequence[str] | None = None, observers: Sequence[str] | None = None,
    roles: Mapping[str, str] | None = None, kind: str | None = None, announced: bool | None = None,
) -> models.Drill:  # fmt: skip
    """Before it starts. None leaves a value as it is; `participants` anew deals the roles anew unless given."""
    with tx.write("engine", "web"):
        row = _mine(
            act, drill_id, PLANNED, "It has started: its people and roles are changed in the incident."
        )
        said = {
            "title": None if title is None else line(title, TITLE_LIMIT) or row.title,
            "facilitator": facilitator,
            "kind": None if kind is None else known_kind(kind),
            "announced": announced,
        }
        changed = {k: v for k, v in said.items() if v is not None and v != getattr(row, k)}
        if "facilitator" in changed:
            can_facilitate(str(changed["facilitator"]))
        for name, value in changed.items():
            setattr(row, name, value)
        row.changed_at = act.at
        row.save()
        known = list(models.DrillPerson.objects.filter(drill=row).order_by("id"))
        recast = participants is not None or observers is not None or roles is not None
        if recast or "facilitator" in changed:
            models.DrillPerson.objects.filter(drill=row).delete()
            kept = {p.role: p.person_id for p in known if p.role} if participants is None else {}
            _put_people(
                row,
                [p.person_id for p in known if not p.observer] if participants is None else participants,
                [p.person_id for p in known if p.observer] if observers is None else observers,
                kept if roles is None else roles,
                deal=roles is None,
            )
        audit(act, "DrillChanged", row, {k: str(v) for k, v in changed.items()})
        drill_notices.changed(row, {p.person_id for p in known}, act)
    return row


def postpone(act: Act, drill_id: str, to: datetime, reason: str) -> models.Drill:
    """To another time, with the reason; everybody who was told is told."""
    why = _reason(reason)
    if not act.at < to <= act.at + FURTHEST:
        message = "Give a time later than now, within a year."
        raise bad("drill.time", message, scheduled_at=message)
    with tx.write("engine", "web"):
        row = _mine(act, drill_id, PLANNED, "It has started already: it cannot be postponed.")
        row.scheduled_at, row.reason, row.changed_at = to, why, act.at
        row.save(update_fields=["scheduled_at", "reason", "changed_at"])
        due.rearm(KIND, row.id, to, act.at)
        audit(act, "DrillPostponed", row, {"to": text(to), "reason": why})
        drill_notices.postponed(row, act)
    return row


def audit(act: Act, event: str, row: models.Drill, told: dict[str, str]) -> None:
    title = "" if row.restricted else row.title
    log.audit(event, {"drill": row.id, "title": title} | told, at=act.at, actor=act.person)


def locked(act: Act, drill_id: str) -> models.Drill:
    """The drill, locked, for whoever steers it. Raises Refused."""
    row = find(drill_id, act.who)
    row = models.Drill.objects.select_for_update().get(id=row.id)
    if not may_steer(row, act.who):
        name = Directory(act.at).name(row.facilitator)
        raise forbidden(
            "drill.facilitator", f"Only {name}, who facilitates this drill, may do this. Ask them."
        )
    return row


def known_kind(kind: str) -> str:
    if kind not in KINDS:
        message = f"Choose one of: {', '.join(KINDS)}."
        raise bad("drill.kind", message, kind=message)
    return kind


def in_state(row: models.Drill, state: str, message: str) -> None:
    if row.state != state:
        raise Refused("drill.state", message)


def _mine(act: Act, drill_id: str, state: str, message: str) -> models.Drill:
    row = locked(act, drill_id)
    in_state(row, state, f"This drill is {row.state}. {message}")
    return row


def _reason(reason: str) -> str:
    said = line(reason, REASON_LIMIT)
    if not said:
        message = "Say why in one line; it is kept."
        raise bad("reason.missing", message, reason=message)
    return said


def can_facilitate(person_id: str) -> None:
    must_be_active(person_id, "facilitator")
    person = models.Person.objects.get(id=person_id)
    if not may(Who(person.id, frozenset({person.role})), "drill.plan"):
        message = f"The account of {person.name} may not run drills. Name a responder or an administrator."
        raise bad("facilitator.unfit", message, facilitator=message)


def _put_people(
    row: models.Drill, participants: Sequence[str], observers: Sequence[str], roles: Mapping[str, str],
    *, deal: bool = True,
) -> None:  # fmt: skip
    """Write who takes part, with roles as given and the rest dealt by turns."""
    playing = list(dict.fromkeys([*participants, *(p for p in roles.values() if p)]))
    watching = [p for p in dict.fromkeys(observers) if p not in playing]
    if len(playing) + len(watching) > MOST_PEOPLE:
        message = f"At most {MOST_PEOPLE} people are in a drill."
        raise bad("drill.people", message, participants=message)
    if row.facilitator in playing:
        message = "Whoever facilitates does not play: they know what comes. Name another facilitator or leave them out."
        raise bad("drill.facilitator_plays", message, participants=message)
    for person in (*playing, *watching):
        must_be_active(person, "participants")
    given = {person: role for role, person in roles.items() if person}
    if len(given) < len([p for p in roles.values() if p]):
        message = "Give each person one role."
        raise bad("drill.roles", message, roles=message)
    wanted = [r for r in drill_scenarios.unpinned(row.script).roles if r not in roles]
    if deal and mode(row.kind).assigns:
        free = [p for p in playing if p not in given]
        given |= {p: r for r, p in casting.cast(wanted, free, _played(free)).items()}
    models.DrillPerson.objects.bulk_create(
        [
            *(models.DrillPerson(drill=row, person_id=p, role=given.get(p, "")) for p in playing),
            *(models.DrillPerson(drill=row, person_id=p, observer=True) for p in watching),
        ]
    )


def _played(people: Sequence[str]) -> dict[tuple[str, str], int]:
    rows = models.DrillPerson.objects.filter(person_id__in=people, drill__state=ENDED).exclude(role="")
    found: dict[tuple[str, str], int] = {}
    for place in rows.values_list("person_id", "role"):
        found[place] = found.get(place, 0) + 1
    return found
