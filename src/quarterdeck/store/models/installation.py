"""The one row about this installation itself: which tables it has, which copy of it counts, whether it may page."""

from __future__ import annotations

from django.db import models

from ..fields import JsonText, MomentField, ref

ONLY = 1


class Installation(models.Model):
    """Always exactly one row. Read in every write transaction, so it stays small.

    `cluster_epoch` rises with each restore and each promotion: of two copies of one installation the higher one
    counts. `min_code_version` is the lowest schema version a release must know to work on these tables.
    """

    id = models.IntegerField(primary_key=True, default=ONLY)
    installation_id = ref()
    schema_version = models.IntegerField()
    min_code_version = models.IntegerField()
    cluster_epoch = models.BigIntegerField(default=1)
    paused_at = MomentField(null=True)
    paused_by = ref(default="")
    paused_reason = models.CharField(max_length=300, default="")
    moved_to = models.CharField(max_length=300, default="")  # this store is closed, and what took its place
    moved_at = MomentField(null=True)
    degraded_at = MomentField(null=True)  # since when commits wait for no standby although they should
    key_ids = JsonText(
        default=list, db_default=[]
    )  # of every file of keys it has worked with (boot.secrets.ids)
    backup = JsonText(default=dict)  # the last backup that succeeded, and the last that did not

    class Meta:
        db_table = "installation"
        constraints = [models.CheckConstraint(condition=models.Q(id=ONLY), name="one_installation")]
