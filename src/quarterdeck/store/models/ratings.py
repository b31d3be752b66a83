"""Ratings of people (ICS 225). No fold of the log: an event is read by every member of an incident, a rating by few."""

from __future__ import annotations

from django.db import models

from ..fields import JsonText, MomentField, key, ref
from ..ids import new_id


class PerformanceRating(models.Model):
    """`page` is the form as it was signed, `seal` its hash; both empty in a draft."""

    id = key(default=new_id, editable=False)
    incident_id = ref(db_index=True)
    assignment_id = models.CharField(max_length=40, unique=True)
    person = ref(db_index=True)
    rater = ref(db_index=True)
    home_unit = models.CharField(max_length=300, default="")
    agency = models.CharField(max_length=300, default="")
    complexity = models.IntegerField(default=0)
    definition = models.CharField(max_length=300, default="")
    scores = JsonText(default=dict)
    remarks = models.TextField(default="")
    version = models.IntegerField(default=1)
    changed_at = MomentField()
    signed_at = MomentField(null=True)
    signed_as = models.CharField(max_length=60, default="")
    discussed_at = MomentField(null=True)
    page = models.TextField(default="")
    seal = models.CharField(max_length=64, default="")

    class Meta:
        db_table = "performance_rating"
