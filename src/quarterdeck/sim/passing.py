"""What people do with an alert instead of taking it: they let it sleep, wake it, pass it on, or call the next step."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from typing import TYPE_CHECKING, Literal

from quarterdeck.app.act import Act, act_of
from quarterdeck.app.alerts import reassigning, snoozes

from .actors import Actor
from .company import Ladder

if TYPE_CHECKING:
    from .world import World

MOST_TRIES = 50
OFTEN = 0.35


@dataclass(frozen=True, slots=True)
class Deed:
    """`seconds` is how long a snooze lasts, `ladder` by whom an alert that was passed on is to be answered."""

    kind: Literal["snooze", "wake", "reassign", "escalate"]
    alert: str
    seconds: float = 0.0
    ladder: Ladder | None = None


class Passing:
    def __init__(self, world: World, person_id: str, dice: random.Random) -> None:
        self._world, self._id, self._dice = world, person_id, dice

    def instead(self, alert: str) -> Callable[[], None] | None:
        """What this person does with the alert where it is not to take it."""
        if not alert or self._dice.random() > OFTEN:
            return None
        kind = self._dice.choice(("snooze", "snooze", "reassign", "escalate"))
        return partial(getattr(self, f"_{kind}"), alert)

    def _snooze(self, alert: str) -> None:
        seconds = float(self._dice.randint(5, 40) * 60)
        deed = Deed("snooze", alert, seconds)
        self._do(
            deed, lambda a: snoozes.snooze(a, alert, a.at + timedelta(seconds=seconds), "It can wait"), 0
        )
        if self._dice.random() < 0.3:
            wake = partial(self._do, Deed("wake", alert), lambda a: snoozes.wake(a, alert), 0)
            self._world.schedule.after(self._dice.uniform(5, seconds), wake)

    def _reassign(self, alert: str) -> None:
        company = self._world.company
        own = company.ladders[self._world.ledger.places[alert][0]]
        if self._dice.random() < 0.5:
            person = self._dice.choice(company.people)
            deed = Deed("reassign", alert, ladder=own.passed_to(person))
            self._do(deed, lambda a: reassigning.reassign(a, alert, person=person, reason="Not mine"), 0)
            return
        policy, ladder = self._dice.choice(sorted(company.policies.items(), key=lambda p: p[0]))
        deed = Deed("reassign", alert, ladder=ladder)
        self._do(deed, lambda a: reassigning.reassign(a, alert, policy=policy, reason="Not ours"), 0)

    def _escalate(self, alert: str) -> None:
        self._do(Deed("escalate", alert), lambda a: reassigning.escalate(a, alert), 0)

    def _do(self, deed: Deed, work: Callable[[Act], object], tries: int) -> None:
        world = self._world
        web = world.some_web()
        ended = world.click(web, "", lambda: work(self._act(web)), deed)
        world.note(web.name, f"{deed.kind}: {ended}", deed.alert[-6:])
        if ended == "failed" and tries < MOST_TRIES:
            again = partial(self._do, deed, work, tries + 1)
            world.schedule.after(self._dice.uniform(2, 15), again)

    def _act(self, web: Actor) -> Act:
        return act_of(self._id, "responder", web.now(), "web")
