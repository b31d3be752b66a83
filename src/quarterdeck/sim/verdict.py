"""The checks at the end of a run, when all faults have long ceased: nothing is owed, nothing was lost, nothing twice."""

from __future__ import annotations

from collections import Counter, defaultdict
from typing import TYPE_CHECKING

from quarterdeck.app import audit
from quarterdeck.store import log

if TYPE_CHECKING:
    from .world import World

_EVENTS = "SELECT event_id FROM inbound"
_DELIVERIES = """SELECT d.id, d.state, d.error, d.attempts, d.callout_id, d.alert_id, c.state, d.cls
 FROM delivery d LEFT JOIN callout c ON c.id = d.callout_id"""
_ATTEMPTS = "SELECT delivery_id, phase, fence, outcome FROM attempt ORDER BY id"
_UNREACHABLE = "SELECT alert_id, actor FROM alert_entry WHERE kind = 'unreachable'"
_ALARMS = "SELECT subject FROM alarm WHERE kind = 'unreachable'"
_CALLOUTS = "SELECT id, run_id, alert_id, person_id, state FROM callout"
_RUNS = "SELECT r.id, r.alert_id, r.state FROM run r JOIN alert a ON a.id = r.alert_id WHERE a.status = 'open'"


def look(world: World) -> None:
    """Ask everything that can be asked at the end; what is broken goes into the ledger."""
    ledger, now = world.ledger, world.schedule.now
    ledger.standing(now)
    _stored(world)
    _pages(world)
    _attempts(world)
    _ladders(world)
    for stream in log.streams():
        wrong = log.verify(stream)
        if wrong:
            ledger.broken("I10", stream, f"the chain {stream} does not hold: {wrong}", now)
    for finding in audit.look(world.latest_clock()):
        ledger.broken(finding.invariant, f"auditor {finding.subject}", f"the auditor says: {finding.text}", now)


def _stored(world: World) -> None:
    """I1: what was answered 2xx is in the journal, and the engine has taken it."""
    there = {row[0] for row in world.memory.journal.execute(_EVENTS).fetchall()}
    for event_id in world.accepted:
        if event_id not in there:
            world.ledger.broken("I1", event_id, "a body that was answered 2xx is not stored", world.schedule.now)
    if world.waiting_bodies():
        world.ledger.broken("I7", "journal", "accepted bodies still wait for the engine", world.schedule.now)


def _pages(world: World) -> None:
    """I2: every page was accepted by a provider, or was not wanted any more, or somebody was told that it failed."""
    ledger, now = world.ledger, world.schedule.now
    told = {(alert, person) for alert, person in world.memory.read(_UNREACHABLE)}
    alarms = {row[0] for row in world.memory.read(_ALARMS)}
    people = {row[0]: row for row in world.memory.read(_CALLOUTS)}
    by_callout: dict[str, list[str]] = defaultdict(list)
    for i, state, error, attempts, callout, alert, callout_state, _ in world.memory.read(_DELIVERIES):
        calls = ledger.calls.get(i, [])
        by_callout[callout].append(state)
        if state == "sent" and not any(c.accepted for c in calls):
            ledger.broken("I2", i, "a page is marked as sent, and no provider has accepted it", now)
        if state == "cancelled" and not error:
            ledger.broken("I2", f"{i} why", "a page was cancelled without saying why", now)
        if state == "cancelled" and not _over(world, alert, callout_state):
            ledger.broken("I2", i, f"a page that was wanted was cancelled: {error}", now)
        if state == "failed" and attempts < 1:
            ledger.broken("I2", i, "a page failed without an attempt", now)
    for callout, states in by_callout.items():
        if set(states) == {"failed"}:
            _, run, alert, person, state = people[callout]
            answered = state in ("acknowledged", "cancelled")
            if not answered and (alert, person) not in told and not {run, callout} & alarms:
                ledger.broken("I2", callout, "nobody was told that somebody could not be reached", now)
        if people.get(callout, ("",) * 5)[4] == "waiting" and not set(states) & {"sent", "queued", "sending"}:
            ledger.broken("I2", f"{callout} state", f"a callout waits, and its pages are {sorted(states)}", now)
    for callout, row in people.items():
        if row[4] in ("waiting", "acknowledged") and len(by_callout[callout]) != len(world.company.delays[row[3]]):
            ledger.broken("I2", f"{callout} ways", "a person was not called on every contact", now)


def _over(world: World, alert: str, callout_state: str) -> bool:
    """Whether a page was not wanted any more."""
    if callout_state in ("acknowledged", "cancelled"):
        return True
    return bool(alert) and world.ledger.places[alert] not in world.ledger.reference.open()


def _attempts(world: World) -> None:
    """I4: accepted once, and once more for each attempt nobody knows the end of; every call has its record."""
    ledger, now = world.ledger, world.schedule.now
    ended: dict[str, dict[int, str]] = defaultdict(dict)
    for delivery, phase, fence, outcome in world.memory.read(_ATTEMPTS):
        if phase == "ended":
            ended[delivery][fence] = outcome
    for delivery, calls in ledger.calls.items():
        outcomes = Counter(ended[delivery].get(c.fence, "ambiguous") for c in calls)
        accepted = sum(c.accepted for c in calls)
        if outcomes["accepted"] > 1 or accepted > 1 + outcomes["ambiguous"]:
            text = f"a provider accepted a page {accepted} times; its attempts ended as {dict(outcomes)}"
            ledger.broken("I4", delivery, text, now)


def _ladders(world: World) -> None:
    """I2: an alert that nobody answered has called everybody its policy names, to the end, and said so."""
    ledger, now = world.ledger, world.schedule.now
    for run, alert, state in world.memory.read(_RUNS):
        ladder = ledger.company.ladders[ledger.places[alert][0]]
        steps = ledger.steps_of(run)
        if state != "exhausted":
            began = ledger.opened.get(alert, now)
            whole = sum(wait for _, wait in ladder.steps) * ladder.rounds
            late = ledger.capacity.between(began + whole, now)
            if late > ledger.allowed(len(ladder.steps) * ladder.rounds, whole):
                ledger.broken("I2", f"{run} end", f"a ladder has not come to its end, {late:.0f} s late", now)
            continue
        wanted = len(ladder.steps) * ladder.rounds + bool(ladder.catch_all)
        if len(steps) != wanted:
            ledger.broken("I2", f"{run} steps", f"a run ended after {len(steps)} of {wanted} calls", now)
