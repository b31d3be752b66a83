"""Where else a status page is brought besides the folder of this machine, and how that went."""

from __future__ import annotations

from django.db import models

from ..fields import JsonText, MomentField, key, ref
from ..ids import new_id
from ..sealed import SealedText
from .status import StatusPage

# In place of a version: the target is removed, and what was brought there is being taken away.
LEAVING = "leaving"


class PublishTarget(models.Model):
    """`version` is the publication that is there, `revision` the page's at the time; `failure` says why not the newest.

    One node brings things there at a time: the one that holds it (`node`, until `held_until`).
    """

    id = key(default=new_id, editable=False)
    page = models.ForeignKey(StatusPage, models.CASCADE, related_name="targets")
    kind = models.CharField(max_length=10)
    name = models.CharField(max_length=120)
    settings = JsonText(default=dict)
    secret = SealedText(blank=True)
    enabled = models.BooleanField(default=True)
    created_at = MomentField()
    created_by = ref(default="")
    version = models.CharField(max_length=40, default="")
    revision = models.IntegerField(default=0)
    changes = models.IntegerField(default=0)
    succeeded_at = MomentField(null=True)
    failed_at = MomentField(null=True)
    failure = models.CharField(max_length=400, default="")
    failures = models.IntegerField(default=0)
    behind_since = MomentField(null=True)
    next_try_at = MomentField(null=True)
    test_asked_at = MomentField(null=True)
    tested_at = MomentField(null=True)
    test_failure = models.CharField(max_length=400, default="")
    node = models.CharField(max_length=60, default="")
    held_until = MomentField(null=True)

    class Meta:
        db_table = "publish_target"
        ordering = ["created_at"]

    def __str__(self) -> str:
        return self.name

    @property
    def leaving(self) -> bool:
        return self.version == LEAVING
