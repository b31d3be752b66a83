"""Whether what goes on by itself has somebody who answers for it: rules of automation, reports by mail. Reads only."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from quarterdeck.core.kernel.text import counted
from quarterdeck.store import models

from .health_finding import Finding, some, warning


def look() -> list[Finding]:
    """Nothing where everything has an owner."""
    return [*_rules(), *_reports()]


def gone(people: Iterable[str]) -> set[str]:
    """Those of these whose account is switched off. Whoever works on the server itself is none of them."""
    rows = models.Person.objects.filter(id__in=set(people), is_active=False)
    return set(rows.values_list("id", flat=True))


def _rules() -> Iterator[Finding]:
    """Whose newest version was written by somebody who is gone: the rule goes on with the rights it was given."""
    rows = list(models.AutomationRule.objects.filter(enabled=True).order_by("name"))
    if not rows:
        return
    wrote = models.AutomationVersion.objects.filter(rule_id__in=[r.id for r in rows])
    authors = {(v[0], v[1]): v[2] for v in wrote.values_list("rule_id", "version", "author")}
    left_us = gone(authors.values())
    left = [r.name for r in rows if authors.get((r.id, r.version)) in left_us]
    if left:
        have = counted(len(left), "rule runs", "rules run")
        yield warning(
            "automation",
            f"{have} on, and whoever wrote them has left: {some(left)}.",
            "Look at each and save it with a reason: it is yours then. Or switch it off.",
        )


def _reports() -> Iterator[Finding]:
    rows = list(models.ReportPlan.objects.filter(stopped_at=None).order_by("title"))
    left_us = gone(r.created_by for r in rows)
    left = [r.title for r in rows if r.created_by in left_us]
    if left:
        have = counted(len(left), "report goes", "reports go")
        yield warning(
            "reports",
            f"{have} out, and whoever set them up has left: {some(left)}.",
            "Save each under Insights, Reports: it is yours then. Or stop it.",
        )
    reading = models.ReportReader.objects.filter(plan_id__in=[r.id for r in rows], left_at=None)
    readers = list(reading.values_list("plan_id", "person_id"))
    away = gone(person for _, person in readers)
    unread = [r.title for r in rows if all(plan != r.id or person in away for plan, person in readers)]
    if unread:
        yield warning("reports", f"Nobody gets this any more: {some(unread)}.", "Add readers, or stop it.")
