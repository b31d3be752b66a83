"""Read tables of the business half of incidents, and three tables that are no folds: what is known of a service's
vendors, its continuity plans, and what people report.
"""

from __future__ import annotations

from django.db import models

from ..fields import JsonText, MomentField, key, ref
from ..ids import new_id
from .services import Service


class DelegationRow(models.Model):
    id = key()
    incident_id = ref(db_index=True)
    from_person = ref()
    to_person = ref()
    acts = JsonText(default=list)
    limit_minor = models.BigIntegerField(default=0)
    currency = models.CharField(max_length=3, default="")
    until = MomentField(null=True)
    note = models.TextField(default="")
    given_by = ref()
    given_at = MomentField()
    ended_at = MomentField(null=True)
    end_reason = models.TextField(default="")

    class Meta:
        db_table = "delegation"


class CostEntryRow(models.Model):
    """`minor` counts the smallest unit of the currency."""

    id = key()
    incident_id = ref(db_index=True)
    kind = models.CharField(max_length=20)
    what = models.TextField()
    minor = models.BigIntegerField()
    currency = models.CharField(max_length=3)
    entered_by = ref()
    entered_at = MomentField()
    struck_by = ref(default="")
    struck_at = MomentField(null=True)
    struck_reason = models.TextField(default="")

    class Meta:
        db_table = "cost_entry"


class ImpactAssessmentRow(models.Model):
    id = models.CharField(max_length=120, primary_key=True)
    incident_id = ref(db_index=True)
    dimension = models.CharField(max_length=40)
    note = models.TextField(default="")
    hour_minor = models.BigIntegerField(default=0)
    once_minor = models.BigIntegerField(default=0)
    currency = models.CharField(max_length=3, default="")
    since = MomentField()
    # Minor units an hour times seconds: a year of the dearest hour fits.
    accrued = models.BigIntegerField(default=0)
    assessed_by = ref()
    assessed_at = MomentField()

    class Meta:
        db_table = "impact_assessment"


class VendorCaseRow(models.Model):
    id = key()
    incident_id = ref(db_index=True)
    vendor = models.TextField()
    service = models.CharField(max_length=60, default="")
    what = models.TextField()
    owner = ref()
    opened_by = ref()
    opened_at = MomentField()
    number = models.TextField(default="")
    contact = models.TextField(default="")
    answer_minutes = models.IntegerField(default=0)
    state = models.CharField(max_length=20)
    waiting_since = MomentField(null=True)
    due_at = MomentField(null=True)
    overdue = models.BooleanField(default=False)
    note = models.TextField(default="")
    ended_at = MomentField(null=True)

    class Meta:
        db_table = "vendor_case"


class RegulatoryClockRow(models.Model):
    id = models.CharField(max_length=120, primary_key=True)
    incident_id = ref(db_index=True)
    key = models.CharField(max_length=64)
    title = models.TextField()
    source = models.TextField(default="")
    owner_role = models.CharField(max_length=60)
    owner = ref()
    aware_at = MomentField()
    due_at = MomentField()
    started_by = ref()
    started_at = MomentField()
    why = models.TextField(default="")
    reminders = JsonText(default=list)
    reminded = models.IntegerField(default=0)
    overdue = models.BooleanField(default=False)
    state = models.CharField(max_length=20)
    ended_by = ref(default="")
    ended_at = MomentField(null=True)
    note = models.TextField(default="")

    class Meta:
        db_table = "regulatory_clock"


class ContinuityRow(models.Model):
    """A plan in use in an incident, as it was written then."""

    id = key()
    incident_id = ref(db_index=True)
    plan_id = ref()
    title = models.TextField()
    service = models.CharField(max_length=60)
    supplier = models.TextField(default="")
    rto_minutes = models.IntegerField(default=0)
    rpo_minutes = models.IntegerField(default=0)
    activated_by = ref()
    activated_at = MomentField()
    steps = JsonText(default=list)
    ended_at = MomentField(null=True)
    note = models.TextField(default="")

    class Meta:
        db_table = "continuity"


class VendorContact(models.Model):
    """Whom to call for a service at a supplier, and how fast they promised to answer. Configuration, audited."""

    id = key(default=new_id, editable=False)
    service = models.ForeignKey(Service, models.CASCADE, related_name="vendors")
    vendor = models.CharField(max_length=200)
    contact = models.CharField(max_length=300, default="")
    contract = models.CharField(max_length=200, default="")
    answer_minutes = models.IntegerField(default=0)
    note = models.CharField(max_length=500, default="")

    class Meta:
        db_table = "vendor_contact"
        ordering = ["vendor", "id"]


class ContinuityPlan(models.Model):
    """How the business goes on without a service: by hand, step by step, or with another supplier. Audited."""

    id = key(default=new_id, editable=False)
    service = models.ForeignKey(Service, models.CASCADE, related_name="continuity_plans")
    title = models.CharField(max_length=200)
    steps = JsonText(default=list)
    supplier = models.CharField(max_length=300, default="")
    rto_minutes = models.IntegerField(default=0)
    rpo_minutes = models.IntegerField(default=0)
    changed_by = ref(default="")
    changed_at = MomentField()

    class Meta:
        db_table = "continuity_plan"
        ordering = ["title", "id"]


class Report(models.Model):
    """What somebody noticed. `state`: new, declared, linked, dismissed; `source_kind`: customer, employee."""

    id = key(default=new_id, editable=False)
    reported_by = ref(db_index=True)
    via = models.CharField(max_length=20)
    source_kind = models.CharField(max_length=20)
    text = models.TextField()
    service = models.CharField(max_length=60, default="")
    customer = models.CharField(max_length=200, default="")
    customers = models.IntegerField(default=0)
    contact = models.CharField(max_length=300, default="")
    at = MomentField()
    state = models.CharField(max_length=20, default="new")
    incident_id = ref(default="", db_index=True)
    judged_by = ref(default="")
    judged_at = MomentField(null=True)
    note = models.CharField(max_length=500, default="")
    # Of those that came by mail: the team of the address, the sender, and what showed that they sent it.
    team = models.CharField(max_length=60, default="", db_default="")
    sender = models.CharField(max_length=254, default="", db_default="")
    verified = models.CharField(max_length=20, default="", db_default="")

    class Meta:
        db_table = "report"
        indexes = [models.Index(fields=["state", "-at"], name="report_state")]
