"""Read tables of what an incident asked of executives: engagement, help and offers, decisions, briefings, briefs."""

from __future__ import annotations

from django.db import models

from ..fields import JsonText, MomentField, key, ref


class EngagementRow(models.Model):
    id = models.CharField(max_length=120, primary_key=True)
    incident_id = ref(db_index=True)
    rule = models.CharField(max_length=64)
    title = models.CharField(max_length=120)
    measure = models.CharField(max_length=20)
    at = MomentField()
    liaison = models.BooleanField(default=False)
    briefing_minutes = models.IntegerField(default=0)

    class Meta:
        db_table = "exec_engagement"


class HelpRequestRow(models.Model):
    id = key()
    incident_id = ref(db_index=True)
    kind = models.CharField(max_length=20)
    text = models.TextField()
    need_by = MomentField()
    chain = JsonText(default=list)
    person = ref(db_index=True)
    asked_by = ref()
    asked_at = MomentField()
    level = models.IntegerField(default=0)
    late = models.BooleanField(default=False)
    state = models.CharField(max_length=20, default="open")
    accepted_by = ref(default="")
    accepted_at = MomentField(null=True)
    reply = models.TextField(default="")
    ended_by = ref(default="")
    ended_at = MomentField(null=True)

    class Meta:
        db_table = "help_request"


class HelpOfferRow(models.Model):
    id = key()
    incident_id = ref(db_index=True)
    kind = models.CharField(max_length=20)
    text = models.TextField()
    offered_by = ref()
    offered_at = MomentField()
    state = models.CharField(max_length=20, default="open")
    help = ref(default="")
    reason = models.TextField(default="")

    class Meta:
        db_table = "help_offer"


class DecisionRequestRow(models.Model):
    id = key()
    incident_id = ref(db_index=True)
    question = models.TextField()
    options = JsonText(default=list)
    consequences = JsonText(default=list)
    recommendation = models.TextField()
    fallback = models.TextField()
    deadline = MomentField()
    chain = JsonText(default=list)
    asked_by = ref()
    asked_at = MomentField()
    act = models.CharField(max_length=20, default="")
    minor = models.BigIntegerField(default=0)
    currency = models.CharField(max_length=3, default="")
    chosen = models.TextField(default="")
    by_default = models.BooleanField(default=False)
    note = models.TextField(default="")
    decided_by = ref(default="")
    decided_at = MomentField(null=True)

    class Meta:
        db_table = "decision_request"


class ExecBriefingRow(models.Model):
    id = key()
    incident_id = ref(db_index=True)
    starts_at = MomentField()
    presenter = ref(default="")
    people = JsonText(default=list)
    link = models.CharField(max_length=500, default="")
    every_minutes = models.IntegerField(default=0)
    planned_by = ref()
    state = models.CharField(max_length=20, default="planned")
    reminded = models.BooleanField(default=False)
    present = JsonText(default=list)
    notes = models.TextField(default="")
    ended_by = ref(default="")
    ended_at = MomentField(null=True)

    class Meta:
        db_table = "exec_briefing"


class ExecBriefRow(models.Model):
    """`id` is that of the message it went out as."""

    id = key()
    incident_id = ref(db_index=True)
    what = models.TextField()
    whom = models.TextField()
    doing = models.TextField()
    help_wanted = models.TextField()
    next_at = MomentField()
    sent_by = ref()
    sent_at = MomentField()

    class Meta:
        db_table = "exec_brief"
