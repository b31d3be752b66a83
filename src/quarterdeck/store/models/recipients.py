"""Who a released message goes to, one row a recipient and channel, and what is never written to again. Operational."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from ..fields import JsonText, MomentField, key, ref
from ..ids import new_id


class Mailing(models.Model):
    """The set of recipients of one released message, frozen at its release, and how far sending it has come."""

    id = key(editable=False)  # the message's
    incident_id = ref(db_index=True)
    audience = models.CharField(max_length=60)
    segment = models.CharField(max_length=60, default="")
    body = JsonText(default=dict)
    drill = models.BooleanField(default=False)
    public = models.BooleanField(default=False)
    total = models.IntegerField(default=0)
    state = models.CharField(max_length=10, default="running")  # running | paused | stopped | done
    reason = models.CharField(max_length=300, default="")
    changed_by = ref(default="")
    changed_at = MomentField()
    note = models.CharField(max_length=300, default="")  # what keeps it from going on just now
    frozen_at = MomentField()
    not_after = MomentField()
    ended_at = MomentField(null=True)

    class Meta:
        db_table = "mailing"
        indexes = [models.Index(fields=["frozen_at"], name="mailing_running", condition=Q(state="running"))]


class Recipient(models.Model):
    """The ledger: one row for each recipient and channel of a message. `attempts` counts what was begun, written down
    before anything is handed over; `unclear` those of them whose end nobody knows.
    """

    id = models.BigAutoField(primary_key=True)
    message_id = ref()
    contact_id = ref(default="")
    channel = models.CharField(max_length=20)
    address = models.CharField(max_length=320)
    name = models.CharField(max_length=120, default="")
    carrier = models.CharField(max_length=10, default="bulk")  # bulk | outbox
    # queued | sending | handed | delivered | bounced | complained | suppressed | failed | stopped
    state = models.CharField(max_length=12, default="queued")
    attempts = models.IntegerField(default=0)
    unclear = models.IntegerField(default=0)
    fence = models.IntegerField(default=0)
    node = models.CharField(max_length=60, default="")
    next_at = MomentField()
    lease_until = MomentField(null=True)
    handed_at = MomentField(null=True)
    ended_at = MomentField(null=True)
    provider_id = models.CharField(max_length=300, default="")
    detail = models.CharField(max_length=300, default="")

    class Meta:
        db_table = "recipient"
        constraints = [
            models.UniqueConstraint(fields=["message_id", "channel", "address"], name="one_recipient"),
        ]
        indexes = [
            models.Index(fields=["message_id", "state"], name="recipient_state"),
            models.Index(
                fields=["next_at"], name="recipient_due", condition=Q(state="queued", carrier="bulk")
            ),
            models.Index(fields=["lease_until"], name="recipient_sending", condition=Q(state="sending")),
            models.Index(fields=["provider_id"], name="recipient_told", condition=~Q(provider_id="")),
        ]


class Suppression(models.Model):
    """An address nothing is sent to any more, whatever message it is in, until somebody lifts it with a reason."""

    id = key(default=new_id, editable=False)
    channel = models.CharField(max_length=20, default="email")
    address = models.CharField(max_length=320)
    reason = models.CharField(max_length=20)  # bounce | complaint | unsubscribe | manual
    detail = models.CharField(max_length=300, default="")
    message_id = ref(default="")
    at = MomentField()
    by = ref(default="")

    class Meta:
        db_table = "suppression"
        constraints = [models.UniqueConstraint(fields=["channel", "address"], name="one_suppression")]
        indexes = [models.Index(fields=["-at"], name="suppression_newest")]


class AudienceRoute(models.Model):
    """A further way messages reach an audience: a channel to each contact that has it, or into one room."""

    id = key(default=new_id, editable=False)
    audience = models.CharField(max_length=60)
    channel = models.CharField(max_length=20)
    address = models.CharField(max_length=320, default="")  # a room; empty: the number of each contact
    created_at = MomentField()

    class Meta:
        db_table = "audience_route"
        constraints = [models.UniqueConstraint(fields=["audience", "channel", "address"], name="one_route")]


class AffectedList(models.Model):
    """Of an audience only those on this list hear of this incident."""

    id = key(default=new_id, editable=False)
    incident_id = ref()
    audience = models.CharField(max_length=60)
    segment = models.CharField(max_length=60)
    set_by = ref()
    set_at = MomentField()

    class Meta:
        db_table = "affected_list"
        constraints = [models.UniqueConstraint(fields=["incident_id", "audience"], name="one_affected_list")]


class ContactImport(models.Model):
    """A list of contacts on its way in. What was read of it waits in parts, so that any engine goes on with it."""

    id = key(default=new_id, editable=False)
    audience = models.CharField(max_length=60)
    name = models.CharField(max_length=200)
    source = models.CharField(max_length=120)
    consent_at = MomentField(null=True)
    segment = models.CharField(max_length=60, default="")
    state = models.CharField(max_length=10, default="preview")  # reading | preview | running | done | dropped
    columns = JsonText(default=list)
    total = models.IntegerField(default=0)
    done = models.IntegerField(default=0)
    added = models.IntegerField(default=0)
    changed = models.IntegerField(default=0)
    same = models.IntegerField(default=0)
    withheld = models.IntegerField(default=0)  # had unsubscribed, and stay so
    refused = models.IntegerField(default=0)
    reasons = JsonText(default=dict)
    created_by = ref()
    created_at = MomentField()
    ended_at = MomentField(null=True)

    class Meta:
        db_table = "contact_import"
        indexes = [models.Index(fields=["-created_at"], name="contact_import_newest")]


class ContactImportPart(models.Model):
    """Rows of an import that are still to be taken; `first` is the line number of the first."""

    id = models.BigAutoField(primary_key=True)
    import_id = ref(db_index=True)
    first = models.IntegerField()
    rows = JsonText()

    class Meta:
        db_table = "contact_import_part"


class ContactImportFault(models.Model):
    """A row that was not taken, and why."""

    id = models.BigAutoField(primary_key=True)
    import_id = ref(db_index=True)
    row = models.IntegerField()
    code = models.CharField(max_length=40)
    text = models.CharField(max_length=300)
    value = models.CharField(max_length=120)

    class Meta:
        db_table = "contact_import_fault"
