"""What a language of the public page is made of: its phrases, and how it writes days, months and numbers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Language:
    """`short_months` () are the first three letters of each. The forms of a day have the places {day}, {mon} (short),
    {month}, {year} and {weekday}.
    """

    name: str
    phrases: Mapping[str, str]
    days: tuple[str, ...]
    months: tuple[str, ...]
    short_months: tuple[str, ...] = ()
    comma: str = "."
    direction: str = "ltr"
    short: str = "{day} {mon}"
    full: str = "{day} {mon} {year}"
    long: str = "{weekday} {day} {month}"
    head: str = "{month} {year}"
    percent: str = "{n} %"
