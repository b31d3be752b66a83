"""What texts and calls cost today, against the limit of the day. Reads only."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from datetime import datetime

from quarterdeck.core.kernel.text import counted

from ..paging import paid_sends
from .health_finding import Finding, fault, ok, warning

NAME = "texts and calls"
NEAR = 0.8


def look(now: datetime, configured: Collection[str]) -> Iterator[Finding]:
    """One finding where a channel that costs money is set up, or a limit is set."""
    limit, use = paid_sends.limit(), paid_sends.used(now)
    if not limit.is_set and not paid_sends.kinds().keys() & set(configured):
        return
    spent = f", about {paid_sends.money(use.cents(limit), limit)}" if use.cents(limit) else ""
    today = f"{counted(use.texts, 'text')} and {counted(use.calls, 'call')} today{spent}"
    if not limit.is_set:
        yield warning(
            NAME, f"{today}; there is no limit.", "Set one, so that a mistake cannot run up a bill."
        )
    elif paid_sends.is_over(limit, use):
        held = f" {counted(use.held, 'send')} that could wait went another way or failed." if use.held else ""
        text = f"{today}: the limit of {paid_sends.told(limit)} is used up; only urgent pages still go out.{held}"
        yield fault(NAME, text, "Find out what sends so much, or raise the limit.")
    elif _share(limit, use) >= NEAR:
        text = f"{today} of at most {paid_sends.told(limit)}."
        yield warning(NAME, text, "Find out what sends so much, or raise the limit.")
    else:
        yield ok(NAME, f"{today} of at most {paid_sends.told(limit)}.")


def _share(limit: paid_sends.Limit, use: paid_sends.Use) -> float:
    by_count = (use.texts + use.calls) / limit.sends if limit.sends else 0.0
    return max(by_count, use.cents(limit) / limit.cents if limit.cents else 0.0)
