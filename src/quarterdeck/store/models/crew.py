"""Read tables of an incident's crew, and two tables that are no folds: groups of incidents, and passes of guests."""

from __future__ import annotations

from django.db import models

from ..fields import JsonText, MomentField, key, ref
from ..ids import new_id


class WorkstreamRow(models.Model):
    id = key()
    incident_id = ref(db_index=True)
    key = models.CharField(max_length=60)
    title = models.TextField()
    leader = ref(db_index=True)
    room = models.TextField(default="")
    every_minutes = models.IntegerField(default=0)
    members = JsonText(default=list)
    opened_at = MomentField()
    opened_by = ref(default="")
    next_report_at = MomentField(null=True)
    last_report = models.TextField(default="")
    last_report_at = MomentField(null=True)
    late = models.BooleanField(default=False)
    ended_at = MomentField(null=True)
    result = models.TextField(default="")

    class Meta:
        db_table = "workstream"


class RollCallRow(models.Model):
    id = key()
    incident_id = ref(db_index=True)
    started_by = ref()
    started_at = MomentField()
    asked = JsonText(default=list)
    answers = JsonText(default=dict)
    ended_at = MomentField(null=True)

    class Meta:
        db_table = "roll_call"


class PresenceRow(models.Model):
    """Who came to an incident, and when they left."""

    id = models.CharField(max_length=90, primary_key=True)
    incident_id = ref(db_index=True)
    person = ref(db_index=True)
    since = MomentField()
    doing = models.TextField(default="")
    organisation = models.TextField(default="")
    guest = models.BooleanField(default=False)
    left_at = MomentField(null=True)
    left_reason = models.TextField(default="")

    class Meta:
        db_table = "presence"


class ReliefRow(models.Model):
    id = key()
    incident_id = ref(db_index=True)
    role = models.CharField(max_length=60)
    person = ref()
    starts_at = MomentField()
    planned_by = ref()
    planned_at = MomentField()
    state = models.CharField(max_length=20)

    class Meta:
        db_table = "relief"


class SafetyStopRow(models.Model):
    id = key()
    incident_id = ref(db_index=True)
    what = models.CharField(max_length=20)
    subject = ref(default="")
    title = models.TextField(default="")
    reason = models.TextField(default="")
    ordered_by = ref()
    ordered_at = MomentField()
    cleared_by = ref(default="")
    cleared_at = MomentField(null=True)
    clearance = models.TextField(default="")

    class Meta:
        db_table = "safety_stop"


class HypothesisRow(models.Model):
    id = key()
    incident_id = ref(db_index=True)
    text = models.TextField()
    owner = ref(default="")
    stated_by = ref()
    stated_at = MomentField()
    state = models.CharField(max_length=20)
    evidence = models.TextField(default="")
    judged_by = ref(default="")
    judged_at = MomentField(null=True)

    class Meta:
        db_table = "hypothesis"


class IncidentLinkRow(models.Model):
    """`kind` is what the other incident is to this one."""

    id = models.CharField(max_length=90, primary_key=True)
    incident_id = ref(db_index=True)
    other = ref(db_index=True)
    kind = models.CharField(max_length=20)
    note = models.TextField(default="")
    linked_at = MomentField()

    class Meta:
        db_table = "incident_link"


class IncidentGroup(models.Model):
    """Related incidents, with somebody who coordinates their commanders. Not a fold; each change is audited."""

    id = key(default=new_id, editable=False)
    title = models.CharField(max_length=300)
    coordinator = ref()
    opened_by = ref()
    opened_at = MomentField()
    ended_at = MomentField(null=True)

    class Meta:
        db_table = "incident_group"
        ordering = ["-opened_at"]


class GuestPass(models.Model):
    """What lets somebody of another organisation into one incident. The link works once and ends with the incident."""

    id = key(default=new_id, editable=False)
    incident_id = ref(db_index=True)
    person_id = ref(db_index=True)
    organisation = models.CharField(max_length=200, default="")
    invited_by = ref()
    made_at = MomentField()
    expires_at = MomentField()
    used_at = MomentField(null=True)
    ended_at = MomentField(null=True)

    class Meta:
        db_table = "guest_pass"
