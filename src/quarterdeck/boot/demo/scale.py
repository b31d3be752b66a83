"""The same company after many years: the story's past copied until there are thousands of incidents and alerts.

For measurements: `python -m quarterdeck.boot.demo.scale --incidents 5000 --alerts 100000` on a store (QUARTERDECK_DATA)
in which the story was told.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Callable, Iterator
from datetime import timedelta

APART = timedelta(days=17)
ALERTS_AT_ONCE = 2_000
Told = Callable[[int, int], None]


def multiply(incidents: int, alerts: int = 0, told: Told = lambda done, wanted: None) -> None:
    """Copy what is over until there are so many `incidents`, and `alerts` without one on top.

    Call it once for each of the two, on a store with the story. `told` hears how many of how many rows' worth are done.
    """
    from quarterdeck.app.upkeep import copies

    first = copies.last_number() + 1
    wanted = max(0, incidents - first + 1)
    base = copies.originals() if wanted else []
    batch: list[tuple[copies.Original, copies.Copy]] = []
    for n in range(wanted):
        number = n // len(base) + 1
        batch.append((base[n % len(base)], copies.Copy(first + n, number, APART * number)))
        if len(batch) == copies.AT_ONCE or n == wanted - 1:
            copies.write(batch)
            batch = []
            told(n + 1, wanted + alerts)
    for start, count in _parts(alerts):
        copies.more_alerts(count, start)
        told(wanted + start + count, wanted + alerts)


def _parts(count: int) -> Iterator[tuple[int, int]]:
    for start in range(0, count, ALERTS_AT_ONCE):
        yield start, min(ALERTS_AT_ONCE, count - start)


def main() -> int:
    parser = argparse.ArgumentParser(description="Copy the demo's past until there is much of it.")
    parser.add_argument("--incidents", type=int, default=5_000)
    parser.add_argument("--alerts", type=int, default=0)
    wanted = parser.parse_args()
    from quarterdeck.boot.wiring import set_up

    set_up("command")
    started = time.monotonic()
    multiply(
        wanted.incidents,
        wanted.alerts,
        lambda done, of: print(f"\r{done} of {of}", end="", file=sys.stderr, flush=True),
    )
    print(f"\nDone in {time.monotonic() - started:.0f} s.", file=sys.stderr)
    return 0


if __name__ == "__main__":
    sys.exit(main())
