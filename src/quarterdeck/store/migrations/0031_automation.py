"""Rules of automation, their versions and runs, and what rules propose in incidents."""

import quarterdeck.store.fields
import quarterdeck.store.ids
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("store", "0030_drill_scores"),
    ]

    operations = [
        migrations.CreateModel(
            name="ProposalRow",
            fields=[
                ("id", models.CharField(max_length=120, primary_key=True, serialize=False)),
                ("incident_id", models.CharField(db_index=True, max_length=40)),
                ("kind", models.CharField(max_length=20)),
                ("value", models.CharField(max_length=40)),
                ("reason", models.CharField(default="", max_length=600)),
                ("name", models.CharField(default="", max_length=120)),
                ("made_by", models.CharField(max_length=40)),
                ("made_at", quarterdeck.store.fields.MomentField()),
                ("outcome", models.CharField(default="", max_length=20)),
                ("settled_by", models.CharField(default="", max_length=40)),
                ("settled_at", quarterdeck.store.fields.MomentField(null=True)),
            ],
            options={
                "db_table": "automation_proposal",
            },
        ),
        migrations.CreateModel(
            name="AutomationRule",
            fields=[
                (
                    "id",
                    models.CharField(
                        default=quarterdeck.store.ids.new_id,
                        editable=False,
                        max_length=40,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                ("key", models.CharField(max_length=32, unique=True)),
                ("name", models.CharField(max_length=120)),
                ("description", models.CharField(default="", max_length=600)),
                ("enabled", models.BooleanField(default=False)),
                ("position", models.IntegerField(default=0)),
                ("team_id", models.CharField(default="", max_length=40)),
                ("trigger", models.CharField(max_length=40)),
                ("version", models.IntegerField(default=1)),
                ("failures", models.IntegerField(default=0)),
                ("stopped", models.CharField(default="", max_length=300)),
                ("created_by", models.CharField(max_length=40)),
                ("created_at", quarterdeck.store.fields.MomentField()),
                ("changed_at", quarterdeck.store.fields.MomentField()),
                ("enabled_at", quarterdeck.store.fields.MomentField(null=True)),
            ],
            options={
                "db_table": "automation_rule",
                "indexes": [
                    models.Index(fields=["enabled", "trigger", "position"], name="automation_of_trigger")
                ],
            },
        ),
        migrations.CreateModel(
            name="AutomationRun",
            fields=[
                (
                    "id",
                    models.CharField(
                        default=quarterdeck.store.ids.new_id,
                        editable=False,
                        max_length=40,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                ("rule_id", models.CharField(db_index=True, max_length=40)),
                ("version", models.IntegerField()),
                ("event", models.CharField(max_length=160)),
                ("trigger", models.CharField(max_length=40)),
                ("incident_id", models.CharField(db_index=True, default="", max_length=40)),
                ("alert_id", models.CharField(default="", max_length=40)),
                ("words", quarterdeck.store.fields.JsonText(default=dict)),
                ("chain", quarterdeck.store.fields.JsonText(default=list)),
                ("state", models.CharField(default="queued", max_length=20)),
                ("due_at", quarterdeck.store.fields.MomentField()),
                ("attempts", models.IntegerField(default=0)),
                ("holds", models.BooleanField(null=True)),
                ("explained", quarterdeck.store.fields.JsonText(default=list)),
                ("outcomes", quarterdeck.store.fields.JsonText(default=list)),
                ("reason", models.CharField(default="", max_length=600)),
                ("drill", models.BooleanField(default=False)),
                ("queued_at", quarterdeck.store.fields.MomentField()),
                ("ended_at", quarterdeck.store.fields.MomentField(null=True)),
                ("took_ms", models.IntegerField(default=0)),
            ],
            options={
                "db_table": "automation_run",
                "indexes": [
                    models.Index(fields=["state", "due_at"], name="automation_run_due"),
                    models.Index(fields=["rule_id", "queued_at"], name="automation_run_of_rule"),
                ],
                "constraints": [
                    models.UniqueConstraint(fields=("rule_id", "event"), name="one_run_an_event")
                ],
            },
        ),
        migrations.CreateModel(
            name="AutomationVersion",
            fields=[
                (
                    "id",
                    models.CharField(
                        default=quarterdeck.store.ids.new_id,
                        editable=False,
                        max_length=40,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                ("rule_id", models.CharField(max_length=40)),
                ("version", models.IntegerField()),
                ("definition", quarterdeck.store.fields.JsonText(default=dict)),
                ("author", models.CharField(max_length=40)),
                ("reason", models.CharField(default="", max_length=300)),
                ("at", quarterdeck.store.fields.MomentField()),
            ],
            options={
                "db_table": "automation_version",
                "constraints": [
                    models.UniqueConstraint(fields=("rule_id", "version"), name="one_automation_version")
                ],
            },
        ),
    ]
