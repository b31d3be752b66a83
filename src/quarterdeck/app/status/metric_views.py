"""The figures of a status page as it draws them: pushed points by the hour, summed up by the database."""

from __future__ import annotations

from datetime import datetime

from django.db.models import Avg, BigIntegerField, Count, ExpressionWrapper, F, Max, Min

from quarterdeck.core.kernel.moments import from_micros
from quarterdeck.core.status.metrics import KEPT, Metric, MetricView, Point, fold
from quarterdeck.store import models

_HOUR = 3_600_000_000


def of_page(page: models.StatusPage, now: datetime) -> list[MetricView]:
    """In the order of the page."""
    rows = models.MetricPoint.objects.filter(metric__page=page, at__gt=now - KEPT, at__lte=now)
    slot = ExpressionWrapper(F("at") / _HOUR, output_field=BigIntegerField())
    sums = rows.annotate(slot=slot).order_by().values("metric_id", "slot")
    found: dict[str, list[Point]] = {}
    for s in sums.annotate(mean=Avg("value"), least=Min("value"), most=Max("value"), count=Count("id")):
        at = from_micros(s["slot"] * _HOUR)
        found.setdefault(s["metric_id"], []).append(Point(at, s["mean"], s["least"], s["most"], s["count"]))
    return [
        fold(Metric(m.id, m.name, m.unit, tuple(sorted(m.names.items()))), found.get(m.id, ()), now)
        for m in page.metrics.all()
    ]
