"""Read tables of the business in emergency mode, and one table that is no fold: privileged notes, which stand in no log
that others read.
"""

from __future__ import annotations

from django.db import models

from ..fields import MomentField, key, ref
from ..ids import new_id


class OperationsSwitchRow(models.Model):
    id = models.CharField(max_length=120, primary_key=True)
    incident_id = ref(db_index=True)
    key = models.CharField(max_length=64)
    title = models.TextField()
    state = models.CharField(max_length=20)
    eta_at = MomentField(null=True)
    evidence = models.TextField(default="")
    reason = models.TextField(default="")
    changed_by = ref(default="")
    changed_at = MomentField(null=True)
    halted_at = MomentField(null=True)
    level = models.IntegerField(default=0)
    halts = models.IntegerField(default=0)

    class Meta:
        db_table = "operations_switch"
        indexes = [models.Index(fields=["key", "state"], name="switch_state")]


class AreaStatusRow(models.Model):
    id = models.CharField(max_length=120, primary_key=True)
    incident_id = ref(db_index=True)
    role = models.CharField(max_length=60)
    state = models.CharField(max_length=20, default="")
    text = models.TextField(default="")
    said_by = ref(default="")
    as_of = MomentField(null=True)
    asked_at = MomentField(null=True)
    asked = ref(default="")

    class Meta:
        db_table = "area_status"


class SentimentReportRow(models.Model):
    id = key()
    incident_id = ref(db_index=True)
    channel = models.CharField(max_length=80)
    level = models.IntegerField()
    volume = models.IntegerField()
    posts = models.TextField(default="")
    said_by = ref()
    at = MomentField()
    big = models.BooleanField(default=False)

    class Meta:
        db_table = "sentiment_report"


class MeetingOfferRow(models.Model):
    id = key()
    incident_id = ref(db_index=True)
    customer = models.CharField(max_length=200)
    note = models.TextField(default="")
    offered_by = ref()
    offered_at = MomentField()
    state = models.CharField(max_length=20)
    ended_at = MomentField(null=True)

    class Meta:
        db_table = "meeting_offer"


class PrivilegedNote(models.Model):
    """What a lawyer wrote for lawyers. No event holds it; `seal` stands in the audit trail and shows a change, `salt`
    keeps it from being guessed.
    """

    id = key(default=new_id, editable=False)
    incident_id = ref(db_index=True)
    text = models.TextField()
    written_by = ref()
    written_at = MomentField()
    salt = models.CharField(max_length=64)
    seal = models.CharField(max_length=64)

    class Meta:
        db_table = "privileged_note"
