"""Sends claimed deliveries on a fixed pool of threads. The pool never touches the database: results come back.

Just before a send its worker looks at its own monotonic clock: a claim older than the window is dropped, so that
no provider is called later than 5 s after an acknowledgement committed.
"""

from __future__ import annotations

import queue
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any, Protocol

from quarterdeck.app.paging.deliveries import SEND_WINDOW_SECONDS, Claim
from quarterdeck.app.paging.room import Room
from quarterdeck.channels.outcome import Outcome, Outgoing, Retry

from .breaker import Breaker

Send = Callable[[str, Outgoing], Outcome]
Result = tuple[Claim, Outcome | None]
UNKNOWN = Retry("The channel failed in a way it does not know.", ambiguous=True)


class Pool(Protocol):
    """What runs the sends: threads, or the tasks of a simulation."""

    def submit(self, work: Callable[..., None], /, *args: Any) -> object: ...
    def shutdown(self, *, wait: bool, cancel_futures: bool) -> None: ...


class Sender:
    """`send(kind, outgoing)` is the channels' one entry. `on_done` wakes the loop."""

    def __init__(
        self,
        send: Send,
        monotonic: Callable[[], float],
        on_done: Callable[[], None],
        workers: int = 32,
        pool: Pool | None = None,
        breaker: Breaker | None = None,
    ) -> None:
        self._send = send
        self._monotonic = monotonic
        self._on_done = on_done
        self._pool = pool or ThreadPoolExecutor(workers, thread_name_prefix="send")
        self._done: queue.SimpleQueue[Result] = queue.SimpleQueue()
        self._workers = workers
        self.in_flight = 0
        self._messages = 0
        self._channels: Counter[str] = Counter()
        self.breaker = breaker or Breaker(monotonic)
        self.served_elsewhere: set[str] = set()

    @property
    def free(self) -> int:
        """How many more claims can start at once; claiming more would let them grow old in a queue."""
        return self._workers - self.in_flight

    @property
    def free_for_messages(self) -> int:
        """As `free`, for what is no page: half of the workers never wait for a slow mail to customers."""
        return min(self.free, self._workers // 2 - self._messages)

    @property
    def room(self) -> Room:
        """A quarter of the workers never waits for any one channel, whatever its provider does; and what fails here and
        works for another engine (`served_elsewhere`) is left to that one.
        """
        room = Room(self._workers - self._workers // 4, dict(self._channels))
        if not self.served_elsewhere:
            return room
        failing = self.breaker.channels()
        return room.left_to_others({k: failing[k] for k in failing.keys() & self.served_elsewhere})

    def start(self, claims: list[Claim], asked_at: float) -> None:
        """`asked_at` (monotonic) is when these claims were asked for: before their transaction, not after it, because
        an acknowledgement may have committed in between.
        """
        for claim in claims:
            self.in_flight += 1
            self._messages += claim.cls == "message"
            self._channels[claim.channel] += 1
            self._pool.submit(self.carry_out, claim, asked_at)

    def results(self) -> list[Result]:
        """What has come back since the last call."""
        found = []
        while not self._done.empty():
            result = self._done.get()
            found.append(result)
            self.in_flight -= 1
            self._messages -= result[0].cls == "message"
            self._channels[result[0].channel] -= 1
        return found

    def stop(self) -> None:
        self._pool.shutdown(wait=True, cancel_futures=True)

    def carry_out(self, claim: Claim, asked_at: float) -> None:
        """One attempt, in the pool."""
        outcome: Outcome | None = UNKNOWN
        try:
            if self._monotonic() - asked_at >= SEND_WINDOW_SECONDS:
                outcome = None
            elif (held := self.breaker.held(claim)) is not None:
                outcome = held
            else:
                try:
                    outcome = self._send(claim.channel, claim.outgoing)
                finally:
                    self.breaker.learn(claim, outcome)
        finally:
            # Whatever happened in the channel, the claim comes back and is tried again.
            self.hand_back(claim, outcome)

    def hand_back(self, claim: Claim, outcome: Outcome | None) -> None:
        self._done.put((claim, outcome))
        self._on_done()
