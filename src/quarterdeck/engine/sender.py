"""Sends claimed deliveries on a fixed pool of threads. The pool never touches the database: results come back.

Just before a send its worker looks at its own monotonic clock: a claim older than the window is dropped, so that
no provider is called later than 5 s after an acknowledgement committed.
"""

from __future__ import annotations

import queue
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

from quarterdeck.app.deliveries import SEND_WINDOW_SECONDS, Claim
from quarterdeck.channels.outcome import Outcome, Outgoing, Retry

Send = Callable[[str, Outgoing], Outcome]


class Sender:
    """`send(kind, outgoing)` is the channels' one entry. `on_done` wakes the loop."""

    def __init__(
        self, send: Send, monotonic: Callable[[], float], on_done: Callable[[], None], workers: int = 16
    ) -> None:
        self._send = send
        self._monotonic = monotonic
        self._on_done = on_done
        self._pool = ThreadPoolExecutor(workers, thread_name_prefix="send")
        self._done: queue.SimpleQueue[tuple[Claim, Outcome | None]] = queue.SimpleQueue()
        self._workers = workers
        self.in_flight = 0

    @property
    def free(self) -> int:
        """How many more claims can start at once; claiming more would let them grow old in a queue."""
        return self._workers - self.in_flight

    def start(self, claims: list[Claim]) -> None:
        claimed_at = self._monotonic()
        for claim in claims:
            self.in_flight += 1
            self._pool.submit(self._work, claim, claimed_at)

    def results(self) -> list[tuple[Claim, Outcome | None]]:
        """What has come back since the last call."""
        found = []
        while not self._done.empty():
            found.append(self._done.get())
            self.in_flight -= 1
        return found

    def stop(self) -> None:
        self._pool.shutdown(wait=True, cancel_futures=True)

    def _work(self, claim: Claim, claimed_at: float) -> None:
        outcome: Outcome | None = Retry("The channel failed in a way it does not know.", ambiguous=True)
        try:
            if self._monotonic() - claimed_at >= SEND_WINDOW_SECONDS:
                outcome = None
            else:
                outcome = self._send(claim.channel, claim.outgoing)
        finally:
            # Whatever happened in the channel, the claim comes back and is tried again.
            self._done.put((claim, outcome))
            self._on_done()
