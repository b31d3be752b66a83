"""Schedules made on purpose about answers: given before anybody was called, passed on by a process that dies, brought
back by an engine that stands still. As those of `directed`.
"""

from __future__ import annotations

import json
import random
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import timedelta

from quarterdeck.app import due, receive
from quarterdeck.app.act import act_of
from quarterdeck.app.alerts import reassigning
from quarterdeck.app.paging import policies
from quarterdeck.app.people import keys
from quarterdeck.app.upkeep import dated_ahead
from quarterdeck.core.escalation.policy import Policy, Step, Target
from quarterdeck.core.kernel.moments import micros
from quarterdeck.intake import dialects
from quarterdeck.store import tx
from quarterdeck.store.ids import new_id
from quarterdeck.store.journal import Received, SqliteSink
from quarterdeck.store.journal_reader import JournalReader

from . import company
from .actors import Killed, MachineClock
from .made_borders import DyingBorder, SlowBorder
from .memory import Memory, seeded
from .schedule import START, Schedule

_HOUR = timedelta(hours=1)
_LASTS = timedelta(minutes=30)
_ALERTS = "SELECT id, status FROM alert"
_TIMERS = "SELECT count(*) FROM due WHERE kind = ? AND state = 'waiting'"


@contextmanager
def _reported(memory: Memory, actions: Sequence[str]) -> Iterator[str]:
    """A company to which a source has said this about one alert before the engine looked. Gives who is first in it."""
    with seeded(memory.journal, lambda: micros(START) * 1000, "directed"):
        who = memory.begin("directed", lambda: company.found(0, START)).people[0]
        act = act_of(who, "administrator", START)
        policy = Policy("limited", "Limited", (Step((Target("person", who),)),), ack_timeout=_LASTS)
        source, _ = keys.create_integration(act, "Limited", "any", policy=policies.create(act, policy))
        sink = SqliteSink(memory.journal)
        sink.open()
        for action in actions:
            event: dict[str, object] = {"routing_key": "0" * 32, "event_action": action, "dedup_key": "disk"}
            if action == "trigger":
                event["payload"] = {"summary": "The disk is full", "source": "db", "severity": "critical"}
            body = json.dumps(event).encode()
            sink.commit([Received(micros(START), source.id, "pagerduty", new_id(), body)])
        receive.expand(JournalReader(), dialects(), START)
        yield who


def answered_before(memory: Memory) -> list[str]:
    """A source acknowledges what it has just reported: that runs out as any answer does, though nobody was called."""
    with _reported(memory, ("trigger", "acknowledge")):
        ((alert, status),) = memory.read(_ALERTS)
        ((timers,),) = memory.read(_TIMERS, "snooze")
    fine = (status, timers) == ("acknowledged", 1)
    return [] if fine else [f"{alert} is {status}, and {timers} timers end that"]


def dies_while_passing_on(memory: Memory) -> list[str]:
    """Somebody passes an alert on, and their web process dies as soon as it can: all the same somebody is called."""
    with _reported(memory, ("trigger",)) as who:
        ((alert, _),) = memory.read(_ALERTS)
        tx.faults = DyingBorder()
        try:
            reassigning.reassign(act_of(who, "responder", START), alert, person=who, reason="Not mine")
        except Killed:
            pass
        finally:
            tx.faults = None
        ((timers,),) = memory.read(_TIMERS, "escalate")
    return [] if timers == 1 else [f"an alert was passed on, and {timers} timers call somebody"]


def stands_while_bringing_back(memory: Memory) -> list[str]:
    """A snooze was dated by a clock an hour ahead, and the engine that brings it back stands still for two minutes in
    between: it lasts from then on, and no shorter.
    """
    schedule = Schedule(random.Random("directed"))
    machine = MachineClock(schedule)
    with _reported(memory, ()):
        due.arm("snooze", "some snooze", START + _HOUR + _LASTS, START + _HOUR)
        tx.faults = SlowBorder(schedule)
        try:
            dated_ahead.bring_back(machine.wall)
        finally:
            tx.faults = None
        over = due.next_due()
    wanted = schedule.moment() + _LASTS
    return [] if over == wanted else [f"what is to last until {wanted} is over at {over}"]
