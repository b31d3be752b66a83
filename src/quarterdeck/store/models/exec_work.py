"""Read tables of the executives' own work in an incident: status lines, tasks, and words with their liaison."""

from __future__ import annotations

from django.db import models

from ..fields import MomentField, key, ref


class ExecLineRow(models.Model):
    id = models.CharField(max_length=120, primary_key=True)
    incident_id = ref(db_index=True)
    stream = models.CharField(max_length=20)
    text = models.CharField(max_length=200)
    set_by = ref()
    set_at = MomentField()

    class Meta:
        db_table = "exec_line"


class ExecTaskRow(models.Model):
    id = key()
    incident_id = ref(db_index=True)
    stream = models.CharField(max_length=20)
    title = models.CharField(max_length=200)
    owner = ref(default="")
    due_at = MomentField(null=True)
    set_by = ref()
    set_at = MomentField()
    state = models.CharField(max_length=20, default="open")
    result = models.CharField(max_length=200, default="")
    ended_by = ref(default="")
    ended_at = MomentField(null=True)

    class Meta:
        db_table = "exec_task"


class ExecWordRow(models.Model):
    id = key()
    incident_id = ref(db_index=True)
    text = models.TextField()
    said_by = ref()
    said_at = MomentField()

    class Meta:
        db_table = "exec_word"
