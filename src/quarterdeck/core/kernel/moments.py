"""Instants as aware UTC datetimes, and their forms as text and as whole microseconds."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICRO = timedelta(microseconds=1)
_RFC3339 = re.compile(r"^(\d{4}-\d\d-\d\d)[Tt ](\d\d:\d\d:\d\d)(?:[.,](\d{1,9}))?([Zz]|[+-]\d\d:?\d\d)?$")
_DURATION = re.compile(r"^(?:(\d+)d)?\s*(?:(\d+)h)?\s*(?:(\d+)m)?\s*(?:(\d+)s)?$")
EARLIEST = datetime(1971, 1, 1, tzinfo=UTC)
LATEST = datetime(2200, 1, 1, tzinfo=UTC)


def micros(at: datetime) -> int:
    """Whole microseconds since 1970 (UTC). The datetime must be aware."""
    if at.tzinfo is None:
        raise ValueError("a moment needs a time zone")
    return (at - EPOCH) // _MICRO


def from_micros(value: int) -> datetime:
    return EPOCH + timedelta(microseconds=value)


def parse(text: str) -> datetime | None:
    """An RFC 3339 time as aware UTC; None for empty text and for years nobody means (0001, 9999).

    Fractions of 1 to 9 digits are read; a time without an offset is taken as UTC.
    Raises ValueError when the text is not a time at all.
    """
    text = text.strip()
    if not text:
        return None
    found = _RFC3339.match(text)
    if not found:
        raise ValueError(f"{text[:40]!r} is not a time such as 2026-11-22T03:10:25Z")
    date, clock, fraction, zone = found.groups()
    zone = "+00:00" if zone in (None, "Z", "z") else zone
    try:
        at = datetime.fromisoformat(f"{date}T{clock}.{(fraction or '0')[:6].ljust(6, '0')}{zone}").astimezone(
            UTC
        )
    except OverflowError:
        return None
    return at if EARLIEST <= at < LATEST else None


def text(at: datetime) -> str:
    """RFC 3339 in UTC with milliseconds only where there are any: 2026-11-22T03:10:25Z."""
    at = at.astimezone(UTC)
    return at.isoformat(timespec="microseconds" if at.microsecond else "seconds").replace("+00:00", "Z")


def duration(text_: str) -> timedelta:
    """A duration such as "5m", "24h", "1h 30m", "2d". Raises ValueError for anything else."""
    found = _DURATION.match(text_.strip())
    if not found or not text_.strip():
        raise ValueError(f"{text_[:40]!r} is not a duration such as 5m, 24h or 1h 30m")
    days, hours, minutes, seconds = (int(g) if g else 0 for g in found.groups())
    try:
        return timedelta(days=days, hours=hours, minutes=minutes, seconds=seconds)
    except OverflowError as far:
        raise ValueError(f"{text_[:40]!r} is longer than any calendar") from far


def spoken(span: timedelta) -> str:
    """A duration in two units at most: 45 s, 12 min, 1 h 5 min, 3 d 4 h."""
    seconds = int(abs(span.total_seconds()))
    if seconds < 60:
        return f"{seconds} s"
    minutes = seconds // 60
    if minutes < 60:
        return f"{minutes} min"
    hours, minutes = divmod(minutes, 60)
    if hours < 24:
        return f"{hours} h {minutes} min" if minutes else f"{hours} h"
    days, hours = divmod(hours, 24)
    return f"{days} d {hours} h" if hours else f"{days} d"
