"""Whom the keepers of a status page that is not public asked to follow it by mail."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from ..fields import MomentField, key, ref
from ..ids import new_id
from .status import StatusPage


class PageInvitation(models.Model):
    """One mail address that may follow one private page. It counts while it stands, looked at whenever something is
    sent. `despite`: the page lets in other mail domains alone, and whoever invited was told so.
    """

    id = key(default=new_id, editable=False)
    page = models.ForeignKey(StatusPage, models.CASCADE, related_name="invitations")
    address = models.CharField(max_length=320)
    language = models.CharField(max_length=12, default="")
    despite = models.BooleanField(default=False)
    by = ref()
    at = MomentField()
    asked_at = MomentField(null=True)  # when the engine has seen to it that they are asked
    withdrawn_at = MomentField(null=True)
    withdrawn_by = ref(default="")

    class Meta:
        db_table = "page_invitation"
        constraints = [models.UniqueConstraint(fields=["page", "address"], name="one_page_invitation")]
        indexes = [
            models.Index(
                fields=["page", "id"], name="page_invitation_waiting",
                condition=Q(asked_at=None, withdrawn_at=None),
            )
        ]  # fmt: skip
