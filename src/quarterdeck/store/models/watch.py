"""What the watchers of the pager did: runs of the auditor, and probes of the whole path and of each channel."""

from __future__ import annotations

from django.db import models

from ..fields import JsonText, MomentField, key


class AuditRun(models.Model):
    """One look of the auditor. `broken` counts findings that mean a page may be lost; `ms` by question in `detail`.

    `attempt_id` is the last attempt it looked at, so that the next look goes on from there.
    """

    id = models.BigAutoField(primary_key=True)
    node = models.CharField(max_length=100)
    started_at = MomentField(db_index=True)
    ended_at = MomentField()
    ms = models.FloatField()
    findings = models.IntegerField()
    broken = models.IntegerField()
    attempt_id = models.BigIntegerField(default=0)
    detail = JsonText(default=dict)

    class Meta:
        db_table = "audit_run"


class SourceCount(models.Model):
    """What came of one integration since it was made: accepted, and refused because it was too much.

    `refused_since` is when the refusals that still go on began, `refused_now` how many there were since.
    """

    integration_id = key(editable=False)
    requests = models.BigIntegerField(default=0)
    alerts = models.BigIntegerField(default=0)
    refused_requests = models.BigIntegerField(default=0)
    refused_alerts = models.BigIntegerField(default=0)
    refused_since = MomentField(null=True)
    refused_at = MomentField(null=True)
    refused_now = models.BigIntegerField(default=0)

    class Meta:
        db_table = "source_count"


class ProbeRun(models.Model):
    """One probe. `kind` is "synthetic" or that of a channel; `well` is None while it is under way."""

    id = key(editable=False)
    kind = models.CharField(max_length=20)
    started_at = MomentField()
    ended_at = MomentField(null=True)
    well = models.BooleanField(null=True)
    late_ms = models.FloatField(null=True)
    text = models.CharField(max_length=300, default="")
    detail = JsonText(default=dict)

    class Meta:
        db_table = "probe_run"
        indexes = [
            models.Index(fields=["kind", "-started_at"], name="probe_run_kind"),
            models.Index(
                fields=["started_at"], name="probe_run_open", condition=models.Q(ended_at__isnull=True)
            ),
        ]
