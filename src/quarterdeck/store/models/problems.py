"""What problem management works on, which incidents lead there, and channels that stand ready before an incident."""

from __future__ import annotations

from django.db import models

from ..fields import MomentField, key, ref
from ..ids import new_id


class Problem(models.Model):
    """A cause that is still to be removed. `incident_id` is where it was found: whoever may not know of that incident
    does not know of the problem. `fix_on` and `told_late` (which was told as missed) are calendar dates, ISO 8601.
    """

    id = key(default=new_id, editable=False)
    incident_id = ref(db_index=True)
    title = models.CharField(max_length=200)
    root_cause = models.TextField(default="")
    owner = ref(db_index=True)
    fix_on = models.CharField(max_length=10)
    tracker_url = models.CharField(max_length=2000, default="")
    state = models.CharField(max_length=20, default="open")  # open, fixed, closed, withdrawn
    note = models.TextField(default="")
    told_late = models.CharField(max_length=10, default="")
    created_by = ref()
    created_at = MomentField()
    changed_at = MomentField()

    class Meta:
        db_table = "problem"
        indexes = [models.Index(fields=["state", "fix_on"], name="problem_state")]


class ProblemLinkRow(models.Model):
    """A read table: an incident whose cause is a problem's."""

    id = models.CharField(max_length=120, primary_key=True)
    incident_id = ref(db_index=True)
    problem_id = ref(db_index=True)
    linked_by = ref()
    linked_at = MomentField()

    class Meta:
        db_table = "problem_link"


class StandingChannel(models.Model):
    """The call and the chat that a team, or a response structure, has ready. Of each address, what the last look found:
    `*_well` None while nobody has looked since it was set.
    """

    id = key(default=new_id, editable=False)
    scope = models.CharField(max_length=20)  # team, template
    key = models.CharField(max_length=64)
    call_url = models.CharField(max_length=2000, default="")
    chat_url = models.CharField(max_length=2000, default="")
    call_well = models.BooleanField(null=True)
    chat_well = models.BooleanField(null=True)
    call_text = models.CharField(max_length=300, default="")
    chat_text = models.CharField(max_length=300, default="")
    checked_at = MomentField(null=True)
    # When somebody began to look: two engines do not ask at once.
    claimed_at = MomentField(null=True)
    changed_by = ref()
    changed_at = MomentField()

    class Meta:
        db_table = "standing_channel"
        constraints = [models.UniqueConstraint(fields=["scope", "key"], name="one_standing_channel")]
