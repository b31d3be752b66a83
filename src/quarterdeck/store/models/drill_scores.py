"""What a drill showed: ratings and judgements of the facilitator, decided gaps, the figures it is compared by."""

from __future__ import annotations

from django.db import models

from ..fields import JsonText, MomentField, key, ref
from ..ids import new_id


class DrillRating(models.Model):
    """What the facilitator says of a role against an item of the rubric: 0 to 4 (None: words alone)."""

    id = key(default=new_id, editable=False)
    drill_id = ref()
    role = models.CharField(max_length=64)
    item = models.CharField(max_length=40)
    points = models.IntegerField(null=True)
    note = models.TextField(default="")
    rated_by = ref()
    rated_at = MomentField()

    class Meta:
        db_table = "drill_rating"
        constraints = [models.UniqueConstraint(fields=["drill_id", "role", "item"], name="one_drill_rating")]


class DrillJudgement(models.Model):
    """What the facilitator says of a step or an inject that the log cannot show. `key` names it as the scoring does."""

    id = key(default=new_id, editable=False)
    drill_id = ref()
    key = models.CharField(max_length=120)
    verdict = models.CharField(max_length=10)
    note = models.CharField(max_length=300, default="")
    judged_by = ref()
    judged_at = MomentField()

    class Meta:
        db_table = "drill_judgement"
        constraints = [models.UniqueConstraint(fields=["drill_id", "key"], name="one_drill_judgement")]


class DrillGap(models.Model):
    """A proposed gap that was decided. `state`: confirmed, dropped. `item_id` is the action item of the drill's
    incident that it became.
    """

    id = key(default=new_id, editable=False)
    drill_id = ref()
    key = models.CharField(max_length=200)
    kind = models.CharField(max_length=20)
    role = models.CharField(max_length=64, default="")
    title = models.CharField(max_length=300)
    state = models.CharField(max_length=10)
    reason = models.CharField(max_length=300, default="")
    item_id = ref(default="", db_index=True)
    repeated = models.BooleanField(default=False)
    decided_by = ref()
    decided_at = MomentField()

    class Meta:
        db_table = "drill_gap"
        constraints = [models.UniqueConstraint(fields=["drill_id", "key"], name="one_drill_gap")]


class DrillScore(models.Model):
    """The figures of a drill that is over, kept so that many are compared at once. Times are seconds of drill time;
    None is what was not seen. `gaps` are the keys of all that was missed, proposed or decided. `agreed_at`: from then
    on nothing of it changes.
    """

    drill_id = ref(primary_key=True)
    incident_id = ref(db_index=True)
    team = models.CharField(max_length=60, default="")
    scenario = models.CharField(max_length=64)
    held_at = MomentField()
    acknowledge = models.IntegerField(null=True)
    command = models.IntegerField(null=True)
    first_update = models.IntegerField(null=True)
    restore = models.IntegerField(null=True)
    score = models.IntegerField(null=True)
    gaps = JsonText(default=list)
    agreed_by = ref(default="")
    agreed_at = MomentField(null=True)

    class Meta:
        db_table = "drill_score"
        indexes = [models.Index(fields=["team", "held_at"], name="drill_score_team")]
