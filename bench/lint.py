"""One look of the linter at a message, as it is taken at each pause of whoever writes: an ordinary text, one of 10,000
letters, and texts of that length made to keep it busy. In an organisation of 1,000 people and 500 machines.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta

from .machine import Row, percentile

WHAT = "one look of the linter at a message, ordinary, long and hostile"
LETTERS = 10_000
GOAL = "≤ 20 ms"
AT = datetime(2026, 11, 22, 14, 2, tzinfo=UTC)
ORDINARY = (
    "Some card payments at checkout fail. Wallets and vouchers work. We have moved two thirds of the traffic to "
    "another region, where payments work, and look at the rest now. You need not do anything; payments that failed "
    "were not taken. "
)
HOSTILE = {
    "hyphens": "a-" * (LETTERS // 2), "dots": "a." * (LETTERS // 2), "digits": "1" * LETTERS,
    "colons": "fe80:" * (LETTERS // 5), "capitals": "Ana Fer " * (LETTERS // 8), "slashes": "/var" * (LETTERS // 4),
    "marks": "\u202e" * LETTERS, "one word": "x" * LETTERS,
}  # fmt: skip


def run(seconds: float, rounds: int) -> list[Row]:
    from quarterdeck.core.comms.finding import Known, Reader, Text
    from quarterdeck.core.comms.lint import lint

    known = Known(
        people=tuple(f"Person{n} Of Name{n}" for n in range(1_000)),
        hosts=tuple(f"host{n}" for n in range(500)),
        plain={"failover": "switch to the spare system"},
        customers_affected="about 1,200",
        started_at=AT,
    )
    reader = Reader("customers_all", "All customers", outside=True, grade=10)

    def look(body: str) -> float:
        text = Text(
            "customers_all",
            "Card payments fail",
            ORDINARY[:90],
            "We move traffic.",
            body,
            AT + timedelta(hours=1),
        )
        start = time.perf_counter()
        lint(text, reader, known)
        return (time.perf_counter() - start) * 1000

    def p95(body: str) -> float:
        return percentile(list(_times(look, body, seconds)), 0.95)

    worst = max((p95(body), name) for name, body in HOSTILE.items())
    return [
        Row("linter, a text of 300 letters: p95", f"{p95(ORDINARY):.1f} ms", goal=GOAL),
        Row(
            f"linter, a text of {LETTERS:,} letters: p95",
            f"{p95((ORDINARY * 50)[:LETTERS]):.1f} ms",
            goal=GOAL,
        ),
        Row(f"linter, the slowest hostile text ({worst[1]}): p95", f"{worst[0]:.1f} ms", goal=GOAL),
    ]


def _times(look: Callable[[str], float], body: str, seconds: float) -> Iterator[float]:
    look(body)
    end, count = time.monotonic() + seconds / 4, 0
    while time.monotonic() < end or count < 20:
        count += 1
        yield look(body)
