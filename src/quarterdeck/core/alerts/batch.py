"""Before deciding: the identity of a label set, the service of a signal, repeats folded inside one batch."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from quarterdeck.core.kernel.value import value

from .signal import Signal


@value
class Folded:
    """A signal that stands for `repeats` equal ones."""

    signal: Signal
    repeats: int = 1


@dataclass(frozen=True, slots=True)
class Route:
    """The key of the service a signal belongs to, or None, and why."""

    service: str | None
    reason: str


def fingerprint(labels: Mapping[str, str]) -> str:
    """16 hex digits that are equal exactly for equal label sets (SHA-256 over the sorted pairs)."""
    flat = [text for name in sorted(labels) for text in (name, labels[name])]
    # 0xff occurs in no UTF-8 text, so no value can imitate a border between two.
    try:
        pairs = "\udcff".join(flat).encode(errors="surrogateescape")
        if pairs.count(b"\xff") != len(flat) - 1:
            raise ValueError
    except ValueError:  # lone surrogates: rare, and slower
        pairs = b"\xff".join(text.encode(errors="surrogatepass") for text in flat)
    return hashlib.sha256(pairs).hexdigest()[:16]


def route(signal: Signal, integration_service: str | None, services: Mapping[str, object]) -> Route:
    """The service the signal names, if there is one of that key; else the one of its integration."""
    if signal.service:
        for key in (signal.service, signal.service.strip().casefold()):
            if key in services:
                return Route(key, f"The signal names the service {key}.")
    unknown = f"The signal names {signal.service!r}, which is not a service here. " if signal.service else ""
    if integration_service is not None and integration_service in services:
        return Route(
            integration_service, f"{unknown}Its integration belongs to the service {integration_service}."
        )
    return Route(None, f"{unknown}Its integration has no service, so the default route takes it.")


def fold(signals: Iterable[Signal]) -> list[Folded]:
    """Fewer signals with the same effect: runs of equal meaning within a key become one, with their number.

    Only neighbours of a key are folded (same action, severity, service and labels), so a trigger after a
    resolve stays a new episode. The last text wins; the latest `starts_at` and `expires_at` stand.
    """
    folded: list[Folded] = []
    last: dict[str, int] = {}
    for signal in signals:
        at = last.get(signal.key)
        if at is not None and _same(folded[at].signal, signal):
            folded[at] = Folded(_merge(folded[at].signal, signal), folded[at].repeats + 1)
        else:
            last[signal.key] = len(folded)
            folded.append(Folded(signal))
    return folded


def _same(a: Signal, b: Signal) -> bool:
    return (
        a.action == b.action and a.severity == b.severity and a.service == b.service and a.labels == b.labels
    )


def _merge(a: Signal, b: Signal) -> Signal:
    starts_at, expires_at = _latest(a.starts_at, b.starts_at), _latest(a.expires_at, b.expires_at)
    if a.action != "trigger" and (a.starts_at is None or b.starts_at is None):
        # Without a start a resolve means whatever is open now, which is more than any start says.
        starts_at = None
    if starts_at == b.starts_at and expires_at == b.expires_at:
        return b
    return replace(b, starts_at=starts_at, expires_at=expires_at)


def _latest(a: datetime | None, b: datetime | None) -> datetime | None:
    if a is None or b is None:
        return a or b
    return max(a, b)
