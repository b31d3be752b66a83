"""Configuration rows as core types: policies, schedules, people's contacts. Reads only.

A `Directory` caches what one transaction needs; make a new one for each.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime, time, timedelta
from typing import Any

from quarterdeck.core.escalation.notify import Contacts, Rule, contacts
from quarterdeck.core.escalation.plan import Resolved
from quarterdeck.core.escalation.policy import Policy, Step, Target
from quarterdeck.core.kernel.moments import parse, text
from quarterdeck.core.kernel.refused import bad
from quarterdeck.core.oncall import Layer, Override, Restriction, Schedule, Turn, on_call
from quarterdeck.store import models

from .act import OPERATOR


def policy_data(policy: Policy) -> dict[str, Any]:
    """A policy as plain data, the shape kept in `escalation_policy.definition` and pinned in a run."""
    return {
        "key": policy.key,
        "name": policy.name,
        "repeats": policy.repeats,
        "steps": [
            {"wait_seconds": int(s.wait.total_seconds()), "targets": [_target_data(t) for t in s.targets]}
            for s in policy.steps
        ],
        "catch_all": [_target_data(t) for t in policy.catch_all],
    }


def policy_from(data: Mapping[str, Any]) -> Policy:
    return Policy(
        key=data.get("key", ""),
        name=data.get("name", ""),
        repeats=int(data.get("repeats", 0)),
        steps=tuple(
            Step(tuple(_target(t) for t in s["targets"]), timedelta(seconds=s["wait_seconds"]))
            for s in data.get("steps", [])
        ),
        catch_all=tuple(_target(t) for t in data.get("catch_all", [])),
    )


def _target_data(t: Target) -> dict[str, str]:
    return {"kind": t.kind, "ref": t.ref}


def _target(data: Mapping[str, str]) -> Target:
    kind = data["kind"]
    if kind not in ("person", "schedule", "team"):
        raise ValueError(f"{kind!r} is not a target: person, schedule or team")
    return Target(kind, data["ref"])


def layer_data(layer: Layer) -> dict[str, Any]:
    """A layer as plain data, the shape kept in `layer.definition`."""
    return {
        "people": list(layer.people),
        "turn": {"unit": layer.turn.unit, "length": layer.turn.length},
        "handover_time": layer.handover_time.isoformat("minutes"),
        "handover_weekday": layer.handover_weekday,
        "starts_at": text(layer.starts_at),
        "ends_at": text(layer.ends_at) if layer.ends_at else None,
        "zone": layer.zone,
        "restrictions": [
            {
                "start": r.start_time.isoformat("minutes"),
                "end": r.end_time.isoformat("minutes"),
                "weekdays": list(r.weekdays),
            }
            for r in layer.restrictions
        ],
    }  # fmt: skip


def layer_from(row: models.Layer, zone: str) -> Layer:
    d = row.definition
    starts_at = parse(d["starts_at"])
    if starts_at is None:
        raise ValueError(f"layer {row.id} has no start")
    return Layer(
        id=row.id,
        name=row.name,
        people=tuple(d["people"]),
        turn=Turn(d["turn"]["unit"], d["turn"]["length"]),
        handover_time=time.fromisoformat(d["handover_time"]),
        handover_weekday=d.get("handover_weekday"),
        starts_at=starts_at,
        ends_at=parse(d["ends_at"]) if d.get("ends_at") else None,
        zone=d.get("zone") or zone,
        restrictions=tuple(
            Restriction(time.fromisoformat(r["start"]), time.fromisoformat(r["end"]), tuple(r["weekdays"]))
            for r in d.get("restrictions", [])
        ),
    )


def schedule_from(row: models.Schedule) -> Schedule:
    """A schedule with its layers and standing overrides (prefetch `layers` and `overrides` for many)."""
    return Schedule(
        id=row.id,
        key=row.key,
        name=row.name,
        zone=row.timezone,
        layers=tuple(layer_from(x, row.timezone) for x in row.layers.all()),
        overrides=tuple(
            Override(o.id, o.person_id, o.starts_at, o.ends_at, o.reason)
            for o in row.overrides.all()
            if o.removed_at is None
        ),
    )


class Directory:
    """Answers for one transaction: who a target means now, how to reach a person, what they are called.

    `wall` is what clocks on walls show, by which duties change hands, where the engine's own `now` is ahead of it.
    """

    def __init__(
        self, now: datetime, wall: datetime | None = None, people: dict[str, models.Person] | None = None
    ) -> None:
        """`people` are those looked up already; who is looked up here joins them."""
        self.now = now
        self.wall = wall or now
        self._schedules: dict[str, Schedule | None] = {}
        self._people: dict[str, models.Person] = {} if people is None else people
        self._strangers: set[str] = set()
        self._contacts: dict[str, dict[str, models.ContactMethod]] = {}
        self._rules: dict[str, list[Rule]] = {}
        self._ways: dict[tuple[str, str], Contacts] = {}
        self._meant: dict[Target, Resolved] = {}
        self._alerts: dict[str, models.Alert] = {}

    def move(self, now: datetime) -> None:
        """Answer for another instant from here on. People and schedules stay as they were read."""
        self.now = self.wall = now
        self._meant.clear()

    def name(self, person_id: str) -> str:
        if person_id in ("engine", "system", ""):
            return "Quarterdeck"
        if person_id == OPERATOR:
            return "somebody on the server"
        person = self.person(person_id)
        return person.name if person else "somebody who left"

    def person(self, person_id: str) -> models.Person | None:
        self.load_people({person_id})
        return self._people.get(person_id)

    def load_people(self, ids: set[str]) -> None:
        """Fetch many at once."""
        wanted = ids - self._people.keys() - self._strangers
        for p in models.Person.objects.filter(id__in=wanted) if wanted else ():
            self._people[p.id] = p
        self._strangers |= wanted - self._people.keys()

    def load_targets(self, targets: Iterable[Target]) -> None:
        """Fetch the schedules and people that many targets name, and whom these schedules may name, all at once."""
        named: dict[str, set[str]] = {"schedule": set(), "person": set(), "team": set()}
        for target in targets:
            named[target.kind].add(target.ref)
        wanted = named["schedule"] - self._schedules.keys()
        rows = models.Schedule.objects.filter(id__in=wanted).prefetch_related("layers", "overrides")
        for row in rows if wanted else ():
            self._schedules[row.id] = found = schedule_from(row)
            named["person"] |= {p for layer in found.layers for p in layer.people}
        self.load_people(named["person"])

    def schedule(self, schedule_id: str) -> Schedule | None:
        if schedule_id not in self._schedules:
            rows = models.Schedule.objects.prefetch_related("layers", "overrides")
            row = rows.filter(id=schedule_id).first()
            self._schedules[schedule_id] = schedule_from(row) if row else None
        return self._schedules[schedule_id]

    def load_alerts(self, ids: set[str]) -> None:
        """Fetch many at once, with their services."""
        wanted = list(ids - self._alerts.keys())
        for start in range(0, len(wanted), 500):
            part = models.Alert.objects.select_related("service").filter(id__in=wanted[start : start + 500])
            self._alerts |= {a.id: a for a in part}

    def alert(self, alert_id: str) -> models.Alert | None:
        """An alert as it was when first asked for in this transaction."""
        if alert_id and alert_id not in self._alerts:
            self.load_alerts({alert_id})
        return self._alerts.get(alert_id)

    def on_call(self, target: Target) -> Resolved:
        """The people a target means at `now`, or why it means nobody. Inactive people are nobody."""
        found = self._meant.get(target)
        if found is None:
            found = self._meant[target] = self._resolve(target)
        return found

    def _resolve(self, target: Target) -> Resolved:
        if target.kind == "person":
            return self._active([target.ref], "is named in the policy", "The person named is not active")
        if target.kind == "team":
            ids = models.Membership.objects.filter(team_id=target.ref).values_list("person_id", flat=True)
            label = self.label(target)
            return self._active(
                list(ids), f"is in the team {label}", f"The team {label} has no active member"
            )
        schedule = self.schedule(target.ref)
        if schedule is None:
            return Resolved((), "The schedule named no longer exists")
        held = on_call(schedule, self.wall)
        if held.person is None:
            return Resolved((), f"Nobody is on call in {schedule.name}")
        because = f"is on call in {schedule.name}"
        return self._active([held.person], because, f"The person on call in {schedule.name} is not active")

    def _active(self, ids: list[str], clause: str, otherwise: str) -> Resolved:
        self.load_people(set(ids))
        found = tuple(i for i in ids if i in self._people and self._people[i].is_active)
        because = {i: f"{self._people[i].name} {clause}" for i in found}
        return Resolved(found, "" if found else otherwise, because)

    def label(self, target: Target) -> str:
        """What a target is called on screen."""
        if target.kind == "person":
            return self.name(target.ref)
        if target.kind == "schedule":
            schedule = self.schedule(target.ref)
            return schedule.name if schedule else "a deleted schedule"
        team = models.Team.objects.filter(id=target.ref).values_list("name", flat=True).first()
        return team or "a deleted team"

    def rules(self, person_id: str) -> list[Rule]:
        """Personal notification rules of both urgencies, and every contact as a last resort."""
        if person_id not in self._rules:
            self._rules[person_id] = self._read_rules(person_id)
        return self._rules[person_id]

    def ways(self, person_id: str, urgency: str) -> Contacts:
        """Which contacts of a person to try for a page of this urgency, and after which delay."""
        found = self._ways.get((person_id, urgency))
        if found is None:
            found = self._ways[person_id, urgency] = contacts(self.rules(person_id), urgency)
        return found

    def contacts(self, person_id: str) -> dict[str, models.ContactMethod]:
        """The contact methods of a person by id."""
        if person_id not in self._contacts:
            rows = models.ContactMethod.objects.filter(person_id=person_id)
            self._contacts[person_id] = {c.id: c for c in rows}
        return self._contacts[person_id]

    def _read_rules(self, person_id: str) -> list[Rule]:
        known = self.contacts(person_id)
        rows = models.NotificationRule.objects.filter(person_id=person_id, contact_id__in=known)
        asked = [(r.contact_id, timedelta(seconds=r.delay_seconds), r.urgency) for r in rows]
        last = [(c, timedelta(0), "none") for c in known]
        return [
            Rule(
                contact_id=c,
                kind=known[c].kind,
                delay=delay,
                urgency=urgency,
                verified=known[c].verified_at is not None,
                disabled=known[c].disabled,
            )
            for c, delay, urgency in [*asked, *last]
        ]


def must_be_active(person_id: str, field: str) -> None:
    """Refuse an id that names no active person; `field` is where the form or the request had it."""
    if not models.Person.objects.filter(id=person_id, is_active=True).exists():
        message = "There is no such active person. Choose one from the list."
        raise bad("person.unknown", message, **{field: message})


def default_policy() -> models.EscalationPolicy | None:
    """The installation's catch-all policy: used where a service names none. Key "default"."""
    return models.EscalationPolicy.objects.filter(key="default").first()
