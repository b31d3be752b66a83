"""Read tables of the Incident Command System: folds of the event log, disposable, one row a part."""

from __future__ import annotations

from django.db import models

from ..fields import JsonText, MomentField, key, ref


class IcsPeriodRow(models.Model):
    id = key()
    incident_id = ref(db_index=True)
    number = models.IntegerField()
    starts_at = MomentField()
    ends_at = MomentField()
    state = models.CharField(max_length=20)
    started_at = MomentField(null=True)
    ended_at = MomentField(null=True)
    reason = models.TextField(default="")

    class Meta:
        db_table = "ics_period"


class IcsMeetingRow(models.Model):
    id = key()
    incident_id = ref(db_index=True)
    period_id = ref()
    kind = models.CharField(max_length=40)
    title = models.CharField(max_length=200)
    purpose = models.TextField(default="")
    starts_at = MomentField()
    minutes = models.IntegerField()
    attendees = models.TextField(default="")
    place = models.TextField(default="")
    forms = JsonText(default=list)
    state = models.CharField(max_length=20)
    facilitator = ref(default="")
    notes = models.TextField(default="")
    held_at = MomentField(null=True)

    class Meta:
        db_table = "ics_meeting"


class IcsObjectiveRow(models.Model):
    id = key()
    incident_id = ref(db_index=True)
    period_id = ref()
    priority = models.IntegerField()
    text = models.TextField()
    measure = models.TextField(default="")
    state = models.CharField(max_length=20)
    note = models.TextField(default="")
    carried_from = ref(default="")
    set_by = ref(default="")

    class Meta:
        db_table = "ics_objective"


class IcsHazardRow(models.Model):
    id = key()
    incident_id = ref(db_index=True)
    area = models.TextField()
    hazard = models.TextField()
    risk = models.CharField(max_length=20)
    mitigation = models.TextField()
    residual = models.CharField(max_length=20)
    owner = ref(default="")
    safety_by = ref(default="")
    safety_at = MomentField(null=True)
    operations_by = ref(default="")
    operations_at = MomentField(null=True)
    cleared_at = MomentField(null=True)
    clear_reason = models.TextField(default="")

    class Meta:
        db_table = "ics_hazard"


class IcsDivisionRow(models.Model):
    id = key()
    incident_id = ref(db_index=True)
    kind = models.CharField(max_length=20)
    name = models.CharField(max_length=100)
    branch = ref(default="")
    leader = ref(default="")
    members = JsonText(default=list)
    channel = models.TextField(default="")
    place = models.TextField(default="")
    assignment = models.TextField(default="")
    special = models.TextField(default="")
    closed_at = MomentField(null=True)
    close_reason = models.TextField(default="")

    class Meta:
        db_table = "ics_division"


class IcsChannelRow(models.Model):
    id = key()
    incident_id = ref(db_index=True)
    function = models.TextField()
    name = models.TextField()
    zone = models.TextField(default="")
    number = models.TextField(default="")
    assignment = models.TextField(default="")
    link = models.TextField(default="")
    receive = models.TextField(default="")
    receive_tone = models.TextField(default="")
    transmit = models.TextField(default="")
    transmit_tone = models.TextField(default="")
    mode = models.TextField(default="")
    remarks = models.TextField(default="")

    class Meta:
        db_table = "ics_channel"


class IcsResourceRow(models.Model):
    id = key()
    incident_id = ref(db_index=True)
    name = models.TextField()
    kind = models.TextField()
    type = models.TextField(default="")
    category = models.CharField(max_length=20)
    people = models.IntegerField()
    leader = ref(default="")
    contact = models.TextField(default="")
    home_unit = models.TextField(default="")
    order_number = models.TextField(default="")
    request_id = ref(default="")
    person = ref(default="", db_index=True)
    notes = models.TextField(default="")
    status = models.CharField(max_length=20)
    status_reason = models.TextField(default="")
    status_at = MomentField(null=True)
    status_by = ref(default="")
    status_before = models.CharField(max_length=20, default="")
    division_id = ref(default="")
    place = models.TextField(default="")
    eta = MomentField(null=True)
    ordered_at = MomentField(null=True)
    arrived_at = MomentField(null=True)

    class Meta:
        db_table = "ics_resource"


class IcsCheckInRow(models.Model):
    id = key()
    incident_id = ref(db_index=True)
    resource_id = ref()
    name = models.TextField()
    arrived_at = MomentField()
    place = models.TextField()
    leader = ref(default="")
    people = models.IntegerField()
    contact = models.TextField(default="")
    home_unit = models.TextField(default="")
    order_number = models.TextField(default="")
    departure = models.TextField(default="")
    travel = models.TextField(default="")
    assignment = models.TextField(default="")
    qualifications = models.TextField(default="")
    recorded_by = ref(default="")

    class Meta:
        db_table = "ics_checkin"


class IcsRequestRow(models.Model):
    id = key()
    incident_id = ref(db_index=True)
    number = models.IntegerField()
    quantity = models.IntegerField()
    kind = models.TextField()
    item = models.TextField()
    requested_by = ref()
    requested_at = MomentField()
    type = models.TextField(default="")
    priority = models.CharField(max_length=20)
    deliver_to = models.TextField(default="")
    substitutes = models.TextField(default="")
    needed_at = MomentField(null=True)
    division_id = ref(default="")
    cost = models.BigIntegerField(default=0)
    state = models.CharField(max_length=20)
    position = models.CharField(max_length=60, default="")
    approved_by = ref(default="")
    approved_at = MomentField(null=True)
    order_number = models.TextField(default="")
    supplier = models.TextField(default="")
    eta = MomentField(null=True)
    ordered_by = ref(default="")
    ordered_at = MomentField(null=True)
    finance_note = models.TextField(default="")
    funded_by = ref(default="")
    funded_at = MomentField(null=True)
    note = models.TextField(default="")
    ended_at = MomentField(null=True)
    cost_minor = models.BigIntegerField(default=0, db_default=0)
    currency = models.CharField(max_length=3, default="", db_default="")
    sent_at = MomentField(null=True)
    released_at = MomentField(null=True)

    class Meta:
        db_table = "ics_request"


class IcsReleaseRow(models.Model):
    id = key()
    incident_id = ref(db_index=True)
    resource_id = ref()
    name = models.TextField()
    planned_at = MomentField()
    units = JsonText(default=list)
    destination = models.TextField(default="")
    travel = models.TextField(default="")
    reassignment = models.TextField(default="")
    remarks = models.TextField(default="")
    planned_by = ref(default="")
    signed = JsonText(default=dict)
    done_at = MomentField(null=True)

    class Meta:
        db_table = "ics_release"


class IcsFillRow(models.Model):
    """Words in one block of a form."""

    id = models.CharField(max_length=160, primary_key=True)
    incident_id = ref(db_index=True)
    form = models.CharField(max_length=10)
    period_id = ref(default="")
    subject = ref(default="")
    block = models.CharField(max_length=10)
    text = models.TextField(default="")
    author = ref()
    written_at = MomentField()
    version = models.IntegerField()

    class Meta:
        db_table = "ics_fill"


class IcsApprovalRow(models.Model):
    """A form as it was approved; `page` is the whole snapshot as JSON."""

    id = key()
    incident_id = ref(db_index=True)
    form = models.CharField(max_length=10)
    period_id = ref(default="")
    subject = ref(default="")
    version = models.IntegerField()
    content_hash = models.CharField(max_length=64)
    page = models.TextField(default="")
    approved_by = ref()
    approved_at = MomentField()
    position = models.CharField(max_length=60, default="")

    class Meta:
        db_table = "ics_approval"


class IcsPlanRow(models.Model):
    """An Incident Action Plan as it was approved; `plan` is JSON with every page."""

    id = key()
    incident_id = ref(db_index=True)
    period_id = ref()
    version = models.IntegerField()
    content_hash = models.CharField(max_length=64)
    plan = models.TextField(default="")
    approved_by = ref()
    approved_at = MomentField()

    class Meta:
        db_table = "ics_plan"
