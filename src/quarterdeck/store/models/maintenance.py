"""Planned work: a maintenance window with its plan, its course, and what happened in it."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from ..fields import JsonText, MomentField, key, ref
from ..ids import new_id
from .services import Service


class MaintenanceWindow(models.Model):
    """One window; those of a repeated plan share `series`. `ends_at` moves with an extension, `planned_end` does not.

    `components` is the state each goes into (id to state), `before` what those that were changed showed until then.
    `spared` are the severities of alerts that page nevertheless, `spared_services` the ids of services that do.
    """

    id = key(default=new_id, editable=False)
    series = ref(default="", db_index=True)
    rule = models.CharField(max_length=300, default="")  # RFC 5545, as it was planned
    title = models.CharField(max_length=200)
    text = models.TextField(default="")
    text_started = models.TextField(default="")
    text_finished = models.TextField(default="")
    notes = models.TextField(default="")
    zone = models.CharField(max_length=60, default="UTC")
    starts_at = MomentField()
    ends_at = MomentField()
    planned_end = MomentField()
    state = models.CharField(max_length=20, default="draft")
    services = models.ManyToManyField(Service, related_name="maintenance", db_table="maintenance_service")
    pages = JsonText(default=list)
    components = JsonText(default=dict)
    before = JsonText(default=dict)
    people = JsonText(default=list)
    spared = JsonText(default=list)
    spared_services = JsonText(default=list)
    announce_minutes = models.IntegerField(default=0)
    reminders = JsonText(default=list)  # minutes before the start
    reminded = JsonText(default=list)  # those of them that were sent or left out
    told = JsonText(default=list)  # the steps that only tell somebody and were done
    auto_start = models.BooleanField(default=True)
    auto_finish = models.BooleanField(default=True)
    hold = models.BooleanField(
        default=True
    )  # an open incident on a covered service holds the automatic start
    planned_by = ref()
    planned_at = MomentField()
    proposed_by = ref(default="")
    approved_by = ref(default="")
    approved_at = MomentField(null=True)
    announced_at = MomentField(null=True)
    held_at = MomentField(null=True)
    held_reason = models.CharField(max_length=300, default="")
    started_at = MomentField(null=True)
    ended_at = MomentField(null=True)
    reason = models.CharField(max_length=300, default="")  # why it was cancelled
    version = models.IntegerField(default=1)

    class Meta:
        db_table = "maintenance_window"
        indexes = [
            models.Index(fields=["starts_at"], name="maintenance_starts"),
            models.Index(
                fields=["ends_at"],
                name="maintenance_running",
                condition=Q(state__in=["in_progress", "verifying"]),
            ),
        ]


class MaintenanceEntry(models.Model):
    """What happened to a window, in order. `actor` is a person's id or "engine"."""

    id = models.BigAutoField(primary_key=True)
    window = models.ForeignKey(MaintenanceWindow, models.CASCADE, related_name="entries")
    at = MomentField()
    kind = models.CharField(max_length=20)
    actor = ref(default="")
    text = models.CharField(max_length=600)

    class Meta:
        db_table = "maintenance_entry"
