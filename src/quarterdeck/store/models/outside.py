"""Read tables of other organisations in an incident: those listed, and what they were asked."""

from __future__ import annotations

from django.db import models

from ..fields import MomentField, key, ref


class AgencyRow(models.Model):
    id = key()
    incident_id = ref(db_index=True)
    name = models.CharField(max_length=200)
    representative = models.CharField(max_length=200, default="")
    contact = models.CharField(max_length=300, default="")
    offers = models.TextField(default="")
    limits = models.TextField(default="")
    listed_at = MomentField()
    left_at = MomentField(null=True)
    left_reason = models.TextField(default="")

    class Meta:
        db_table = "agency"


class AgencyRequestRow(models.Model):
    id = key()
    incident_id = ref(db_index=True)
    agency = ref()
    text = models.TextField()
    asked_by = ref()
    asked_at = MomentField()
    answer = models.CharField(max_length=10, default="")
    reply = models.TextField(default="")
    answered_by = ref(default="")
    answered_at = MomentField(null=True)

    class Meta:
        db_table = "agency_request"
