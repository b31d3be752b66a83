"""What an incident teaches: its review and the action items. Read tables, see `incidents`."""

from __future__ import annotations

from django.db import models

from ..fields import JsonText, MomentField, key, ref


class ReviewRow(models.Model):
    id = key()
    incident_id = ref(db_index=True)
    owner = ref()
    due_on = models.CharField(max_length=10)
    opened_at = MomentField()
    state = models.CharField(max_length=20)
    sections = JsonText(default=dict)
    published_at = MomentField(null=True)
    waived_reason = models.TextField(default="")
    facilitator = ref(default="", db_default="")
    submitted_at = MomentField(null=True)
    read_until = MomentField(null=True)
    meets_at = MomentField(null=True)
    place = models.TextField(default="", db_default="")
    invited = JsonText(default=list, db_default=[])
    late = models.IntegerField(default=0, db_default=0)
    closed_at = MomentField(null=True)
    # Keys of causes.toml, and the kind of change.
    cause_category = models.CharField(max_length=64, default="", db_default="")
    factors = JsonText(default=list, db_default=[])
    change_kind = models.CharField(max_length=20, default="", db_default="")

    class Meta:
        db_table = "review"
        indexes = [models.Index(fields=["owner", "state"], name="review_owner")]


class ActionItemRow(models.Model):
    id = key()
    incident_id = ref(db_index=True)
    title = models.TextField()
    owner = ref(db_index=True)
    due_on = models.CharField(max_length=10)
    kind = models.CharField(max_length=30)
    added_by = ref()
    added_at = MomentField()
    done_by = ref(default="")
    done_at = MomentField(null=True)

    class Meta:
        db_table = "action_item"
