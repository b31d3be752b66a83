"""The executives' own channel in a chat program, beside that of the responders. Operational rows."""

from __future__ import annotations

from django.db import models

from ..fields import JsonText, MomentField, key, ref
from ..ids import new_id


class ExecutiveChannel(models.Model):
    """One incident's. `state`: opening, open, archiving, archived, failed.
    `members` were invited and not asked to leave since.
    """

    id = key(default=new_id, editable=False)
    incident_id = ref(unique=True)
    program = models.CharField(max_length=20, default="slack")
    name = models.CharField(max_length=80, default="")
    attempt = models.IntegerField(default=1)
    room = models.CharField(max_length=40, default="")
    url = models.CharField(max_length=2000, default="")
    state = models.CharField(max_length=10, default="opening")
    topic = models.CharField(max_length=300, default="")
    members = JsonText(default=list)
    said_end = models.BooleanField(default=False)
    error = models.CharField(max_length=300, default="")
    retry_at = MomentField(null=True)
    archive_at = MomentField(null=True)
    created_at = MomentField()
    opened_at = MomentField(null=True)

    class Meta:
        db_table = "executive_channel"
