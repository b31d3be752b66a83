"""What the mutants put in the place of parts of the product: each takes the old part and returns the broken one."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime, timedelta
from functools import wraps
from typing import Any

from django.db import OperationalError, transaction

from quarterdeck.app import due
from quarterdeck.app.paging import deliveries
from quarterdeck.app.paging.directory import Directory
from quarterdeck.channels.outcome import Sent
from quarterdeck.core.escalation.notify import Contacts
from quarterdeck.core.kernel.chain import link
from quarterdeck.engine.loop import Engine
from quarterdeck.store import models, tx
from quarterdeck.store.journal_reader import JournalReader

from .breaking import Breaking, forgotten, function


def nothing(*_: Any, **__: Any) -> None:
    return None


def zero(*_: Any, **__: Any) -> int:
    return 0


# -- sending


def claim_rolled_back(claim: Any) -> Any:
    def broken(*args: Any, **named: Any) -> Any:
        with transaction.atomic():
            claims = claim(*args, **named)
            transaction.set_rollback(True)
        return claims

    return broken


def marks_sent(step: Any) -> Any:
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


def any_fence(record_all: Any) -> Any:
    def broken(results: Any, node: str, now: datetime) -> None:
        rows = dict(
            models.Delivery.objects.filter(id__in=[c.id for c, _ in results]).values_list("id", "fence")
        )
        record_all([(replace(c, fence=rows[c.id]), o) for c, o in results], node, now)

    return broken


def reading(model: Any, field: str, value: Any) -> Any:
    """Within a claim, rows of `model` read as if `field` were `value`."""

    def make(claim: Any) -> Any:
        def broken(*args: Any, **named: Any) -> Any:
            def from_db(cls: Any, db: Any, names: Any, values: Any) -> Any:
                row = super(model, cls).from_db(db, names, values)
                setattr(row, field, value)
                return row

            before = model.__dict__.get("from_db")  # another claim, which waits for its transaction
            model.from_db = classmethod(from_db)
            try:
                return claim(*args, **named)
            finally:
                if before is None:
                    del model.from_db
                else:
                    model.from_db = before

        return broken

    return make


def window_from_the_claim(start: Any) -> Any:
    def broken(self: Any, claims: Any, asked_at: float) -> None:
        start(self, claims, self._monotonic())

    return broken


def early_leases(release: Any) -> Any:
    return lambda now: release(now + timedelta(seconds=29))


def no_attempts(insert: Any) -> Any:
    def broken(table: Any, columns: Any, rows: Any, *rest: Any, **named: Any) -> Any:
        kept = [r for r in rows if table is not models.Attempt or "started" not in r]
        return insert(table, columns, kept, *rest, **named)

    return broken


def first_contact(ways: Any) -> Any:
    def broken(self: Directory, person_id: str, urgency: str) -> Contacts:
        found = ways(self, person_id, urgency)
        return replace(found, planned=found.planned[:1])

    return broken


# -- expanding


class RowsAhead(JournalReader):
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


def place_first(expand: Any) -> Any:
    def broken(reader: JournalReader, dialects: Any, now: datetime, limit: int = 100) -> int:
        rows = reader.next(limit)
        with tx.write():
            reader.advance(rows, now)
        return int(expand(RowsAhead(rows), dialects, now, limit)) if rows else 0

    return broken


def place_last(expand: Any) -> Any:
    def broken(reader: JournalReader, dialects: Any, now: datetime, limit: int = 100) -> int:
        rows = reader.next(limit)
        taken = int(expand(RowsAhead(rows), dialects, now, limit)) if rows else 0
        if taken:
            with tx.write():
                reader.advance(rows[:taken], now)
        return taken

    return broken


def backwards(next_: Any) -> Any:
    def broken(self: JournalReader, limit: int) -> Any:
        rows = next_(self, limit)
        return [o._replace(id=r.id) for r, o in zip(rows, reversed(rows), strict=True)]

    return broken


def two_transactions(start_runs: Any) -> Any:
    def broken(paged: Sequence[Any], now: datetime) -> None:
        def later() -> None:
            with tx.write():
                start_runs(paged, now)

        transaction.on_commit(later)

    return broken


def resolve_ignored(decide_: Any) -> Any:
    def broken(existing: Any, signal: Any, *args: Any, **named: Any) -> Any:
        made = decide_(existing, signal, *args, **named)
        return replace(made, action="ignore") if made.action == "resolve" else made

    return broken


# -- escalating


def finished_first(step: Any) -> Any:
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


def no_next_timer(arm_each: Any) -> Any:
    def broken(kind: str, timers: Any, now: datetime) -> None:
        arm_each(kind, [(r, at) for r, at in timers if at <= now], now)

    return broken


def two_timers(arm_each: Any) -> Any:
    return lambda kind, timers, now: arm_each(kind, [*timers, *timers], now)


def skips_a_step(plan_: Any) -> Any:
    def broken(policy: Any, position: Any, now: datetime, on_call: Any, cause: Any) -> Any:
        made = plan_(policy, position, now, on_call, cause)
        if made.next is not None and made.next.step == 1 and len(policy.steps) > 2:
            return replace(made, next=replace(made.next, step=2))
        return made

    return broken


def only_kinds_but(kind: str) -> Any:
    def make(raise_alarm: Any) -> Any:
        @wraps(raise_alarm)
        def broken(kind_: str, *args: Any) -> Any:
            return False if kind_ == kind else raise_alarm(kind_, *args)

        return broken

    return make


# -- any of them


def within(old: Any, *marks: str) -> Breaking:
    """Statements with these marks are left out while `old` runs."""

    def make(old_: Any) -> Any:
        @wraps(old_)
        def broken(*args: Any, **named: Any) -> Any:
            with forgotten(*marks):
                return old_(*args, **named)

        return broken

    return function(old, make)


def hash_without_data(prev: str, stream: str, seq: int, at: datetime, actor: str, kind: str, _: Any) -> str:
    return link(prev, stream, seq, at, actor, kind, {})
