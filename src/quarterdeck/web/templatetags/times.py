"""Moments and spans as <time>: relative text, absolute tooltip, ticking by times.js. Never reads a naive datetime."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.utils.dates import MONTHS_3, WEEKDAYS_ABBR
from django.utils.formats import date_format
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext

from quarterdeck.core.kernel import moments
from quarterdeck.web.present.zoned import zoned_html
from quarterdeck.web.templatetags.marks import icon

SOON_MINUTES = 5
HOUR_SECONDS = 3600
WEEK_DAYS = 6


def current(context: Any) -> datetime:
    """The moment the page was made: `now` of the context, else the clock of the web process."""
    found = context.get("now")
    return found if isinstance(found, datetime) else timezone.now()


def moment(value: Any) -> datetime | None:
    """An aware datetime out of a datetime or an RFC 3339 text; None for nothing."""
    if isinstance(value, str):
        value = parse_datetime(value)
    if not isinstance(value, datetime):
        return None
    return value if timezone.is_aware(value) else value.replace(tzinfo=UTC)


def tooltip(at: datetime) -> str:
    """The absolute form: viewer's zone first, UTC after it."""
    local = timezone.localtime(at)
    # What date_format(local, "D j M Y, H:i:s") writes, which reads the format anew each time; a page has a hundred.
    day = f"{WEEKDAYS_ABBR[local.weekday()]} {local.day} {MONTHS_3[local.month].title()} {local:%Y, %H:%M:%S}"
    zone = f" {local.tzname()}" if local.tzname() else ""
    return f"{day}{zone} ({at.astimezone(UTC):%H:%M:%S} UTC)"


def clock_text(span: timedelta) -> str:
    """A running clock: 1:52, 13:08, 1:36:08; days in front once there are any."""
    seconds = int(abs(span.total_seconds()))
    hours, rest = divmod(seconds, HOUR_SECONDS)
    minutes, seconds = divmod(rest, 60)
    days, hours = divmod(hours, 24)
    tail = f"{hours}:{minutes:02d}:{seconds:02d}" if hours or days else f"{minutes}:{seconds:02d}"
    return gettext("%(days)s d %(clock)s") % {"days": days, "clock": tail} if days else tail


def short(at: datetime, now: datetime) -> str:
    """The shortest unambiguous absolute form seen from `now`: 15:26, Mon 09:00, 12 Mar, 12 Mar 2025."""
    local, today = timezone.localtime(at), timezone.localtime(now)
    days = abs((local.date() - today.date()).days)
    if days == 0:
        return f"{local:%H:%M}"
    if days <= WEEK_DAYS:
        return date_format(local, "D H:i")
    return date_format(local, "j M" if local.year == today.year else "j M Y")


def _time(at: datetime, text: Any, tick: str = "", css: str = "") -> SafeString:
    attributes = format_html(' data-tick="{}"', tick) if tick else ""
    classes = format_html(' class="{}"', css) if css else ""
    return format_html(
        '<time datetime="{}" title="{}"{}{}>{}</time>',
        moments.text(at),
        tooltip(at),
        attributes,
        classes,
        text,
    )


def _day(local: datetime, now: datetime) -> str:
    """Sun 22 Nov; with its year where that is not this one."""
    same = local.year == timezone.localtime(now).year
    return date_format(local, "D j M" if same else "D j M Y")


def when(context: Any, value: Any, style: str = "short", css: str = "") -> SafeString:
    """An absolute time. Styles: short (15:26, Mon 09:00, 12 Mar), time, seconds, date, full."""
    at = moment(value)
    if at is None:
        return format_html('<span class="faint">{}</span>', gettext("never"))
    local = timezone.localtime(at)
    forms = {
        "time": lambda: f"{local:%H:%M}",
        "seconds": lambda: f"{local:%H:%M:%S}",
        "date": lambda: _day(local, current(context)),
        "full": lambda: date_format(local, "D j M Y, H:i"),
    }
    text = forms[style]() if style in forms else short(at, current(context))
    return _time(at, text, f"at-{style}", css)


def ago(context: Any, value: Any) -> SafeString:
    """How long ago, in words that tick: 45 s ago, 13 min ago; older than a week it is a date."""
    at = moment(value)
    if at is None:
        return format_html('<span class="faint">{}</span>', gettext("never"))
    now = current(context)
    if now - at > timedelta(days=7):
        return _time(at, short(at, now))
    text = gettext("%(span)s ago") % {"span": moments.spoken(now - at)}
    return _time(at, text, "ago")


def age(context: Any, value: Any) -> SafeString:
    """How long something lasts so far, in two units: 1 h 25 min. Ticks."""
    at = moment(value)
    return _time(at, moments.spoken(current(context) - at), "age") if at else SafeString("")


def since(context: Any, value: Any) -> SafeString:
    """How long something lasts so far, as a running clock: 1:36:08."""
    at = moment(value)
    return _time(at, clock_text(current(context) - at), "since") if at else SafeString("")


def due_text(at: datetime, now: datetime) -> tuple[str, str]:
    """Words and tone of a deadline: ("in 1:52", "amber"), ("0:48 late", "red"), ("Thu 09:00", "")."""
    left = at - now
    if left < timedelta(0):
        span = clock_text(left) if -left < timedelta(hours=24) else moments.spoken(left)
        return gettext("%(span)s late") % {"span": span}, "red"
    tone = "amber" if left <= timedelta(minutes=SOON_MINUTES) else ""
    if left < timedelta(hours=1):
        return gettext("in %(span)s") % {"span": clock_text(left)}, tone
    return short(at, now), tone


def due(context: Any, value: Any, prefix: str = "") -> SafeString:
    """A deadline with its clock mark; turns amber five minutes before and red after it."""
    at = moment(value)
    if at is None:
        return format_html('<span class="faint">{}</span>', gettext("no deadline"))
    words, tone = due_text(at, current(context))
    css = f"state is-{tone}" if tone else "state"
    lead = f"{prefix} " if prefix else ""
    return format_html(
        '<span class="{}" data-due>{}<span>{}{}</span></span>',
        css,
        icon("clock"),
        lead,
        _time(at, words, "due"),
    )


def left(context: Any, value: Any) -> SafeString:
    """A deadline as bare ticking words, for use inside a sentence."""
    at = moment(value)
    return _time(at, due_text(at, current(context))[0], "due") if at else SafeString("")


def clock_state(context: Any, value: Any) -> str:
    """The state of a clock box: "late", "soon" or "" (used as `clock--soon`)."""
    at = moment(value)
    if at is None:
        return ""
    return {"red": "late", "amber": "soon"}.get(due_text(at, current(context))[1], "")


def zoned(text: Any, said_at: Any = None) -> Any:
    """A stored sentence with its times in the viewer's zone: `{{ row.title|zoned:row.at }}`; said just now without."""
    return zoned_html(str(text), moment(said_at) or timezone.now()) if text else text


def duration(value: Any) -> SafeString:
    """A finished span (timedelta or seconds) in two units at most: 58 min, 1 h 5 min."""
    if value in (None, ""):
        return SafeString("–")
    span = value if isinstance(value, timedelta) else timedelta(seconds=float(value))
    return format_html(
        '<time datetime="PT{}S">{}</time>', int(abs(span.total_seconds())), moments.spoken(span)
    )
