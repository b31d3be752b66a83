"""The one way to write: a transaction that is either wholly there or not at all, and wakes those who wait."""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import ParamSpec, Protocol, TypeVar

from django.db import OperationalError, connection, transaction

from . import fence
from .nudge import Who, nudge_on_commit

P = ParamSpec("P")
T = TypeVar("T")
_DEADLOCK = "40P01"  # PostgreSQL's own code for it
_TIMES = 3


class Faults(Protocol):
    """What a simulation does at the borders of an outermost write transaction: it lets others run, or raises."""

    def beginning(self) -> None: ...
    def committing(self) -> None: ...
    def committed(self) -> None: ...


# None in the product.
faults: Faults | None = None


class Busy(Exception):
    """Somebody else holds what this needs; leave it, and take it up again soon."""


@contextmanager
def write(*wake: Who) -> Iterator[None]:
    """A write transaction. On SQLite it holds the turnstile, so keep it short: no network, no rendering of PDFs.

    Raises fence.Fenced when this store is not, or no longer, this process's to write.
    """
    outermost = not connection.in_atomic_block
    border = faults if outermost else None
    if border is not None:
        border.beginning()
    try:
        with transaction.atomic():
            if outermost:
                fence.check()
            yield
            if wake:
                nudge_on_commit(*wake)
            if border is not None:
                border.committing()
    except fence.Fenced:
        if outermost and connection.vendor == "postgresql":
            # Of several hosts the next connection may find the right one.
            connection.close()
        raise
    if border is not None:
        border.committed()


def again(act: Callable[P, T]) -> Callable[P, T]:
    """For an act that opens its own transaction: where PostgreSQL ended it because it and another waited for each
    other, it is done anew. Inside somebody else's transaction the error is theirs.
    """

    @functools.wraps(act)
    def repeated(*args: P.args, **kwargs: P.kwargs) -> T:
        for _ in range(_TIMES - 1):
            try:
                return act(*args, **kwargs)
            except OperationalError as e:
                if connection.in_atomic_block or getattr(e.__cause__, "sqlstate", "") != _DEADLOCK:
                    raise
        return act(*args, **kwargs)

    return repeated


def lock(name: str) -> None:
    """Serialise with everyone who locks the same name until the transaction ends. A SQLite writer is alone anyway.

    From here on the transaction is seen as one that writes, before it takes ids from a sequence (`gaps`).
    """
    if connection.vendor == "postgresql":
        with connection.cursor() as c:
            c.execute("SELECT pg_current_xact_id(), pg_advisory_xact_lock(hashtextextended(%s, 0))", [name])


def try_lock(name: str) -> bool:
    """As `lock`, but False at once when somebody else holds it."""
    if connection.vendor != "postgresql":
        return True
    with connection.cursor() as c:
        c.execute("SELECT pg_try_advisory_xact_lock(hashtextextended(%s, 0))", [name])
        return bool(c.fetchone()[0])
