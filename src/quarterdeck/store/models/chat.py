"""An incident's channel in a chat program, who is in it, and what came from there. Operational rows and their rules."""

from __future__ import annotations

from django.db import models

from ..fields import JsonText, MomentField, key, ref
from ..ids import new_id


class ChatRule(models.Model):
    """Whether incidents of a type get a channel. `type` "" is the rule of every type without its own."""

    id = key(default=new_id, editable=False)
    type = models.CharField(max_length=64, default="", unique=True)
    program = models.CharField(max_length=20, default="slack")
    wanted = models.CharField(max_length=10, default="none")  # none, public, private
    restricted = models.CharField(max_length=10, default="none")  # none, private
    prefix = models.CharField(max_length=20, default="inc")
    minutes = JsonText(default=dict)  # severity -> minutes
    archive_days = models.IntegerField(default=7)
    changed_by = ref()
    changed_at = MomentField()

    class Meta:
        db_table = "chat_rule"


class IncidentChannel(models.Model):
    """One incident's channel. `name` is chosen before anything is asked for, so that asking again finds the same one.

    `state`: opening, open, archiving, archived, by_hand (archived or removed there), failed.
    """

    id = key(default=new_id, editable=False)
    incident_id = ref(unique=True)
    program = models.CharField(max_length=20, default="slack")
    private = models.BooleanField(default=False)
    name = models.CharField(max_length=80)
    attempt = models.IntegerField(default=1)
    room = models.CharField(max_length=40, default="", db_index=True)
    own_member = models.CharField(max_length=40, default="")
    url = models.CharField(max_length=2000, default="")
    state = models.CharField(max_length=10, default="opening")
    said_open = models.BooleanField(default=False)
    said_end = models.CharField(max_length=20, default="")
    topic = models.CharField(max_length=300, default="")  # as last asked for
    topic_set = models.CharField(max_length=300, default="")  # as the program has it
    error = models.CharField(max_length=300, default="")
    retry_at = MomentField(null=True)
    created_at = MomentField()
    opened_at = MomentField(null=True)
    looked_at = MomentField(null=True)
    archive_at = MomentField(null=True)
    posters = JsonText(default=list, db_default=[])  # who may write, as last asked for; [] is everybody
    readers = JsonText(default=list, db_default=[])  # executives of whom it was said that they read along
    rights = models.CharField(max_length=10, default="", db_default="")  # set, flagged
    rights_why = models.CharField(max_length=100, default="", db_default="")

    class Meta:
        db_table = "incident_channel"


class ChannelMember(models.Model):
    """Somebody who belongs in a channel, or is in it. `person_id` "" for who has no account here; `member` their id
    there, "" where it is not known.
    """

    id = models.CharField(max_length=120, primary_key=True)
    incident_id = ref(db_index=True)
    person_id = ref(default="")
    member = models.CharField(max_length=40, default="")
    name = models.CharField(max_length=200, default="")
    here = models.BooleanField(default=False)
    invited_at = MomentField(null=True)
    error = models.CharField(max_length=200, default="")
    told = models.IntegerField(default=0)
    told_since = MomentField(null=True)

    class Meta:
        db_table = "channel_member"


class ChatReport(models.Model):
    """What a chat program reported, by its id: each is dealt with once. And where an incident was last spoken of."""

    id = models.CharField(max_length=120, primary_key=True)
    at = MomentField(db_index=True)

    class Meta:
        db_table = "chat_report"


class ChatEntry(models.Model):
    """A message that somebody marked, and the entry it became. `id` is room and time stamp; `chosen_by` a person's id,
    `author` a member's. `state`: wanted, fetched, written, refused.
    """

    id = models.CharField(max_length=80, primary_key=True)
    incident_id = ref(db_index=True)
    entry_id = ref()
    chosen_by = ref()
    state = models.CharField(max_length=10, default="wanted")
    author = models.CharField(max_length=40, default="")
    name = models.CharField(max_length=200, default="")
    text = models.TextField(default="")
    at = MomentField()

    class Meta:
        db_table = "chat_entry"
