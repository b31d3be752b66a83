"""Random organisations: people who can and cannot be reached, schedules with gaps, policies with every condition.

All of one organisation stands in one store; its alerts begin on a grid, so that many runs are due at one instant.
"""

from __future__ import annotations

import random
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta

from quarterdeck.app.paging.directory import layer_data, policy_data
from quarterdeck.core.escalation.plan import check
from quarterdeck.core.escalation.policy import SEVERITIES, Policy, Step, Target, Window
from quarterdeck.core.oncall import Layer, Restriction, Turn
from quarterdeck.store import models
from quarterdeck.store.ids import new_id

MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
# Ordinary weeks, and those in which clocks change.
WEEKS = (
    datetime(2026, 3, 27, tzinfo=UTC),
    datetime(2026, 10, 23, tzinfo=UTC),
    datetime(2026, 6, 1, tzinfo=UTC),
)
ZONES = ("UTC", "Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Asia/Kathmandu")
ROLES = ("commander", "scribe", "nobody_fills")
KINDS = ("email", "push", "sms", "voice")


@dataclass(frozen=True, slots=True)
class Thought:
    """An alert to be: by this policy, from this instant on."""

    policy: Policy
    at: datetime
    severity: str
    alert_id: str
    incident: str


class Organisation:
    """`dice` decides everything."""

    def __init__(self, dice: random.Random) -> None:
        self.dice = dice
        self.start = dice.choice(WEEKS)
        self.people = [self._person(n) for n in range(10)]
        self.schedules = [self._schedule(n) for n in range(6)]
        self.teams = [self._team(n) for n in range(2)]
        self.incidents = [self._incident(n) for n in range(2)]
        self.integration = models.Integration.objects.create(
            name="Any", key_hash="x", hint="x", created_at=self.start
        )
        for role in ROLES[:2]:
            key = "commander" if role == "commander" else f"role-{role}"
            self._save(Policy(key, key, self._steps(roles=False)[:3], 0, self._targets(roles=False)))

    def thoughts(self, count: int) -> list[Thought]:
        """So many alerts, written, each with a policy of its own or one of a few that many share."""
        shared = [self._policy(f"shared-{n}") for n in range(5)]
        found = []
        for n in range(count):
            policy = self.dice.choice(shared) if self.dice.random() < 0.3 else self._policy(f"p{n}")
            at = self.start + self.dice.randrange(6 * 24) * 30 * MINUTE
            incident = self.dice.choice(self.incidents) if self.dice.random() < 0.4 else ""
            found.append(Thought(policy, at, self.dice.choice(SEVERITIES), new_id(), incident))
        models.Alert.objects.bulk_create(
            models.Alert(
                id=t.alert_id, dedup_key=t.alert_id, integration=self.integration, status="open",
                summary="Disk full", severity=t.severity, source="", first_seen_at=t.at, last_seen_at=t.at,
                paged=True, reason="", incident_id=t.incident,
            )
            for t in found
        )  # fmt: skip
        return found

    def _person(self, n: int) -> str:
        dice = self.dice
        person = models.Person.objects.create_user(
            f"p{n}@example.com", None, handle=f"p{n}", name=f"Person {n}", created_at=self.start,
            role="administrator" if n < 2 else "responder", is_active=dice.random() < 0.85,
        )  # fmt: skip
        for position in range(dice.choice((0, 0, 1, 1, 2, 3))):
            contact = models.ContactMethod.objects.create(
                id=new_id(), person=person, kind=dice.choice(KINDS), address=f"{n}-{position}",
                position=position, disabled=dice.random() < 0.25,
                verified_at=self.start if dice.random() < 0.7 else None,
            )  # fmt: skip
            for urgency in dice.choice(
                ((), ("high",), ("low",), ("high", "low"), ("any",), ("high", "high"))
            ):
                models.NotificationRule.objects.create(
                    id=new_id(), person=person, contact=contact, urgency=urgency,
                    delay_seconds=dice.choice((0, 0, 60, 300, 900)),
                )  # fmt: skip
        if dice.random() < 0.3:
            models.QuietHours.objects.create(
                person=person, zone=dice.choice(ZONES), days=dice.choice(([0, 1, 2, 3, 4, 5, 6], [5, 6], [4])),
                starts=dice.choice(("22:00", "02:30", "00:00")), ends=dice.choice(("07:00", "12:00")),
                through=dice.choice(([], ["critical", "error"])),
            )  # fmt: skip
        return person.id

    def _some(self, most: int) -> list[str]:
        return self.dice.sample(self.people, self.dice.randint(1, most))

    def _schedule(self, n: int) -> str:
        dice = self.dice
        row = models.Schedule.objects.create(key=f"s{n}", name=f"Schedule {n}", timezone=dice.choice(ZONES))
        for position in range(dice.choice((0, 1, 1, 2, 3))):
            windows = tuple(
                Restriction(self._time(), self._time(), tuple(dice.sample(range(7), dice.randint(0, 3))))
                for _ in range(dice.choice((0, 0, 1, 2)))
            )
            people = tuple(self._some(4))
            layer = Layer(
                id="", name=f"L{position}", people=people, turn=Turn(dice.choice(("hours", "days")), dice.randint(1, 9)),
                handover_time=self._time(), handover_weekday=None, starts_at=self.start - dice.randint(-2, 30) * DAY,
                ends_at=dice.choice((None, None, self.start + 2 * DAY)), zone=dice.choice(ZONES),
                restrictions=windows, at_once=dice.randint(1, len(people)),
            )  # fmt: skip
            models.Layer.objects.create(
                id=new_id(), schedule=row, position=position, name=layer.name, definition=layer_data(layer)
            )
        for _ in range(dice.choice((0, 1, 2))):
            begins = self.start + dice.randrange(96) * HOUR
            models.Override.objects.create(
                id=new_id(), schedule=row, person_id=dice.choice(self.people), starts_at=begins,
                ends_at=begins + dice.randint(1, 20) * 30 * MINUTE, created_by="x", created_at=self.start,
                effect=dice.choice(("all", "all", "add", "remove")),
            )  # fmt: skip
        return row.id

    def _team(self, n: int) -> str:
        team = models.Team.objects.create(key=f"t{n}", name=f"Team {n}")
        for person in self._some(3) if n else ():
            models.Membership.objects.create(team=team, person_id=person)
        return team.id

    def _incident(self, n: int) -> str:
        incident = f"INC-{n + 1}"
        models.IncidentRow.objects.create(
            id=incident, number=n + 1, title="Down", type="availability", severity=2, phase="investigating",
            phase_since=self.start, template="software", declared_at=self.start, declared_by=self.people[0], seq=1,
            restricted=n == 1,
        )  # fmt: skip
        for role in ROLES[:2]:
            for person in self._some(2) if self.dice.random() < 0.6 else ():
                models.RoleAssignmentRow.objects.create(
                    id=new_id(), incident_id=incident, role=role, person_id=person, started_at=self.start,
                    ended_at=self.dice.choice((None, None, self.start)),
                )  # fmt: skip
        return incident

    def _save(self, policy: Policy) -> None:
        check(policy)
        models.EscalationPolicy.objects.create(
            key=policy.key, name=policy.name, definition=policy_data(policy)
        )

    def _policy(self, key: str) -> Policy:
        catch_all = self._targets() if self.dice.random() < 0.6 else ()
        steps = self._steps()
        policy = Policy(key, key, steps, self.dice.choice((0, 0, 1, 2)), catch_all)
        if not steps and not catch_all:
            return self._policy(key)
        check(policy)
        return policy

    def _steps(self, *, roles: bool = True) -> tuple[Step, ...]:
        return tuple(self._step(roles) for _ in range(self.dice.choice((0, 1, 2, 2, 3, 5))))

    def _step(self, roles: bool) -> Step:
        dice = self.dice
        return Step(
            self._targets(roles=roles),
            dice.choice((5, 10, 30, 45)) * MINUTE,
            severities=tuple(s for s in SEVERITIES if dice.random() < 0.5) if dice.random() < 0.3 else (),
            windows=tuple(
                Window(
                    self._time(),
                    self._time(),
                    tuple(dice.sample(range(7), dice.randint(0, 4))),
                    dice.choice(ZONES),
                )
                for _ in range(dice.choice((0, 0, 1, 2)))
            ),
            mode=dice.choice(("all", "all", "one_of")),
            urgency=dice.choice(("", "", "high", "low")),
        )

    def _targets(self, *, roles: bool = True) -> tuple[Target, ...]:
        choices = [
            *(Target("person", p) for p in self.people),
            *(Target("schedule", s) for s in self.schedules * 2),
            *(Target("team", t) for t in self.teams),
            *(Target("role", r) for r in ROLES if roles),
        ]
        return tuple(dict.fromkeys(self.dice.choices(choices, k=self.dice.choice((1, 1, 2, 3)))))

    def _time(self) -> time:
        return time(self.dice.randrange(24), self.dice.choice((0, 0, 30)))
