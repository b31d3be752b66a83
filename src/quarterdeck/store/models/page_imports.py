"""A status page of another product on its way in: uploaded, planned, taken."""

from __future__ import annotations

from django.db import models

from ..fields import JsonText, MomentField, key, ref
from ..ids import new_id
from .status import StatusPage


class PageImport(models.Model):
    """`document` is what the other product answered, `plan` what was to come of it when it was uploaded (`total`,
    `counts` and its first `lines`); both are kept until it is taken or dropped.
    """

    id = key(default=new_id, editable=False)
    page = models.ForeignKey(StatusPage, models.CASCADE, related_name="imports")
    product = models.CharField(max_length=20)
    name = models.CharField(max_length=200)
    state = models.CharField(max_length=10, default="preview")  # preview | taken | dropped
    document = models.TextField(blank=True)
    plan = JsonText(default=dict)
    counts = JsonText(default=dict)
    created_at = MomentField()
    created_by = ref()
    ended_at = MomentField(null=True)

    class Meta:
        db_table = "page_import"
        ordering = ["-created_at"]
