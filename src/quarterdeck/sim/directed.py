"""Schedules made on purpose, for what chance hides: another guard would have to fail at the same moment to show it.

Each returns what it found broken, nothing when all is well.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta

from quarterdeck.app import deliveries, paging
from quarterdeck.app.act import act_of
from quarterdeck.channels.outcome import Retry
from quarterdeck.core.escalation.policy import Target
from quarterdeck.core.kernel.moments import micros

from . import company
from .memory import Memory, seeded
from .schedule import START


@contextmanager
def _paged(memory: Memory) -> Iterator[None]:
    """A company in which somebody has just been paged by hand."""
    with seeded(memory.journal, lambda: micros(START) * 1000, "directed"):
        found = memory.begin("directed", lambda: company.found(0, START))
        who, whom = found.people[:2]
        paging.page(
            act_of(who, "responder", START), [Target("person", whom)], "Help", "Two hands are not enough"
        )
        yield


def stale_worker(memory: Memory) -> list[str]:
    """A worker stalls past its lease, another one has the page now, and then the first says that it failed.

    The other one's claim must stand: otherwise a third gets the page while the second is sending it.
    """
    with _paged(memory):
        (first,) = deliveries.claim(START, "first", 1)
        later = START + timedelta(seconds=40)
        deliveries.release_expired(later)
        held = {claim.id for claim in deliveries.claim(later, "second", 10)}
        deliveries.record_all([(first, Retry("503"))], "first", later + timedelta(seconds=1))
        third = {claim.id for claim in deliveries.claim(later + timedelta(seconds=20), "third", 10)}
        return [f"a page that was being sent was claimed once more: {i}" for i in held & third]


def out_of_date(memory: Memory) -> list[str]:
    """The engine comes back after more than a day: what nobody waits for any more is not sent."""
    with _paged(memory):
        late = deliveries.claim(START + timedelta(hours=25), "engine", 10)
        return [f"a page was claimed after its time: {claim.id}" for claim in late]


# By the name of the mutant that each finds out.
DIRECTED: dict[str, Callable[[Memory], list[str]]] = {
    "no fence": stale_worker,
    "too late is sent": out_of_date,
}
