"""Pages for one audience: they show components of other pages, in words of their own."""

from __future__ import annotations

from django.db import models

from ..fields import MomentField, key
from ..ids import new_id
from .status import Component, StatusPage


class ShownComponent(models.Model):
    """A component of another page, as this page calls it. Its state and their history are the component's."""

    id = key(default=new_id, editable=False)
    page = models.ForeignKey(StatusPage, models.CASCADE, related_name="shown")
    component = models.ForeignKey(Component, models.CASCADE, related_name="shown_on")
    # Never taken from the component when it is read: words of another audience do not come in by themselves.
    name = models.CharField(max_length=120)
    group = models.CharField(max_length=120, blank=True)
    description = models.CharField(max_length=500, blank=True)
    position = models.IntegerField(default=0)
    created_at = MomentField()

    class Meta:
        db_table = "shown_component"
        ordering = ["position", "name"]
        constraints = [models.UniqueConstraint(fields=["page", "component"], name="shown_once")]
