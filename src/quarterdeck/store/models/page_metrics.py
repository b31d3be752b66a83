"""Figures on a status page: what they are called, and the points that were pushed."""

from __future__ import annotations

from django.db import models

from ..fields import JsonText, MomentField, key
from ..ids import new_id
from .status import StatusPage


class PageMetric(models.Model):
    id = key(default=new_id, editable=False)
    page = models.ForeignKey(StatusPage, models.CASCADE, related_name="metrics")
    key = models.SlugField(max_length=60)
    name = models.CharField(max_length=120)
    unit = models.CharField(max_length=20, blank=True)
    names = JsonText(default=dict)  # language to name
    position = models.IntegerField(default=0)
    created_at = MomentField()

    class Meta:
        db_table = "page_metric"
        ordering = ["position", "name"]
        constraints = [models.UniqueConstraint(fields=["page", "key"], name="one_page_metric")]

    def __str__(self) -> str:
        return self.name


class MetricPoint(models.Model):
    """One value at one instant; pushed again, it takes the place of what was there."""

    id = models.BigAutoField(primary_key=True)
    metric = models.ForeignKey(PageMetric, models.CASCADE, related_name="points")
    at = MomentField()
    value = models.FloatField()

    class Meta:
        db_table = "metric_point"
        constraints = [models.UniqueConstraint(fields=["metric", "at"], name="one_metric_point")]
