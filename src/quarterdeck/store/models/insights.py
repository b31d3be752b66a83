"""Targets and their history, reports that go out by themselves, and how far down figures may be broken."""

from __future__ import annotations

from django.db import models

from ..fields import MomentField, key, ref
from ..ids import new_id

ONLY = 1


class Target(models.Model):
    """One row each time somebody sets or withdraws a target; none is ever changed. `severity` None and `team` "" stand
    for all. In force from `since` until the next row for the same metric, severity and team.
    """

    id = key(default=new_id, editable=False)
    metric = models.CharField(max_length=40)
    severity = models.IntegerField(null=True)
    team = models.CharField(max_length=60, default="")
    at_most_seconds = models.BigIntegerField()
    hours = models.CharField(max_length=10, default="always")  # always | business
    since = MomentField()
    withdrawn = models.BooleanField(default=False)
    reason = models.CharField(max_length=300)
    set_by = ref()
    set_at = MomentField()

    class Meta:
        db_table = "target"
        indexes = [models.Index(fields=["since", "id"], name="target_since")]


class ReportPlan(models.Model):
    """A report pack that is sent every so often. `next_at` is when the next one is due, in `timezone` at `hour`."""

    id = key(default=new_id, editable=False)
    pack = models.CharField(max_length=20)  # on_call | service | business
    title = models.CharField(max_length=120)
    timezone = models.CharField(max_length=60)
    hour = models.IntegerField(default=8)
    next_at = MomentField()
    created_by = ref()
    created_at = MomentField()
    changed_at = MomentField()
    stopped_at = MomentField(null=True)
    # The switch of a response structure while whose halt nothing is sent, and since when that is so.
    switch = models.CharField(max_length=64, default="", db_default="")
    held_at = MomentField(null=True)

    class Meta:
        db_table = "report_plan"


class ReportReader(models.Model):
    """Who gets a report. Whoever left by themselves (`left_at`) comes back only by themselves."""

    id = models.CharField(max_length=90, primary_key=True)
    plan_id = ref(db_index=True)
    person_id = ref(db_index=True)
    added_by = ref()
    added_at = MomentField()
    left_at = MomentField(null=True)

    class Meta:
        db_table = "report_reader"


class ReportSent(models.Model):
    """That the report of one period went into the outbox: the key, plan and period, says it once for ever."""

    id = models.CharField(max_length=90, primary_key=True)
    plan_id = ref(db_index=True)
    period = models.CharField(max_length=20)
    due_at = MomentField()
    sent_at = MomentField()
    people = models.IntegerField()

    class Meta:
        db_table = "report_sent"


class InsightRules(models.Model):
    """The one row about figures. `level`: team, or organisation when not even teams are told apart; never a person."""

    id = models.IntegerField(primary_key=True, default=ONLY)
    level = models.CharField(max_length=20, default="team")
    program_lead = ref(default="")
    commander_minutes = models.IntegerField(default=15)
    changed_at = MomentField()

    class Meta:
        db_table = "insight_rules"
        constraints = [models.CheckConstraint(condition=models.Q(id=ONLY), name="one_insight_rules")]
