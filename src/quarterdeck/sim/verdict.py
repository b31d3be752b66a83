"""The checks at the end of a run, when faults have long ceased: nothing is owed, lost, or there twice."""

from __future__ import annotations

from collections import Counter, defaultdict
from typing import TYPE_CHECKING

from quarterdeck.app.health import audit
from quarterdeck.app.upkeep import verify

if TYPE_CHECKING:
    from .ledger import Ledger
    from .world import World

_EVENTS = "SELECT event_id FROM inbound"
_DELIVERIES = """SELECT d.id, d.state, d.error, d.attempts, d.alert_id, c.state
 FROM delivery d JOIN callout c ON c.id = d.callout_id"""
_STATES = "SELECT callout_id, state FROM delivery"
_ATTEMPTS = "SELECT delivery_id, fence, outcome FROM attempt WHERE phase = 'ended'"
_UNREACHABLE = "SELECT alert_id, actor FROM alert_entry WHERE kind = 'unreachable'"
_ALARMS = "SELECT subject FROM alarm WHERE kind = 'unreachable'"
_CALLOUTS = "SELECT id, run_id, alert_id, person_id, state FROM callout"
_RUNS = """SELECT r.id, r.alert_id, r.state FROM run r JOIN alert a ON a.id = r.alert_id
 WHERE a.status = 'open' AND r.state IN ('running', 'exhausted')"""
_HELD = "SELECT id FROM delivery WHERE state = 'queued' AND next_at > created_at + 3 * 3600000000"
_ANSWERED = ("acknowledged", "cancelled")


def look(world: World) -> None:
    """Ask everything that can be asked at the end; what is broken goes into the ledger."""
    ledger, now = world.ledger, world.schedule.now
    ledger.owed.standing(now)
    _stored(world)
    _deliveries(ledger, now)
    _callouts(ledger, now)
    _attempts(ledger, now)
    _ladders(ledger, now)
    for stream, _, wrong in verify.streams():
        if wrong:
            ledger.broken("I10", stream, f"the chain {stream} does not hold: {wrong}", now)
    for finding in audit.look(world.latest_clock()):
        ledger.broken(
            finding.invariant, f"auditor {finding.subject}", f"the auditor says: {finding.text}", now
        )


def _stored(world: World) -> None:
    """I1: what was answered 2xx is in the journal, and the engine has taken it."""
    ledger, now = world.ledger, world.schedule.now
    there = {row[0] for row in world.memory.journal.execute(_EVENTS).fetchall()}
    for event_id in world.accepted:
        if event_id not in there:
            ledger.broken("I1", event_id, "a body that was answered 2xx is not stored", now)
    if world.waiting_bodies():
        ledger.broken("I7", "journal", "accepted bodies still wait for the engine", now)


def _deliveries(ledger: Ledger, now: float) -> None:
    """I2: every page was accepted by a provider, or was tried and failed, or was not wanted any more."""
    for (i,) in ledger.memory.read(_HELD):
        ledger.broken("I2", f"{i} held", "a page waits beyond the end of any quiet hours", now)
    for i, state, error, attempts, alert, callout_state in ledger.memory.read(_DELIVERIES):
        if state == "sent" and not any(c.accepted for c in ledger.calls.get(i, [])):
            ledger.broken("I2", i, "a page is marked as sent, and no provider has accepted it", now)
        if state == "failed" and attempts < 1:
            ledger.broken("I2", i, "a page failed without an attempt", now)
        if state == "cancelled" and not error:
            ledger.broken("I2", f"{i} why", "a page was cancelled without saying why", now)
        over = callout_state in _ANSWERED or (alert and ledger.places[alert] not in ledger.reference.open())
        if state == "cancelled" and not over:
            ledger.broken("I2", i, f"a page that was wanted was cancelled: {error}", now)


def _callouts(ledger: Ledger, now: float) -> None:
    """I2: each person was called on every contact, and where none of them worked, somebody was told."""
    told = {(alert, person) for alert, person in ledger.memory.read(_UNREACHABLE)}
    alarms = {row[0] for row in ledger.memory.read(_ALARMS)}
    pages: dict[str, list[str]] = defaultdict(list)
    for callout, state in ledger.memory.read(_STATES):
        pages[callout].append(state)
    for callout, run, alert, person, state in ledger.memory.read(_CALLOUTS):
        states = pages[callout]
        if len(states) != len(ledger.company.delays[person]):
            ledger.broken("I2", f"{callout} ways", "a person was not called on every contact", now)
        if state == "waiting" and not set(states) & {"sent", "queued", "sending"}:
            ledger.broken(
                "I2", f"{callout} state", f"a callout waits, and its pages are {sorted(states)}", now
            )
        failed = set(states) == {"failed"} and state not in _ANSWERED
        if failed and (alert, person) not in told and not {run, callout} & alarms:
            ledger.broken("I2", callout, "nobody was told that somebody could not be reached", now)


def _attempts(ledger: Ledger, now: float) -> None:
    """I4: accepted once, and once more for each attempt nobody knows the end of."""
    ended = {(delivery, fence): outcome for delivery, fence, outcome in ledger.memory.read(_ATTEMPTS)}
    for delivery, calls in ledger.calls.items():
        outcomes = Counter(ended.get((delivery, c.fence), "ambiguous") for c in calls)
        accepted = sum(c.accepted for c in calls)
        if outcomes["accepted"] > 1 or accepted > 1 + outcomes["ambiguous"]:
            text = f"a provider accepted a page {accepted} times; its attempts ended as {dict(outcomes)}"
            ledger.broken("I4", delivery, text, now)


def _ladders(ledger: Ledger, now: float) -> None:
    """I2: an alert that nobody answered has called everybody its policy names, to the end, and said so."""
    for run, _, state in ledger.memory.read(_RUNS):
        ladder = ledger.ladder_of(run)
        calls = ladder.calls
        if state == "exhausted":
            made = len(ledger.steps_of(run))
            if made != calls + bool(ladder.catch_all):
                ledger.broken("I2", f"{run} steps", f"a run ended after {made} calls", now)
            continue
        whole = sum(wait for _, wait in ladder.steps) * ladder.rounds
        began = ledger.begun.get(run, now)
        late = ledger.ahead.overdue(began, began + whole, now)
        if late > ledger.allowed(calls, whole):
            ledger.broken("I2", f"{run} end", f"a ladder has not come to its end, {late:.0f} s late", now)
