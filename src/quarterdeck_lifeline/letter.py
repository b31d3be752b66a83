"""What the lifeline knows and says: the signed snapshot in, who is on duty by it, and the words for people."""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from .plan import Mail

__all__ = ["Mail", "age_seconds", "alarm", "all_clear", "by_now", "moment", "read_snapshot", "spoken"]

SUBJECTS = {
    "silent": "Quarterdeck is silent: nobody is being paged",
    "unwatched": "Quarterdeck: nobody checks whether pages go out",
    "stale": "Quarterdeck no longer writes down who is on call",
}
FIRST_LINES = {
    "silent": "While this lasts, nobody is paged. Look at the server, and watch your alert sources yourself.",
    "unwatched": "Pages may still go out, or not: nothing would notice. Look at the server and its log.",
    "stale": "It answers, but its disk or its clock may be wrong. Look at the server and its log.",
}


def read_snapshot(path: Path, key: str) -> Mapping[str, Any] | None:
    """The state the product wrote last; None when it is missing, cut off, or not signed with our key."""
    try:
        file = json.loads(path.read_text(encoding="utf-8"))
        body, mark = file["body"], file["mark"]
        if not hmac.compare_digest(hmac.new(key.encode(), body.encode(), hashlib.sha256).hexdigest(), mark):
            return None
        snapshot: Mapping[str, Any] = json.loads(body)
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return None
    return snapshot if isinstance(snapshot, dict) else None


def moment(text: object) -> datetime | None:
    """An instant as the product writes it; None for anything else."""
    try:
        at = datetime.fromisoformat(str(text).replace("Z", "+00:00"))
    except ValueError:
        return None
    return at if at.tzinfo else at.replace(tzinfo=UTC)


def age_seconds(snapshot: Mapping[str, Any], now: datetime) -> float | None:
    """How old it is; negative when it comes from the future, None when it does not say."""
    at = moment(snapshot.get("written_at"))
    return None if at is None else (now - at).total_seconds()


def by_now(snapshot: Mapping[str, Any], now: datetime) -> Mapping[str, Any]:
    """The snapshot with those on duty at `now`, by the shifts it knows; without shifts, those it was written for."""
    people = snapshot.get("people", {})
    held = list(_running(snapshot.get("shifts", ()), now))
    on_duty = [
        {
            **people[s["person"]],
            "schedule": s["schedule"],
            "person": people[s["person"]]["name"],
            "until": s["ends_at"],
        }
        for s in held
        if s.get("person") in people
    ]
    return {**snapshot, "on_call": on_duty} if on_duty else snapshot


def _running(shifts: Sequence[Mapping[str, Any]], now: datetime) -> Iterator[Mapping[str, Any]]:
    for shift in shifts:
        begins, ends = moment(shift.get("starts_at")), moment(shift.get("ends_at"))
        if begins is not None and ends is not None and begins <= now < ends:
            yield shift


def alarm(
    watched: str, silent_seconds: float, snapshot: Mapping[str, Any], what: str = "silent", why: str = ""
) -> tuple[str, str]:
    """Subject and text that tell people what is wrong, what was open, and who is on duty."""
    incidents = [f"- {i['id']} SEV{i['severity']}: {i['title']}" for i in snapshot.get("incidents", ())]
    alerts = [f"- {a['severity']}: {a['summary']}" for a in list(snapshot.get("alerts", ()))[:20]]
    duties = [
        f"- {d['schedule']}: {d['person']}, {d.get('phone') or 'no telephone number'}, {d['email']}"
        for d in snapshot.get("on_call", ())
    ]
    lines = [
        f"For {spoken(silent_seconds)}: {why or 'it does not answer'} ({watched}).",
        FIRST_LINES[what],
        f"What it knew last is from {snapshot.get('written_at', 'an unknown time')}.",
        *("", "On duty:", *(duties or ["- nobody known"])),
        *("", "Open incidents:", *(incidents or ["- none known"])),
        *("", "Open alerts:", *(alerts or ["- none known"])),
    ]
    return SUBJECTS[what], "\n".join(lines) + "\n"


def all_clear(watched: str) -> tuple[str, str]:
    """Subject and text that end the alarm."""
    return "Quarterdeck answers again", f"{watched} answers again. What fell due meanwhile goes out now.\n"


def spoken(seconds: float) -> str:
    """45 s, 12 min, 3 h."""
    whole = int(abs(seconds))
    if whole < 120:
        return f"{whole} s"
    return f"{whole // 60} min" if whole < 7200 else f"{whole // 3600} h"
