"""What was taken away, kept for a while so that it can be put back."""

from __future__ import annotations

from django.db import models

from ..fields import JsonText, MomentField, key, ref
from ..ids import new_id


class Removal(models.Model):
    """One thing that was deleted, revoked or disabled. `data` is what is needed to put it back."""

    id = key(default=new_id, editable=False)
    kind = models.CharField(max_length=20)
    thing_id = ref(db_index=True)
    name = models.CharField(max_length=200)
    data = JsonText(default=dict)
    team_id = ref(default="")
    actor = models.CharField(max_length=40)
    at = MomentField(db_index=True)
    restored_at = MomentField(null=True)

    class Meta:
        db_table = "removal"
        ordering = ["-at", "-id"]
        indexes = [models.Index(fields=["actor", "at"], name="removal_by")]


class RemovalAllowance(models.Model):
    """Somebody may take more away than usual until then; given by somebody else."""

    id = key(default=new_id, editable=False)
    person_id = ref(db_index=True)
    given_by = models.CharField(max_length=40)
    reason = models.CharField(max_length=300)
    at = MomentField()
    until = MomentField()

    class Meta:
        db_table = "removal_allowance"
