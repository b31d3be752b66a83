"""Browsers that show pages (Web Push): where each is reached, and the public key they were told to believe."""

from __future__ import annotations

from django.db import models

from ..fields import MomentField, key
from ..ids import new_id
from ..sealed import SealedText
from .people import ContactMethod


class PushDevice(models.Model):
    """What a browser gave us so that it can be pushed to. The contact's address is this row's id.

    `public_key` is the key of ours that it believes; another one cannot reach it.
    """

    id = key(default=new_id, editable=False)
    contact = models.OneToOneField(ContactMethod, models.CASCADE, related_name="device")
    endpoint = SealedText()
    endpoint_hash = models.CharField(max_length=64, unique=True)
    p256dh = models.CharField(max_length=100)
    auth = SealedText()
    public_key = models.CharField(max_length=100)
    browser = models.CharField(max_length=100, default="")
    created_at = MomentField()
    ended_at = MomentField(null=True)  # when its push service said that it is gone
    ended_why = models.CharField(max_length=300, default="")

    class Meta:
        db_table = "push_device"


class PushKey(models.Model):
    """The public half of the key pushes are signed with; the newest row is the one in use."""

    public_key = models.CharField(max_length=100, primary_key=True)
    since = MomentField()

    class Meta:
        db_table = "push_key"
