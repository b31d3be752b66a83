"""One simulated installation from its seed: who is there, what goes wrong when, and what was found.

Faults come only in the first part of a run; in the rest everything must come to rest.
"""

from __future__ import annotations

import hashlib
import random
from collections import Counter
from collections.abc import Callable, Collection, Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial

from django.db import connection

from quarterdeck.channels.outcome import Outcome, Outgoing
from quarterdeck.core.kernel.moments import micros
from quarterdeck.store import nudge, tx

from . import company, crowd, disasters, unforeseen, verdict
from .actors import Actor
from .borders import Borders
from .capacity import Capacity
from .faults import Faults
from .ledger import Found, Ledger, Violation
from .memory import Memory, seeded
from .nodes import EngineNode
from .passing import Deed
from .provider import Call
from .schedule import HOURS, START, Schedule

FAULTY = 4 * HOURS
WHOLE = 6 * HOURS
# Leases are looked at every five seconds.
_NEXT = """SELECT (SELECT min(due_at) FROM due WHERE state = 'waiting'),
 (SELECT min(next_at) FROM delivery WHERE state = 'queued'),
 (SELECT min(lease_until) + 3000000 FROM delivery WHERE state = 'sending')"""
_AHEAD = """SELECT 1 FROM delivery WHERE state = 'queued' AND created_at > ?1
 UNION ALL SELECT 1 FROM due WHERE state = 'waiting' AND created_at > ?1 LIMIT 1"""
_PLACE = "SELECT position FROM cursor WHERE name = 'journal'"


@dataclass(slots=True)
class Result:
    seed: int
    violations: list[Violation]
    injected: list[str]
    trace: list[str]
    sends: int
    answers: int
    hours: float
    hash: str = ""
    counts: Counter[str] = field(default_factory=Counter)

    def __post_init__(self) -> None:
        self.counts = Counter(label.partition(":")[0] for label in self.injected)
        self.hash = hashlib.sha256("\n".join(self.trace).encode()).hexdigest()


class World:
    """Everything of one run: who is there, what has happened, and what the checks hold against it."""

    def __init__(self, seed: int, memory: Memory, only: Collection[str] | None = None) -> None:
        self.memory = memory
        self.dice = random.Random(f"{seed}/world")
        self.schedule = Schedule(random.Random(f"{seed}/ties"))
        self.faults = Faults(seed, only)
        self.capacity = Capacity()
        self.trace: list[str] = []
        self.accepted: list[str] = []
        self.answers = 0
        self.changes = 0
        self.outage_until = self.disk_until = -1.0
        self.borders = Borders(self)
        self._dirty = True
        self._dues: tuple[int, list[int]] = (-1, [])
        self.sends = 0
        self._seed = seed

    # -- making it

    def found(self) -> None:
        kind = self._seed % company.KINDS
        self.company = self.memory.begin(kind, lambda: self._company(kind))
        self.ledger = Ledger(self.memory, self.company, self.capacity)
        self.webs = [crowd.WebNode(self, n) for n in range(2)]
        self.nodes = [EngineNode(self, n) for n in range(self.dice.choice((1, 2, 2, 3)))]
        self.people = {
            p: crowd.Person(self, p, random.Random(f"{self._seed}/{p}")) for p in self.company.people
        }
        for node in self.nodes:
            self.schedule.after(self.dice.uniform(0, 2), node.start)
        self._trouble()
        disasters.plan(self)
        self.schedule.settle = self._settle

    def _company(self, kind: int) -> company.Company:
        with seeded(self.memory.journal, lambda: micros(START) * 1000, f"company/{kind}"):
            return company.found(kind, START)

    def _trouble(self) -> None:
        dice = random.Random(f"{self._seed}/trouble")
        self.busy = sorted(dice.uniform(60, FAULTY - 1200) for _ in range(dice.randint(2, 4)))
        for n, integration in enumerate(self.company.ladders):
            source = crowd.Source(self, integration, random.Random(f"{self._seed}/source/{n}"), f"s{n}")
            for at in self.busy:
                for _ in range(dice.randint(0, 2)):
                    source.trouble(at + dice.uniform(0, 120))
        for at in self.busy:
            who, whom = dice.choice(self.company.people), dice.choice(self.company.people)
            self.schedule.at(at + dice.uniform(-100, 300), partial(self.people[who].page_somebody, whom))
        if dice.random() < 0.5:
            auditor = crowd.Auditor(self)
            for at in range(300, int(WHOLE), 900):
                self.schedule.at(at, auditor.look)

    # -- what people do

    def click(self, actor: Actor, subject: str, work: Callable[[], object], deed: Deed | None = None) -> str:
        """What a person asks a web node to do; `subject` is the alert or callout it answers, `deed` what else it is."""
        return crowd.click(self, actor, work, subject, deed)

    def answered(self, subject: str, since: float) -> None:
        """Somebody was told that their answer stands, which they gave then (I6)."""
        self.answers += 1
        if self.ledger.answers.get(subject, -1.0) < since:
            self.ledger.broken(
                "I6", subject, "an answer was confirmed that never was committed", self.schedule.now
            )

    def some_web(self) -> crowd.WebNode:
        return self.dice.choice(self.webs)

    # -- capacity and waking

    @property
    def is_away(self) -> bool:
        return self.schedule.now < max(self.outage_until, self.disk_until)

    @property
    def disk_full(self) -> bool:
        return self.schedule.now < self.disk_until

    def capacity_changed(self) -> None:
        self.capacity.set(self.schedule.now, not self.is_away and any(n.able for n in self.nodes))

    def changed(self, plan_only: bool = False) -> None:
        self.changes += not plan_only
        self._dirty = True

    def _settle(self) -> None:
        if not self._dirty:
            return
        self._dirty = False
        waiting = self.waiting_bodies()
        for node in self.nodes:
            if node.idle:
                node.plan(0.0 if waiting else self.due_in(node))

    def due_in(self, node: EngineNode) -> float:
        """Seconds of this node's clock until something is due for it."""
        if self._dues[0] != self.changes:
            found = self.memory.read(_NEXT)[0]
            self._dues = self.changes, [at for at in found if at is not None]
        now = micros(node.now())
        if self.memory.read(_AHEAD, now + 5_000_000):
            return min(3.0, (min(self._dues[1]) - now) / 1e6)  # the next housekeeping brings it back
        return (min(self._dues[1], default=1 << 60) - now) / 1e6

    def clocks_differ(self) -> bool:
        """Whether engines must tell each other what time it is."""
        clocks = [node.now() for node in self.nodes if node.engine is not None]
        return bool(clocks) and (max(clocks) - min(clocks)).total_seconds() > 0.5

    def waiting_bodies(self) -> bool:
        found = self.memory.read(_PLACE)
        return self.memory.journal.last() > (found[0][0] if found else 0)

    def latest_clock(self) -> datetime:
        return max(node.now() for node in self.nodes)

    # -- providers

    def called(self, call: Call, outgoing: Outgoing, outcome: Outcome | None) -> None:
        self.sends += 1
        self.note(
            call.node,
            "sends",
            f"{call.delivery[-6:]}/{call.fence} to {call.to}: {outcome!r:.40} {call.accepted}",
        )
        self.ledger.called(call)
        if self.dice.random() < 0.15:
            # Every node looks after leases every five seconds; some of it while a page is under way.
            self.schedule.after(self.dice.uniform(0.5, 4), self.dice.choice(self.nodes).keep_house)
        if not call.accepted or self.faults.hit("drop"):
            return
        person = self.people[self.company.addresses[call.to]]
        for _ in range(2 if self.faults.hit("twice") else 1):
            self.schedule.after(self.dice.uniform(0.5, 10), lambda: person.receive(outgoing))

    def note(self, who: str, what: str, detail: str = "") -> None:
        self.trace.append(f"{self.schedule.now:.6f} {who} {what} {detail}")

    # -- running

    def run(self, eager: bool = False) -> Result:
        """Live through it. `eager` ends with the first violation."""
        self.found()
        self.ledger.eager = eager
        with self._in_place(), suppress(Found):
            self.schedule.run_until(FAULTY)
            self._calm()
            self.schedule.run_until(WHOLE)
            verdict.look(self)
        for v in self.ledger.violations:
            self.note("!", v.invariant, v.text)
        return Result(
            self._seed, self.ledger.violations, self.faults.injected, self.trace, self.sends, self.answers,
            WHOLE / HOURS,
        )  # fmt: skip

    def _calm(self) -> None:
        self.faults.ceased = True
        self.outage_until = self.disk_until = -1.0
        for actor in (*self.nodes, *self.webs):
            actor.cut_off = -1.0
            actor.machine.drift = 0.0
        self.capacity_changed()
        self.changed()

    def _unforeseen(self, text: str) -> None:
        self.ledger.broken(unforeseen.STEP, text.partition(":")[0], text, self.schedule.now)

    @contextmanager
    def _in_place(self) -> Iterator[None]:
        """Put this world in the place of sockets, threads, clocks and chance, for one run."""
        saved = tx.faults, nudge.carrier
        tx.faults, nudge.carrier = self.borders, lambda who: None
        try:
            with ExitStack() as stack:
                clock = lambda: (micros(START) + int(self.schedule.now * 1e6)) * 1000  # noqa: E731
                stack.enter_context(seeded(self.memory.journal, clock, f"{self._seed}/ids"))
                stack.enter_context(connection.execute_wrapper(self.borders.statement))
                stack.enter_context(unforeseen.hear(self._unforeseen))
                yield
        finally:
            tx.faults, nudge.carrier = saved


def simulate(
    seed: int, memory: Memory, only: Collection[str] | None = None, *, eager: bool = False
) -> Result:
    """One run. The same seed and the same `only` give the same trace."""
    return World(seed, memory, only).run(eager)
