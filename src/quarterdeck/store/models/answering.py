"""Signed links by which one person answers one thing once without a login, and the digests that carry them."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from ..fields import MomentField, key, ref
from ..ids import new_id


class AnswerLink(models.Model):
    """`kind` is a word of `app/paging/answer_kinds`; `about` names what is answered, in its incident: a message, a
    decision, a task. `content_hash` is the text it was made for: any other text ends it. `tries` counts POSTs since
    `tried_at`.
    """

    id = key(default=new_id, editable=False)
    kind = models.CharField(max_length=20)
    person = ref(db_index=True)
    incident_id = ref(db_index=True)
    about = ref()
    step = models.CharField(max_length=20, default="")
    role = models.CharField(max_length=60, default="")
    content_hash = models.CharField(max_length=64, default="")
    made_at = MomentField()
    expires_at = MomentField()
    tries = models.IntegerField(default=0)
    tried_at = MomentField(null=True)
    used_at = MomentField(null=True)
    answer = models.CharField(max_length=30, default="")

    class Meta:
        db_table = "answer_link"


class Digest(models.Model):
    """That somebody takes a digest: once a day at `minute` of their own day, or every `hours` while an incident
    concerns them. Ended by `ended_at`; `last_at` is when one was sent.
    """

    id = key(default=new_id, editable=False)
    person = ref()
    hours = models.IntegerField(default=0)  # 0: daily
    minute = models.IntegerField(default=480)
    set_by = ref()
    set_at = MomentField()
    last_at = MomentField(null=True)
    ended_at = MomentField(null=True)
    ended_via = models.CharField(max_length=20, default="")

    class Meta:
        db_table = "digest"
        constraints = [
            models.UniqueConstraint(fields=["person"], condition=Q(ended_at=None), name="one_digest"),
        ]
