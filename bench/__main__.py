"""`python -m bench`: runs the benches named (all without names) and prints one Markdown table of ratios."""

from __future__ import annotations

import argparse
import importlib
import os
import platform
import sys
import time

from quarterdeck.boot import sqlite_module  # noqa: F401 - the product's SQLite, before anything loads another

from .machine import HEAD, Missing, Row

# name -> module with `WHAT` and `run(seconds, rounds) -> list[Row]`, in the order they run.
BENCHES = (
    "ingest", "pipeline", "latency", "storm", "sse", "rss", "nodes", "pages", "cost", "room", "audit", "oncall",
    "records", "lint", "fanout", "first_look", "status",
)  # fmt: skip


def main() -> int:
    ask = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    ask.add_argument("names", nargs="*", metavar="bench", help=f"any of: {', '.join(BENCHES)}")
    ask.add_argument("--list", action="store_true", help="say what each bench measures, and stop")
    ask.add_argument(
        "--rounds", type=int, default=3, help="interleaved rounds; medians are shown (default 3)"
    )
    ask.add_argument("--seconds", type=float, default=4, help="length of one measurement (default 4)")
    told = ask.parse_args()
    unknown = sorted(set(told.names) - set(BENCHES))
    if unknown:
        ask.error(f"there is no bench {', '.join(unknown)}; there are: {', '.join(BENCHES)}")
    modules = {name: importlib.import_module(f"bench.{name}") for name in told.names or BENCHES}
    if told.list:
        for name, module in modules.items():
            print(f"{name:10} {module.WHAT}")
        return 0
    rows: list[Row] = []
    left_out: list[str] = []
    for name, module in modules.items():
        print(f"# {name}: {module.WHAT}", file=sys.stderr, flush=True)
        try:
            rows += module.run(seconds=told.seconds, rounds=told.rounds)
        except Missing as e:
            left_out.append(f"{name} was left out: {e}")
    print_table(rows, left_out)
    return 1 if left_out and not rows else 0


def print_table(rows: list[Row], left_out: list[str]) -> None:
    import sqlite3  # late: the product's has to be in its place

    load = ", ".join(f"{x:.1f}" for x in os.getloadavg())
    here = f"{os.cpu_count()} cores ({platform.machine()}), Python {platform.python_version()}"
    print(f"\n{time.strftime('%Y-%m-%d')}, {here}, SQLite {sqlite3.sqlite_version}, load {load}.")
    print("Server on one core, load generator on another. A difference under 20 % is none.\n")
    if rows:
        print(HEAD)
    for row in rows:
        print(row.markdown())
    for reason in left_out:
        print(f"\n{reason}")


if __name__ == "__main__":
    sys.exit(main())
