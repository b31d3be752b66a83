"""How the way of working improves: reviews of the process, changes that people are told of, words about a document."""

from __future__ import annotations

from django.db import models

from ..fields import JsonText, MomentField, key, ref
from ..ids import new_id


class ProcessReview(models.Model):
    """A look at the process itself. `trigger` incident: `subject` is its id; quarter: such as "2026-Q3"; hand: free.
    `team` is a team's key, empty for the whole installation. `findings` are {text, by, at, feedback}, `changes`
    {what, version, note} of templates that were changed because of it.
    """

    id = key(default=new_id, editable=False)
    trigger = models.CharField(max_length=20)
    subject = models.CharField(max_length=60)
    team = models.CharField(max_length=60, default="")
    owner = ref(db_index=True)
    due_on = models.CharField(max_length=10)
    state = models.CharField(max_length=20, default="open")  # open, done
    findings = JsonText(default=list)
    changes = JsonText(default=list)
    summary = models.TextField(default="")
    done_by = ref(default="")
    done_at = MomentField(null=True)
    told_late = models.CharField(max_length=10, default="")
    created_at = MomentField()

    class Meta:
        db_table = "process_review"
        constraints = [
            models.UniqueConstraint(fields=["trigger", "subject", "team"], name="one_process_review"),
        ]
        indexes = [models.Index(fields=["state", "due_on"], name="process_review_state")]


class Notice(models.Model):
    """A change of how people work, told to those it concerns. `kind`: template, card, policy, article, document.
    `files` are texts of the catalogue that are put in force at `effective_at`, `bases` what they were written over.
    """

    id = key(default=new_id, editable=False)
    kind = models.CharField(max_length=20)
    subject = models.CharField(max_length=120, db_index=True)
    version = models.CharField(max_length=20, default="")
    title = models.CharField(max_length=200)
    note = models.TextField()
    path = models.CharField(max_length=2000, default="")
    effective_at = MomentField()
    files = JsonText(default=dict)
    bases = JsonText(default=dict)
    applied_at = MomentField(null=True)
    failure = models.TextField(default="")
    withdrawn_at = MomentField(null=True)
    reminders = models.IntegerField(default=0)
    published_by = ref()
    published_at = MomentField()

    class Meta:
        db_table = "notice"
        indexes = [models.Index(fields=["published_at"], name="notice_published")]


class NoticeReceipt(models.Model):
    """Somebody whom a notice concerns, and when they said that they understood."""

    id = key(default=new_id, editable=False)
    notice = models.ForeignKey(Notice, models.CASCADE, related_name="receipts")
    person = ref(db_index=True)
    told_at = MomentField()
    understood_at = MomentField(null=True)

    class Meta:
        db_table = "notice_receipt"
        constraints = [models.UniqueConstraint(fields=["notice", "person"], name="one_notice_receipt")]


class Feedback(models.Model):
    """Words about a document. `kind`: template, article, policy, playbook; `subject` its key or id."""

    id = key(default=new_id, editable=False)
    kind = models.CharField(max_length=20)
    subject = models.CharField(max_length=120)
    text = models.TextField()
    by = ref()
    at = MomentField()
    answer = models.TextField(default="")
    answered_by = ref(default="")
    answered_at = MomentField(null=True)
    # It goes into the next process review; `review` once that is there.
    wanted_by = ref(default="")
    review = ref(default="")

    class Meta:
        db_table = "feedback"
        indexes = [models.Index(fields=["kind", "subject"], name="feedback_subject")]
