"""The figures over thousands of incidents at once, in whole microseconds: what `definitions` and `figures` say, sooner.

It never says anything else; a property asks both for the same incidents.
"""

from __future__ import annotations

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, time, timedelta
from itertools import chain

from quarterdeck.core.kernel.moments import micros
from quarterdeck.core.oncall.wall import instant, zone

from . import figures
from .figures import ENOUGH_FOR_TAILS, Summary, Week

# One incident that is no drill: severity rank, then when it was reported, acknowledged by a person, taken command of,
# first told to the public, resolved, when its impact began, when it was declared and customers were first sent a
# message, in microseconds since 1970; None for what has not happened.
Row = tuple[
    int | None, int, int | None, int | None, int | None, int | None, int | None, int | None, int | None
]
ByRank = Mapping[int | None, Sequence[int]]


def durations(rows: Iterable[Row]) -> dict[str, ByRank]:
    """For each metric the values in microseconds by severity rank; a stop before its start counts as zero."""
    acknowledged: defaultdict[int | None, list[int]] = defaultdict(list)
    responded: defaultdict[int | None, list[int]] = defaultdict(list)
    told: defaultdict[int | None, list[int]] = defaultdict(list)
    resolved: defaultdict[int | None, list[int]] = defaultdict(list)
    hurt: defaultdict[int | None, list[int]] = defaultdict(list)
    written: defaultdict[int | None, list[int]] = defaultdict(list)
    for (
        rank,
        reported,
        acknowledged_at,
        commander_at,
        told_at,
        resolved_at,
        impact_at,
        declared,
        message_at,
    ) in rows:
        answered_at = commander_at
        if acknowledged_at is not None:
            acknowledged[rank].append(max(acknowledged_at - reported, 0))
            if commander_at is None or acknowledged_at < commander_at:
                answered_at = acknowledged_at
        if answered_at is not None:
            responded[rank].append(max(answered_at - reported, 0))
        if told_at is not None:
            told[rank].append(max(told_at - reported, 0))
        if declared is not None and message_at is not None:
            written[rank].append(max(message_at - declared, 0))
        if resolved_at is not None:
            resolved[rank].append(max(resolved_at - reported, 0))
            if impact_at is not None:
                hurt[rank].append(max(resolved_at - impact_at, 0))
    return {
        "time_to_acknowledge": acknowledged,
        "time_to_respond": responded,
        "time_to_first_public_update": told,
        "time_to_first_customer_message": written,
        "time_to_resolve": resolved,
        "impact_duration": hurt,
    }


def summaries(values: ByRank) -> tuple[Summary, tuple[tuple[int, Summary], ...]]:
    """Over all incidents, and by severity rank for those ranks that have a value."""
    ordered = {rank: sorted(found) for rank, found in values.items() if found}
    known = sorted(rank for rank in ordered if rank is not None)
    everything = sorted(chain.from_iterable(ordered.values()))
    return _summary(everything), tuple((rank, _summary(ordered[rank])) for rank in known)


def _summary(ordered: Sequence[int]) -> Summary:
    if not ordered:
        return Summary(0)
    tails = len(ordered) >= ENOUGH_FOR_TAILS
    return Summary(
        n=len(ordered),
        median=_quantile(ordered, 50),
        p10=_quantile(ordered, 10) if tails else None,
        p90=_quantile(ordered, 90) if tails else None,
        iqr=_quantile(ordered, 75) - _quantile(ordered, 25),
        mean=timedelta(microseconds=sum(ordered)) / len(ordered),
    )


def _quantile(ordered: Sequence[int], percent: int) -> timedelta:
    index, part = divmod((len(ordered) - 1) * percent, 100)
    low = timedelta(microseconds=ordered[index])
    if part == 0:
        return low
    return low + (timedelta(microseconds=ordered[index + 1]) - low) * part / 100


def weekly(rows: Iterable[Row], zone_name: str, *, since: datetime, until: datetime) -> list[Week]:
    """Incidents per ISO week of their first report, oldest first, with a zero for weeks without any."""
    weeks = figures.weekly((), zone_name, since=since, until=until)
    tz = zone(zone_name)
    edges = [micros(instant(datetime.combine(w.monday, time.min), tz)) for w in weeks]
    counts: list[dict[int | None, int]] = [{} for _ in weeks]
    first, end = micros(since), micros(until)
    for rank, reported, *_ in rows:
        if first <= reported < end:
            week = counts[bisect_right(edges, reported) - 1]
            week[rank] = week.get(rank, 0) + 1
    return [Week(w.name, w.monday, sum(c.values()), c) for w, c in zip(weeks, counts, strict=True)]
