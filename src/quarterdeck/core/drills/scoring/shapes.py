"""What scoring is given and gives: the setting of a drill, items with their evidence, ratings. Decides nothing."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

# Verdicts of an item. The last two are never counted.
MET, LATE, MISSED, WAITING, NOT_SEEN = "met", "late", "missed", "waiting", "not_seen"
VERDICTS = (MET, LATE, MISSED, WAITING, NOT_SEEN)
# What late is worth.
HALF = 0.5


@dataclass(frozen=True, slots=True)
class Expected:
    """A step the scenario expects of a role by a minute of the drill. `sign` is a key of `SIGNS`: how the log shows it;
    "" where only the facilitator can say.
    """

    key: str
    role: str
    title: str
    by_minute: int
    sign: str = ""


@dataclass(frozen=True, slots=True)
class Inject:
    """A surprise as it was fired. `role` "" is everybody; `within` is how long an answer may take."""

    key: str
    title: str
    fired_at: datetime | None
    role: str = ""
    within: timedelta = timedelta(minutes=10)


@dataclass(frozen=True, slots=True)
class Judgement:
    """What the facilitator says of a step or an inject that the log cannot show: met, late or missed."""

    key: str
    verdict: str
    note: str = ""


@dataclass(frozen=True, slots=True)
class Rating:
    """The facilitator's rating of a role: `points` 0 to 4, None for words alone."""

    role: str
    item: str
    points: int | None
    note: str = ""


@dataclass(frozen=True, slots=True)
class Setting:
    """What the log of the incident does not say. `pauses` are (from, until); the last may still go on (None).

    The acts of `facilitator` never count: they steer the drill, they are not in it.
    """

    started_at: datetime
    now: datetime
    facilitator: str = ""
    ended_at: datetime | None = None
    pauses: tuple[tuple[datetime, datetime | None], ...] = ()
    expected: tuple[Expected, ...] = ()
    injects: tuple[Inject, ...] = ()
    judgements: tuple[Judgement, ...] = ()
    ratings: tuple[Rating, ...] = ()

    @property
    def over(self) -> bool:
        return self.ended_at is not None

    @property
    def until(self) -> datetime:
        return self.ended_at or self.now

    def between(self, start: datetime, stop: datetime) -> timedelta:
        """How much drill time lies between two moments: pauses do not count."""
        stop = max(start, stop)
        still = timedelta(0)
        for since, until in self.pauses:
            first, last = max(since, start), min(until or self.now, stop)
            still += max(last - first, timedelta(0))
        return stop - start - still

    def minute(self, at: datetime) -> timedelta:
        """Drill time since the start."""
        return self.between(self.started_at, max(at, self.started_at))


@dataclass(frozen=True, slots=True)
class Evidence:
    """An event of the incident's log, by its place in it."""

    seq: int
    at: datetime
    actor: str = ""


@dataclass(frozen=True, slots=True)
class Item:
    """One thing that is scored. `role` "" belongs to the whole drill. `share` is 0 to 1, None while it does not count.

    `measured` and `at_most` are drill time; `note` says in words what was found.
    """

    key: str
    title: str
    role: str
    verdict: str
    share: float | None
    measured: timedelta | None = None
    at_most: timedelta | None = None
    note: str = ""
    evidence: tuple[Evidence, ...] = ()

    @property
    def counts(self) -> bool:
        return self.share is not None


def timed(
    key: str, title: str, role: str, taken: timedelta | None, at_most: timedelta, setting: Setting,
    evidence: tuple[Evidence, ...] = (), since: timedelta = timedelta(0), note: str = "",
) -> Item:  # fmt: skip
    """An item that is met by a time. Without an end it waits while its time runs, and is missed after it."""
    if taken is not None:
        verdict, share = (MET, 1.0) if taken <= at_most else (LATE, HALF)
    elif not setting.over and setting.minute(setting.until) - since <= at_most:
        verdict, share = WAITING, None
    else:
        verdict, share = MISSED, 0.0
    return Item(key, title, role, verdict, share, taken, at_most, note, evidence)


def counted(
    key: str, title: str, role: str, good: int, of: int, note: str, evidence: tuple[Evidence, ...] = ()
) -> Item:
    """An item that is a share: so many of so many. Of none, it is not seen."""
    if of == 0:
        return Item(key, title, role, NOT_SEEN, None, note=note)
    share = good / of
    verdict = MET if good == of else MISSED if good == 0 else LATE
    return Item(key, title, role, verdict, share, note=note, evidence=evidence)


def unseen(key: str, title: str, role: str, note: str) -> Item:
    return Item(key, title, role, NOT_SEEN, None, note=note)
