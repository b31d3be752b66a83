"""Who may read a status page that is not public, and what they did to be let in."""

from __future__ import annotations

from django.db import models

from ..fields import JsonText, MomentField, key, ref
from ..ids import new_id
from .status import StatusPage


class PageAccess(models.Model):
    """The ways into a page. Without a row a page that is not public is internal and hidden."""

    id = key(default=new_id, editable=False)
    page = models.OneToOneField(StatusPage, models.CASCADE, related_name="access")
    visibility = models.CharField(max_length=10, default="internal")  # private | internal, while not public
    hidden = models.BooleanField(default=True)
    members = models.BooleanField(default=False)
    password = models.CharField(max_length=200, blank=True)  # argon2
    password_at = MomentField(null=True)
    domains = JsonText(default=list)
    networks = JsonText(default=list)
    network = models.CharField(max_length=10, default="off")  # off | enough | needed
    hours = models.IntegerField(default=12)
    # Part of what every right is signed over: raising it ends them all.
    generation = models.IntegerField(default=1)
    # 0: programs have no token. Raising it ends the one before.
    feeds = models.IntegerField(default=0)
    updated_at = MomentField()

    class Meta:
        db_table = "page_access"


class PageMailLink(models.Model):
    """A link that opens a page once, asked for by somebody who says an address is theirs. Whether the address may is
    decided when it is mailed, and again when it is used.
    """

    id = key(default=new_id, editable=False)
    page = models.ForeignKey(StatusPage, models.CASCADE, related_name="mail_links")
    address = models.CharField(max_length=254)
    generation = models.IntegerField(default=1)
    made_at = MomentField()
    expires_at = MomentField()
    used_at = MomentField(null=True)

    class Meta:
        db_table = "page_mail_link"
        indexes = [models.Index(fields=["address", "made_at"], name="page_mail_link_address")]


class PageKnock(models.Model):
    """Somebody tried to get into a page. `source` is a signed digest of where from, of one day."""

    id = models.BigAutoField(primary_key=True)
    page = models.ForeignKey(StatusPage, models.CASCADE, related_name="knocks")
    way = models.CharField(max_length=10)  # password | mail
    source = ref(default="")
    at = MomentField()

    class Meta:
        db_table = "page_knock"
        indexes = [models.Index(fields=["page", "way", "at"], name="page_knock_lately")]
