"""Figures on a status page, and the points that programs push for them."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from quarterdeck.app.status import page_metrics as acts
from quarterdeck.app.status.status_pages import find_page
from quarterdeck.core.status.metrics import LARGEST, MOST_POINTS
from quarterdeck.store import models

from .doors import Request
from .fields import Key, NewKey, Number, Read, Text, When, Write
from .operations import Noun
from .pages import Page, whole
from .status_pages import Names

NOUN = Noun("Status pages", "/status-pages/{page}/metrics")
Unit = Annotated[str, Text(20)]
Place = Annotated[int, Number(0, 10_000)]
Value = Annotated[float, Field(strict=True, ge=-LARGEST, le=LARGEST, allow_inf_nan=False)]


class PageMetric(Read):
    """`unit` is written behind each value; `names` by language."""

    id: str
    key: str
    name: str
    unit: str
    names: dict[str, str]
    position: int


class PageMetricWrite(Write):
    key: NewKey
    name: Annotated[str, Text(120, least=1)]
    unit: Unit = ""
    names: Names = Field(default_factory=dict)
    position: Place | None = None


class PageMetricPatch(Write):
    """Only what is named changes."""

    name: Annotated[str, Text(120, least=1)] | None = None
    unit: Unit | None = None
    names: Names | None = None
    position: Place | None = None


class MetricPoint(Write):
    """A value at an instant."""

    at: When
    value: Value


class MetricPoints(Write):
    points: Annotated[list[MetricPoint], Field(min_length=1, max_length=MOST_POINTS)]


class PointsTaken(Read):
    """How many instants of the batch are kept; of two points for one instant the last counts."""

    taken: int


@NOUN.get("", "status.read", Page[PageMetric])
def list_page_metrics(request: Request, page: Key) -> Page[PageMetric]:
    """The figures of a page in their order."""
    return whole(PageMetric.model_validate(m) for m in _rows(page))


@NOUN.post("", "status.edit", PageMetric)
def create_page_metric(request: Request, page: Key, body: PageMetricWrite) -> PageMetric:
    return PageMetric.model_validate(acts.create_metric(request.act, page, **body.model_dump()))


@NOUN.patch("/{metric}", "status.edit", PageMetric)
def change_page_metric(request: Request, page: Key, metric: Key, body: PageMetricPatch) -> PageMetric:
    changed = acts.update_metric(request.act, page, metric, **body.model_dump(exclude_none=True))
    return PageMetric.model_validate(changed)


@NOUN.delete("/{metric}", "status.edit")
def remove_page_metric(request: Request, page: Key, metric: Key) -> None:
    """Take a figure off the page, with all its points."""
    acts.remove_metric(request.act, page, metric)


@NOUN.post("/{metric}/points", "status.edit", PointsTaken, status=200)
def push_metric_points(request: Request, page: Key, metric: Key, body: MetricPoints) -> PointsTaken:
    """Keep a batch of points, the whole or nothing. The same instant again takes the place of what was there."""
    points = [(p.at, p.value) for p in body.points]
    return PointsTaken(taken=acts.push(request.act, page, metric, points))


def _rows(page: str) -> list[models.PageMetric]:
    return list(find_page(page).metrics.all())
