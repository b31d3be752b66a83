"""Sentences that were written once for everybody, with their times on the clock of whoever reads them. Reads only.

What is stored says UTC, and so do files and messages that leave; a page says the reader's zone once, in its frame, and
every time on it is in that zone.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import MAXYEAR, MINYEAR, UTC, datetime, timedelta

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.html import conditional_escape, format_html, format_html_join
from django.utils.safestring import SafeString

from quarterdeck.core.kernel import moments

_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
# As sentences are kept, in English: "Sun 22 Nov 19:30 UTC", "22 Nov 2026 19:30 UTC", "22 Nov at 19:30 UTC",
# "2026-11-22 19:30 UTC", "19:30 UTC".
_STAMP = re.compile(
    rf"\b(?:(?P<week>(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun) )?(?P<day>\d\d?) (?P<month>{'|'.join(_MONTHS)})(?P<year> \d{{4}})?"
    r"(?: at|,)? |(?P<iso>\d{4}-\d\d-\d\d) )?(?P<hour>[01]\d|2[0-3]):(?P<minute>[0-5]\d)(?::(?P<second>[0-5]\d))? UTC\b"
)
_ISO = re.compile(r"\b\d{4}-\d\d-\d\dT\d\d:\d\d(?::\d\d(?:\.\d{1,6})?)?Z")


def zoned(text: str, said_at: datetime) -> str:
    """A sentence said at an instant, with each of its times in the reader's zone; for a reader in UTC as it is."""
    if "UTC" not in text and "Z" not in text:
        return text
    return _ISO.sub(_read, _STAMP.sub(lambda found: _plain(found, said_at), text))


def zoned_html(text: str, said_at: datetime) -> SafeString:
    """As `zoned`, as HTML: each time is a <time>, so that the switch to UTC reaches it. The zone is not repeated."""
    if "UTC" not in text:
        return conditional_escape(text)
    parts: list[str] = []
    last = 0
    for found in _STAMP.finditer(text):
        at = _moment(found, said_at)
        if at is not None:
            parts += [text[last : found.start()], _time(found, at)]
            last = found.end()
    return format_html_join("", "{}", ((part,) for part in [*parts, text[last:]]))


def _time(found: re.Match[str], at: datetime) -> SafeString:
    tick = "at-full" if _dated(found) else "at-seconds" if found["second"] else "at-time"
    return format_html(
        '<time datetime="{}" data-tick="{}">{}</time>', moments.text(at), tick, _told(found, at)
    )


def _read(found: re.Match[str]) -> str:
    try:
        at = moments.parse(found[0])
    except ValueError:
        return found[0]
    return date_format(timezone.localtime(at), "D j M, H:i") if at and _has_neighbours(at) else found[0]


def _has_neighbours(at: datetime) -> bool:
    """Whether it can be told in every zone: on the first and the last day there is, in some it is no moment."""
    return MINYEAR < at.year < MAXYEAR


def _plain(found: re.Match[str], said_at: datetime) -> str:
    at = _moment(found, said_at)
    if at is None or timezone.localtime(at).utcoffset() == timedelta(0):
        return found[0]
    return _told(found, at)


def _dated(found: re.Match[str]) -> bool:
    return bool(found["day"] or found["iso"])


def _told(found: re.Match[str], at: datetime) -> str:
    local = timezone.localtime(at)
    clock = "H:i:s" if found["second"] else "H:i"
    if not _dated(found):
        return date_format(local, clock)
    day = "D j M" if found["week"] else "j M"
    return date_format(local, f"{day} Y, {clock}" if found["iso"] or found["year"] else f"{day}, {clock}")


def _moment(found: re.Match[str], said_at: datetime) -> datetime | None:
    """The instant that is meant: with a date the one of the nearest year, without one the nearest to the saying."""
    said_at = said_at.astimezone(UTC)
    make = _maker(found)
    if found["iso"] or found["year"]:
        return make(0, 0, 0) if found["iso"] else make(int(found["year"]), 0, 0)
    if found["day"]:
        near = [make(year, 0, 0) for year in (said_at.year - 1, said_at.year, said_at.year + 1)]
    else:
        days = [said_at + timedelta(days=n) for n in (-1, 0, 1)]
        near = [make(d.year, d.month, d.day) for d in days]
    return min((at for at in near if at), key=lambda at: abs(at - said_at), default=None)


def _maker(found: re.Match[str]) -> Callable[[int, int, int], datetime | None]:
    """A moment of the time of day that was found, on the day that was found or else on the one that is given."""
    clock = (int(found["hour"]), int(found["minute"]), int(found["second"] or 0))

    def make(year: int, month: int, day: int) -> datetime | None:
        if found["iso"]:
            year, month, day = map(int, found["iso"].split("-"))
        elif found["day"]:
            month, day = _MONTHS.index(found["month"]) + 1, int(found["day"])
        try:
            at = datetime(year, month, day, *clock, tzinfo=UTC)
        except ValueError:
            return None  # 29 February is not in every year
        return at if _has_neighbours(at) else None

    return make
