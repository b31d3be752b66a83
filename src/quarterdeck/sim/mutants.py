"""Engines that are broken on purpose, one part each. Every one must be found out: it is the tests that are tested here.

`seed` is one that finds it out, tried first; where none does, a directed schedule of the same name must.
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import wraps
from typing import Any

from django.db import OperationalError, transaction

from quarterdeck.app import alarms, alerts, callouts, dated_ahead, deliveries, due, escalations, receive
from quarterdeck.app.directory import Directory
from quarterdeck.channels.outcome import Sent
from quarterdeck.core.alerts.decide import decide
from quarterdeck.core.escalation.notify import Contacts
from quarterdeck.core.escalation.plan import plan
from quarterdeck.core.kernel.chain import link
from quarterdeck.engine import sender
from quarterdeck.engine.clock import EngineClock
from quarterdeck.engine.loop import Engine
from quarterdeck.store import bulk, log, models, tx
from quarterdeck.store.journal_reader import JournalReader

from .breaking import Breaking, forgotten, function, instead, part


@dataclass(frozen=True, slots=True)
class Mutant:
    name: str
    what: str
    apply: Breaking
    seed: int | None = 0


def _nothing(*_: Any, **__: Any) -> None:
    return None


def _zero(*_: Any, **__: Any) -> int:
    return 0


# -- sending


def _claim_rolled_back(claim: Any) -> Any:
    def broken(*args: Any, **named: Any) -> Any:
        with transaction.atomic():
            claims = claim(*args, **named)
            transaction.set_rollback(True)
        return claims

    return broken




def _marks_sent(step: Any) -> Any:
    """As above, at the engine's time."""

    def broken(self: Engine, now: datetime) -> bool:
        begin = self.sender.start

        def start(claims: Any, asked_at: float) -> None:
            deliveries.record_all([(c, Sent("surely")) for c in claims], self.node, now)
            begin(claims, asked_at)

        with instead_on(self.sender, "start", start):
            return bool(step(self, now))

    return broken


@contextmanager
def instead_on(owner: Any, name: str, new: Any) -> Any:
    """`owner.name` is `new` for one instance."""
    setattr(owner, name, new)
    try:
        yield
    finally:
        delattr(owner, name)


def _any_fence(record_all: Any) -> Any:
    def broken(results: Any, node: str, now: datetime) -> None:
        rows = dict(models.Delivery.objects.filter(id__in=[c.id for c, _ in results]).values_list("id", "fence"))
        record_all([(replace(c, fence=rows[c.id]), o) for c, o in results], node, now)

    return broken


def _reading(model: Any, field: str, value: Any) -> Any:
    """Within a claim, rows of `model` read as if `field` were `value`."""

    def make(claim: Any) -> Any:
        def broken(*args: Any, **named: Any) -> Any:
            def from_db(cls: Any, db: Any, names: Any, values: Any) -> Any:
                row = super(model, cls).from_db(db, names, values)
                setattr(row, field, value)
                return row

            model.from_db = classmethod(from_db)
            try:
                return claim(*args, **named)
            finally:
                del model.from_db

        return broken

    return make


def _window_from_the_claim(start: Any) -> Any:
    def broken(self: Any, claims: Any, asked_at: float) -> None:
        start(self, claims, self._monotonic())

    return broken


def _early_leases(release: Any) -> Any:
    return lambda now: release(now + timedelta(seconds=29))


def _no_attempts(insert: Any) -> Any:
    def broken(table: Any, columns: Any, rows: Any, *rest: Any, **named: Any) -> Any:
        kept = [r for r in rows if table is not models.Attempt or "started" not in r]
        return insert(table, columns, kept, *rest, **named)

    return broken


def _first_contact(ways: Any) -> Any:
    def broken(self: Directory, person_id: str, urgency: str) -> Contacts:
        found = ways(self, person_id, urgency)
        return replace(found, planned=found.planned[:1])

    return broken


# -- expanding


class _Ahead(JournalReader):
    """Gives out rows whose place has been taken before."""

    def __init__(self, rows: Any) -> None:
        super().__init__()
        self._rows = rows

    def next(self, limit: int) -> Any:
        return self._rows

    def still(self, rows: Any) -> bool:
        return True

    def advance(self, rows: Any, now: Any) -> None:
        """Its place is taken already."""


def _place_first(expand: Any) -> Any:
    def broken(reader: JournalReader, dialects: Any, now: datetime, limit: int = 100) -> int:
        rows = reader.next(limit)
        with tx.write():
            reader.advance(rows, now)
        return int(expand(_Ahead(rows), dialects, now, limit)) if rows else 0

    return broken


def _place_last(expand: Any) -> Any:
    def broken(reader: JournalReader, dialects: Any, now: datetime, limit: int = 100) -> int:
        rows = reader.next(limit)
        taken = int(expand(_Ahead(rows), dialects, now, limit)) if rows else 0
        if taken:
            with tx.write():
                reader.advance(rows[:taken], now)
        return taken

    return broken


def _backwards(next_: Any) -> Any:
    def broken(self: JournalReader, limit: int) -> Any:
        rows = next_(self, limit)
        return [o._replace(id=r.id) for r, o in zip(rows, reversed(rows), strict=True)]

    return broken


def _two_transactions(start_runs: Any) -> Any:
    def broken(paged: Sequence[Any], now: datetime) -> None:
        def later() -> None:
            with tx.write():
                start_runs(paged, now)

        transaction.on_commit(later)

    return broken


def _resolve_ignored(decide_: Any) -> Any:
    def broken(existing: Any, signal: Any, *args: Any, **named: Any) -> Any:
        made = decide_(existing, signal, *args, **named)
        return replace(made, action="ignore") if made.action == "resolve" else made

    return broken


# -- escalating


def _finished_first(step: Any) -> Any:
    def broken(self: Engine, now: datetime) -> bool:
        with tx.write():
            rows = due.take(now, 50)
            for row in rows:
                due.finish(row, now)
        for row in rows:
            try:
                with tx.write():
                    self._fire_one(row, Directory(now))
            except OperationalError:
                continue
        return False

    return broken


def _no_next_timer(arm_each: Any) -> Any:
    def broken(kind: str, timers: Any, now: datetime) -> None:
        arm_each(kind, [(r, at) for r, at in timers if at <= now], now)

    return broken


def _two_timers(arm_each: Any) -> Any:
    return lambda kind, timers, now: arm_each(kind, [*timers, *timers], now)


def _one_time_a_step(run_step: Any) -> Any:
    def broken(self: Engine, step: Any) -> bool:
        now = self.clock.now()
        with instead_on(self.clock, "now", lambda: now):
            return bool(run_step(self, step))

    return broken


def _skips_a_step(plan_: Any) -> Any:
    def broken(policy: Any, position: Any, now: datetime, on_call: Any) -> Any:
        made = plan_(policy, position, now, on_call)
        if made.next is not None and made.next.step == 1 and len(policy.steps) > 2:
            return replace(made, next=replace(made.next, step=2))
        return made

    return broken


def _only_kinds_but(kind: str) -> Any:
    def make(raise_alarm: Any) -> Any:
        @wraps(raise_alarm)
        def broken(kind_: str, *args: Any) -> Any:
            return False if kind_ == kind else raise_alarm(kind_, *args)

        return broken

    return make


# -- answering


def _failure_is_success(acknowledge: Any) -> Any:
    def broken(*args: Any) -> Any:
        try:
            return acknowledge(*args)
        except OperationalError:
            return None

    return broken


def _no_reason(stop_paging: Any) -> Any:
    return lambda ids, now, why, *rest, **named: stop_paging(ids, now, "", *rest, **named)


def _within(old: Any, *marks: str) -> Breaking:
    """Statements with these marks are left out while `old` runs."""

    def make(old_: Any) -> Any:
        @wraps(old_)
        def broken(*args: Any, **named: Any) -> Any:
            with forgotten(*marks):
                return old_(*args, **named)

        return broken

    return function(old, make)


def _hash_without_data(_: Any) -> Any:
    return lambda prev, stream, seq, at, actor, kind, data: link(prev, stream, seq, at, actor, kind, {})


# -- clocks


def _only_wall() -> Any:
    stack = ExitStack()
    stack.enter_context(instead(EngineClock, "now", lambda self: self.wall()))
    stack.enter_context(instead(EngineClock, "reach", _nothing))
    return stack


def _frozen(self: EngineClock) -> datetime:
    self._last = max(self._last, self.wall())
    return self._last


MUTANTS: tuple[Mutant, ...] = (
    Mutant("send before the claim", "A page is sent on a claim that was never committed.",
           function(deliveries.claim, _claim_rolled_back)),
    Mutant("at most once", "A page is marked as sent before it is sent.",
           part(Engine, "step_send", _marks_sent)),
    Mutant("no fence", "A stale worker's result counts, whoever has the page now.",
           function(deliveries.record_all, _any_fence), None),
    Mutant("no second look", "A claim does not look again whether the callout was answered.",
           function(deliveries.claim, _reading(models.Callout, "state", "waiting"))),
    Mutant("no window", "A send may begin any time after its claim.",
           part(sender, "SEND_WINDOW_SECONDS", lambda _: float("inf"))),
    Mutant("window from the claim's end", "The window counts from when the claim came back, not from when it was asked for.",
           part(sender.Sender, "start", _window_from_the_claim)),
    Mutant("no attempt record", "A claim leaves no record of the attempt.",
           function(bulk.insert, _no_attempts)),
    Mutant("only the first contact", "The other contacts of a person are not tried.",
           part(Directory, "ways", _first_contact)),
    Mutant("no lease expiry", "What a lost worker had is never given back.",
           function(deliveries.release_expired, lambda _: _zero)),
    Mutant("endless lease", "A lease lasts for a year.",
           part(deliveries, "LEASE", lambda _: timedelta(days=365))),
    Mutant("early lease end", "A lease is taken back while its holder sends.",
           function(deliveries.release_expired, _early_leases)),
    Mutant("retry without limit", "A page is tried for ever.",
           part(deliveries, "MAX_PAGE_ATTEMPTS", lambda _: 1_000_000)),
    Mutant("too late is sent", "A page is sent after the time until which it is wanted.",
           function(deliveries.claim, _reading(models.Delivery, "not_after", None)), None),
    Mutant("two transactions", "The run and its timer are written after the alert has been committed.",
           function(escalations.start_runs, _two_transactions)),
    Mutant("place first", "The place in the journal moves in a transaction of its own, before the effects.",
           function(receive.expand, _place_first)),
    Mutant("place last", "The place in the journal moves in a transaction of its own, after the effects.",
           function(receive.expand, _place_last)),
    Mutant("out of order", "Bodies are expanded in the reverse of their order.",
           part(JournalReader, "next", _backwards)),
    Mutant("resolve ignored", "What is over at its source stays open.",
           function(decide, _resolve_ignored)),
    Mutant("wall clock", "Waits run on the wall clock.", _only_wall),
    Mutant("frozen clock", "The clock is the highest wall time seen, and stands still after a jump back.",
           part(EngineClock, "now", lambda _: _frozen)),
    Mutant("a clock each", "Engines do not tell each other how far their clocks are.",
           part(EngineClock, "reach", lambda _: _nothing)),
    Mutant("dated ahead", "What a machine whose clock is ahead has dated waits until then.",
           function(dated_ahead.bring_back, lambda _: _zero)),
    Mutant("one time a step", "The time is asked before waiting for the transaction.",
           part(Engine, "run_step", _one_time_a_step)),
    Mutant("finished first", "A timer is done before what it is for has been done.",
           part(Engine, "step_fire", _finished_first)),
    Mutant("next timer forgotten", "A step does not set the timer of the next one.",
           function(due.arm_each, _no_next_timer)),
    Mutant("two timers", "Each timer is set twice.", function(due.arm_each, _two_timers)),
    Mutant("a step skipped", "The second of three steps is left out.", function(plan, _skips_a_step)),
    Mutant("exhausted in silence", "A run ends without an alarm.",
           function(alarms.raise_alarm, _only_kinds_but("exhausted"))),
    Mutant("unreachable in silence", "Nobody is told that somebody cannot be reached.",
           function(callouts.unreachable, lambda _: _nothing)),
    Mutant("answer leaves timers", "An answer does not end the timers of its run.",
           function(due.disarm, lambda _: _nothing)),
    Mutant("answer leaves pages", "An answer leaves the pages in the queue.",
           _within(escalations.stop_paging, 'UPDATE "delivery"', "cancelled")),
    Mutant("answer of the callout alone", "Answering a page does not acknowledge its alert.",
           function(alerts.acknowledge_from_callout, lambda _: _nothing)),
    Mutant("answer lost on failure", "An answer that could not be written is confirmed.",
           function(alerts.acknowledge, _failure_is_success)),
    Mutant("cancelled without a reason", "Nobody can see why a page was not sent.",
           function(escalations.stop_paging, _no_reason)),
    Mutant("chain without content", "The hash of an event does not cover what it says.",
           lambda: instead(log, "link", _hash_without_data(None))),
)  # fmt: skip
