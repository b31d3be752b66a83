"""What is left of status pages that were deleted."""

from __future__ import annotations

from django.db import models

from ..fields import JsonText, MomentField, ref
from .status import StatusPage


class DeletedPage(models.Model):
    """A page that was deleted, under the key that it had, which another page may have by now.

    `public` is what it was, `counts` what went with it. `farewell` is what its subscribers are told a last time, ""
    where they are told nothing, in the message `mailing`. `purged_at`: nothing is left of what people had told it.
    """

    page = models.OneToOneField(StatusPage, models.CASCADE, primary_key=True, related_name="deletion")
    key = models.CharField(max_length=60)
    public = models.BooleanField()
    at = MomentField()
    by = ref(default="")
    reason = models.CharField(max_length=300, blank=True)
    farewell = models.TextField(blank=True)
    mailing = ref(default="")
    counts = JsonText(default=dict)
    purged_at = MomentField(null=True)

    class Meta:
        db_table = "deleted_page"
        ordering = ["-at"]
