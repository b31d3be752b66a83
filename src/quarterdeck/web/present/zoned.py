"""Sentences that were written once for everybody, with their times on the clock of whoever reads them. Reads only."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

from django.utils import timezone
from django.utils.formats import date_format

from quarterdeck.core.kernel import moments

# "Sun 22 Nov 19:30 UTC", as stories are kept: English, without a year.
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_STAMP = re.compile(
    rf"\b(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun) (\d\d) ({'|'.join(_MONTHS)}) ([01]\d|2[0-3]):([0-5]\d) UTC\b"
)

_ISO = re.compile(r"\b\d{4}-\d\d-\d\dT\d\d:\d\d(?::\d\d(?:\.\d{1,6})?)?Z")


def zoned(text: str, said_at: datetime) -> str:
    """A sentence said at an instant, with each of its times in the reader's zone."""
    return _ISO.sub(_read, _STAMP.sub(lambda found: _told(found, said_at), text))


def _read(found: re.Match[str]) -> str:
    try:
        at = moments.parse(found[0])
    except ValueError:
        return found[0]
    return date_format(timezone.localtime(at), "D j M, H:i") if at else found[0]


def _told(found: re.Match[str], said_at: datetime) -> str:
    near = []
    for year in (said_at.year - 1, said_at.year, said_at.year + 1):
        try:
            month = _MONTHS.index(found[2]) + 1
            near.append(datetime(year, month, int(found[1]), int(found[3]), int(found[4]), tzinfo=UTC))
        except ValueError:
            continue  # 29 February is not in every year
    if not near:
        return found[0]
    local = timezone.localtime(min(near, key=lambda at: abs(at - said_at)))
    return found[0] if local.utcoffset() == timedelta(0) else date_format(local, "D j M, H:i")
