"""Seeds without end on several processes, and what came of them in figures."""

from __future__ import annotations

import multiprocessing
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from queue import Empty
from typing import Any

from . import start
from .memory import in_memory
from .world import Result, simulate

SETTLING_SECONDS = 60.0


@dataclass(slots=True)
class Figures:
    """What was run: seeds, simulated hours, faults by class, calls of providers, confirmed answers, violations."""

    seeds: int = 0
    hours: float = 0.0
    sends: int = 0
    answers: int = 0
    faults: Counter[str] = field(default_factory=Counter)
    broken: dict[int, list[str]] = field(default_factory=dict)

    def add(self, result: Result) -> None:
        self.seeds += 1
        self.hours += result.hours
        self.sends += result.sends
        self.answers += result.answers
        self.faults += result.counts
        if result.violations:
            self.broken[result.seed] = [f"{v.invariant} at {v.at:.1f} s: {v.text}" for v in result.violations]

    def lines(self, seconds: float) -> Iterator[str]:
        yield f"seeds              {self.seeds} ({self.seeds / seconds * 60:.0f} a minute)"
        yield f"simulated hours    {self.hours:.0f} ({self.hours * 3600 / seconds:.0f} times as fast as time)"
        yield f"provider calls     {self.sends}"
        yield f"answers confirmed  {self.answers}"
        yield f"faults injected    {sum(self.faults.values())}"
        for name, count in sorted(self.faults.items()):
            yield f"  {name:16} {count}"
        yield f"seeds with violations  {len(self.broken)}"
        for seed, found in sorted(self.broken.items()):
            yield f"  seed {seed}: {found[0]}" + (f" (and {len(found) - 1} more)" if len(found) > 1 else "")


def soak(seconds: float, workers: int, first: int) -> Figures:
    """Seeds from `first` on until `seconds` have passed."""
    context = multiprocessing.get_context("spawn")
    results: Any = context.Queue()
    until = time.time() + seconds
    processes = [
        context.Process(target=start.work, args=(first + n, workers, until, results), daemon=True)
        for n in range(workers)
    ]
    for process in processes:
        process.start()
    figures, running = Figures(), workers
    while running:
        try:
            result = results.get(timeout=SETTLING_SECONDS + seconds)
        except Empty:
            break
        if result is None:
            running -= 1
        else:
            figures.add(result)
    for process in processes:
        process.join(timeout=5)
    return figures


def work(first: int, step: int, until: float, results: Any) -> None:
    """Every `step`-th seed from `first` on, in this process; each result is put into the queue, None at the end."""
    seed = first
    with in_memory() as memory:
        while time.time() < until:
            result = simulate(seed, memory)
            result.trace = []
            results.put(result)
            seed += step
    results.put(None)
