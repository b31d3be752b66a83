"""Read tables of what passed between executives and an incident: questions, crossings, guidance, notes; and of
their part in its review: comments, and the word that they have read it.
"""

from __future__ import annotations

from django.db import models

from ..fields import JsonText, MomentField, key, ref


class ExecQuestionRow(models.Model):
    id = key()
    incident_id = ref(db_index=True)
    kind = models.CharField(max_length=20)
    text = models.TextField()
    asked_by = ref()
    asked_at = MomentField()
    state = models.CharField(max_length=20)
    critical = models.BooleanField(default=False)
    reason = models.TextField(default="")
    held_until = MomentField(null=True)
    delivered_at = MomentField(null=True)
    askers = JsonText(default=list)
    answer = models.TextField(default="")
    answered_by = ref(default="")
    answered_at = MomentField(null=True)
    merged_into = ref(default="")
    passed_to = ref(default="")
    passed_note = models.TextField(default="")
    passed_at = MomentField(null=True)

    class Meta:
        db_table = "exec_question"


class BoundaryEventRow(models.Model):
    id = key()
    incident_id = ref(db_index=True)
    kind = models.CharField(max_length=20)
    what = models.CharField(max_length=200)
    quote = models.TextField(default="")
    person = ref(default="")
    noted_by = ref()
    at = MomentField()

    class Meta:
        db_table = "boundary_event"


class GuidanceRow(models.Model):
    id = key()
    incident_id = ref(db_index=True)
    kind = models.CharField(max_length=20)
    text = models.TextField()
    given_by = ref()
    given_at = MomentField()
    state = models.CharField(max_length=20)
    reason = models.TextField(default="")
    answered_by = ref(default="")
    answered_at = MomentField(null=True)

    class Meta:
        db_table = "strategic_guidance"


class ExecutiveNoteRow(models.Model):
    id = key()
    incident_id = ref(db_index=True)
    about = models.CharField(max_length=20)
    subject = models.TextField(default="")
    text = models.TextField()
    noted_by = ref()
    noted_at = MomentField()

    class Meta:
        db_table = "executive_note"


class StrategicCommentRow(models.Model):
    id = key()
    incident_id = ref(db_index=True)
    section = models.CharField(max_length=60)
    text = models.TextField()
    said_by = ref()
    said_at = MomentField()

    class Meta:
        db_table = "strategic_comment"


class ExecutiveReadingRow(models.Model):
    """Who is asked to confirm that they have read a review, and since when they have."""

    id = models.CharField(primary_key=True, max_length=120)
    incident_id = ref(db_index=True)
    person = ref(db_index=True)
    asked_at = MomentField()
    due_at = MomentField()
    reminded = models.IntegerField(default=0)
    confirmed_at = MomentField(null=True)

    class Meta:
        db_table = "executive_reading"
