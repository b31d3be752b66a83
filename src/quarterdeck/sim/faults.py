"""Which faults a run has: classes drawn with their rates by the seed, each injection numbered for its replay.

Every class has its own stream of random numbers, so switching one off leaves the others as they were.
"""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Collection

# Class and its highest rate: chances at each opportunity.
AT_OPPORTUNITIES = {
    "abort": 0.1,  # the transaction is rolled back instead of committed
    "lost": 0.08,  # committed, and the answer is lost
    "away": 0.05,  # the database is away for one transaction
    "kill": 0.04,  # the process is killed at a border of a transaction
    "kill-inside": 0.003,  # ... or before a statement
    "stop": 0.06,  # the process stops there for a while, and goes on as if nothing had been
    "nudge": 0.5,  # a hint to wake up is lost
    "journal": 0.08,  # the journal does not take a group
    "journal-lost": 0.08,  # it does, and the answer is lost
    "refuse": 0.35,  # the provider says no, try again
    "ambiguous": 0.3,  # the provider accepts, and the answer is lost
    "late": 0.2,  # ... or comes after the time-out
    "drop": 0.2,  # accepted and never delivered
    "give-up": 0.15,  # the provider knows no such address
    "raise": 0.15,  # the channel fails with an exception nobody knows
    "twice": 0.15,  # delivered twice
    "slow": 0.4,  # the answer takes seconds
}
# Class and how many of them a run has at most.
AT_TIMES = {
    "outage": 4,  # the database is away for everybody
    "disk": 3,  # nothing can be written
    "partition": 6,  # one node is cut off from the database
    "clock": 12,  # the wall clock of one machine jumps by seconds or by an hour
    "drift": 2,  # ... or runs fast or slow
    "kill-idle": 8,  # a node is killed while it waits
    "stop-idle": 6,  # ... or stops
}
CLASSES = (*AT_OPPORTUNITIES, *AT_TIMES)


class Faults:
    """Draws faults. `only` names injections ("kill:3") or whole classes; None allows all the seed has drawn."""

    def __init__(self, seed: int, only: Collection[str] | None = None) -> None:
        self._seed = seed
        self._only = only
        self._streams = {name: random.Random(f"{seed}/{name}") for name in CLASSES}
        self._numbers: Counter[str] = Counter()
        swarm = random.Random(f"{seed}/swarm")
        self.rates = {
            name: most * swarm.uniform(0.1, 1) * (swarm.random() < 0.5)
            for name, most in AT_OPPORTUNITIES.items()
        }
        self.counts = {
            name: swarm.randint(1, most) * (swarm.random() < 0.5) for name, most in AT_TIMES.items()
        }
        self.ceased = False
        self.injected: list[str] = []

    def hit(self, name: str) -> random.Random | None:
        """Whether this opportunity is a fault; then the numbers that say how it goes."""
        stream = self._streams[name]
        rate = self.rates[name]
        if self.ceased or rate <= 0 or stream.random() >= rate:
            return None
        return self._inject(name)

    def timed(self, name: str) -> list[random.Random]:
        """The faults of a class that come at times of their own; `cause` counts each when its time has come."""
        return [random.Random(f"{self._seed}/{name}/{n}") for n in range(self.counts[name])]

    def cause(self, name: str, n: int) -> bool:
        """Whether the n-th timed fault of a class is to happen."""
        label = f"{name}:{n}"
        if self.ceased or not self._allowed(name, label):
            return False
        self.injected.append(label)
        return True

    def _inject(self, name: str) -> random.Random | None:
        self._numbers[name] += 1
        label = f"{name}:{self._numbers[name]}"
        if not self._allowed(name, label):
            return None
        self.injected.append(label)
        return random.Random(f"{self._seed}/{label}")

    def _allowed(self, name: str, label: str) -> bool:
        return self._only is None or name in self._only or label in self._only
