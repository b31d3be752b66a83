"""Drills: plans by which they come round, the drills themselves, who takes part, and their injects."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from ..fields import JsonText, MomentField, key, ref
from ..ids import new_id


class DrillPlan(models.Model):
    """A drill that comes round: `weekday` 0 is Monday, `at` a time on the wall of `zone` (HH:MM), `since` the day from
    which weeks are counted. `scenario` "" is the next in rotation. `participants` are people by id; `schedule` and
    `team` name more by their keys. `made_for` is the last run a drill was made for.
    """

    id = key(default=new_id, editable=False)
    title = models.CharField(max_length=120)
    team = models.CharField(max_length=60, default="")
    schedule = models.CharField(max_length=60, default="")
    scenario = models.CharField(max_length=64, default="")
    kind = models.CharField(max_length=20)
    weekday = models.IntegerField()
    at = models.CharField(max_length=5)
    zone = models.CharField(max_length=60)
    every_weeks = models.IntegerField(default=1)
    since = models.CharField(max_length=10)
    facilitator = ref()
    participants = JsonText(default=list)
    announced = models.BooleanField(default=True)
    state = models.CharField(max_length=10, default="active")  # active, paused, ended
    reason = models.CharField(max_length=300, default="")
    made_for = MomentField(null=True)
    next_at = MomentField(null=True)
    created_by = ref()
    created_at = MomentField()
    changed_at = MomentField()

    class Meta:
        db_table = "drill_plan"


class Drill(models.Model):
    """One drill. `script` is the scenario as it was pinned when the drill was made: later edits change nothing here.

    `pauses` is a list of [from, until or null], ISO 8601. `planned_for` is the run of its plan, which a postponed drill
    keeps. `restricted`: only those in it know of it.
    """

    id = key(default=new_id, editable=False)
    plan_id = ref(default="", db_index=True)
    planned_for = MomentField(null=True)
    title = models.CharField(max_length=200)
    kind = models.CharField(max_length=20)  # tabletop, fire_drill, simulation
    state = models.CharField(max_length=12, default="planned")  # planned, running, ended, cancelled
    scenario = models.CharField(max_length=64)
    script = JsonText(default=dict)
    restricted = models.BooleanField(default=False)
    announced = models.BooleanField(default=True)
    scheduled_at = MomentField()
    started_at = MomentField(null=True)
    ended_at = MomentField(null=True)
    pauses = JsonText(default=list)
    facilitator = ref(db_index=True)
    incident_id = ref(default="", db_index=True)
    reason = models.CharField(max_length=300, default="")
    created_by = ref()
    created_at = MomentField()
    changed_at = MomentField()

    class Meta:
        db_table = "drill"
        indexes = [models.Index(fields=["state", "scheduled_at"], name="drill_state")]
        constraints = [
            models.UniqueConstraint(
                fields=["plan_id", "planned_for"], condition=~Q(plan_id=""), name="one_drill_a_run"
            )
        ]


class DrillPerson(models.Model):
    """Somebody in a drill: with the role they play ("" is none yet), or as an observer."""

    id = key(default=new_id, editable=False)
    drill = models.ForeignKey(Drill, models.CASCADE, related_name="people")
    person_id = ref(db_index=True)
    role = models.CharField(max_length=60, default="")
    observer = models.BooleanField(default=False)

    class Meta:
        db_table = "drill_person"
        constraints = [
            models.UniqueConstraint(fields=["drill", "person_id"], name="once_in_a_drill"),
        ]


class DrillInject(models.Model):
    """A timed event of one drill. `fired_at` is when it happened; `actor` who fired or skipped it ("" its timer)."""

    id = key(default=new_id, editable=False)
    drill = models.ForeignKey(Drill, models.CASCADE, related_name="injects")
    key = models.CharField(max_length=64)
    at_minute = models.IntegerField()
    kind = models.CharField(max_length=20)  # message, away, alert, fact, inquiry
    title = models.CharField(max_length=200)
    text = models.TextField(default="")
    role = models.CharField(max_length=60, default="")
    about = models.CharField(max_length=30, default="")
    surprise = models.BooleanField(default=False)
    page = models.BooleanField(default=False)
    within_minutes = models.IntegerField(default=10)
    added = models.BooleanField(default=False)
    state = models.CharField(max_length=10, default="waiting")  # waiting, fired, skipped
    fired_at = MomentField(null=True)
    actor = ref(default="")
    note = models.CharField(max_length=300, default="")

    class Meta:
        db_table = "drill_inject"
        indexes = [models.Index(fields=["drill", "at_minute"], name="drill_inject_minute")]
