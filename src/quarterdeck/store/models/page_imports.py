"""Pages of other products on their way into one of ours: kept between looking at the plan and taking it."""

from __future__ import annotations

from django.db import models

from ..fields import JsonText, MomentField, key, ref
from ..ids import new_id
from .status import StatusPage


class PageImport(models.Model):
    """What was uploaded. The content goes once it is taken; what became of it stays."""

    id = key(default=new_id, editable=False)
    page = models.ForeignKey(StatusPage, models.CASCADE, related_name="imports")
    source = models.CharField(max_length=20)
    name = models.CharField(max_length=200, blank=True)
    content = models.BinaryField(default=b"")
    made_at = MomentField()
    made_by = ref(default="")
    taken_at = MomentField(null=True)
    taken = JsonText(default=dict)

    class Meta:
        db_table = "page_import"
        ordering = ["-made_at"]
