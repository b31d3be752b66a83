"""Texts to start a post on a status page from."""

from __future__ import annotations

from django.db import models

from ..fields import MomentField, key, ref
from ..ids import new_id


class PostTemplate(models.Model):
    """`title` and `body` may hold fields such as {{ components }}, filled when the text is taken."""

    id = key(default=new_id, editable=False)
    name = models.CharField(max_length=120, unique=True)
    title = models.CharField(max_length=300, blank=True)
    body = models.TextField()
    status_word = models.CharField(max_length=30)
    created_at = MomentField()
    created_by = ref(default="")

    class Meta:
        db_table = "post_template"
        ordering = ["name"]
