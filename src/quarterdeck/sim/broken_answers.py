"""Parts for mutants that break answers: those that last for a time only, those that fail, alerts passed on."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.db import OperationalError, transaction

from quarterdeck.app.alerts import snooze_rows
from quarterdeck.store import tx


def sleeps_for_ever(arm: Any) -> Any:
    def broken(kind: str, ref: str, due_at: datetime, now: datetime, **data: Any) -> None:
        if kind != snooze_rows.KIND:
            arm(kind, ref, due_at, now, **data)

    return broken


def wakes_at_once(arm: Any) -> Any:
    def broken(kind: str, ref: str, due_at: datetime, now: datetime, **data: Any) -> None:
        arm(kind, ref, now if kind == snooze_rows.KIND else due_at, now, **data)

    return broken


def passes_on_beside(stop_paging: Any) -> Any:
    """What is passed on keeps the run it had."""

    def broken(alert_ids: Sequence[str], now: datetime, why: str, answered_by: str = "") -> None:
        if answered_by or "passed it to" not in why:
            stop_paging(alert_ids, now, why, answered_by)

    return broken


def passes_on_afterwards(start: Any) -> Any:
    """To whom an alert is passed is called in a transaction of its own, after that of the passing."""

    def broken(policy: Any, subject: Any, *args: Any) -> Any:
        def later() -> None:
            with tx.write():
                start(policy, subject, *args)

        return transaction.on_commit(later) if subject.alert_id else start(policy, subject, *args)

    return broken


def failure_is_success(acknowledge: Any) -> Any:
    def broken(*args: Any) -> Any:
        try:
            return acknowledge(*args)
        except OperationalError:
            return None

    return broken


def no_reason(stop_paging: Any) -> Any:
    return lambda ids, now, why, *rest, **named: stop_paging(ids, now, "", *rest, **named)


def as_it_began(_: Any) -> Any:
    return lambda run, directory: run.urgency


def of_nobody(_: Any) -> Any:
    return lambda alert_ids: {}
