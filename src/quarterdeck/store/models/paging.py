"""Alerts, escalation runs, callouts, the one table of timers and the one outbox. Operational rows."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from ..fields import JsonText, MomentField, key, ref
from ..ids import new_id
from .people import Person
from .services import Integration, Service


class Alert(models.Model):
    """One episode of one key: open, acknowledged or silenced until it is resolved."""

    id = key(editable=False)
    dedup_key = models.CharField(max_length=300)
    integration = models.ForeignKey(Integration, models.PROTECT)
    service = models.ForeignKey(Service, models.SET_NULL, null=True)
    status = models.CharField(max_length=20)
    summary = models.CharField(max_length=300)
    severity = models.CharField(max_length=20)
    source = models.CharField(max_length=300)
    labels = JsonText(default=dict)
    details = JsonText(default=dict)
    links = JsonText(default=list)
    count = models.IntegerField(default=1)
    first_seen_at = MomentField()
    last_seen_at = MomentField()
    starts_at = MomentField(null=True)
    expires_at = MomentField(null=True)
    acknowledged_at = MomentField(null=True)
    acknowledged_by = ref(default="")
    resolved_at = MomentField(null=True)
    resolved_by = ref(default="")
    paged = models.BooleanField(default=False)
    reason = models.CharField(max_length=500)
    incident_id = ref(default="", db_index=True)
    version = models.IntegerField(default=1)

    class Meta:
        db_table = "alert"
        constraints = [
            models.UniqueConstraint(
                fields=["integration", "dedup_key"],
                condition=~Q(status="resolved"),
                name="one_live_alert_a_key",
            ),
        ]
        indexes = [
            models.Index(fields=["status", "-id"], name="alert_status"),
            models.Index(fields=["service", "status", "-id"], name="alert_service_status"),
            models.Index(fields=["expires_at"], name="alert_expiring", condition=~Q(status="resolved")),
        ]


class AlertEntry(models.Model):
    """What happened to an alert, in order: opened, paged, why not, acknowledged, resolved."""

    id = models.BigAutoField(primary_key=True)
    alert_id = ref()
    at = MomentField()
    kind = models.CharField(max_length=30)
    actor = ref(default="")
    text = models.CharField(max_length=600)

    class Meta:
        db_table = "alert_entry"
        indexes = [models.Index(fields=["alert_id", "id"], name="alert_entry_alert")]


class Run(models.Model):
    """An escalation under way. `policy` is the pinned snapshot, `position` where it stands."""

    id = key(editable=False)
    alert_id = ref(default="", db_index=True)
    incident_id = ref(default="", db_index=True)
    role = models.CharField(max_length=60, default="")
    subject = models.CharField(max_length=300)
    urgency = models.CharField(max_length=10, default="high")
    policy = JsonText()
    position = JsonText(null=True)
    state = models.CharField(max_length=20, default="running")  # running | answered | stopped | exhausted
    started_at = MomentField()
    ended_at = MomentField(null=True)
    drill = models.BooleanField(default=False)

    class Meta:
        db_table = "run"
        indexes = [
            models.Index(fields=["started_at"], name="run_running", condition=Q(state="running")),
            models.Index(fields=["ended_at"], name="run_exhausted", condition=Q(state="exhausted")),
        ]


class Callout(models.Model):
    """A request that one person responds now. `role` is set when it asks them to take a role."""

    id = key(editable=False)
    run_id = ref(default="", db_index=True)
    alert_id = ref(default="", db_index=True)
    incident_id = ref(default="", db_index=True)
    role = models.CharField(max_length=60, default="")
    person = models.ForeignKey(Person, models.PROTECT)
    kind = models.CharField(max_length=20, default="callout")  # callout | heads_up
    subject = models.CharField(max_length=300)
    reason = models.CharField(max_length=500)
    urgency = models.CharField(max_length=10, default="high")
    step = models.IntegerField(default=0)
    cycle = models.IntegerField(default=0)
    state = models.CharField(
        max_length=20, default="waiting"
    )  # waiting|acknowledged|cancelled|unreachable|informed
    created_at = MomentField()
    expires_at = MomentField()
    acknowledged_at = MomentField(null=True)
    acknowledged_via = models.CharField(max_length=20, default="")
    seen_at = MomentField(null=True)  # its recipient opened it
    note = models.CharField(max_length=300, default="")
    created_by = ref(default="")
    drill = models.BooleanField(default=False)
    version = models.IntegerField(default=1)

    class Meta:
        db_table = "callout"
        indexes = [
            models.Index(fields=["person", "state"], name="callout_person"),
            models.Index(fields=["incident_id", "acknowledged_at"], name="callout_answered"),
            models.Index(fields=["state", "created_at"], name="callout_state"),
            models.Index(fields=["created_at"], name="callout_created"),
        ]


class Due(models.Model):
    """Every timer of the product. A finished row leaves the index by its state."""

    id = key(default=new_id, editable=False)
    kind = models.CharField(max_length=30)
    ref = ref()
    due_at = MomentField()
    state = models.CharField(max_length=10, default="waiting")  # waiting | done | cancelled
    data = JsonText(default=dict)
    attempts = models.IntegerField(default=0)
    created_at = MomentField()
    ended_at = MomentField(null=True)

    class Meta:
        db_table = "due"
        indexes = [
            models.Index(fields=["due_at"], name="due_waiting", condition=Q(state="waiting")),
            models.Index(fields=["kind", "ref"], name="due_ref"),
            models.Index(fields=["kind", "ref"], name="due_standing", condition=Q(state="waiting")),
        ]


class Delivery(models.Model):
    """The outbox. `key` is the same on every retry; `fence` makes recording a result a compare-and-set."""

    id = key(editable=False)
    key = models.CharField(max_length=200, unique=True)
    cls = models.CharField(max_length=10, default="page")  # page | message
    callout_id = ref(default="", db_index=True)
    alert_id = ref(default="", db_index=True)
    incident_id = ref(default="", db_index=True)
    message_id = ref(default="", db_index=True)
    person_id = ref(default="")
    contact_id = ref(default="")
    channel = models.CharField(max_length=20)
    address = models.CharField(max_length=500)
    body = JsonText(default=dict)
    drill = models.BooleanField(default=False)
    state = models.CharField(max_length=10, default="queued")  # queued | sending | sent | failed | cancelled
    next_at = MomentField()
    not_after = MomentField(null=True)
    lease_until = MomentField(null=True)
    fence = models.IntegerField(default=0)
    attempts = models.IntegerField(default=0)
    node = models.CharField(max_length=60, default="")
    # What goes out as one page carries the id of the delivery that carries the others; that one carries its own.
    bundle_id = ref(default="", db_default="", db_index=True)
    error = models.CharField(max_length=300, default="")
    created_at = MomentField()
    finished_at = MomentField(null=True)

    class Meta:
        db_table = "delivery"
        indexes = [
            models.Index(fields=["created_at"], name="delivery_created"),
            models.Index(fields=["next_at"], name="delivery_queued", condition=Q(state="queued")),
            models.Index(fields=["lease_until"], name="delivery_sending", condition=Q(state="sending")),
            models.Index(
                fields=["contact_id", "next_at"], name="delivery_to_contact", condition=Q(state="queued")
            ),
            models.Index(
                fields=["next_at"], name="delivery_page_queued", condition=Q(state="queued", cls="page")
            ),
        ]


class Pace(models.Model):
    """When the next page about alerts may go to a contact: what comes sooner waits and goes out as one."""

    contact_id = key(editable=False)
    free_at = MomentField()

    class Meta:
        db_table = "pace"


class Attempt(models.Model):
    """Append-only: one row when an attempt starts, one when it ends."""

    id = models.BigAutoField(primary_key=True)
    delivery_id = ref()
    n = models.IntegerField()
    phase = models.CharField(max_length=10)  # started | ended
    fence = models.IntegerField()
    node = models.CharField(max_length=60)
    at = MomentField()
    outcome = models.CharField(max_length=20, default="")  # accepted | retry | gave_up | ambiguous | dropped
    provider_id = models.CharField(max_length=300, default="")
    detail = models.CharField(max_length=500, default="")

    class Meta:
        db_table = "attempt"
        constraints = [
            models.UniqueConstraint(fields=["delivery_id", "fence", "phase"], name="one_attempt_a_fence"),
        ]


class Alarm(models.Model):
    """Something about paging itself that a human must see: nobody reachable, engine late, a gap.

    `told_at` is when somebody was called about it.
    """

    id = key(default=new_id, editable=False)
    kind = models.CharField(max_length=30)
    subject = models.CharField(max_length=100)
    text = models.CharField(max_length=600)
    raised_at = MomentField()
    cleared_at = MomentField(null=True)
    told_at = MomentField(null=True)

    class Meta:
        db_table = "alarm"
        constraints = [
            models.UniqueConstraint(
                fields=["kind", "subject"], condition=Q(cleared_at__isnull=True), name="one_open_alarm"
            ),
        ]


class Node(models.Model):
    """A process that works here, and when it was last seen alive."""

    name = models.CharField(max_length=100, primary_key=True)
    kind = models.CharField(max_length=20)
    started_at = MomentField()
    heartbeat_at = MomentField()
    version = models.CharField(max_length=30)
    detail = JsonText(default=dict)

    class Meta:
        db_table = "node"
