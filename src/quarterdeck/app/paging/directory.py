"""Configuration rows as core types: policies, schedules, people's contacts. Reads only.

A `Directory` caches what one transaction needs; make a new one for each.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import NamedTuple

import msgspec

from quarterdeck.core.access import RULE_PREFIX
from quarterdeck.core.escalation.notify import Contacts, Rule, contacts
from quarterdeck.core.escalation.plan import Resolved
from quarterdeck.core.escalation.policy import Target
from quarterdeck.core.escalation.quiet import Quiet
from quarterdeck.core.kernel.refused import bad
from quarterdeck.core.oncall import Schedule, on_call
from quarterdeck.core.oncall.data import layer_data as layer_data
from quarterdeck.store import bulk, models

from ..act import OPERATOR
from ..oncall.schedule_rows import absences_of as absences_of
from ..oncall.schedule_rows import layer_from as layer_from
from ..oncall.schedule_rows import override_from as override_from
from ..oncall.schedule_rows import people_of as people_of
from ..oncall.schedule_rows import schedule_from as schedule_from
from . import quiet_hours
from .policy_rows import policy_data as policy_data
from .policy_rows import policy_from as policy_from
from .role_holders import RoleHolders, spoken


class About(NamedTuple):
    """An alert as far as a page about it names it."""

    id: str
    severity: str
    summary: str
    service: models.Service | None
    incident_id: str
    labels: Mapping[str, str]
    details: Mapping[str, str]
    links: Sequence[Mapping[str, str]]


_ABOUT = "SELECT id, severity, summary, service_id, incident_id, labels, details, links FROM alert"
_json = msgspec.json.Decoder().decode


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
        self._rules_called: dict[str, str] = {}
        self._contacts: dict[str, dict[str, models.ContactMethod]] = {}
        self._rules: dict[str, list[Rule]] = {}
        self._ways: dict[tuple[str, str], Contacts] = {}
        self._quiet: dict[str, Quiet] = {}
        self._meant: dict[tuple[Target, str], Resolved] = {}
        self._teams: dict[str, tuple[str, list[str]]] = {}
        self._roles = RoleHolders()
        self._alerts: dict[str, About] = {}
        self._services: dict[str, models.Service] = {}
        self._administrators: list[str] | None = None

    def move(self, now: datetime) -> None:
        """Answer for another instant from here on. People, teams and schedules stay as they were read."""
        self.now = self.wall = now
        self._meant.clear()
        self._ways.clear()

    def name(self, person_id: str) -> str:
        if person_id in ("engine", "system", ""):
            return "Quarterdeck"
        if person_id == OPERATOR:
            return "somebody on the server"
        if person_id.startswith(RULE_PREFIX):
            return self._rule(person_id)
        person = self.person(person_id)
        return person.name if person else "somebody who left"

    def _rule(self, actor: str) -> str:
        if actor not in self._rules_called:
            rows = models.AutomationRule.objects.filter(key=actor.removeprefix(RULE_PREFIX))
            self._rules_called[actor] = f"Automation: {rows.values_list('name', flat=True).first() or actor}"
        return self._rules_called[actor]

    def person(self, person_id: str) -> models.Person | None:
        self.load_people({person_id})
        return self._people.get(person_id)

    def load_people(self, ids: set[str]) -> None:
        """Fetch many at once."""
        wanted = ids - self._people.keys() - self._strangers
        for p in models.Person.objects.filter(id__in=wanted) if wanted else ():
            self._people[p.id] = p
        self._strangers |= wanted - self._people.keys()

    def administrators(self) -> list[str]:
        """Everybody who may administrate and sign in, by id."""
        if self._administrators is None:
            rows = models.Person.objects.filter(role="administrator", is_active=True).order_by("id")
            self._administrators = list(rows.values_list("id", flat=True))
        return self._administrators

    def load_targets(self, targets: Iterable[Target], incidents: Iterable[str] = ()) -> None:
        """Fetch the schedules and people that many targets name, and whom these schedules may name, all at once; with
        roles among them who holds those of `incidents`.
        """
        named: dict[str, set[str]] = {"schedule": set(), "person": set(), "team": set(), "role": set()}
        for target in targets:
            named[target.kind].add(target.ref)
        wanted = named["schedule"] - self._schedules.keys()
        rows = models.Schedule.objects.filter(id__in=wanted).prefetch_related("layers", "overrides")
        for row in rows if wanted else ():
            self._schedules[row.id] = found = schedule_from(row)
            named["person"] |= people_of(found)
        self.load_people(named["person"])
        if named["role"]:
            self._roles.load(incidents)

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
            part = wanted[start : start + 500]
            rows = bulk.select(f"{_ABOUT} WHERE id IN ({', '.join(['%s'] * len(part))})", *part)
            services = {r[3] for r in rows if r[3]} - self._services.keys()
            if services:
                self._services |= models.Service.objects.in_bulk(services)
            for id_, severity, summary, service, incident, labels, details, links in rows:
                self._alerts[id_] = About(
                    id_, severity, summary, self._services.get(service or ""), incident, _json(labels),
                    _json(details), _json(links),
                )  # fmt: skip

    def alert(self, alert_id: str) -> About | None:
        """An alert as it was when first asked for in this transaction."""
        if alert_id and alert_id not in self._alerts:
            self.load_alerts({alert_id})
        return self._alerts.get(alert_id)

    def on_call(self, target: Target, incident: str = "") -> Resolved:
        """The people a target means at `now`, or why it means nobody. Inactive people are nobody.

        A role means whoever holds it in `incident`, else whoever its policy calls first.
        """
        place = (target, incident if target.kind == "role" else "")
        found = self._meant.get(place)
        if found is None:
            found = self._meant[place] = self._resolve(target, incident)
        return found

    def _resolve(self, target: Target, incident: str) -> Resolved:
        if target.kind == "person":
            return self._active([target.ref], "is named in the policy", "The person named is not active")
        if target.kind == "role":
            return self._role(target, incident)
        if target.kind == "team":
            return self._team(target)
        schedule = self.schedule(target.ref)
        if schedule is None:
            return Resolved((), "The schedule named no longer exists")
        held = self.holders(schedule)
        if not held:
            return Resolved((), f"Nobody is on call in {schedule.name}")
        because = f"is on call in {schedule.name}"
        return self._active(list(held), because, f"The person on call in {schedule.name} is not active")

    def holders(self, schedule: Schedule) -> tuple[str, ...]:
        """Who is on call in it by the clock on the wall; nobody is a gap."""
        return on_call(schedule, self.wall).people

    def _team(self, target: Target) -> Resolved:
        if target.ref not in self._teams:
            # In one order on every node: "one of" counts on it.
            rows = models.Membership.objects.filter(team_id=target.ref).order_by("person_id")
            self._teams[target.ref] = self.label(target), list(rows.values_list("person_id", flat=True))
        label, ids = self._teams[target.ref]
        return self._active(ids, f"is in the team {label}", f"The team {label} has no active member")

    def _role(self, target: Target, incident: str) -> Resolved:
        label = self.label(target)
        held = self._active(self._roles.holders(target.ref, incident), f"holds the role {label}", "nobody")
        if held.people:
            return held
        for targets in self._roles.called(target.ref):
            found = [self.on_call(t) for t in targets]
            people = tuple(dict.fromkeys(p for f in found for p in f.people))
            if people:
                because = {
                    p: f"{f.because[p]}, for the role {label}" for f in reversed(found) for p in f.people
                }
                return Resolved(people, "", because)
        return Resolved((), f"Nobody holds the role {label}, and nobody is on call for it")

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
        if target.kind == "role":
            return spoken(target.ref)
        team = models.Team.objects.filter(id=target.ref).values_list("name", flat=True).first()
        return team or "a deleted team"

    def load_reach(self, people: Iterable[str]) -> None:
        """Fetch contacts and notification rules of many people at once."""
        wanted = [p for p in dict.fromkeys(people) if p not in self._rules]
        for start in range(0, len(wanted), 500):
            part = wanted[start : start + 500]
            known: dict[str, dict[str, models.ContactMethod]] = {p: {} for p in part}
            for c in models.ContactMethod.objects.filter(person_id__in=part):
                known[c.person_id][c.id] = c
            asked: dict[str, list[models.NotificationRule]] = {p: [] for p in part}
            for r in models.NotificationRule.objects.filter(person_id__in=part):
                asked[r.person_id].append(r)
            self._contacts |= known
            self._rules |= {p: _rules(known[p], asked[p]) for p in part}
            self._quiet |= quiet_hours.hours(part)

    def quiet(self, person_id: str) -> Quiet | None:
        """The quiet hours of a person, if they have any."""
        self.load_reach([person_id])
        return self._quiet.get(person_id)

    def rules(self, person_id: str) -> list[Rule]:
        """Personal notification rules of both urgencies, and every contact as a last resort."""
        self.load_reach([person_id])
        return self._rules[person_id]

    def ways(self, person_id: str, urgency: str) -> Contacts:
        """Which contacts of a person to try for a page of this urgency, and after which delay."""
        found = self._ways.get((person_id, urgency))
        if found is None:
            found = self._ways[person_id, urgency] = contacts(self.rules(person_id), urgency)
        return found

    def contacts(self, person_id: str) -> dict[str, models.ContactMethod]:
        """The contact methods of a person by id."""
        self.load_reach([person_id])
        return self._contacts[person_id]


def _rules(
    known: Mapping[str, models.ContactMethod], wanted: Iterable[models.NotificationRule]
) -> list[Rule]:
    asked = [
        (r.contact_id, timedelta(seconds=r.delay_seconds), r.urgency) for r in wanted if r.contact_id in known
    ]
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
