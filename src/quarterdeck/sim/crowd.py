"""Everybody around the pager: tools that report, web nodes that journal, people who answer, the auditor who looks."""

from __future__ import annotations

import json
import random
from collections.abc import Callable, Sequence
from functools import partial
from typing import TYPE_CHECKING

from django.db import OperationalError

from quarterdeck.app.act import Act, act_of
from quarterdeck.app.alerts import alerts
from quarterdeck.app.health import audit
from quarterdeck.app.paging import paging
from quarterdeck.channels.outcome import Outgoing
from quarterdeck.core.escalation.policy import Target
from quarterdeck.core.kernel.moments import micros, text
from quarterdeck.core.kernel.refused import Refused
from quarterdeck.intake import dialects
from quarterdeck.store.ids import new_id
from quarterdeck.store.journal import NotStored, Received, SqliteSink

from . import passing
from .actors import Actor, MachineClock
from .reference import Said
from .schedule import moment

if TYPE_CHECKING:
    from .world import World

MOST_TRIES = 200
_CALLOUT = "SELECT alert_id, run_id FROM callout WHERE id = ?"


class WebNode(Actor):
    """Takes alerts into the journal, and carries out what people click."""

    def __init__(self, world: World, place: int) -> None:
        super().__init__(f"web-{place}", MachineClock(world.schedule))
        self.world = world
        self._sink = SqliteSink(world.memory.journal)
        self._sink.open()

    def accept(self, integration: str, dialect: str, body: bytes, said: Sequence[Said]) -> bool:
        """Journal one body as the edge does; True when it was answered 2xx."""
        world = self.world
        dialects()[dialect].check(body)
        event_id = new_id()
        world.ledger.reference.bodies[event_id] = (integration, said)
        if world.faults.hit("journal") or world.disk_full:
            return False
        try:
            self._sink.commit([Received(micros(self.now()), integration, dialect, event_id, body)])
        except NotStored:
            return False
        world.ledger.journalled[event_id] = world.schedule.now
        world.note(self.name, "journals", f"{integration[-4:]} {[f'{s.action} {s.key}' for s in said]}")
        world.changed()
        if world.faults.hit("journal-lost"):
            return False
        world.accepted.append(event_id)
        return True


class Source:
    """A tool that reports troubles: each fires, is repeated, and may be over or acknowledged at the source."""

    def __init__(self, world: World, integration: str, dice: random.Random, name: str) -> None:
        self._world, self._integration, self._dice, self._name = world, integration, dice, name
        self._pagerduty = dice.random() < 0.4
        self._queue: list[tuple[str, bytes, list[Said]]] = []
        self._moods = random.Random(f"{dice.random()}/severities")

    def trouble(self, at: float) -> None:
        """One trouble from its first report on: plan what is said about it."""
        dice, began = self._dice, round(at, 3)
        keys = [
            f"{self._name}-{dice.randint(1, 6)}" for _ in range(1 if self._pagerduty else dice.randint(1, 2))
        ]
        mild = self._moods.random() < 0.35
        self._say(at, keys, "trigger", began, "warning" if mild else "critical")
        for n in range(dice.randint(0, 2)):
            mild = mild and self._moods.random() < 0.7
            later = at + 40 * (n + 1) * dice.uniform(0.5, 3)
            self._say(later, keys, "trigger", began, "warning" if mild else "critical")
        if self._pagerduty and dice.random() < 0.2:
            self._say(at + dice.expovariate(1 / 300), keys, "acknowledge", began)
        elif self._pagerduty and self._moods.random() < 0.15:
            self._say(at, keys, "acknowledge", began)  # somebody has it in hand already
        if dice.random() < 0.5:
            self._say(at + dice.expovariate(1 / 900), keys, "resolve", began)

    def _say(self, at: float, keys: list[str], action: str, began: float, severity: str = "critical") -> None:
        keys = list(dict.fromkeys(keys))
        if self._pagerduty:
            body = self._pagerduty_body(keys[0], action, severity)
        else:
            body = _group(keys, action, began, severity)
        said = [Said(k, action, None if self._pagerduty else began) for k in keys]
        dialect = "pagerduty" if self._pagerduty else "alertmanager-webhook"
        self._world.schedule.at(at, partial(self._enqueue, dialect, body, said))

    def _enqueue(self, dialect: str, body: bytes, said: list[Said]) -> None:
        self._queue.append((dialect, body, said))
        if len(self._queue) == 1:
            self._send()

    def _send(self) -> None:
        """In order; what was not accepted is sent again, as such tools do."""
        dialect, body, said = self._queue[0]
        web = self._world.some_web()
        if not web.accept(self._integration, dialect, body, said):
            self._world.schedule.after(self._dice.uniform(1, 10), self._send)
            return
        self._queue.pop(0)
        if self._queue:
            self._world.schedule.after(0.01, self._send)

    def _pagerduty_body(self, key: str, action: str, severity: str) -> bytes:
        event: dict[str, object] = {"routing_key": "0" * 32, "event_action": action, "dedup_key": key}
        if action == "trigger":
            event["payload"] = {"summary": f"{key} is down", "source": self._name, "severity": severity}
        return json.dumps(event).encode()


def _group(keys: list[str], action: str, began: float, severity: str) -> bytes:
    status = "resolved" if action == "resolve" else "firing"
    alerts_ = [
        {
            "status": status, "labels": {"alertname": key, "severity": severity}, "fingerprint": key,
            "annotations": {"summary": f"{key} is down"}, "startsAt": text(moment(began)),
        }
        for key in keys
    ]  # fmt: skip
    return json.dumps({"version": "4", "status": status, "alerts": alerts_}).encode()


class Person:
    """Reads what arrives, and answers some of it: by the link, in the web interface, or through the API."""

    def __init__(self, world: World, person_id: str, dice: random.Random) -> None:
        self._world, self._id, self._dice = world, person_id, dice
        self._diligence = dice.choice((0.0, 0.3, 0.6, 0.9))
        self._decided: set[str] = set()
        self._passing = passing.Passing(world, person_id, random.Random(f"{dice.random()}/passing"))

    def receive(self, outgoing: Outgoing) -> None:
        """A page has arrived."""
        callout = outgoing.link.split("/c/")[-1].split("/")[0]
        found = self._world.memory.read(_CALLOUT, callout)
        if not found:
            return
        alert, run = found[0]
        subject = f"{alert}/{run}" if alert else callout
        if subject in self._decided:
            return
        self._decided.add(subject)
        if self._dice.random() < self._diligence:
            via = self._dice.choice(("link", "web", "api"))
            answer = self._passing.instead(alert) or partial(self._answer, callout, alert, via, 0)
            self._world.schedule.after(self._dice.expovariate(1 / 100) + 2, answer)

    def _answer(self, callout: str, alert: str, via: str, tries: int) -> None:
        web = self._world.some_web()
        ways: dict[str, Callable[[], object]] = {
            "link": lambda: paging.acknowledge_by_link(callout, web.now()),
            "web": lambda: alerts.acknowledge(self._act(web, "web"), alert),
            "api": lambda: paging.acknowledge_callout(self._act(web, "api"), callout),
        }
        if not alert and via == "web":
            via = "api"
        since = self._world.schedule.now
        ended = self._world.click(web, alert or callout, ways[via])
        self._world.note(web.name, f"answers by {via}: {ended}", (alert or callout)[-6:])
        if ended == "done":
            self._world.answered(alert or callout, since)
        elif ended == "failed" and tries < MOST_TRIES:
            again = partial(self._answer, callout, alert, via, tries + 1)
            self._world.schedule.after(self._dice.uniform(2, 15), again)

    def page_somebody(self, whom: str) -> None:
        """Page a colleague by hand."""
        web = self._world.some_web()
        wanted = [Target("person", whom)]
        ended = self._world.click(
            web, "", lambda: paging.page(self._act(web, "web"), wanted, "Help", "Two hands are not enough")
        )
        self._world.note(web.name, f"pages by hand: {ended}")

    def _act(self, web: WebNode, via: str) -> Act:
        return act_of(self._id, "responder", web.now(), via)


class Auditor(Actor):
    """The product's auditor, on a machine of its own."""

    def __init__(self, world: World) -> None:
        super().__init__("auditor", MachineClock(world.schedule))
        self._world = world

    def look(self) -> None:
        self._world.click(self, "", lambda: audit.look(self.now()))


def click(
    world: World,
    actor: Actor,
    work: Callable[[], object],
    answering: str = "",
    deed: passing.Deed | None = None,
) -> str:
    """Carry out what somebody asked for: done, refused, or failed (they may ask again)."""
    ended = ["failed"]

    def attempt() -> None:
        try:
            work()
            ended[0] = "done"
        except Refused as e:
            ended[0] = f"refused ({e.code})"
        except OperationalError:
            ended[0] = "failed"

    world.borders.act(actor, attempt, answering, deed)
    return ended[0]
