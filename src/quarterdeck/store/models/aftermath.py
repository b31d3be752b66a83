"""What incidents leave behind. Read tables: debriefs, lessons, contributions, legal holds. And four that are no folds:
knowledge, training, who read an incident, and which ones were removed after their time.
"""

from __future__ import annotations

from django.db import models

from ..fields import JsonText, MomentField, key, ref
from ..ids import new_id


class DebriefRow(models.Model):
    id = key()
    incident_id = ref(db_index=True)
    held_by = ref()
    held_at = MomentField()
    went_well = models.TextField(default="")
    went_badly = models.TextField(default="")
    attendees = JsonText(default=list)

    class Meta:
        db_table = "debrief"


class LessonRow(models.Model):
    id = key()
    incident_id = ref(db_index=True)
    text = models.TextField()
    kind = models.CharField(max_length=20)
    recorded_by = ref()
    recorded_at = MomentField()

    class Meta:
        db_table = "lesson"
        indexes = [models.Index(fields=["recorded_at"], name="lesson_recorded")]


class ContributionRow(models.Model):
    id = key()
    incident_id = ref(db_index=True)
    person = ref(db_index=True)
    section = models.CharField(max_length=60)
    due_on = models.CharField(max_length=10)
    asked_at = MomentField()
    asked_by = ref(default="")
    reminded = models.IntegerField(default=0)
    given_at = MomentField(null=True)
    text = models.TextField(default="")
    article = ref(default="")

    class Meta:
        db_table = "contribution"


class LegalHoldRow(models.Model):
    id = key()
    incident_id = ref(db_index=True)
    reason = models.TextField()
    placed_by = ref()
    placed_at = MomentField()
    lifted_by = ref(default="")
    lifted_at = MomentField(null=True)
    lifted_reason = models.TextField(default="")

    class Meta:
        db_table = "legal_hold"


class KnowledgeArticle(models.Model):
    """What somebody knows, for everybody. `incident_id` and `entry_id` say where it comes from, if anywhere: an article
    out of a restricted incident is there for its people only.
    """

    id = key(default=new_id, editable=False)
    title = models.CharField(max_length=300)
    text = models.TextField()
    author = ref(db_index=True)
    incident_id = ref(default="", db_index=True)
    entry_id = ref(default="")
    promoted_by = ref(default="")
    created_at = MomentField()
    changed_at = MomentField()
    changed_by = ref(default="")

    class Meta:
        db_table = "knowledge_article"


class KnowledgeVersion(models.Model):
    """An article as it was before it was changed; `number` counts from 1 within it."""

    id = key(default=new_id, editable=False)
    article_id = ref(db_index=True)
    number = models.IntegerField()
    title = models.CharField(max_length=300)
    text = models.TextField()
    by = ref()
    at = MomentField()

    class Meta:
        db_table = "knowledge_version"
        constraints = [models.UniqueConstraint(fields=["article_id", "number"], name="one_version_a_number")]


class TrainingSession(models.Model):
    """One lesson in a room. `role`: whoever was there is certified for it by that; empty when it is none."""

    id = key(default=new_id, editable=False)
    topic = models.CharField(max_length=300)
    trainer = ref(db_index=True)
    held_at = MomentField()
    role = models.CharField(max_length=60, default="")
    article = ref(default="")
    invited = JsonText(default=list)
    attended = JsonText(default=list)
    created_by = ref()
    created_at = MomentField()
    track = models.CharField(max_length=40, default="", db_default="")
    place = models.CharField(max_length=300, default="", db_default="")
    minutes = models.IntegerField(default=60, db_default=60)
    # How many fit in, 0 for any number; who came of their own accord; how long what was learnt counts, 0 for ever.
    seats = models.IntegerField(default=0, db_default=0)
    joined = JsonText(default=list, db_default=[])
    valid_months = models.IntegerField(default=0, db_default=0)
    called_off_at = MomentField(null=True)

    class Meta:
        db_table = "training_session"
        indexes = [models.Index(fields=["held_at"], name="training_held")]


class IncidentReading(models.Model):
    """Somebody who was not part of an incident read it, or anybody took a copy of it away: one row a day and kind."""

    id = key(default=new_id, editable=False)
    incident_id = ref(db_index=True)
    person = ref()
    what = models.CharField(max_length=20)  # page, record, report, file
    day = models.CharField(max_length=10)
    first_at = MomentField()
    last_at = MomentField()
    times = models.IntegerField(default=1)
    member = models.BooleanField(default=False)

    class Meta:
        db_table = "incident_reading"
        constraints = [
            models.UniqueConstraint(fields=["incident_id", "person", "what", "day"], name="one_reading_a_day")
        ]


class PurgedIncident(models.Model):
    """An incident that was removed after its time: what it was called, how long its chain was and where that ended.

    While a stream is named here, the database lets its events be deleted; every other it refuses.
    """

    id = key()
    number = models.IntegerField()
    events = models.IntegerField()
    head = models.CharField(max_length=64)
    ended_at = MomentField()
    purged_at = MomentField()
    files = models.IntegerField(default=0)
    # Null in rows from before this was noted. (Triggers name this table: it cannot be written anew.)
    restricted = models.BooleanField(null=True)

    class Meta:
        db_table = "purged_incident"
