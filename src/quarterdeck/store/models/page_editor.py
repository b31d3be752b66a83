"""How a status page looks, and every version of its configuration that was published."""

from __future__ import annotations

from django.db import models

from ..fields import JsonText, MomentField, key, ref
from ..ids import new_id
from .status import StatusPage


class PagePicture(models.Model):
    """A logo or favicon, once for each content. Versions name it by its digest, so an old one comes back whole."""

    id = key(default=new_id, editable=False)
    page = models.ForeignKey(StatusPage, models.CASCADE, related_name="pictures")
    digest = models.CharField(max_length=64)
    media_type = models.CharField(max_length=40)
    content = models.BinaryField()
    created_at = MomentField()

    class Meta:
        db_table = "page_picture"
        constraints = [models.UniqueConstraint(fields=["page", "digest"], name="one_page_picture")]


class PageBrand(models.Model):
    """The brand of a page. A page without a row has the product's own look. Pictures are digests of `PagePicture`."""

    page = models.OneToOneField(StatusPage, models.CASCADE, primary_key=True, related_name="brand")
    accent = models.CharField(max_length=7, default="#0c766d")
    accent_dark = models.CharField(max_length=7, blank=True)  # "": made from the other
    logo = models.CharField(max_length=64, blank=True)
    favicon = models.CharField(max_length=64, blank=True)
    header_text = models.TextField(blank=True)  # Markdown, as in posts
    footer_text = models.TextField(blank=True)  # Markdown, as in posts
    css = models.TextField(blank=True)
    languages = JsonText(default=list)  # the first is the start page's; none is English
    home_url = models.CharField(max_length=2000, blank=True)
    domain = models.CharField(max_length=253, blank=True)
    social_preview = models.BooleanField(default=True)
    updated_at = MomentField(null=True)

    class Meta:
        db_table = "page_brand"


class PageVersion(models.Model):
    """The whole configuration of a page as somebody made it, from one change to the next. Never edited.

    `revision` is the page's when it was made: it is out once the page's `published` has reached it.
    """

    id = key(default=new_id, editable=False)
    page = models.ForeignKey(StatusPage, models.CASCADE, related_name="versions")
    number = models.IntegerField()
    at = MomentField()
    by = ref(default="")
    reason = models.CharField(max_length=300, blank=True)
    rolled_back_to = models.IntegerField(null=True)
    revision = models.IntegerField(default=0)
    config = JsonText(default=dict)

    class Meta:
        db_table = "page_version"
        ordering = ["-number"]
        constraints = [models.UniqueConstraint(fields=["page", "number"], name="one_page_version")]


class RemovedComponent(models.Model):
    """A component that was taken off its page, with the states it went through: rolled back, it has its history."""

    id = ref(primary_key=True)
    page = models.ForeignKey(StatusPage, models.CASCADE, related_name="removed_components")
    name = models.CharField(max_length=120)
    state = models.CharField(max_length=30)
    states = JsonText(default=list)  # [state, at in microseconds, actor, incident, reason]
    shown = JsonText(default=list)  # where other pages showed it: {page, name, group, description, position}
    created_at = MomentField()
    removed_at = MomentField()
    removed_by = ref(default="")

    class Meta:
        db_table = "removed_component"
