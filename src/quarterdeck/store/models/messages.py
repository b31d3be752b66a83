"""What audiences hear of an incident: update clocks, messages, posts on status pages. Read tables, see `incidents`."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from ..fields import JsonText, MomentField, key, ref


class UpdateClockRow(models.Model):
    id = models.CharField(max_length=120, primary_key=True)
    incident_id = ref(db_index=True)
    audience = models.CharField(max_length=60)
    every_seconds = models.IntegerField()
    next_due = MomentField()
    owner_role = models.CharField(max_length=60, default="")
    started_at = MomentField()
    running = models.BooleanField(default=True)
    overdue_level = models.IntegerField(default=0)
    last_message_id = ref(default="")
    last_reset_at = MomentField(null=True)
    stopped_at = MomentField(null=True)
    stage = models.CharField(max_length=20, default="", db_default="")
    remind_seconds = models.IntegerField(default=0, db_default=0)
    grace_seconds = models.IntegerField(default=300, db_default=300)
    reminded_for = MomentField(null=True)
    runs_since = MomentField(null=True)

    class Meta:
        db_table = "update_clock"
        indexes = [models.Index(fields=["next_due"], name="clock_running", condition=Q(running=True))]


class MessageRow(models.Model):
    id = key()
    incident_id = ref(db_index=True)
    audience = models.CharField(max_length=60)
    phase = models.CharField(max_length=20)
    headline = models.TextField()
    body = models.TextField(default="")
    customer_effect = models.TextField(default="")
    action = models.TextField(default="")
    next_update_at = MomentField(null=True)
    final = models.BooleanField(default=False)
    status_word = models.CharField(max_length=30, default="")
    components = JsonText(default=dict)
    pages = JsonText(default=list)
    state = models.CharField(max_length=20)
    drafted_by = ref()
    drafted_at = MomentField()
    edited_by = ref(default="")
    edited_at = MomentField(null=True)
    released_by = ref(default="")
    released_at = MomentField(null=True)
    content_hash = models.CharField(max_length=64, default="")
    sent_at = MomentField(null=True)
    recipients = models.IntegerField(default=0)
    page_count = models.IntegerField(default=0)
    superseded_at = MomentField(null=True)
    superseded_reason = models.TextField(default="")
    submitted_by = ref(default="", db_default="")
    submitted_at = MomentField(null=True)
    broke_glass = models.TextField(default="", db_default="")
    countersigned = models.CharField(max_length=20, default="", db_default="")
    countersigned_by = ref(default="", db_default="")
    countersigned_at = MomentField(null=True)
    countersigned_text = models.TextField(default="", db_default="")
    countersign_late = models.BooleanField(default=False, db_default=False)
    agreed = models.BooleanField(default=False, db_default=False)
    corrects = ref(default="", db_default="")
    prompts = JsonText(default=list, db_default=[])
    facts = JsonText(default=dict, db_default={})
    override = models.TextField(default="", db_default="")
    overridden = JsonText(default=list, db_default=[])
    preapproved = models.CharField(max_length=60, default="", db_default="")
    sender_identity = models.CharField(max_length=60, default="", db_default="")
    sender_person = ref(default="", db_default="")
    spoken_by = ref(default="", db_default="")

    class Meta:
        db_table = "message"


class MessageVerdictRow(models.Model):
    """The newest word of a role about a message."""

    id = models.CharField(max_length=240, primary_key=True)
    incident_id = ref(db_index=True)
    message = ref(db_index=True)
    step = models.CharField(max_length=20)
    role = models.CharField(max_length=60)
    verdict = models.CharField(max_length=20)
    content_hash = models.CharField(max_length=64)
    person = ref()
    at = MomentField()
    text = models.TextField(default="")
    ticked = JsonText(default=list)

    class Meta:
        db_table = "message_verdict"


class MessageStandInRow(models.Model):
    """Somebody who may answer in a role for one message."""

    id = models.CharField(max_length=240, primary_key=True)
    incident_id = ref(db_index=True)
    message = ref(db_index=True)
    step = models.CharField(max_length=20)
    role = models.CharField(max_length=60)
    person = ref()
    reason = models.TextField(default="")
    at = MomentField()

    class Meta:
        db_table = "message_stand_in"


class MessageStepRow(models.Model):
    """A step after release that was carried out, with its proof."""

    id = models.CharField(max_length=240, primary_key=True)
    incident_id = ref(db_index=True)
    message = ref(db_index=True)
    step = models.CharField(max_length=20)
    role = models.CharField(max_length=60)
    person = ref()
    at = MomentField()
    proof = models.TextField(default="")

    class Meta:
        db_table = "message_step"


class MessageConsentRow(models.Model):
    """What the person says in whose name a message speaks; the id is the message's."""

    id = key()
    incident_id = ref(db_index=True)
    message = ref()
    person = ref()
    sender_identity = models.CharField(max_length=60)
    content_hash = models.CharField(max_length=64)
    state = models.CharField(max_length=20)
    at = MomentField()
    via = models.CharField(max_length=20, default="")
    reason = models.TextField(default="")

    class Meta:
        db_table = "message_consent"


class PageUpdateRow(models.Model):
    id = key()
    incident_id = ref(db_index=True)
    message_id = ref()
    page = ref(db_index=True)
    status_word = models.CharField(max_length=30)
    body = models.TextField()
    posted_at = MomentField()
    posted_by = ref()
    components = JsonText(default=dict)

    class Meta:
        db_table = "page_update"
        indexes = [
            models.Index(fields=["-posted_at"], name="page_update_newest"),
            models.Index(fields=["incident_id", "posted_at"], name="page_update_first"),
            models.Index(fields=["page", "-posted_at"], name="page_update_page_newest"),
            models.Index(fields=["page", "incident_id", "status_word", "posted_at"], name="page_update_ends"),
        ]
