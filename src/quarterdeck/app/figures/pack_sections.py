"""The parts of review packs: each a title and its blocks, from the very figures of the pages. Reads only.

Whatever a part counts, it counts for a reader who is in no incident; nothing is counted by person.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property

from django.db.models import Count, Q, QuerySet

from quarterdeck.core.access import Who
from quarterdeck.core.kernel.moments import from_micros, micros, spoken
from quarterdeck.core.metrics.definitions import METRICS
from quarterdeck.core.metrics.figures import Summary
from quarterdeck.core.metrics.hours import BUSINESS
from quarterdeck.core.metrics.periods import Period
from quarterdeck.core.metrics.response import COMPARED, REPEATS
from quarterdeck.core.oncall.hours import Home, is_night
from quarterdeck.core.reviews import Block, Facts, Table, Text
from quarterdeck.store import ids, models

from ..learning import causes
from ..response import response_figures
from ..visibility import visible_incidents, without_restricted
from . import insight_rules, insights, target_figures
from .insights import Question

MOST = 10
_CLOCKS_DIFFER = timedelta(days=1)
Part = tuple[str, Sequence[Block]]


@dataclass
class Of:
    """What a pack is about; the figures are read once for all its parts."""

    who: Who
    period: Period
    earlier: Period
    zone: str
    now: datetime

    @cached_property
    def asked(self) -> Question:
        return Question(*self.period.bounds(self.zone))

    @cached_property
    def figures(self) -> insights.Figures:
        return insights.read(self.who, self.asked, self.zone)

    @cached_property
    def past(self) -> insights.Figures:
        return insights.read(self.who, Question(*self.earlier.bounds(self.zone)), self.zone)

    @cached_property
    def kept(self) -> target_figures.Report:
        return target_figures.report(self.who, self.asked, self.now)

    @cached_property
    def response(self) -> response_figures.Found:
        return response_figures.read(self.who, self.asked, insight_rules.rules().commander_minutes, self.zone)

    @cached_property
    def incidents(self) -> list[models.IncidentRow]:
        """Those of the period, whole."""
        return list(insights.chosen(self.who, self.asked).order_by("declared_at", "number"))

    @cached_property
    def alerts(self) -> QuerySet[models.Alert]:
        hidden = models.IncidentRow.objects.filter(restricted=True).values("id")
        first, end = self.asked.since, self.asked.until
        # Found by the key, which begins with the time a row was made: never long before the alert was first seen.
        made = ids.first_id(micros(first - _CLOCKS_DIFFER) // 1000)
        rows = models.Alert.objects.filter(id__gte=made, first_seen_at__gte=first, first_seen_at__lt=end)
        return rows.exclude(incident_id__in=hidden)

    @cached_property
    def calls(self) -> QuerySet[models.Callout]:
        first, end = self.asked.since, self.asked.until
        found = models.Callout.objects.filter(
            kind="callout", drill=False, created_at__gte=first, created_at__lt=end
        )
        return without_restricted(found)


def overview(of: Of) -> Part:
    resolved = next(m for m in of.figures.measures if m.metric.key == "time_to_resolve").all
    misses, judged = len(of.kept.misses), len(of.kept.judged)
    rows = [
        ("Incidents", _beside(of.figures.incidents, of.past.incidents, of.earlier)),
        ("Still open", str(sum(i.is_open for i in of.incidents))),
        (
            "Time to resolve",
            f"median {_said(resolved.median)} of {resolved.n}" if resolved.n else "none resolved",
        ),
        ("Targets kept", f"{judged - misses} of {judged}" if judged else "no target was in force"),
    ]
    tickets = of.response.tickets
    if tickets.counted:
        told = f"{tickets.total}, counted for {tickets.counted} of {tickets.incidents} incidents"
        rows.append(("Support tickets", told))
    return "Overview", [Facts(tuple(rows))]


def on_call(of: Of) -> Part:
    """Calls as a whole: what a person carries stands under Fairness, for themselves and whoever plans."""
    told = list(of.calls.values_list("created_at", "acknowledged_at", "person__timezone"))
    answered = [done - at for at, done, _ in told if done is not None]
    night = sum(is_night(at, Home(zone or "UTC")) for at, _, zone in told)
    rows = [
        ("Alerts", str(of.alerts.count())),
        ("Alerts that paged", str(of.alerts.filter(paged=True).count())),
        ("Calls", str(len(told))),
        ("Calls at night", str(night)),
        ("Answered", f"{len(answered)} of {len(told)}" if told else "nobody was called"),
        ("Answered within 5 minutes", str(sum(a <= timedelta(minutes=5) for a in answered))),
    ]
    return "On-call", [Facts(tuple(rows))]


def noisiest(of: Of) -> Part:
    found = of.alerts.values_list("service__name").annotate(
        n=Count("id"), paged=Count("id", filter=Q(paged=True))
    )
    shown = found.order_by("-n", "service__name")[:MOST]
    rows = tuple((name or "No service", str(n), str(paged)) for name, n, paged in shown)
    if not rows:
        return "Noisiest services", [Text("No alert came in.", quiet=True)]
    return "Noisiest services", [Table(("Service", "Alerts", "Paged"), rows, (5, 1, 1))]


def times(of: Of) -> Part:
    past = {m.metric.key: m.all for m in of.past.measures}
    rows = tuple(
        (m.metric.title, str(m.all.n), _said(m.all.median), _spread(m.all), _said(past[m.metric.key].median))
        for m in of.figures.measures
        if m.all.n or past[m.metric.key].n
    )
    if not rows:
        return "How long it takes", [Text("Nothing was acknowledged or resolved.", quiet=True)]
    head = ("Figure", "n", "Median", "Middle four fifths", f"Median {of.earlier.name}")
    return "How long it takes", [Table(head, rows, (4, 1, 2, 3, 2))]


def targets(of: Of) -> Part:
    rows = tuple(
        (
            ", ".join(part for part in (line.metric.title, _rank(line.severity), line.team) if part),
            _limit(line.now),
            f"{line.measured - line.missed} of {line.measured}",
            str(line.missed),
        )
        for line in of.kept.lines
        if line.measured and (not line.team or insight_rules.by_team())
    )  # fmt: skip
    if not rows:
        return "Targets", [Text("No incident of this period had a target.", quiet=True)]
    return "Targets", [Table(("Target", "At most", "Kept", "Missed"), rows, (5, 2, 2, 1))]


def misses(of: Of) -> Part:
    shown = of.kept.misses[:MOST]
    if not shown:
        return "Missed targets", [Text("No target was missed.", quiet=True)]
    titles = {i.id: i.title for i in of.incidents}
    rows = tuple(
        (
            f"{j.course.ref} {titles.get(j.course.ref, '')}",
            METRICS[j.target.metric].title,
            _said(j.took) if j.took is not None else "goes on",
            f"{from_micros(j.course.reported):%Y-%m-%d}",
        )
        for j in shown
    )
    return "Missed targets", [Table(("Incident", "Figure", "Took", "Reported"), rows, (6, 3, 2, 2))]


def services(of: Of) -> Part:
    """Time with an open incident: from the beginning of its impact, where assessed, else from its declaration."""
    names = dict(models.Service.objects.values_list("key", "name"))
    count: Counter[str] = Counter()
    down: dict[str, timedelta] = {}
    for i in of.incidents:
        if i.phase in ("dismissed", "merged"):
            continue
        lasted = max(
            (i.resolved_at or min(of.now, of.asked.until)) - (i.impact_started_at or i.declared_at),
            timedelta(0),
        )
        for key in i.services:
            count[key] += 1
            down[key] = down.get(key, timedelta(0)) + lasted
    worst = sorted(count.items(), key=lambda r: (-r[1], r[0]))[:MOST]
    rows = tuple((names.get(k, k), str(n), spoken(down[k])) for k, n in worst)
    if not rows:
        return "Services", [Text("No incident named a service.", quiet=True)]
    return "Services", [Table(("Service", "Incidents", "Time with an incident"), rows, (4, 1, 2))]


def severities(of: Of) -> Part:
    now, past = _by_rank(of.figures), _by_rank(of.past)
    rows = tuple((f"SEV{r}", str(now[r]), str(past[r])) for r in range(1, 6) if now[r] or past[r])
    if not rows:
        return "By severity", [Text("No incident in this period or the one before.", quiet=True)]
    return "By severity", [Table(("Severity", of.period.name, of.earlier.name), rows, (2, 1, 1))]


def repeats(of: Of) -> Part:
    found = of.response.repeats
    share = f"{len(found.repeats)} of {found.incidents}" if found.incidents else "no incident"
    facts = Facts((("Repeats", share), ("Cause or problem known", f"{found.known} of {found.incidents}")))
    named = ", ".join(found.repeats[:MOST])
    return "What came back", [facts, *([Text(named)] if named else []), Text(REPEATS, quiet=True)]


def command(of: Of) -> Part:
    found, minutes = of.response.compared, insight_rules.rules().commander_minutes
    rows = tuple(
        (name, str(s.n), _said(s.median), _spread(s))
        for name, s in ((f"within {minutes} min", found.early), ("later or never", found.late))
    )
    table = Table(("Commander", "n", "Median to resolve", "Middle four fifths"), rows, (3, 1, 2, 3))
    caution = [Text("Too few on one side to tell anything.", quiet=True)] if found.few else []
    return "With and without early command", [table, *caution, Text(COMPARED, quiet=True)]


def promises(of: Of) -> Part:
    """Action items of what everybody may know of, as they stand now."""
    items = models.ActionItemRow.objects.filter(
        incident_id__in=visible_incidents(of.who).filter(drill=False).values("id")
    )
    first, end = of.asked.since, of.asked.until
    today = of.now.date().isoformat()
    open_ = items.filter(done_at=None)
    rows = (
        ("Done in the period", str(items.filter(done_at__gte=first, done_at__lt=end).count())),
        ("Added in the period", str(items.filter(added_at__gte=first, added_at__lt=end).count())),
        ("Open now", str(open_.count())),
        ("Overdue now", str(open_.filter(due_on__lt=today).count())),
    )
    return "What was promised", [Facts(rows)]


def _causes(of: Of) -> Part:
    reviews = models.ReviewRow.objects.filter(incident_id__in=[i.id for i in of.incidents]).exclude(
        cause_category=""
    )
    found = Counter(reviews.values_list("cause_category", flat=True)).most_common(MOST)
    if not found:
        return "Causes", [Text("No review of this period has sorted its cause.", quiet=True)]
    rows = tuple((causes.title("cause", key), str(n)) for key, n in found)
    return "Causes", [Table(("Cause", "Incidents"), rows, (4, 1))]


def _limit(row: models.Target | None) -> str:
    if row is None:
        return "–"
    hours = " in business hours" if row.hours == BUSINESS else ""
    return spoken(timedelta(seconds=row.at_most_seconds)) + hours


def _rank(severity: int | None) -> str:
    return f"SEV{severity}" if severity else "all"


def _by_rank(figures: insights.Figures) -> Counter[int]:
    found: Counter[int] = Counter()
    for week in figures.weeks:
        for rank, n in week.by_severity.items():
            found[rank or 0] += n
    return found


def _beside(now: int, past: int, earlier: Period) -> str:
    return f"{now} ({earlier.name}: {past})"


def _said(span: timedelta | None) -> str:
    return "–" if span is None else spoken(span)


def _spread(s: Summary) -> str:
    return "too few" if s.p10 is None else f"{_said(s.p10)} – {_said(s.p90)}"


PARTS = {
    "overview": overview, "on_call": on_call, "noisiest": noisiest, "times": times, "targets": targets,
    "misses": misses, "services": services, "severities": severities, "repeats": repeats, "command": command,
    "causes": _causes, "promises": promises,
}  # fmt: skip
