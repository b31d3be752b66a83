"""What mutes an alert, and why: silences and maintenance windows. It never runs a regular expression."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from fnmatch import fnmatchcase
from typing import Literal

from quarterdeck.core.kernel.moments import text
from quarterdeck.core.kernel.refused import bad

Op = Literal["=", "!=", "in", "glob"]
MAX_MATCHERS = 20
LONGEST = timedelta(hours=24)


@dataclass(frozen=True, slots=True)
class Matcher:
    """One condition on a label. `in` takes values separated by commas, `glob` knows * ? and [..].

    A label that is absent counts as empty text. The names service and severity ask the alert itself where it
    has no label of that name.
    """

    name: str
    op: Op
    value: str

    def text(self) -> str:
        return (
            f"{self.name}{self.op}{self.value}"
            if self.op in ("=", "!=")
            else f"{self.name} {self.op} {self.value}"
        )


@dataclass(frozen=True, slots=True)
class Silence:
    """Mutes what matches all matchers, from `starts_at` until before `ends_at`.

    With `spares_critical` critical alerts page all the same.
    """

    id: str
    matchers: tuple[Matcher, ...]
    starts_at: datetime
    ends_at: datetime
    comment: str = ""
    by: str = ""
    spares_critical: bool = False


@dataclass(frozen=True, slots=True)
class Maintenance:
    """Planned work on services (by key) that mutes their alerts while it lasts, but for severities that it `spares`."""

    id: str
    title: str
    services: frozenset[str]
    starts_at: datetime
    ends_at: datetime
    spares_critical: bool = False
    spares: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Muted:
    """By what an alert is muted, and until when."""

    kind: Literal["silence", "maintenance"]
    ref: str
    until: datetime
    reason: str


def matches(silence: Silence, labels: Mapping[str, str], service: str, now: datetime) -> bool:
    """Whether this silence mutes these labels at this moment. A silence without matchers mutes nothing."""
    if not silence.matchers or not silence.starts_at <= now < silence.ends_at:
        return False
    return all(_holds(m, labels, service) for m in silence.matchers)


def muted(
    labels: Mapping[str, str],
    service: str,
    now: datetime,
    silences: Sequence[Silence],
    maintenance: Sequence[Maintenance] = (),
    *,
    critical: bool = False,
    severity: str = "",
) -> Muted | None:
    """The first thing that mutes an alert, maintenance before silences; None when it may page."""
    for window in maintenance:
        if service in window.services and window.starts_at <= now < window.ends_at:
            if (critical and window.spares_critical) or severity in window.spares:
                continue
            reason = f"{muted_by(window.title)} until {text(window.ends_at)}."
            return Muted("maintenance", window.id, window.ends_at, reason)
    for silence in silences:
        if not (critical and silence.spares_critical) and matches(silence, labels, service, now):
            return Muted("silence", silence.id, silence.ends_at, _named(silence))
    return None


def muted_by(title: str) -> str:
    """How the reason of every alert begins that a maintenance mutes."""
    return f"Muted by the maintenance “{title}”"


def check(silence: Silence, *, approved: bool = False) -> None:
    """Refuses a silence that is too broad or too long. `approved`: somebody else agreed to its length."""
    if not silence.matchers or all(_holds(m, {}, "") for m in silence.matchers):
        raise bad(
            "silence.too_broad", "This silence would mute every alert. Name at least one label and its value."
        )
    if (
        any(m.op == "glob" and not m.value.strip("*") for m in silence.matchers)
        and len(silence.matchers) == 1
    ):
        raise bad("silence.too_broad", "A lone * mutes every alert. Name at least one label and its value.")
    if len(silence.matchers) > MAX_MATCHERS:
        raise bad("silence.matchers", f"Use at most {MAX_MATCHERS} matchers, or make two silences.")
    if silence.ends_at <= silence.starts_at:
        raise bad("silence.times", "This silence ends before it starts. Choose a later end.")
    if silence.ends_at - silence.starts_at > LONGEST and not approved:
        raise bad("silence.too_long", "A silence lasts at most 24 hours. Shorten it, or have it approved.")


def _holds(matcher: Matcher, labels: Mapping[str, str], service: str) -> bool:
    value = labels.get(matcher.name)
    if value is None:
        value = service if matcher.name == "service" else ""
    match matcher.op:
        case "=":
            return value == matcher.value
        case "!=":
            return value != matcher.value
        case "in":
            return value in [v.strip() for v in matcher.value.split(",")]
        case "glob":
            return fnmatchcase(value, matcher.value)


def _named(silence: Silence) -> str:
    what = silence.comment or ", ".join(m.text() for m in silence.matchers)
    by = f" by {silence.by}" if silence.by else ""
    return f"Muted by the silence “{what}”{by} until {text(silence.ends_at)}."
