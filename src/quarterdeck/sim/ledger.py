"""The checks that run with a simulation: after every commit and at every call of a provider. Each finding is kept once.

Reads the store with plain SQL and compares it with the reference; changes nothing.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from .actors import Actor
from .ahead import Ahead
from .capacity import Capacity
from .company import Company, Ladder
from .memory import Memory
from .owed import LATE, Owed
from .passing import Deed
from .provider import Call
from .reference import Place, Reference
from .sleep import Sleep

WINDOW = 5.0
EARLY = 8.0

_PLACE = "SELECT position FROM cursor WHERE name = 'journal'"
_BODIES = "SELECT id, event_id FROM inbound WHERE id > ? AND id <= ? ORDER BY id"
_ALERTS = "SELECT id, integration_id, dedup_key, status, count FROM alert"
_RUNS = """SELECT r.alert_id, r.id, r.state,
 (SELECT count(*) FROM due d WHERE d.kind = 'escalate' AND d.ref = r.id AND d.state = 'waiting'),
 (SELECT count(*) FROM alarm a WHERE a.kind = 'exhausted' AND a.subject = r.id AND a.cleared_at IS NULL)
 FROM run r WHERE r.alert_id <> ''"""
_QUEUED = "SELECT DISTINCT alert_id FROM delivery WHERE state = 'queued' AND alert_id <> ''"
_CALLOUTS = "SELECT rowid, run_id, alert_id, person_id, step, cycle FROM callout WHERE rowid > ?"
_UNREACHED = "SELECT run_id FROM callout WHERE state = 'unreachable' AND run_id <> ''"
_CARRIED = "SELECT id, fence FROM delivery WHERE bundle_id = ? AND state = 'sending' AND id <> ?"
_STARTED = "SELECT 1 FROM attempt WHERE delivery_id = ? AND fence = ? AND phase = 'started'"
_OWNER = "SELECT alert_id, callout_id, not_after FROM delivery WHERE id = ?"
_CALLED = "SELECT id FROM callout WHERE alert_id = ? AND state <> 'waiting'"
_SUCCESSES = "SELECT DISTINCT delivery_id FROM attempt WHERE phase = 'ended' AND outcome = 'accepted'"


class Found(BaseException):
    """One violation is enough: the run ends here."""


@dataclass(frozen=True, slots=True)
class Step:
    """When a run called the people of a step, in true time and by the engine's clock."""

    step: int
    cycle: int
    at: float
    clock: datetime


@dataclass(frozen=True, slots=True)
class Violation:
    """`invariant` is one of I1 to I10, or `step`: something failed in an engine that no fault explains."""

    invariant: str
    text: str
    at: float


class Ledger:
    def __init__(self, memory: Memory, company: Company, capacity: Capacity) -> None:
        self.memory, self.company, self.capacity = memory, company, capacity
        self.reference = Reference()
        self.ahead = Ahead(capacity)
        self.eager = False
        self.violations: list[Violation] = []
        self.calls: dict[str, list[Call]] = defaultdict(list)
        self.places: dict[str, Place] = {}  # alert → its key
        # Alert or callout → when the answer that stands was committed, and when the last one was.
        self.acknowledged: dict[str, float] = {}
        self.answers: dict[str, float] = {}
        self.sleep = Sleep(self)
        self._ladders: dict[str, Ladder] = {}  # run → its policy
        self.begun: dict[str, float] = {}  # run → when it was first seen
        self.succeeded: dict[str, float] = {}  # delivery → when its success was recorded
        self._place = 0
        self._callout = 0
        self.owed = Owed(self)
        self._steps: dict[str, list[Step]] = defaultdict(list)
        self._statuses: dict[str, str] = {}
        self._pulled: set[str] = set()
        self._told: set[tuple[str, str]] = set()
        self.journalled: dict[str, float] = {}

    def broken(self, invariant: str, subject: str, text: str, now: float) -> None:
        if (invariant, subject) not in self._told:
            self._told.add((invariant, subject))
            self.violations.append(Violation(invariant, text, now))
            if self.eager:
                raise Found

    # -- after a commit

    def committed(self, now: float, actor: Actor, answering: str, deed: Deed | None = None) -> None:
        """Something was committed by `actor`; `answering` is the callout or alert they answer, or nothing; `deed` is
        what else somebody did.
        """
        self._expanded(now)
        rows = self.memory.read(_ALERTS)
        self.places.update((row[0], (row[1], row[2])) for row in rows if row[0] not in self.places)
        if answering:
            self._answered(answering, now, {row[0]: row[3] for row in rows})
        clock = actor.now()
        self.sleep.committed({row[0]: row[3] for row in rows}, actor, deed, now)
        self._compare(rows, now)
        self._watched({row[0]: row[3] for row in rows}, now)
        self._called_for(now, clock)
        self.owed.look(now, clock)
        for (delivery,) in self.memory.read(_SUCCESSES):
            self.succeeded.setdefault(delivery, now)

    def _expanded(self, now: float) -> None:
        found = self.memory.read(_PLACE)
        place = found[0][0] if found else 0
        if place < self._place:
            self.broken("I1", "place", "the engine's place in the journal went back", now)
        for _, event_id in self.memory.journal.execute(_BODIES, (self._place, place)).fetchall():
            self.reference.expand(event_id)
            late = self.capacity.between(self.journalled.get(event_id, now), now)
            if late > LATE:
                self.broken("I8", event_id, f"a body waited {late:.0f} able seconds for the engine", now)
        self._place = max(place, self._place)

    def _answered(self, subject: str, now: float, statuses: dict[str, str]) -> None:
        """An answer was committed; its subject is an alert, or a callout of none."""
        self.acknowledged.setdefault(subject, now)
        self.answers[subject] = now
        # An alert that was over by then is no longer the live one of its key.
        if statuses.get(subject) not in (None, "resolved"):
            self.reference.acknowledge(self.places[subject])

    def _compare(self, rows: list[tuple[Any, ...]], now: float) -> None:
        """I1, I6: the alerts are exactly what was reported and answered."""
        live = {(r[1], r[2]): (r[3], r[4]) for r in rows if r[3] != "resolved"}
        wanted = {place: (e.status, e.count) for place, e in self.reference.live.items()}
        if live != wanted:
            for place in live.keys() | wanted.keys():
                if live.get(place) != wanted.get(place):
                    lost = wanted.get(place, ("", 0))[0] == "acknowledged"
                    text = f"{place[1]} is {live.get(place)}, and must be {wanted.get(place)}"
                    self.broken("I6" if lost else "I1", f"{place}", text, now)
        over = Counter((r[1], r[2], r[4]) for r in rows if r[3] == "resolved")
        if over != self.reference.over:
            text = f"over are {over - self.reference.over}, and must be {self.reference.over - over}"
            self.broken("I1", "over", text, now)

    def began(self, run: str, alert: str, ladder: Ladder | None, now: float) -> None:
        """A run is there: by the policy of its alert, or by another one."""
        if run not in self._ladders:
            self._ladders[run] = ladder or self.company.ladders[self.places[alert][0]]
            self.begun[run] = now

    def ladder_of(self, run: str) -> Ladder:
        return self._ladders[run]

    def pulled(self, run: str) -> None:
        """Somebody called its next step early."""
        self._pulled.add(run)

    def open_again(self, alert: str) -> None:
        """Its answer stands no longer. Of what was called before, nothing goes out any more all the same."""
        since = self.acknowledged.pop(alert, None)
        if since is not None:
            for (callout,) in self.memory.read(_CALLED, alert):
                self.acknowledged.setdefault(callout, since)
        self.reference.reopen(self.places[alert])

    def _watched(self, statuses: dict[str, str], now: float) -> None:
        """I9: an open alert has exactly one run with one timer, or one that is exhausted and says so."""
        runs: dict[str, list[tuple[str, int, int]]] = defaultdict(list)
        for alert, run, state, timers, alarms in self.memory.read(_RUNS):
            if state in ("running", "exhausted"):
                runs[alert].append((state, timers, alarms))
            elif timers:
                self.broken("I9", run, f"a run that is {state} has {timers} timers", now)
        queued = {row[0] for row in self.memory.read(_QUEUED)}
        for alert, status in statuses.items():
            mine = runs.get(alert, [])
            if status == "open" and not (
                len(mine) == 1 and (mine[0][:2] == ("running", 1) or mine[0] == ("exhausted", 0, 1))
            ):
                self.broken("I9", alert, f"an open alert is watched by {mine}", now)
            elif status != "open" and mine:
                self.broken("I9", alert, f"an alert that is {status} is escalated: {mine}", now)
            if status != "open" and self._statuses.get(alert) == "open" and alert in queued:
                self.broken(
                    "I9", f"q{alert}", f"an alert became {status}, and its pages stayed in the queue", now
                )
        self._statuses = statuses

    def _called_for(self, now: float, clock: datetime) -> None:
        """Each run calls the right people, step by step, neither early nor late."""
        # Where somebody could not be reached, the next step may come at once.
        self._pulled.update(row[0] for row in self.memory.read(_UNREACHED))
        for row_id, run, _, person, step, cycle in self.memory.read(_CALLOUTS, self._callout):
            self._callout = row_id
            if not run:
                continue
            ladder = self.ladder_of(run)
            steps = self._steps[run]
            new = Step(step, cycle, now, clock)
            if not steps or (steps[-1].step, steps[-1].cycle) != (step, cycle):
                self._stepped(run, ladder, steps, new)
                steps.append(new)
            rounds = ladder.rounds
            wanted = ladder.catch_all if cycle >= rounds else ladder.steps[step][0]
            if person not in wanted:
                self.broken("I2", f"{run}/{step}", "somebody was called whom the step does not name", now)

    def _stepped(self, run: str, ladder: Ladder, steps: list[Step], new: Step) -> None:
        now, wanted = new.at, ladder.place(len(steps))
        if wanted != (new.step, new.cycle):
            self.broken(
                "I2", run, f"call {len(steps)} of a run was step {new.step, new.cycle}, not {wanted}", now
            )
            return
        if not steps:
            return
        before = steps[-1]
        wait = ladder.steps[before.step][1]
        # By the engine's clocks: one that a jump has put ahead calls early rather than late.
        passed = (new.clock - before.clock).total_seconds()
        if passed < wait - EARLY and run not in self._pulled:
            self.broken("I2", f"{run} early", f"a step of {wait:.0f} s ended after {passed:.0f} s", now)
        late = self.ahead.overdue(before.at, before.at + wait, now)
        if late > LATE + wait * 0.03:
            self.broken("I8", f"{run} late", f"a step came {late:.0f} able seconds late", now)

    def steps_of(self, run: str) -> list[Step]:
        """Step, round and time of each call of a run so far."""
        return self._steps[run]

    @staticmethod
    def allowed(steps: int, wait: float) -> float:
        """How late the end of so many steps may be: each may be late, and a clock that is ahead runs slower."""
        return (steps + 1) * LATE + wait * 0.03

    # -- at a call of a provider

    def called(self, call: Call) -> None:
        """A provider is called for one page, and for those that go out with it."""
        self._called(call)
        for delivery, fence in self.memory.read(_CARRIED, call.delivery, call.delivery):
            self._called(replace(call, delivery=delivery, fence=fence))

    def _called(self, call: Call) -> None:
        now, before = call.at, self.calls[call.delivery]
        if not self.memory.read(_STARTED, call.delivery, call.fence):
            self.broken(
                "I4", f"{call.delivery} unclaimed", "a provider was called without a recorded attempt", now
            )
        owner = self.memory.read(_OWNER, call.delivery)
        for subject in owner[0][:2] if owner else ():
            since = self.acknowledged.get(subject)
            if since is not None and now > since + WINDOW + 0.01:
                self.broken("I3", call.delivery, f"a page went out {now - since:.1f} s after the answer", now)
        if call.delivery in self.succeeded and now > self.succeeded[call.delivery] + WINDOW + 0.01:
            self.broken(
                "I4", f"{call.delivery} again", "a page went out again after its success was recorded", now
            )
        if any(other.until > now for other in before) and not self.ahead.jumped(now):
            self.broken("I5", call.delivery, "two attempts of one page overlapped", now)
        before.append(call)
        if len(before) > 4:
            self.broken("I4", f"{call.delivery} many", f"a page was sent {len(before)} times", now)
