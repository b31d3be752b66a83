"""Coverage, fairness and hours of on-call in words and figures. Reads only."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Any

from django.utils.formats import date_format

from quarterdeck.app.oncall.coverage import CONTACTS, Cover, Report, Weak
from quarterdeck.app.oncall.fairness import Spread
from quarterdeck.app.oncall.pay import Paid
from quarterdeck.app.paging.rehearsals import Open
from quarterdeck.app.people.competence import Matrix
from quarterdeck.core.kernel.moments import spoken
from quarterdeck.core.kernel.text import counted
from quarterdeck.core.oncall.fairness import Load
from quarterdeck.core.oncall.limits import Exceeded
from quarterdeck.core.oncall.pay import PayRules

from . import paging
from .callouts import channel_name
from .oncall import Names, day_time

_HOUR = timedelta(hours=1)
_DAY = re.compile(r"\d{4}-\d\d-\d\d")
MOST_GAPS = 5
FAIR_PART = 10
FORMULA = (
    "Burden, in hours: time on call + time at night + time on weekends + twice the time on holidays + 2 h for each "
    "wake-up + 0.5 h for each other call. Balance: 100 × (1 − H ÷ (1 − 1/n)), where H is half the sum over all n "
    "people of the difference between their share of the burden and 1/n. At 100 everybody carries the same, at 0 "
    "one person carries all."
)
CSV_HEAD = (
    "person",
    "name",
    "day",
    "by_day_h",
    "by_night_h",
    "weekend_h",
    "holiday_h",
    "total_h",
    "counted_h",
    "callouts",
    "amount",
    "currency",
)


def covered(report: Report, names: Names, now: datetime) -> dict[str, Any]:
    """The page of coverage: faults of each schedule, then people, policies and teams, each with what to do next."""
    schedules = [_schedule(c, names, now) for c in report.schedules]
    return {
        "schedules": sorted(
            (s for s in schedules if s["lines"]), key=lambda s: (_RANK[s["state"]], s["name"])
        ),
        "well": sorted((s for s in schedules if not s["lines"]), key=lambda s: s["name"]),
        "all": len(schedules),
        "people": _reach(report.people, names),
        "weak": len(report.people),
        "policies": [
            {"name": e.policy.name, "href": f"/on-call/policies/{e.policy.key}", "why": e.why}
            for e in report.policies
        ],
        "unproved": [
            {
                "name": u.person.name,
                "me": u.person.id == names.viewer,
                "href": f"/catalog/people/{u.person.id}",
                "ways": ", ".join(channel_name(kind) for kind in u.kinds),
            }
            for u in report.unproved
        ],
        "teams": [{"name": t.name, "href": f"/catalog/teams/{t.key}"} for t in report.teams],
    }


def _reach(found: Sequence[Weak], names: Names) -> list[dict[str, Any]]:
    """Who may not be reached, together with those of whom the same is so; the worst first."""
    groups: dict[int, list[dict[str, Any]]] = {}
    for w in found:
        one = names.someone(w.person.id) | {"name": w.person.name, "href": f"/catalog/people/{w.person.id}"}
        groups.setdefault(w.verified, []).append(one | {"schedules": ", ".join(w.schedules)})
    return [
        {
            "text": f"{verified or 'no'} of {CONTACTS} ways tried out",
            "state": "warning" if verified else "fault",
            "people": people,
        }
        for verified, people in sorted(groups.items())
    ]


def roles(found: Matrix) -> list[dict[str, Any]]:
    """The roles that fewer than two people can fill."""
    return [
        {
            "title": c.title,
            "state": "warning" if c.qualified else "fault",
            "text": "one person alone can fill it" if c.qualified else "nobody can fill it",
            "planned": c.planned,
        }
        for c in found.columns
        if c.is_thin
    ]


def rehearsals(found: Sequence[Open], viewer: str) -> list[dict[str, Any]]:
    """Who has not confirmed the last rehearsal."""
    return [
        {
            "name": o.person.name,
            "me": o.person.id == viewer,
            "href": f"/catalog/people/{o.person.id}",
            "at": o.sent_at,
            "state": "warning" if o.reached else "fault",
            "text": _unconfirmed(o),
        }
        for o in found
    ]


def _unconfirmed(o: Open) -> str:
    if not o.reached:
        return "no contact worked"
    return f"not confirmed: {'; '.join(o.ways[:3])}" if o.ways else "not confirmed"


def uncertified(found: Mapping[str, Sequence[str]], names: Names) -> list[dict[str, Any]]:
    """Who commands ahead without the certification."""
    return [
        names.someone(person) | {"href": f"/catalog/people/{person}", "schedules": ", ".join(schedules)}
        for person, schedules in sorted(found.items())
    ]


_RANK = {"fault": 0, "warning": 1, "ok": 2}


def _schedule(c: Cover, names: Names, now: datetime) -> dict[str, Any]:
    lines = [*_gaps(c, now), *_people(c, names)]
    worst = min((_RANK[tone] for tone, _ in lines), default=2)
    return {
        "name": c.row.name,
        "href": f"/on-call/schedules/{c.row.key}",
        "edit": f"/on-call/schedules/{c.row.key}/edit",
        "team": c.row.team.name if c.row.team else "",
        "state": next(k for k, rank in _RANK.items() if rank == worst),
        "lines": [{"tone": "red" if tone == "fault" else "amber", "text": text} for tone, text in lines],
        "must": c.must,
    }


def _gaps(c: Cover, now: datetime) -> Iterator[tuple[str, str]]:
    state = "fault" if c.alarming else "warning"
    if not c.row.layers.all():
        yield "fault", "It has no layer: nobody is on call in it."
        return
    for gap in c.found.gaps[:MOST_GAPS]:
        since = "now" if gap.starts_at <= now else day_time(gap.starts_at)
        length = gap.ends_at - gap.starts_at
        yield state, f"Nobody: {since}, for {spoken(length)}"
    more = len(c.found.gaps) - MOST_GAPS
    if more > 0:
        total = sum((g.ends_at - g.starts_at for g in c.found.gaps), timedelta(0))
        yield state, f"and {counted(more, 'more gap')}; {spoken(total)} altogether in 90 days"


def _people(c: Cover, names: Names) -> Iterator[tuple[str, str]]:
    for one in c.found.alone:
        yield (
            "warning",
            f"{names.full(one.person)} is alone on call for {round(one.share * 100)} % of the time",
        )
    for unfit in c.found.unfit[:MOST_GAPS]:
        why = "switched off" if unfit.why == "disabled" else "away"
        alone = "nobody else is on call then" if unfit.alone else "others are on call beside them"
        state = "fault" if unfit.alone else "warning"
        span = f"{day_time(unfit.starts_at)} to {day_time(unfit.ends_at)}"
        yield state, f"{names.full(unfit.person)} is {why}: {span}; {alone}"


def fair(spread: Spread, names: Names, part: str = "") -> dict[str, Any]:
    """One part of the rows with the figures of each person and their burden against the heaviest; who looks is shown
    beside every part. What goes over the limits is told once for each person.
    """
    most = max(spread.burdens.values(), default=0.0)
    total = sum(spread.burdens.values())
    rows = [
        _row(load, spread.burdens[load.person], most, total, names) | {"place": place}
        for place, load in enumerate(spread.loads, 1)
    ]
    shown, place = paging.part(rows, part, FAIR_PART)
    mine = next((r for r in rows if r["person"]["me"]), None)
    return {
        "rows": shown,
        "part": place,
        "mine": mine if mine not in shown else None,
        "people": len(rows),
        "score": spread.score,
        "total": f"{total:,.0f}",
        "limits": _limits(spread.exceeded, names),
        "reliefs": [
            {"id": r.person, "name": names.full(r.person), "text": _dated(r.reason), "until": r.ends_at}
            for r in spread.reliefs
        ],
        "formula": FORMULA,
    }


def _limits(found: Sequence[Exceeded], names: Names) -> list[dict[str, Any]]:
    """Who is over a limit ahead, in the order of the first time, with every time."""
    people: dict[str, dict[str, Any]] = {}
    for e in found:
        one = people.setdefault(e.person, {"person": names.someone(e.person), "lines": []})
        one["lines"].append({"text": e.text, "when": f"{day_time(e.starts_at)} to {day_time(e.ends_at)}"})
    return [one | {"first": one["lines"][:2], "more": one["lines"][2:]} for one in people.values()]


def _dated(reason: str) -> str:
    """With its days as people say them: Sun 22 Nov instead of 2026-11-22."""
    return _DAY.sub(lambda found: date_format(date.fromisoformat(found[0]), "D j M"), reason)


def _row(load: Load, burden: float, most: float, total: float, names: Names) -> dict[str, Any]:
    return {
        "person": names.someone(load.person),
        "hours": f"{load.time / _HOUR:,.0f}",
        "nights": load.nights,
        "weekends": load.weekends,
        "holidays": f"{load.holiday_time / _HOUR:,.0f}",
        "calls": load.interruptions,
        "wakeups": load.wakeups,
        "burden": f"{burden:,.0f}",
        "percent": round(100 * burden / most, 2) if most else 0,
        "share": round(100 * burden / total) if total else 0,
    }


def payroll(rows: Sequence[Paid], rules: PayRules, names: Names) -> Iterator[tuple[str, ...]]:
    """The table of hours, for a spreadsheet. `counted_h` weighs them by share, `amount` is money."""
    yield CSV_HEAD
    called: dict[str, str] = {}
    for paid in rows:
        r, worth = paid.row, paid.worth
        name = called.get(r.person) or called.setdefault(r.person, _cell(names.full(r.person)))
        spans = (r.by_day, r.by_night, r.on_weekend, r.on_holiday, r.total, worth.counted)
        yield (
            r.person, name, r.day.isoformat(), *[f"{s / _HOUR:.4f}" if s else "0.0000" for s in spans],
            str(paid.callouts), f"{worth.cents // 100}.{worth.cents % 100:02}", rules.currency,
        )  # fmt: skip


def _cell(text: str) -> str:
    """A name that a spreadsheet would take for a formula is text."""
    return f"'{text}" if text[:1] in ("=", "+", "-", "@") else text
