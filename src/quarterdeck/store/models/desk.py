"""What people outside say and ask: feedback on how an incident was handled, inquiries, and what support may say."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from ..fields import MomentField, key, ref
from ..ids import new_id


class FeedbackLink(models.Model):
    """Where one audience of one incident says how it was handled. `slug` is what nobody can guess."""

    id = key(default=new_id, editable=False)
    incident_id = ref(db_index=True)
    audience = models.CharField(max_length=60)
    slug = models.CharField(max_length=64, unique=True)
    created_by = ref()
    created_at = MomentField()
    closed_at = MomentField(null=True)

    class Meta:
        db_table = "feedback_link"
        constraints = [models.UniqueConstraint(fields=["incident_id", "audience"], name="one_feedback_link")]


class FeedbackAnswer(models.Model):
    """What was said with one token: a rating from 1 to 5, and words. Never changed. `token` is the token's digest;
    `source` a digest of where it came from, kept only to tell a flood.
    """

    id = key(default=new_id, editable=False)
    link_id = ref(db_index=True)
    incident_id = ref(db_index=True)
    audience = models.CharField(max_length=60)
    token = models.CharField(max_length=64, unique=True)
    rating = models.IntegerField()
    text = models.TextField(default="")
    source = models.CharField(max_length=32, default="")
    drill = models.BooleanField(default=False)
    at = MomentField()

    class Meta:
        db_table = "feedback_answer"
        indexes = [models.Index(fields=["at"], name="feedback_answer_at")]


class FeedbackGoal(models.Model):
    """One row each time somebody sets or withdraws the goal for the share of satisfied answers; none is changed."""

    id = key(default=new_id, editable=False)
    at_least_percent = models.IntegerField()
    since = MomentField()
    withdrawn = models.BooleanField(default=False)
    reason = models.CharField(max_length=300)
    set_by = ref()

    class Meta:
        db_table = "feedback_goal"


class Inquiry(models.Model):
    """A question from outside or from staff. `kind`, `channel`, `tier`, `sentiment`, `state` and `follow_up` are words
    of core/incidents/inquiries. `message_id` is the sent text it was answered from, `stale` that this text was no
    longer the newest. `repeats`: how often the same was asked. `digest` tells the same question.
    """

    id = key(default=new_id, editable=False)
    incident_id = ref(db_index=True, default="")
    kind = models.CharField(max_length=20)
    channel = models.CharField(max_length=20)
    tier = models.CharField(max_length=20, default="")
    customer = models.CharField(max_length=200, default="")
    contact = models.CharField(max_length=300, default="")
    outlet = models.CharField(max_length=200, default="")
    topic = models.CharField(max_length=200, default="")
    question = models.TextField()
    sentiment = models.CharField(max_length=20, default="")
    deadline = MomentField(null=True)
    deadline_told = models.BooleanField(default=False)
    owner = ref(default="", db_index=True)
    state = models.CharField(max_length=20, default="new")
    follow_up = models.CharField(max_length=20, default="")
    answer = models.TextField(default="")
    message_id = ref(default="")
    stale = models.BooleanField(default=False)
    answer_link = models.CharField(max_length=2000, default="")
    answered_by = ref(default="")
    answered_at = MomentField(null=True)
    faq = models.BooleanField(default=False)
    source = models.CharField(max_length=60, default="")
    external_id = models.CharField(max_length=200, default="")
    digest = models.CharField(max_length=64, default="", db_index=True)
    repeats = models.IntegerField(default=1)
    created_by = ref(default="")
    asked_at = MomentField()
    changed_at = MomentField()

    class Meta:
        db_table = "inquiry"
        indexes = [models.Index(fields=["state", "asked_at"], name="inquiry_state")]
        constraints = [
            models.UniqueConstraint(
                fields=["source", "external_id"], name="one_inquiry_each", condition=~Q(external_id="")
            )
        ]


class InquiryEntry(models.Model):
    """What became of an inquiry, one row an act."""

    id = key(default=new_id, editable=False)
    inquiry_id = ref(db_index=True)
    incident_id = ref(db_index=True, default="")
    at = MomentField()
    by = ref(default="")
    kind = models.CharField(max_length=20)
    text = models.TextField(default="")

    class Meta:
        db_table = "inquiry_entry"


class CustomerEscalation(models.Model):
    """An inquiry that needs the technical lead or the commander. `late_at`: when its time was found to be over."""

    id = key(default=new_id, editable=False)
    inquiry_id = ref(db_index=True)
    incident_id = ref(db_index=True)
    target = models.CharField(max_length=60)
    priority = models.CharField(max_length=20)
    reason = models.CharField(max_length=500)
    person = ref()
    callout_id = ref(default="")
    raised_by = ref()
    raised_at = MomentField()
    due_at = MomentField()
    late_at = MomentField(null=True)
    outcome = models.TextField(default="")
    closed_by = ref(default="")
    closed_at = MomentField(null=True)

    class Meta:
        db_table = "customer_escalation"


class CustomerReport(models.Model):
    """Customers who said that they are hit: one of an inquiry, or many that another tool counted."""

    id = key(default=new_id, editable=False)
    incident_id = ref(db_index=True)
    customers = models.IntegerField()
    source = models.CharField(max_length=60)
    external_id = models.CharField(max_length=200, default="")
    inquiry_id = ref(default="")
    at = MomentField()

    class Meta:
        db_table = "customer_report"
        constraints = [
            models.UniqueConstraint(
                fields=["source", "external_id"], name="one_report_each", condition=~Q(external_id="")
            )
        ]


class ReportsReached(models.Model):
    """A number of customer reports that was reached, and so told the commander: once each."""

    id = models.CharField(max_length=120, primary_key=True)
    incident_id = ref(db_index=True)
    threshold = models.IntegerField()
    at = MomentField()

    class Meta:
        db_table = "reports_reached"


class SupportBrief(models.Model):
    """What the customer liaison gives support beside the messages sent. The highest `version` counts."""

    id = key(default=new_id, editable=False)
    incident_id = ref(db_index=True)
    version = models.IntegerField()
    workaround = models.TextField(default="")
    do_not_say = models.TextField(default="")
    written_by = ref()
    written_at = MomentField()

    class Meta:
        db_table = "support_brief"
        constraints = [models.UniqueConstraint(fields=["incident_id", "version"], name="one_brief_a_version")]


class FaqEntry(models.Model):
    """A question and the answer that everybody of an audience (support, staff) may read."""

    id = key(default=new_id, editable=False)
    incident_id = ref(db_index=True, default="")
    audience = models.CharField(max_length=20)
    question = models.TextField()
    answer = models.TextField()
    inquiry_id = ref(default="", db_index=True)
    published_by = ref()
    published_at = MomentField()
    withdrawn_at = MomentField(null=True)

    class Meta:
        db_table = "faq_entry"


class SupportReceipt(models.Model):
    """Somebody of support has read what may be said, as it stood: `digest` is of that text."""

    id = key(default=new_id, editable=False)
    incident_id = ref(db_index=True)
    person_id = ref()
    digest = models.CharField(max_length=64)
    read_at = MomentField()

    class Meta:
        db_table = "support_receipt"
        constraints = [
            models.UniqueConstraint(fields=["incident_id", "person_id", "digest"], name="one_support_receipt")
        ]
