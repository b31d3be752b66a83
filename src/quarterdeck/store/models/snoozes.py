"""Alerts that were answered until a time only: snoozed by somebody, or acknowledged under a policy that calls again."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from ..fields import MomentField, key, ref
from ..ids import new_id


class Snooze(models.Model):
    """When it runs out and the alert is still acknowledged, paging starts again. It stands while `ended_at` is empty.

    `kind` is snooze (somebody asked for it) or answer (the policy gives an acknowledgement so long).
    """

    id = key(default=new_id, editable=False)
    alert_id = ref()
    kind = models.CharField(max_length=10)
    until = MomentField()
    person_id = ref()
    reason = models.CharField(max_length=300, blank=True)
    created_at = MomentField()
    ended_at = MomentField(null=True)
    ended_by = ref(default="", blank=True)

    class Meta:
        db_table = "snooze"
        constraints = [
            models.UniqueConstraint(
                fields=["alert_id"], condition=Q(ended_at__isnull=True), name="one_standing_snooze"
            ),
        ]
        indexes = [
            models.Index(fields=["until"], name="snooze_standing", condition=Q(ended_at__isnull=True)),
            models.Index(fields=["alert_id"], name="snooze_alert"),
        ]
