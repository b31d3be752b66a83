"""Read tables of business responses: folds of the event log, like those beside them."""

from __future__ import annotations

from django.db import models

from ..fields import MomentField, key, ref


class SevereRatingRow(models.Model):
    id = key()
    incident_id = ref(db_index=True)
    visibility = models.CharField(max_length=60)
    impact = models.CharField(max_length=60)
    duration = models.CharField(max_length=60)
    confidence = models.CharField(max_length=60)
    score = models.IntegerField()
    threshold = models.IntegerField()
    rated_by = ref()
    rated_at = MomentField()
    note = models.TextField(default="")

    class Meta:
        db_table = "severe_rating"


class BusinessResponseRow(models.Model):
    """One for each business incident: what it answers to, who commands that, and how far it is."""

    id = key()
    incident_id = ref(db_index=True)
    parent = ref(db_index=True)
    parent_commander = ref(default="", db_index=True)
    parent_phase = models.CharField(max_length=20, default="")
    began_at = MomentField()
    step = models.CharField(max_length=20)
    step_since = MomentField()
    briefing_opened_at = MomentField(null=True)
    enough_by = ref(default="")
    enough_at = MomentField(null=True)
    preliminary = models.TextField(default="")
    preliminary_by = ref(default="")
    preliminary_at = MomentField(null=True)

    class Meta:
        db_table = "business_response"


class BriefingAnswerRow(models.Model):
    id = models.CharField(max_length=120, primary_key=True)
    incident_id = ref(db_index=True)
    question = models.CharField(max_length=40)
    text = models.TextField()
    by = ref()
    at = MomentField()

    class Meta:
        db_table = "briefing_answer"


class MessageGridRow(models.Model):
    """A phase of the technical incident, for which each audience of the business one hears something."""

    id = models.CharField(max_length=120, primary_key=True)
    incident_id = ref(db_index=True)
    phase = models.CharField(max_length=20)
    opened_at = MomentField()

    class Meta:
        db_table = "message_grid"
