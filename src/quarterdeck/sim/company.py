"""The people, policies and integrations of a simulated installation. A few kinds, each made once and then copied."""

from __future__ import annotations

import random
from dataclasses import dataclass, field, replace
from datetime import datetime, time, timedelta

from quarterdeck.app.act import Act
from quarterdeck.app.alerts import reassigning
from quarterdeck.app.oncall import rotations
from quarterdeck.app.paging import policies, quiet_hours
from quarterdeck.app.people import accounts, keys, people
from quarterdeck.app.people.people import RuleWanted
from quarterdeck.core.escalation.policy import Policy, Step, Target
from quarterdeck.core.oncall import Layer, Turn

KINDS = 8
NAMES = ("Ana", "Ben", "Cho", "Dag", "Eva")
# Quiet hours of those who have some, on the clock of a simulation, which begins at nine.
QUIET = time(10), time(11, 30)
PASSED_WAIT = reassigning.WAIT.total_seconds()
ANSWER_LASTS = 75 * 60.0


@dataclass(slots=True)
class Ladder:
    """A policy as the checks know it: who may be called at each step, and how long each waits."""

    steps: list[tuple[frozenset[str], float]]
    rounds: int
    catch_all: frozenset[str]
    lasts: float = 0.0  # seconds until an acknowledgement runs out; 0 is for ever
    first: int = 0  # the call it begins with

    def place(self, n: int) -> tuple[int, int] | None:
        """Step and round of the n-th call; the catch-all is step 0 of one round more. None when it is over."""
        n += self.first
        if n < len(self.steps) * self.rounds:
            return n % len(self.steps), n // len(self.steps)
        return (0, self.rounds) if n == len(self.steps) * self.rounds else None

    @property
    def calls(self) -> int:
        """How many there are until it ends, the catch-all left out."""
        return len(self.steps) * self.rounds - self.first

    def passed_to(self, person: str) -> Ladder:
        """This person first, and behind them everybody it calls."""
        return replace(self, steps=[(frozenset({person}), PASSED_WAIT), *self.steps], first=0)


@dataclass(slots=True)
class Company:
    people: list[str] = field(default_factory=list)
    addresses: dict[str, str] = field(default_factory=dict)  # address → person
    ladders: dict[str, Ladder] = field(default_factory=dict)  # integration → policy
    delays: dict[str, list[float]] = field(default_factory=dict)  # person → when each contact is tried
    policies: dict[str, Ladder] = field(default_factory=dict)  # key → policy
    quiet: set[str] = field(default_factory=set)  # who has quiet hours


def found(kind: int, at: datetime) -> Company:
    """Make the company of this kind in the store of this process."""
    dice, act, company = random.Random(f"company/{kind}"), accounts.operator(at), Company()
    for name in NAMES[: dice.randint(3, 5)]:
        _hire(company, act, name, dice)
    for n in range(dice.randint(1, 2)):
        policy, ladder = _policy(company, act, n, dice)
        row = policies.create(act, policy)
        integration, _ = keys.create_integration(act, f"Source {n}", "any", policy=row)
        company.ladders[integration.id] = company.policies[row.key] = ladder
    return company


def _hire(company: Company, act: Act, name: str, dice: random.Random) -> None:
    mail = f"{name.lower()}@example.com"
    person = accounts.create(act, mail, name)
    company.people.append(person.id)
    company.addresses[mail] = person.id
    contacts, delays = [person.contacts.first()], [0.0]
    for kind in ("ntfy", "console")[: dice.choice((0, 0, 1, 1, 2))]:
        address = f"{name.lower()}-{kind}"
        contacts.append(people.add_contact(act, person.id, kind, address))
        delays.append(delays[-1] + dice.choice((30.0, 60.0)))
        company.addresses[address] = person.id
    wanted = [
        RuleWanted(c.id, urgency, int(d))
        for c, d in zip(contacts, delays, strict=True)
        for urgency in ("high", "low")
    ]
    people.set_rules(act, person.id, wanted)
    company.delays[person.id] = delays
    if random.Random(f"quiet/{name}/{dice.random()}").random() < 0.4:
        starts, ends = (f"{t:%H:%M}" for t in QUIET)
        quiet_hours.put(act, person.id, starts, ends, range(7), zone="UTC")
        company.quiet.add(person.id)


def _policy(company: Company, act: Act, n: int, dice: random.Random) -> tuple[Policy, Ladder]:
    steps: list[Step] = []
    called: list[tuple[frozenset[str], float]] = []
    for _ in range(dice.randint(1, 3)):
        wait = dice.choice((60, 120, 180, 300))
        some = dice.sample(company.people, dice.choice((1, 1, 2)))
        targets = tuple(Target("person", p) for p in some)
        if dice.random() < 0.25:
            targets = (_schedule(act, f"rota-{n}-{len(steps)}", some),)
        steps.append(Step(targets, timedelta(seconds=wait)))
        called.append((frozenset(some), float(wait)))
    last = dice.sample(company.people, dice.randint(0, 1))
    repeats = int(dice.random() < 0.3)
    more = random.Random(f"policy/{n}/{dice.random()}")
    lasts = ANSWER_LASTS if more.random() < 0.4 else 0.0
    turns = [replace(s, mode="one_of") if more.random() < 0.2 else s for s in steps]
    policy = Policy(
        f"policy-{n}", f"Policy {n}", tuple(turns), repeats, tuple(Target("person", p) for p in last),
        timedelta(seconds=lasts),
    )  # fmt: skip
    return policy, Ladder(called, repeats + 1, frozenset(last), lasts)


def _schedule(act: Act, key: str, some: list[str]) -> Target:
    row = rotations.create(act, key, key, "UTC")
    layer = Layer(
        id="", name="Primary", people=tuple(some), turn=Turn("hours", 12), handover_time=time(9),
        handover_weekday=None, starts_at=act.at - timedelta(days=2), ends_at=None, zone="UTC",
    )  # fmt: skip
    rotations.put_layer(act, row.id, layer)
    return Target("schedule", row.id)
