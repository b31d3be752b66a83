"""The words of the public page in each language it is shipped in, and its dates, times and counts."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta, tzinfo

from quarterdeck.core.kernel.refused import bad
from quarterdeck.core.oncall.wall import check_zone, zone

from .phrases import LANGUAGES, Language


@dataclass(frozen=True, slots=True)
class Words:
    """One language in one time zone. `t` holds its fixed phrases, for templates."""

    language: str
    zone: tzinfo
    t: Mapping[str, str]
    form: Language

    @property
    def direction(self) -> str:
        """ltr or rtl"""
        return self.form.direction

    def state(self, status: str) -> str:
        """The word a reader sees for a state of a component, an incident or a maintenance."""
        return self.t.get(f"state_{status}") or status.replace("_", " ").capitalize()

    def clock(self, at: datetime) -> str:
        """15:27 CET"""
        local = at.astimezone(self.zone)
        return f"{local:%H:%M} {self.zone_name(at)}"

    def moment(self, at: datetime, now: datetime | None) -> str:
        """The clock alone today, with the day on other days: 17 Nov, 15:27 CET. Without `now`, always in full."""
        day = self.local_day(at)
        if now is None:
            return f"{self.full_day(day)}, {self.clock(at)}"
        today = self.local_day(now)
        return self.clock(at) if day == today else f"{self.short_day(day, today)}, {self.clock(at)}"

    def between(self, start: datetime, end: datetime, now: datetime | None) -> str:
        """From one moment to another, the day said once where it is the same."""
        if self.local_day(start) != self.local_day(end):
            return f"{self.moment(start, now)} {self.t['to']} {self.moment(end, now)}"
        head = self.moment(start, now).removesuffix(f" {self.zone_name(start)}")
        return f"{head} {self.t['to']} {self.clock(end)}"

    def local_day(self, at: datetime) -> date:
        return at.astimezone(self.zone).date()

    def short_day(self, day: date, today: date) -> str:
        """17 Nov, with the year where it is not this one."""
        return self._day(self.form.short, day) if day.year == today.year else self.full_day(day)

    def full_day(self, day: date) -> str:
        """18 Nov 2026"""
        return self._day(self.form.full, day)

    def long_day(self, day: date) -> str:
        """Tue 17 November"""
        return self._day(self.form.long, day)

    def month(self, day: date) -> str:
        """November 2026"""
        return self._day(self.form.head, day)

    def _day(self, pattern: str, day: date) -> str:
        month = self.form.months[day.month - 1]
        short = self.form.short_months[day.month - 1] if self.form.short_months else month[:3]
        weekday = self.form.days[day.weekday()]
        return pattern.format(day=day.day, mon=short, month=month, year=day.year, weekday=weekday)

    def window(self, start: datetime, end: datetime) -> str:
        """Sun 22 November, 02:00 to 04:00 CET; both days where the window spans more than one."""
        first, last = start.astimezone(self.zone), end.astimezone(self.zone)
        head = f"{self.long_day(first.date())}, {first:%H:%M}"
        tail = f"{last:%H:%M} {self.zone_name(end)}"
        if first.date() != last.date():
            tail = f"{self.long_day(last.date())}, {tail}"
        return f"{head} {self.t['to']} {tail}"

    def span(self, length: timedelta) -> str:
        """1 h 12 min; at least a minute."""
        minutes = max(int(length.total_seconds() // 60), 1)
        hours, minutes = divmod(minutes, 60)
        days, hours = divmod(hours, 24)
        parts = [
            (days, self.t["unit_day"]),
            (hours, self.t["unit_hour"]),
            (minutes if not days else 0, self.t["unit_minute"]),
        ]
        return " ".join(f"{n} {unit}" for n, unit in parts if n)

    def percent(self, value: float) -> str:
        """99.84 %, never rounded up to a better figure."""
        text = f"{math.floor(value * 100 + 1e-9) / 100:.2f}".rstrip("0").rstrip(".")
        return self.form.percent.format(n=text.replace(".", self.form.comma))

    def number(self, value: float, unit: str = "") -> str:
        """1234.5 ms: at most four figures that count, its unit behind it."""
        text = (
            f"{value:.4g}"
            if 1e-3 <= abs(value) < 1e4
            else f"{value:.0f}"
            if abs(value) < 1e15 and value
            else "0"
        )
        return f"{text.replace('.', self.form.comma)} {unit}".strip()

    def counted(self, key: str, n: int) -> str:
        """A phrase with a count, in its singular or plural form."""
        return self.t[f"{key}_{'one' if n == 1 else 'many'}"].replace("{n}", str(n))

    def said(self, key: str, **values: str) -> str:
        """A phrase with its named places filled. The result is plain text."""
        text = self.t[key]
        for name, value in values.items():
            text = text.replace("{" + name + "}", value)
        return text

    def zone_name(self, at: datetime) -> str:
        """CET, or UTC-3 where a zone has no letters."""
        name = at.astimezone(self.zone).tzname() or "UTC"
        return f"UTC{name}" if name[:1] in "+-" else name

    def zone_told(self, at: datetime) -> str:
        """CET (UTC+1)"""
        offset = at.astimezone(self.zone).utcoffset() or timedelta()
        minutes = int(offset.total_seconds() // 60)
        if not minutes:
            return self.zone_name(at)
        sign, (hours, rest) = "-" if minutes < 0 else "+", divmod(abs(minutes), 60)
        told = f"UTC{sign}{hours}" + (f":{rest:02d}" if rest else "")
        name = self.zone_name(at)
        return told if name.startswith("UTC") else f"{name} ({told})"


def words(language: str, time_zone: str) -> Words:
    """Raises Refused (bad) for a language that is not shipped or a zone that does not exist."""
    made = LANGUAGES.get(language)
    if made is None:
        known = ", ".join(LANGUAGES)
        raise bad("status.language", f"{language[:20]!r} is no language of the page. It has {known}.")
    check_zone(time_zone)
    return Words(language, zone(time_zone), made.phrases, made)


def utc_text(at: datetime) -> str:
    """18 Nov 2026, 14:27 UTC: the tooltip of every time, the same in every language."""
    return f"{at.astimezone(UTC):%Y-%m-%d %H:%M} UTC"
