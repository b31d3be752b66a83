"""An alert with labels and annotations, as Prometheus and its family send it, and what it becomes. Never
decides whether it fires: each dialect does that."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from functools import lru_cache
from typing import Annotated, NamedTuple

import msgspec

from quarterdeck.core.alerts.batch import fingerprint
from quarterdeck.core.alerts.signal import Action, Link, Signal
from quarterdeck.core.kernel.links import MAX_URL, safe_url
from quarterdeck.core.kernel.moments import EARLIEST, LATEST
from quarterdeck.core.kernel.refused import Refused
from quarterdeck.core.kernel.text import clean, line

from .details import tamed, tamed_line
from .limits import MAX_KEY, MAX_LABELS, MAX_LINKS, MAX_NAME, MAX_SUMMARY, MAX_VALUE
from .severity import severity_of
from .strict_json import refuse

Name = Annotated[str, msgspec.Meta(min_length=1, max_length=MAX_NAME)]
Names = Annotated[dict[Name, str], msgspec.Meta(max_length=MAX_LABELS)]

# In the order of trust: `job` names how a target is scraped, which is a service only where nothing else is.
_SERVICE = ("service", "svc", "app", "job")
_SOURCE = ("instance", "host", "hostname", "node", "pod")
# One more than is kept, so that a cut is seen.
_LONGEST = MAX_NAME + 1
_SUMMARY = ("summary", "title")
# Longer ones are no address (`links.MAX_URL`), whatever spaces are around them.
_LONGEST_HREF = MAX_URL + 200
# How many alerts are remembered with what they said last: some kilobytes each. One that is written with more characters
# than this is read anew each time, else a sender could fill the memory with bodies of a megabyte.
REMEMBERED = 8_000
LONGEST_REMEMBERED = 2_000
_LINKS = {
    "runbook_url": "Runbook",
    "runbook": "Runbook",
    "dashboard_url": "Dashboard",
    "dashboard": "Dashboard",
    "playbook_url": "Playbook",
}


def no_labels() -> Refused:
    """The refusal of an alert without labels, in Alertmanager's own words."""
    return refuse("labels_missing", "at least one label pair required")


def key_of_labels(labels: Mapping[str, str]) -> str:
    """The key that stands for this set of labels, where a label with an empty value is as good as absent."""
    pairs = tuple(labels.items())
    return (_key if _is_short(pairs) else _key.__wrapped__)(pairs)


def _is_short(pairs: Iterable[tuple[str, str]]) -> bool:
    """Whether these may be remembered."""
    return sum(len(name) + len(value) for name, value in pairs) <= LONGEST_REMEMBERED


@lru_cache(maxsize=REMEMBERED)
def _key(labels: tuple[tuple[str, str], ...]) -> str:
    return fingerprint({name: value for name, value in labels if value})


def key_of(sent: str) -> str:
    """The key that a sender chose, safe to store; empty when it chose none. A key of more than 255 characters
    is hashed, not cut: two keys must not become one."""
    return stand_in_key(sent) if len(sent) > MAX_KEY else clean(sent, MAX_KEY).strip()


def stand_in_key(*parts: str) -> str:
    """A key made of other texts, where the sender chose none: 32 hex digits."""
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()[:32]


def moment(at: datetime | None) -> datetime | None:
    """The time in UTC; None for the years that mean "none" (0001, 9999). Without an offset it is UTC."""
    if at is None or not EARLIEST.year <= at.year < LATEST.year:
        return None
    if at.tzinfo is UTC:
        return at
    return at.replace(tzinfo=UTC) if at.tzinfo is None else at.astimezone(UTC)


def links_of(candidates: Iterable[tuple[str | None, str]]) -> tuple[Link, ...]:
    """Links from pairs of address and text: the safe ones, each once, in order, at most 20."""
    found: dict[str, Link] = {}
    for href, words in candidates:
        if href and len(href) <= _LONGEST_HREF and (safe := _safe(href)) is not None and safe not in found:
            found[safe] = Link(safe, tamed_line(words))
    return tuple(found.values())[:MAX_LINKS]


def names_of(names: Mapping[str, str] | None) -> dict[str, str]:
    """Labels or annotations safe to store and show; empty names and values are left out."""
    if not names:
        return {}
    together = "".join(names.values())
    if len(together) <= MAX_VALUE and together.isprintable() and _tame_names.issuperset(names):
        return {name: value for name, value in names.items() if value}  # nearly every alert
    pairs = []
    for name, value in names.items():
        tame = _name(name[:_LONGEST])
        if tame == name and name and len(_tame_names) < REMEMBERED:
            _tame_names.add(name)
        pairs.append((tame, tamed(value)))
    return {name: value for name, value in pairs if name and value}


# Names that were seen and are safe as they are: there are few of them.
_tame_names: set[str] = set()


def first_of(names: Mapping[str, str], wanted: Iterable[str]) -> str:
    """The first of the wanted names that has a value; empty when none has."""
    for name in wanted:
        if value := names.get(name):
            return value
    return ""


def service_of(names: Mapping[str, str], *more: str) -> str | None:
    """The routing hint: the key of the service that the sender means, as one line."""
    return tamed_line(first_of(names, (*_SERVICE, *more))) or None


def signal_of(
    labels: Mapping[str, str],
    annotations: Mapping[str, str] | None,
    *,
    key: str,
    action: Action,
    starts_at: datetime | None,
    expires_at: datetime | None = None,
    links: Iterable[tuple[str | None, str]] = (),
    details: Mapping[str, str] | None = None,
) -> Signal:
    """The signal of one alert. Links named by annotations come first, then `links`."""
    named, notes, hrefs = tuple(labels.items()), tuple((annotations or {}).items()), tuple(links)
    is_short = _is_short([*named, *notes, *((href or "", words) for href, words in hrefs)])
    told = (_told if is_short else _told.__wrapped__)(named, notes, hrefs)
    if details:
        told = told._replace(details={**told.details, **details})
    return signal_of_told(told, key, action, starts_at, expires_at)


def signal_of_told(
    told: Told, key: str, action: Action, starts_at: datetime | None, expires_at: datetime | None
) -> Signal:
    """The signal of an alert of which it is known what it says."""
    return Signal(
        key, action, told.summary, told.severity, told.source, told.service, starts_at, expires_at, told.labels,
        told.details, told.links,
    )  # fmt: skip


class Told(NamedTuple):
    """What labels and annotations alone say. Shared between signals: never changed."""

    summary: str
    severity: str
    source: str
    service: str | None
    labels: Mapping[str, str]
    details: Mapping[str, str]
    links: tuple[Link, ...]


_Pairs = tuple[tuple[str, str], ...]


@lru_cache(maxsize=REMEMBERED)
def _told(labels: _Pairs, annotations: _Pairs, links: tuple[tuple[str | None, str], ...]) -> Told:
    """Prometheus says the same about an alert every minute for as long as it fires."""
    return told_by(dict(labels), dict(annotations), links)


def told_by(
    labels: Mapping[str, str], annotations: Mapping[str, str], links: Iterable[tuple[str | None, str]]
) -> Told:
    """What labels, annotations and further links say, safe to store and show."""
    named, notes = names_of(labels), names_of(annotations)
    summary = line(first_of(notes, _SUMMARY), MAX_SUMMARY)
    shown = {k: v for k, v in notes.items() if k not in _LINKS and line(v, MAX_SUMMARY) != summary}
    return Told(
        summary or _named(named),
        severity_of(named.get("severity", "")),
        tamed_line(first_of(named, _SOURCE)),
        service_of(named),
        named,
        shown,
        links_of([*((notes.get(name), words) for name, words in _LINKS.items()), *links]),
    )


@lru_cache(maxsize=4_000)
def _safe(href: str) -> str | None:
    return safe_url(href)


@lru_cache(maxsize=4_000)
def _name(name: str) -> str:
    return line(name, MAX_NAME)


def _named(labels: Mapping[str, str]) -> str:
    """A summary where the rule has none: "HighLatency on web-1:9100", or the labels."""
    name, where = labels.get("alertname", ""), labels.get("instance", "")
    if name:
        return line(f"{name} on {where}" if where else name, MAX_SUMMARY)
    return line(", ".join(f"{k}={v}" for k, v in labels.items()), MAX_SUMMARY) or "Alert without a name"
