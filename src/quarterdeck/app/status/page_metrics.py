"""Figures on a status page: what they are called, and the points that a program pushes. Audited but for the points."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from quarterdeck.core.kernel.refused import bad, missing
from quarterdeck.core.kernel.text import line
from quarterdeck.core.status.metrics import KEPT, checked
from quarterdeck.store import log, models, tx
from quarterdeck.store.ids import new_id

from ..act import Act, need
from ..incidents.services import KEY, named
from . import component_tree, page_config
from .publishing import touch
from .status_pages import find_page

MOST_METRICS = 10  # on one page: each has two drawings and their tables
MOST_POINTS = 200_000  # of one metric: every minute of the days that are kept, with room
# Points come every minute and a page is rendered whole: it is not published for them more often than this.
PUBLISH_EVERY = timedelta(minutes=5)


def create_metric(act: Act, page_key: str, key: str, name: str, **values: Any) -> models.PageMetric:
    """A figure at the end of a page. `values`: unit, names (by language), position."""
    need(act, "status.edit")
    if not KEY.fullmatch(key):
        message = "A key has up to 60 lower-case letters, digits, - and _, such as response-time."
        raise bad("metric.key", message, key="not a key")
    name, tamed = named(name, "metric"), {k: _value(k, v) for k, v in values.items() if v is not None}
    with tx.write("web", "engine"):
        page = find_page(page_key, lock=True)
        page_config.begin(page, act)
        if page.metrics.filter(key=key).exists():
            raise bad("metric.exists", f"The page has a metric {key} already. Choose another.", key="taken")
        if (count := page.metrics.count()) >= MOST_METRICS:
            raise bad("metric.many", f"A page shows at most {MOST_METRICS} metrics. Remove one first.")
        tamed.setdefault("position", count)
        row = models.PageMetric.objects.create(
            id=new_id(), page=page, key=key, name=name, created_at=act.at, **tamed
        )
        touch([page.id])
        told = {"metric": row.id, "page": page.id, "key": key, "name": name, **tamed}
        page_config.keep(page.id, act)
        log.audit("PageMetricCreated", told, at=act.at, actor=act.person)
    return row


def update_metric(act: Act, page_key: str, key: str, **changes: Any) -> models.PageMetric:
    """Change name, unit, names or position; None leaves a value."""
    need(act, "status.edit")
    tamed = {k: _value(k, v) for k, v in changes.items() if v is not None}
    with tx.write("web", "engine"):
        row = find_metric(page_key, key)
        before = {k: getattr(row, k) for k in tamed}
        after = {k: v for k, v in tamed.items() if v != before[k]}
        if after:
            page_config.begin(row.page, act)
            models.PageMetric.objects.filter(id=row.id).update(**after)
            touch([row.page_id])
            told = {"metric": row.id, "before": {k: before[k] for k in after}, "after": after}
            page_config.keep(row.page_id, act)
            log.audit("PageMetricChanged", told, at=act.at, actor=act.person)
    return find_metric(page_key, key)


def remove_metric(act: Act, page_key: str, key: str) -> None:
    """Take a figure off a page, with all its points."""
    need(act, "status.edit")
    with tx.write("web", "engine"):
        row = find_metric(page_key, key)
        told = {"metric": row.id, "page": row.page_id, "key": key, "name": row.name}
        page_config.begin(row.page, act)
        row.delete()
        touch([told["page"]])
        page_config.keep(told["page"], act)
        log.audit("PageMetricRemoved", told, at=act.at, actor=act.person)


def push(act: Act, page_key: str, key: str, points: Sequence[tuple[datetime, float]]) -> int:
    """Keep a batch, the whole or nothing. The same instant again takes the place of what was there; answers how many.

    The page is published for it when that was not done in the last minutes.
    """
    need(act, "status.edit")
    kept = checked(points, act.at)
    with tx.write("web", "engine"):
        row = find_metric(page_key, key)
        models.MetricPoint.objects.filter(metric=row, at__lt=act.at - KEPT).delete()
        if row.points.count() + len(kept) > MOST_POINTS:
            raise bad("points.full", f"A metric keeps at most {MOST_POINTS} points. Push less often.")
        models.MetricPoint.objects.bulk_create(
            [models.MetricPoint(metric=row, at=at, value=value) for at, value in sorted(kept.items())],
            update_conflicts=True,
            unique_fields=["metric", "at"],
            update_fields=["value"],
        )
        page = row.page
        waits = page.revision > page.published
        if not waits and (page.published_at is None or page.published_at <= act.at - PUBLISH_EVERY):
            touch([page.id])
    return len(kept)


def find_metric(page_key: str, key: str) -> models.PageMetric:
    found = models.PageMetric.objects.select_related("page").filter(page=find_page(page_key), key=key).first()
    if found is None:
        raise missing("metric.unknown", "There is no such metric on this page. Look it up in its list.")
    return found


def _value(field: str, value: Any) -> Any:
    match field:
        case "name":
            return named(value, "metric")
        case "unit":
            return line(value, 20)
        case "names":
            return component_tree.in_languages(value)
        case "position":
            return max(0, min(int(value), 10_000))
    raise bad("metric.field", f"{field!r} of a metric cannot be changed.", **{field: "not changeable"})
