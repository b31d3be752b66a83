"""Read tables of those outside: who spoke of it, which customers are affected, how many were counted."""

from __future__ import annotations

from django.db import models

from ..fields import MomentField, key, ref


class MentionRow(models.Model):
    id = key()
    incident_id = ref(db_index=True)
    source = models.CharField(max_length=120)
    place = models.CharField(max_length=120)
    seen_at = MomentField()
    recorded_by = ref()
    recorded_at = MomentField()
    link = models.TextField(default="")
    text = models.TextField(default="")
    ahead = models.BooleanField(default=False)

    class Meta:
        db_table = "mention"


class AffectedCustomerRow(models.Model):
    id = key()
    incident_id = ref(db_index=True)
    name = models.CharField(max_length=200)
    reference = models.CharField(max_length=120, default="")
    state = models.CharField(max_length=20, default="affected")
    note = models.TextField(default="")
    listed_at = MomentField()
    changed_by = ref(default="")
    changed_at = MomentField(null=True)

    class Meta:
        db_table = "affected_customer"


class PulseRow(models.Model):
    id = key()
    incident_id = ref(db_index=True)
    affected_now = models.BigIntegerField()
    worst_case = models.BigIntegerField()
    taken_by = ref()
    taken_at = MomentField()
    note = models.TextField(default="")

    class Meta:
        db_table = "impact_pulse"
