"""Read tables of incidents: folds of the event log, disposable, rebuilt by `store.project`. Never edited by hand.

No foreign keys: a table can be dropped and rebuilt alone. The one constraint that matters is here:
one open holder of an exclusive role per incident (R-026), enforced by the database.
"""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from ..fields import JsonText, MomentField, key, ref


class IncidentRow(models.Model):
    id = key()
    number = models.IntegerField(unique=True)
    title = models.CharField(max_length=300)
    type = models.CharField(max_length=60)
    severity = models.IntegerField()
    severity_unknown = models.BooleanField(default=False)
    severity_initial = models.IntegerField(default=0)
    severity_highest = models.IntegerField(default=0)
    impact = models.CharField(max_length=20, default="")
    urgency = models.CharField(max_length=20, default="")
    scope = models.CharField(max_length=60, default="")
    phase = models.CharField(max_length=20)
    phase_since = MomentField()
    template = models.CharField(max_length=60)
    template_version = models.IntegerField(default=1)
    summary = models.TextField(default="")
    what_we_know = models.TextField(default="")
    workaround = models.TextField(default="")
    customer_effect = models.TextField(default="")
    cause = models.TextField(default="")
    next_step = models.TextField(default="")
    customers_affected = models.TextField(default="")
    dimensions = JsonText(default=dict)
    services = JsonText(default=list)
    source = models.CharField(max_length=20, default="")
    is_open = models.BooleanField(default=True)
    triage_overdue = models.BooleanField(default=False)
    drill = models.BooleanField(default=False)
    drill_kind = models.CharField(max_length=20, default="", db_default="")
    restricted = models.BooleanField(default=False)
    codename = models.CharField(max_length=60, default="", db_default="")
    declared_at = MomentField()
    declared_by = ref()
    commander_id = ref(default="")
    commander_since = MomentField(null=True)
    resolved_at = MomentField(null=True)
    resolution_code = models.CharField(max_length=60, default="")
    resolution_summary = models.TextField(default="")
    closed_at = MomentField(null=True)
    next_update_at = MomentField(null=True)
    group_id = models.CharField(max_length=40, default="", db_default="")
    fix = models.TextField(default="", db_default="")
    verification = models.TextField(default="", db_default="")
    switches_halted = models.IntegerField(default=0, db_default=0)
    switches_concerned = models.IntegerField(default=0, db_default=0)
    technical_url = models.CharField(max_length=2000, default="", db_default="")
    stood_down_at = MomentField(null=True)
    contact_id = models.CharField(max_length=40, default="", db_default="")
    impact_started_at = MomentField(null=True)
    tickets = models.IntegerField(null=True)
    severe_at = MomentField(null=True)
    severe_by = models.CharField(max_length=40, default="", db_default="")
    bridge_url = models.CharField(max_length=2000, default="")
    chat_url = models.CharField(max_length=2000, default="")
    seq = models.IntegerField()

    class Meta:
        db_table = "incident"
        indexes = [
            models.Index(fields=["-number"], name="incident_open", condition=Q(is_open=True)),
            models.Index(fields=["phase", "-number"], name="incident_phase"),
            models.Index(fields=["declared_at"], name="incident_declared"),
            models.Index(fields=["id"], name="incident_restricted", condition=Q(restricted=True)),
        ]


class RoleAssignmentRow(models.Model):
    id = key()
    incident_id = ref(db_index=True)
    role = models.CharField(max_length=60)
    person_id = ref(db_index=True)
    exclusive = models.BooleanField(default=False)
    started_at = MomentField()
    ended_at = MomentField(null=True)
    assigned_by = ref(default="")
    reports_to = models.CharField(max_length=60, default="")
    end_reason = models.CharField(max_length=300, default="")
    domain = models.CharField(max_length=300, default="", db_default="")
    mentor = models.CharField(max_length=40, default="", db_default="")

    class Meta:
        db_table = "role_assignment"
        indexes = [
            models.Index(
                fields=["incident_id", "role", "person_id", "started_at"], name="role_assignment_held"
            ),
            models.Index(fields=["ended_at"], name="role_assignment_ended"),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["incident_id", "role"],
                condition=Q(ended_at__isnull=True, exclusive=True),
                name="one_open_exclusive_holder",
            ),
        ]


class TimelineRow(models.Model):
    """One line of the record an event. Sorted by when it happened; `entered_at` is when it was written down."""

    id = key()
    incident_id = ref()
    seq = models.IntegerField()
    kind = models.CharField(max_length=40)
    weight = models.CharField(max_length=10)
    actor = ref(default="")
    happened_at = MomentField()
    entered_at = MomentField()
    backdated = models.BooleanField(default=False)
    title = models.TextField()
    text = models.TextField(default="")
    entry_id = ref(default="")
    pinned = models.BooleanField(default=False)
    followup = models.BooleanField(default=False)
    # Guests of other organisations are shown it. (Null: a column is added to a large table without writing it anew.)
    shared = models.BooleanField(null=True)
    superseded_by = ref(default="")

    class Meta:
        db_table = "timeline"
        indexes = [
            models.Index(fields=["incident_id", "happened_at", "seq"], name="timeline_order"),
            models.Index(fields=["entry_id"], name="timeline_entry", condition=~Q(entry_id="")),
        ]


class HandoverRow(models.Model):
    id = key()
    incident_id = ref(db_index=True)
    role = models.CharField(max_length=60)
    assignment_id = ref()
    from_person = ref()
    to_person = ref()
    note = models.TextField(default="")
    state = models.CharField(max_length=20)
    briefing = models.TextField(default="")
    offered_at = MomentField()
    accepted_at = MomentField(null=True)
    briefed_at = MomentField(null=True)
    ended_at = MomentField(null=True)
    end_reason = models.TextField(default="")
    new_assignment_id = ref(default="")
    snapshot = JsonText(default=dict, db_default={})
    effective_at = MomentField(null=True)

    class Meta:
        db_table = "handover"


class TaskRow(models.Model):
    id = key()
    incident_id = ref(db_index=True)
    title = models.TextField()
    assignee = ref(db_index=True)
    minutes = models.IntegerField()
    given_by = ref()
    given_at = MomentField()
    due_at = MomentField()
    kind = models.CharField(max_length=20, default="task")
    role_item = models.TextField(default="")
    state = models.CharField(max_length=20)
    acknowledged_at = MomentField(null=True)
    reminded = models.BooleanField(default=False)
    late = models.BooleanField(default=False)
    note = models.TextField(default="")
    result = models.TextField(default="")
    ended_at = MomentField(null=True)
    end_reason = models.TextField(default="")
    reply = models.CharField(max_length=20, default="", db_default="")
    replied_at = MomentField(null=True)
    despite = models.TextField(default="", db_default="")

    class Meta:
        db_table = "task"


class DecisionRow(models.Model):
    id = key()
    incident_id = ref(db_index=True)
    question = models.TextField()
    options = JsonText(default=list)
    chosen = models.TextField()
    reason = models.TextField(default="")
    objections = models.TextField(default="")
    decided_by = ref()
    decided_at = MomentField()
    kind = models.CharField(max_length=20, default="", db_default="")

    class Meta:
        db_table = "decision"


class CheckRow(models.Model):
    id = key()
    incident_id = ref(db_index=True)
    subject = models.TextField()
    kind = models.CharField(max_length=20)
    state = models.CharField(max_length=20)
    note = models.TextField(default="")
    planned_at = MomentField()
    checked_by = ref(default="")
    checked_at = MomentField(null=True)
    service = models.CharField(max_length=60, default="", db_default="")

    class Meta:
        db_table = "incident_check"


class AlertLinkRow(models.Model):
    id = models.CharField(max_length=90, primary_key=True)
    incident_id = ref(db_index=True)
    alert_id = ref(db_index=True)
    summary = models.TextField(default="")
    dedup_key = models.TextField(default="")
    linked_at = MomentField()
    resolved_at = MomentField(null=True)

    class Meta:
        db_table = "alert_link"


class ChecklistTickRow(models.Model):
    id = models.CharField(max_length=160, primary_key=True)
    incident_id = ref(db_index=True)
    role = models.CharField(max_length=60)
    phase = models.CharField(max_length=20)
    index = models.IntegerField()
    text = models.TextField()
    done_by = ref()
    done_at = MomentField()

    class Meta:
        db_table = "checklist_tick"


class AttachmentRow(models.Model):
    """A file of the record; its content stands in the folder of files under its SHA-256."""

    id = key()
    incident_id = ref(db_index=True)
    name = models.CharField(max_length=300)
    media_type = models.CharField(max_length=100)
    size_bytes = models.BigIntegerField()
    sha256 = models.CharField(max_length=64, db_index=True)
    text = models.TextField(default="")
    attached_by = ref()
    attached_at = MomentField()
    taken_back_at = MomentField(null=True)
    taken_back_by = ref(default="", db_default="")
    taken_back_reason = models.TextField(default="", db_default="")

    class Meta:
        db_table = "attachment"


class TemplatePin(models.Model):
    """The structure an incident was declared with, whole. Not a fold: an organisation's files may change."""

    incident_id = key()
    template = models.TextField()
    pinned_at = MomentField()

    class Meta:
        db_table = "template_pin"
