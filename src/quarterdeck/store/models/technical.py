"""Read tables of the technical work of incidents, and one table that is no fold: the feed of changes."""

from __future__ import annotations

from django.db import models

from ..fields import JsonText, MomentField, key, ref
from ..ids import new_id


class RemediationRow(models.Model):
    id = key()
    incident_id = ref(db_index=True)
    title = models.TextField()
    plan = models.TextField()
    risk = models.CharField(max_length=20)
    rollback = models.TextField(default="")
    kind = models.CharField(max_length=20)
    assignee = ref(db_index=True)
    minutes = models.IntegerField()
    proposed_by = ref()
    proposed_at = MomentField()
    state = models.CharField(max_length=20)
    decision = ref(default="")
    decided_by = ref(default="")
    approved_by = ref(default="")
    approved_at = MomentField(null=True)
    started_at = MomentField(null=True)
    ended_at = MomentField(null=True)
    result = models.TextField(default="")

    class Meta:
        db_table = "remediation"


class FindingRow(models.Model):
    id = key()
    incident_id = ref(db_index=True)
    fact = models.TextField()
    confidence = models.CharField(max_length=20)
    evidence = models.TextField(default="")
    url = models.TextField(default="")
    hypothesis = ref(default="")
    addressed_to = ref(default="")
    reported_by = ref()
    reported_at = MomentField()

    class Meta:
        db_table = "finding"


class EvidenceRow(models.Model):
    """What speaks for or against a supposed cause."""

    id = key()
    incident_id = ref(db_index=True)
    hypothesis = ref(db_index=True)
    speaks = models.CharField(max_length=20)
    text = models.TextField(default="")
    url = models.TextField(default="")
    file = ref(default="")
    added_by = ref()
    added_at = MomentField()

    class Meta:
        db_table = "evidence"


class ChoiceRow(models.Model):
    """A question with its options, before it is decided."""

    id = key()
    incident_id = ref(db_index=True)
    question = models.TextField()
    options = JsonText(default=list)
    risks = JsonText(default=list)
    effects = JsonText(default=list)
    opened_by = ref()
    opened_at = MomentField()
    state = models.CharField(max_length=20)
    chosen = models.TextField(default="")
    decision = ref(default="")

    class Meta:
        db_table = "choice"


class PollRow(models.Model):
    id = key()
    incident_id = ref(db_index=True)
    proposal = models.TextField()
    opened_by = ref()
    opened_at = MomentField()
    closes_at = MomentField()
    state = models.CharField(max_length=20)
    objections = JsonText(default=dict)
    closed_at = MomentField(null=True)

    class Meta:
        db_table = "poll"


class TaskWordRow(models.Model):
    """A question or an answer on a task."""

    id = key()
    incident_id = ref(db_index=True)
    task = ref(db_index=True)
    asks = models.BooleanField(default=False)
    text = models.TextField()
    said_by = ref()
    said_at = MomentField()

    class Meta:
        db_table = "task_word"


class RunbookStepRow(models.Model):
    id = key()
    incident_id = ref(db_index=True)
    workstream = ref(default="")
    runbook = models.TextField()
    step = models.TextField()
    outcome = models.CharField(max_length=20)
    result = models.TextField(default="")
    done_by = ref()
    done_at = MomentField()

    class Meta:
        db_table = "runbook_step"


class RelapseRow(models.Model):
    id = models.CharField(max_length=90, primary_key=True)
    incident_id = ref(db_index=True)
    alert_id = ref()
    service = models.CharField(max_length=60, default="")
    summary = models.TextField(default="")
    seen_at = MomentField()
    answered_at = MomentField(null=True)

    class Meta:
        db_table = "relapse"


class Change(models.Model):
    """A deployment, a flag or a configuration change, as a tool reported it. Not a fold."""

    id = key(default=new_id, editable=False)
    source = models.CharField(max_length=60)
    external_id = models.CharField(max_length=200, default="")
    kind = models.CharField(max_length=20)
    service = models.CharField(max_length=60, default="", db_index=True)
    title = models.TextField()
    link = models.TextField(default="")
    by = models.CharField(max_length=200, default="")
    changed_at = MomentField(db_index=True)
    received_at = MomentField()
    sent_by = ref()

    class Meta:
        db_table = "change"
        constraints = [
            models.UniqueConstraint(
                fields=["source", "external_id"],
                condition=~models.Q(external_id=""),
                name="change_of_a_source_once",
            )
        ]
