"""Parts for mutants that break what lasts for a time: snoozes, acknowledgements that run out, alerts passed on."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from quarterdeck.app import snooze_rows


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
