"""Who is not worth asking now: a provider that failed several times in a row is left alone but for a try now and then.

What is held back meanwhile counts as an attempt that failed, so that the person's next contact comes at once; the last
attempt of a delivery is always made. Belongs to one engine and is forgotten with it.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from urllib.parse import urlsplit

from quarterdeck.app.paging.deliveries import MAX_MESSAGE_ATTEMPTS, MAX_PAGE_ATTEMPTS, Claim
from quarterdeck.channels import channels
from quarterdeck.channels.outcome import Outcome, Retry

FAILURES = 5
# How long it is left alone before one delivery is tried on it; shorter than the waits between a page's own attempts.
APART_SECONDS = 10.0


@dataclass(slots=True)
class _Failing:
    times: int = 0
    why: str = ""
    until: float = 0.0
    channel: str = ""


class Breaker:
    """Safe to use from several threads. `monotonic` in seconds."""

    def __init__(self, monotonic: Callable[[], float]) -> None:
        self._monotonic = monotonic
        self._lock = threading.Lock()
        self._failing: dict[str, _Failing] = {}

    def held(self, claim: Claim) -> Retry | None:
        """What is said instead of asking the provider; None when it is to be asked."""
        name = provider(claim)
        with self._lock:
            found = self._failing.get(name)
            if found is None or found.times < FAILURES or _must_be_tried(claim):
                return None
            now = self._monotonic()
            if now >= found.until:
                found.until = now + APART_SECONDS
                return None
            why = f"{name} failed {found.times} times in a row and was not asked: {found.why}"
        return Retry(why, elsewhere=True)

    def learn(self, claim: Claim, outcome: Outcome) -> None:
        """What the provider said. One that refuses an address for good works; one that does so for now may or may not:
        a full mailbox must not hold up everybody else's mail.
        """
        name = provider(claim)
        with self._lock:
            if not isinstance(outcome, Retry):
                self._failing.pop(name, None)
                return
            if outcome.address_only:
                return
            found = self._failing.setdefault(name, _Failing())
            found.times += 1
            found.channel = claim.channel if name == provider_of(claim.channel) else ""
            found.why = outcome.why
            found.until = self._monotonic() + APART_SECONDS

    def open(self) -> Mapping[str, str]:
        """Those that are left alone, and why."""
        with self._lock:
            return {name: f.why for name, f in self._failing.items() if f.times >= FAILURES}

    def channels(self) -> Mapping[str, bool]:
        """Channels that are left alone as a whole, and whether one of them may be tried now."""
        now = self._monotonic()
        with self._lock:
            failing = [f for f in self._failing.values() if f.times >= FAILURES and f.channel]
            return {f.channel: now >= f.until for f in failing}


# Their addresses name rooms and services of all kinds: one that fails says nothing about another.
_ROOMS = frozenset({"chat", "teams", "apprise"})


def provider_of(channel: str) -> str:
    """A channel with one server of its own, in words."""
    module = channels().get(channel)
    return str(module.NAME) if module is not None else channel


def provider(claim: Claim) -> str:
    """Who takes it, in words: the channel, and the server where the address names one."""
    name = provider_of(claim.channel)
    device = claim.outgoing.data.get("subscription")
    to = str(device["endpoint"]) if isinstance(device, Mapping) else claim.outgoing.to
    where = urlsplit(to).netloc.rpartition("@")[2] if "://" in to else ""
    if claim.channel in _ROOMS:
        where = to
    return f"{name} ({where})" if where else name


def _must_be_tried(claim: Claim) -> bool:
    most = MAX_PAGE_ATTEMPTS if claim.cls == "page" else MAX_MESSAGE_ATTEMPTS
    return claim.n >= most or claim.outgoing.kind == "test"
