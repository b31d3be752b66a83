"""Who is told of what a status page says, what they asked for, and the posts on their way to them."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from ..fields import JsonText, MomentField, key, ref
from ..ids import new_id
from ..sealed import SealedText
from .status import StatusPage


class Subscriber(models.Model):
    """One way somebody follows one page, with the trail of their consent.

    `address` is a mail address or a number; of every other kind it is a hash, and what is sent to stands sealed in
    `target`. `shown` is what a manager may read of it. Tokens are kept as hashes only.
    """

    id = key(default=new_id, editable=False)
    page = models.ForeignKey(StatusPage, models.CASCADE, related_name="subscribers")
    kind = models.CharField(max_length=10)  # email | sms | webhook | slack | teams | push
    address = models.CharField(max_length=320, db_index=True)
    target = SealedText(default="")
    shown = models.CharField(max_length=320)
    language = models.CharField(max_length=12, default="")
    timezone = models.CharField(max_length=60, default="")
    components = JsonText(default=list)  # with groups both empty: the whole page
    groups = JsonText(default=list)
    events = JsonText(default=list)  # incidents, maintenance
    digest = models.CharField(max_length=6, default="each")  # each | daily
    quiet_from = models.CharField(max_length=5, default="")
    quiet_to = models.CharField(max_length=5, default="")
    state = models.CharField(max_length=12, default="pending")  # pending | active | quarantined | ended
    reason = models.CharField(max_length=300, default="")  # why nothing is sent, where nothing is
    source = models.CharField(max_length=120, default="")
    ip_hash = models.CharField(max_length=64, default="")
    by = ref(default="")  # who added them by hand or by a list
    asked_at = MomentField()
    confirmed_at = MomentField(null=True)
    ended_at = MomentField(null=True)
    ended_via = models.CharField(max_length=20, default="")
    confirm_hash = models.CharField(max_length=64, default="")
    confirm_until = MomentField(null=True)
    tries = models.IntegerField(default=0)  # wrong codes
    manage_hash = models.CharField(max_length=64, default="")
    manage_until = MomentField(null=True)
    letters = models.IntegerField(
        default=0
    )  # confirmations and links sent, so that each has a key of its own
    failures = models.IntegerField(default=0)

    class Meta:
        db_table = "subscriber"
        constraints = [models.UniqueConstraint(fields=["page", "kind", "address"], name="one_subscriber")]
        indexes = [
            models.Index(fields=["page", "state", "id"], name="subscriber_state"),
            models.Index(fields=["confirm_hash"], name="subscriber_confirm", condition=~Q(confirm_hash="")),
            models.Index(fields=["manage_hash"], name="subscriber_manage", condition=~Q(manage_hash="")),
            models.Index(fields=["confirm_until"], name="subscriber_waiting", condition=Q(state="pending")),
        ]


class SubscriptionRequest(models.Model):
    """What somebody asked for on the public form. The engine answers it, so that the form never looks anybody up."""

    id = key(default=new_id, editable=False)
    page_id = ref()
    what = models.CharField(max_length=10)  # subscribe | manage
    kind = models.CharField(max_length=10)
    address = models.CharField(max_length=320)
    target = SealedText(default="")
    shown = models.CharField(max_length=320)
    wishes = JsonText(default=dict)
    ip_hash = models.CharField(max_length=64, default="")
    at = MomentField()

    class Meta:
        db_table = "subscription_request"


class SubscribeLimit(models.Model):
    """How often one network or one address has asked within a stretch of time."""

    id = models.CharField(max_length=100, primary_key=True)
    n = models.IntegerField(default=0)
    until = MomentField(db_index=True)

    class Meta:
        db_table = "subscribe_limit"


class SubscriberPost(models.Model):
    """A post on its way to the subscribers of its page: its words frozen, and how far the fan-out has come.

    `mailings` are the messages it goes out as: a language to the id of its `Mailing`.
    """

    id = key(default=new_id, editable=False)
    page_id = ref()
    post_id = ref()
    event = models.CharField(max_length=12)
    about = ref()  # the incident or maintenance, as the public knows it
    message_id = ref(default="")
    content = JsonText(default=dict)
    mailings = JsonText(default=dict)
    behind = ref(default="")  # the last subscriber that was looked at
    state = models.CharField(max_length=10, default="running")  # running | done
    told = models.IntegerField(default=0)
    held = models.IntegerField(default=0)
    skipped = models.IntegerField(default=0)
    at = MomentField()
    ended_at = MomentField(null=True)

    class Meta:
        db_table = "subscriber_post"
        constraints = [
            models.UniqueConstraint(fields=["page_id", "post_id", "event"], name="one_subscriber_post")
        ]
        indexes = [
            models.Index(fields=["page_id", "-at"], name="subscriber_post_newest"),
            models.Index(fields=["message_id"], name="subscriber_post_of", condition=~Q(message_id="")),
        ]


class HeldPost(models.Model):
    """A post that waits for the daily digest of a subscriber, or for the end of their quiet hours."""

    id = models.BigAutoField(primary_key=True)
    subscriber = models.ForeignKey(Subscriber, models.CASCADE, related_name="held")
    post = models.ForeignKey(SubscriberPost, models.CASCADE, related_name="waiting")
    due_at = MomentField()

    class Meta:
        db_table = "held_post"
        constraints = [models.UniqueConstraint(fields=["subscriber", "post"], name="one_held_post")]
        indexes = [models.Index(fields=["due_at", "subscriber"], name="held_post_due")]
