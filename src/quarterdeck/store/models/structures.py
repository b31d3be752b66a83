"""Catalogue files saved in the browser, versions of response templates, and structures that incidents had before.

None of them is ever changed: a later row stands for an earlier one. Only what an incident had goes with it when it is
purged.
"""

from __future__ import annotations

from django.db import models

from ..fields import MomentField, key, ref


class CatalogueFileRow(models.Model):
    """One saved state of one file of the catalogue. `place` counts all of them in their order; the last of a path is in
    force, unless it is `withdrawn`: then the file on the disk is.
    """

    id = key()
    place = models.BigIntegerField(unique=True)
    path = models.CharField(max_length=200, db_index=True)
    version = models.IntegerField()
    text = models.TextField()
    sha256 = models.CharField(max_length=64)
    withdrawn = models.BooleanField(default=False)
    note = models.CharField(max_length=300)
    saved_by = ref()
    saved_at = MomentField()

    class Meta:
        db_table = "catalogue_file"


class TemplateVersionRow(models.Model):
    """A response template as it was in force from `saved_at` on, whole. `digest` is of everything but its number."""

    id = key()
    template = models.CharField(max_length=64, db_index=True)
    version = models.IntegerField()
    digest = models.CharField(max_length=64)
    content = models.TextField()
    note = models.CharField(max_length=300)
    saved_by = ref()
    saved_at = MomentField()

    class Meta:
        db_table = "template_version"
        constraints = [models.UniqueConstraint(fields=["template", "version"], name="one_template_version")]


class PastPin(models.Model):
    """The structure an incident had until event `until_seq` gave it another. What it has now is its TemplatePin."""

    id = key()
    incident_id = ref(db_index=True)
    until_seq = models.BigIntegerField()
    template = models.TextField()
    until_at = MomentField()

    class Meta:
        db_table = "template_pin_past"
