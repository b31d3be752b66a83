"""Risks and what is done before anything breaks: safeguards, preventive plans and their tasks."""

from __future__ import annotations

from django.db import models

from ..fields import JsonText, MomentField, key, ref
from ..ids import new_id


class Risk(models.Model):
    """What may go wrong. `services` are keys of services; days are calendar dates, ISO 8601. Whoever may not know of
    an incident it is linked to does not know of the risk (RiskLink).
    """

    id = key(default=new_id, editable=False)
    title = models.CharField(max_length=200)
    description = models.TextField(default="")
    services = JsonText(default=list)
    likelihood = models.IntegerField(default=3)  # 1 to 5
    effect = models.IntegerField(default=3)  # 1 to 5
    safeguard = models.TextField(default="")
    safeguard_state = models.CharField(max_length=20, default="none")  # none, planned, in_place, failing
    owner = ref(db_index=True)
    due_on = models.CharField(max_length=10)
    review_on = models.CharField(max_length=10, default="")
    state = models.CharField(max_length=20, default="open")  # open, accepted, reduced, withdrawn
    accepted_by = ref(default="")
    accepted_until = models.CharField(max_length=10, default="")
    note = models.TextField(default="")
    source = models.CharField(max_length=20, default="hand")  # hand, review, pattern, drill
    created_by = ref()
    created_at = MomentField()
    changed_at = MomentField()

    class Meta:
        db_table = "risk"
        indexes = [models.Index(fields=["state", "due_on"], name="risk_state")]


class RiskLink(models.Model):
    """Where a risk was seen. `kind`: incident, item (an action item), problem, pattern (kind:key), drill."""

    id = key(default=new_id, editable=False)
    risk = models.ForeignKey(Risk, models.CASCADE, related_name="links")
    kind = models.CharField(max_length=20)
    ref = models.CharField(max_length=120, db_index=True)
    at = MomentField()

    class Meta:
        db_table = "risk_link"
        constraints = [models.UniqueConstraint(fields=["risk", "kind", "ref"], name="one_risk_link")]


class RiskChange(models.Model):
    """What was changed of a risk, field by field (name: [before, after]), and why. Rows are only added."""

    id = key(default=new_id, editable=False)
    risk = models.ForeignKey(Risk, models.CASCADE, related_name="changes")
    at = MomentField()
    by = ref()
    what = JsonText(default=dict)
    note = models.TextField(default="")

    class Meta:
        db_table = "risk_change"


class PreventivePlan(models.Model):
    """Work that comes again. `first_on` anchors its days, `next_on` is the first that no task was made for yet."""

    id = key(default=new_id, editable=False)
    title = models.CharField(max_length=200)
    kind = models.CharField(max_length=30)
    service = models.CharField(max_length=60, default="", db_index=True)
    owner = ref(db_index=True)
    cadence = models.CharField(max_length=20)
    lead_days = models.IntegerField(default=7)
    first_on = models.CharField(max_length=10)
    next_on = models.CharField(max_length=10)
    instructions = models.TextField(default="")
    ended_at = MomentField(null=True)
    created_by = ref()
    created_at = MomentField()

    class Meta:
        db_table = "preventive_plan"


class PreventiveTask(models.Model):
    """One piece of preventive work. `source`: plan, hand, trend (a service's key), alert or risk (its id)."""

    id = key(default=new_id, editable=False)
    plan = models.ForeignKey(PreventivePlan, models.CASCADE, null=True, related_name="tasks")
    title = models.CharField(max_length=200)
    kind = models.CharField(max_length=30)
    service = models.CharField(max_length=60, default="", db_index=True)
    owner = ref(db_index=True)
    due_on = models.CharField(max_length=10)
    instructions = models.TextField(default="")
    source = models.CharField(max_length=20, default="hand")
    source_ref = models.CharField(max_length=120, default="")
    state = models.CharField(max_length=20, default="open")  # open, done, dropped
    evidence = models.TextField(default="")
    evidence_url = models.CharField(max_length=2000, default="")
    ended_by = ref(default="")
    ended_at = MomentField(null=True)
    told_late = models.CharField(max_length=10, default="")
    created_by = ref()
    created_at = MomentField()

    class Meta:
        db_table = "preventive_task"
        indexes = [models.Index(fields=["state", "due_on"], name="preventive_task_state")]
        constraints = [
            models.UniqueConstraint(fields=["plan", "due_on"], name="one_preventive_task_a_day"),
        ]
