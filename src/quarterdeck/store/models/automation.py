"""Rules of automation, their versions, and their runs: what waits to run, what ran and what came of it."""

from __future__ import annotations

from django.db import models

from ..fields import JsonText, MomentField, key, ref
from ..ids import new_id


class AutomationRule(models.Model):
    """`version` is the one in force. `failures` counts runs that failed one after the other; `stopped` says why the
    product itself switched the rule off, "" where a person did.
    """

    id = key(default=new_id, editable=False)
    key = models.CharField(max_length=32, unique=True)
    name = models.CharField(max_length=120)
    description = models.CharField(max_length=600, default="")
    enabled = models.BooleanField(default=False)
    position = models.IntegerField(default=0)
    team_id = ref(default="")
    trigger = models.CharField(max_length=40)
    version = models.IntegerField(default=1)
    failures = models.IntegerField(default=0)
    stopped = models.CharField(max_length=300, default="")
    created_by = ref()
    created_at = MomentField()
    changed_at = MomentField()
    enabled_at = MomentField(null=True)

    class Meta:
        db_table = "automation_rule"
        indexes = [models.Index(fields=["enabled", "trigger", "position"], name="automation_of_trigger")]


class AutomationVersion(models.Model):
    """What a rule said from `at` on, who wrote it and why. Never changed."""

    id = key(default=new_id, editable=False)
    rule_id = ref()
    version = models.IntegerField()
    definition = JsonText(default=dict)
    author = ref()
    reason = models.CharField(max_length=300, default="")
    at = MomentField()

    class Meta:
        db_table = "automation_version"
        constraints = [models.UniqueConstraint(fields=["rule_id", "version"], name="one_automation_version")]


class AutomationRun(models.Model):
    """One rule and one event, once: `event` tells it from every other one. It waits (queued, again) until `due_at`, and
    ends as done, skipped (the condition does not hold, or it no longer applies), failed or stopped (a bound, a loop).
    `words` are the trigger's values, `chain` the rules whose runs led here, `explained` the parts of the condition,
    `outcomes` one entry an action. Who may not know of the incident does not know of the run.
    """

    id = key(default=new_id, editable=False)
    rule_id = ref(db_index=True)
    version = models.IntegerField()
    event = models.CharField(max_length=160)
    trigger = models.CharField(max_length=40)
    incident_id = ref(default="", db_index=True)
    alert_id = ref(default="")
    words = JsonText(default=dict)
    chain = JsonText(default=list)
    state = models.CharField(max_length=20, default="queued")
    due_at = MomentField()
    attempts = models.IntegerField(default=0)
    holds = models.BooleanField(null=True)
    explained = JsonText(default=list)
    outcomes = JsonText(default=list)
    reason = models.CharField(max_length=600, default="")
    drill = models.BooleanField(default=False)
    queued_at = MomentField()
    ended_at = MomentField(null=True)
    took_ms = models.IntegerField(default=0)

    class Meta:
        db_table = "automation_run"
        constraints = [models.UniqueConstraint(fields=["rule_id", "event"], name="one_run_an_event")]
        indexes = [
            models.Index(fields=["state", "due_at"], name="automation_run_due"),
            models.Index(fields=["rule_id", "queued_at"], name="automation_run_of_rule"),
        ]


class ProposalRow(models.Model):
    """A read table: what rules proposed in an incident, and what people made of it."""

    id = models.CharField(max_length=120, primary_key=True)
    incident_id = ref(db_index=True)
    kind = models.CharField(max_length=20)
    value = models.CharField(max_length=40)
    reason = models.CharField(max_length=600, default="")
    name = models.CharField(max_length=120, default="")
    made_by = ref()
    made_at = MomentField()
    outcome = models.CharField(max_length=20, default="")
    settled_by = ref(default="")
    settled_at = MomentField(null=True)

    class Meta:
        db_table = "automation_proposal"
