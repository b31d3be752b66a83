"""What `python -m quarterdeck.sim` does with its arguments. Prints; the exit code is 1 when something was broken."""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Sequence

from .faults import CLASSES
from .memory import in_memory
from .shrink import shrink
from .soak import Figures, soak
from .world import Result, simulate


def main(arguments: Sequence[str]) -> int:
    asked = _parser().parse_args(arguments)
    if asked.seed is None:
        return _soak(asked.seconds, asked.workers, asked.first)
    only = [name for name in asked.faults.split(",") if name] if asked.faults is not None else None
    with in_memory() as memory:
        result = shrink(asked.seed, memory, _say) if asked.shrink else simulate(asked.seed, memory, only)
    _tell(result, asked.trace)
    return int(bool(result.violations))


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m quarterdeck.sim", description=__doc__)
    parser.add_argument("--seed", type=int, help="run this seed alone")
    parser.add_argument(
        "--faults",
        help=f"allow only these, by class or one by one (kill,abort:3); classes: {', '.join(CLASSES)}",
    )
    parser.add_argument(
        "--shrink", action="store_true", help="look for the fewest faults that still break it"
    )
    parser.add_argument("--trace", action="store_true", help="print everything that happened")
    parser.add_argument("--seconds", type=float, default=60.0, help="without --seed: run seeds for so long")
    parser.add_argument("--workers", type=int, default=2, help="without --seed: on so many processes")
    parser.add_argument("--first", type=int, default=0, help="without --seed: begin with this seed")
    return parser


def _tell(result: Result, trace: bool) -> None:
    if trace:
        for line in result.trace:
            _say(line)
    _say(f"seed {result.seed}: {len(result.injected)} faults, {result.sends} calls, hash {result.hash[:16]}")
    for violation in result.violations:
        _say(f"{violation.invariant} at {violation.at:.3f} s: {violation.text}")
    if result.violations:
        faults = ",".join(result.injected) or "none"
        _say(f"again: python -m quarterdeck.sim --seed {result.seed} --trace --faults {faults}")


def _soak(seconds: float, workers: int, first: int) -> int:
    began = time.monotonic()
    figures: Figures = soak(seconds, workers, first)
    for line in figures.lines(time.monotonic() - began):
        _say(line)
    return int(bool(figures.broken) or not figures.seeds)


def _say(text: str) -> None:
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()
