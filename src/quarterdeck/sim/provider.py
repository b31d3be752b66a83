"""The providers of a simulated installation, and the engine's sender in virtual time.

A provider may accept, refuse, accept and lose its answer, answer late, drop, duplicate, or fail in a way nobody knows.
What it really accepted is written down here, apart from what the engine believes.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

from quarterdeck.app.paging.deliveries import Claim
from quarterdeck.channels.outcome import GaveUp, Outcome, Outgoing, Retry, Sent
from quarterdeck.engine.sender import Sender

if TYPE_CHECKING:
    from .nodes import EngineNode
    from .world import World

TIMEOUT = 4.0


class Unforeseen(Exception):
    """An error of a channel that no channel promises."""


@dataclass(slots=True)
class Call:
    """One call of a provider: what it really did with it (`accepted`), and until when the engine waited."""

    at: float
    until: float
    node: str
    delivery: str
    fence: int
    key: str
    to: str
    accepted: bool


class SimulatedSender(Sender):
    """The product's sender: its window, its outcomes. Its threads are tasks here, and a send takes virtual time."""

    def __init__(self, node: EngineNode, monotonic: Callable[[], float]) -> None:
        super().__init__(self._call, monotonic, node.wake, pool=self)
        self._node = node
        self._world = node.world
        self._under_way: Claim | None = None
        self._takes = 0.0

    def submit(self, work: Callable[..., None], /, *args: Any) -> None:
        """A thread of the pool takes this up within milliseconds, unless the process is stopped or gone by then."""
        delay = self._world.dice.uniform(0.001, 0.02)
        self._world.schedule.after(delay, partial(self._begin, work, args))

    def shutdown(self, *, wait: bool, cancel_futures: bool) -> None:
        """Does nothing: there are no threads."""

    def _begin(self, work: Callable[..., None], args: tuple[Any, ...]) -> None:
        if self._node.sender is not self:
            return  # the process was killed before it came to this
        if self._node.held:
            self._node.when_going_on(partial(self._begin, work, args))
            return
        self._under_way, self._takes = args[0], 0.0
        try:
            work(*args)
        except Unforeseen:
            pass  # as in a thread: whoever asked never hears of it
        finally:
            self._under_way = None

    def hand_back(self, claim: Claim, outcome: Outcome | None) -> None:
        self._world.schedule.after(self._takes, partial(self._come_back, claim, outcome))

    def _come_back(self, claim: Claim, outcome: Outcome | None) -> None:
        if self._node.sender is self:
            super().hand_back(claim, outcome)

    def _call(self, kind: str, outgoing: Outgoing) -> Outcome:
        claim = self._under_way
        assert claim is not None
        self._takes, accepted, outcome = answer(self._world)
        now = self._world.schedule.now
        call = Call(
            now,
            now + self._takes,
            self._node.name,
            claim.id,
            claim.fence,
            outgoing.key,
            outgoing.to,
            accepted,
        )
        self._world.called(call, outgoing, outcome)
        if outcome is None:
            raise Unforeseen(kind)
        return outcome


def answer(world: World) -> tuple[float, bool, Outcome | None]:
    """How a provider answers now: after how many seconds, whether it accepted, and what it says (None: it fails)."""
    hit, quick = world.faults.hit, world.dice.uniform(0.05, 0.8)
    if dice := hit("slow"):
        quick = dice.uniform(1, TIMEOUT - 0.1)
    if hit("refuse"):
        return quick, False, Retry("The provider answered 503.")
    if dice := hit("ambiguous"):
        return dice.uniform(0.1, TIMEOUT), True, Retry("The answer was lost.", ambiguous=True)
    if hit("late"):
        return TIMEOUT, True, Retry("The provider did not answer in time.", ambiguous=True)
    if hit("raise"):
        return quick, False, None
    if hit("give-up"):
        return quick, False, GaveUp("The provider knows no such address.")
    return quick, True, Sent("accepted")
