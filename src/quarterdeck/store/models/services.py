"""What is watched, who owns it, and who is called for it."""

from __future__ import annotations

from django.db import models

from ..fields import JsonText, MomentField, key, ref
from ..ids import new_id
from .people import Person, Team


class EscalationPolicy(models.Model):
    """`definition` holds steps, repeats and catch-all; a run pins a copy (core.escalation.Policy as data)."""

    id = key(default=new_id, editable=False)
    key = models.SlugField(max_length=60, unique=True)
    name = models.CharField(max_length=120)
    team = models.ForeignKey(Team, models.SET_NULL, null=True, blank=True)
    definition = JsonText(default=dict)
    version = models.IntegerField(default=1)

    class Meta:
        db_table = "escalation_policy"
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name


class Service(models.Model):
    id = key(default=new_id, editable=False)
    key = models.SlugField(max_length=60, unique=True)
    name = models.CharField(max_length=120)
    description = models.CharField(max_length=500, blank=True)
    team = models.ForeignKey(Team, models.SET_NULL, null=True, blank=True, related_name="services")
    policy = models.ForeignKey(EscalationPolicy, models.SET_NULL, null=True, blank=True)
    tier = models.IntegerField(default=3)
    runbook_url = models.CharField(max_length=2000, blank=True)
    dashboard_url = models.CharField(max_length=2000, blank=True)

    class Meta:
        db_table = "service"
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name


class Integration(models.Model):
    """Where alerts come in. `kind` is a dialect, or "any" for a key that every inbound endpoint accepts."""

    id = key(default=new_id, editable=False)
    name = models.CharField(max_length=120)
    kind = models.CharField(max_length=40, default="any")
    service = models.ForeignKey(Service, models.SET_NULL, null=True, blank=True)
    policy = models.ForeignKey(EscalationPolicy, models.SET_NULL, null=True, blank=True)
    key_hash = models.CharField(max_length=64, unique=True)
    hint = models.CharField(max_length=20)
    mapping = JsonText(null=True)
    created_at = MomentField()
    revoked_at = MomentField(null=True)
    last_event_at = MomentField(null=True)
    event_count = models.BigIntegerField(default=0)
    # Where its alerts come from: monitor, heartbeat, customer, employee.
    source_kind = models.CharField(max_length=20, default="monitor", db_default="monitor")
    # How much one web process takes of it; None: as much as the installation says.
    requests_per_minute = models.IntegerField(null=True)
    alerts_per_minute = models.IntegerField(null=True)

    class Meta:
        db_table = "integration"
        ordering = ["name"]


class Schedule(models.Model):
    id = key(default=new_id, editable=False)
    key = models.SlugField(max_length=60, unique=True)
    name = models.CharField(max_length=120)
    team = models.ForeignKey(Team, models.SET_NULL, null=True, blank=True, related_name="schedules")
    timezone = models.CharField(max_length=60, default="UTC")
    version = models.IntegerField(default=1)

    class Meta:
        db_table = "schedule"
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name


class Layer(models.Model):
    """One rotation of a schedule; `definition` is core.oncall.Layer as data. Later positions override earlier."""

    id = key(default=new_id, editable=False)
    schedule = models.ForeignKey(Schedule, models.CASCADE, related_name="layers")
    position = models.IntegerField(default=0)
    name = models.CharField(max_length=120)
    definition = JsonText(default=dict)

    class Meta:
        db_table = "layer"
        ordering = ["position", "id"]


class Override(models.Model):
    """Somebody stands in for a stretch of time. Removing one only marks it, so the past stays answerable.

    `effect`, `instead_of` and `swap_id` are those of core.oncall.Override.
    """

    id = key(default=new_id, editable=False)
    schedule = models.ForeignKey(Schedule, models.CASCADE, related_name="overrides")
    person = models.ForeignKey(Person, models.CASCADE)
    starts_at = MomentField()
    ends_at = MomentField(db_index=True)
    reason = models.CharField(max_length=300, blank=True)
    created_by = models.CharField(max_length=40)
    created_at = MomentField()
    removed_at = MomentField(null=True)
    effect = models.CharField(max_length=10, default="all", db_default="all")  # all | one | add | remove
    instead_of = ref(default="", db_default="", blank=True)
    swap_id = ref(default="", db_default="", blank=True)

    class Meta:
        db_table = "override"
        ordering = ["starts_at"]


class Silence(models.Model):
    """Alerts that match page nobody until the end. `matchers` is core.alerts.Matcher as data."""

    id = key(default=new_id, editable=False)
    matchers = JsonText(default=list)
    starts_at = MomentField()
    ends_at = MomentField(db_index=True)
    comment = models.CharField(max_length=500)
    created_by = models.CharField(max_length=40)
    created_at = MomentField()
    ended_at = MomentField(null=True)

    class Meta:
        db_table = "silence"


class IncidentTypeRow(models.Model):
    """An incident type the organisation made at run time, over those of the catalogue's files."""

    key = models.CharField(max_length=60, primary_key=True)
    title = models.CharField(max_length=120)
    template = models.CharField(max_length=60)
    description = models.CharField(max_length=500, blank=True)
    default_severity = models.IntegerField(null=True)
    restricted = models.BooleanField(default=False)
    # Required in its incidents, by key, beside what the cards of the structure require.
    roles = JsonText(default=list, db_default=[])
    created_at = MomentField()

    class Meta:
        db_table = "incident_type"
