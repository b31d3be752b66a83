"""Targets with their history, reports that go out by themselves, rules of the figures, tickets of an incident."""

from django.db import migrations, models

import quarterdeck.store.fields
import quarterdeck.store.ids


class Migration(migrations.Migration):
    dependencies = [
        ("store", "0032_incident_chat"),
    ]

    operations = [
        migrations.CreateModel(
            name="ReportPlan",
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
                ("pack", models.CharField(max_length=20)),
                ("title", models.CharField(max_length=120)),
                ("timezone", models.CharField(max_length=60)),
                ("hour", models.IntegerField(default=8)),
                ("next_at", quarterdeck.store.fields.MomentField()),
                ("created_by", models.CharField(max_length=40)),
                ("created_at", quarterdeck.store.fields.MomentField()),
                ("changed_at", quarterdeck.store.fields.MomentField()),
                ("stopped_at", quarterdeck.store.fields.MomentField(null=True)),
            ],
            options={
                "db_table": "report_plan",
            },
        ),
        migrations.CreateModel(
            name="ReportReader",
            fields=[
                ("id", models.CharField(max_length=90, primary_key=True, serialize=False)),
                ("plan_id", models.CharField(db_index=True, max_length=40)),
                ("person_id", models.CharField(db_index=True, max_length=40)),
                ("added_by", models.CharField(max_length=40)),
                ("added_at", quarterdeck.store.fields.MomentField()),
                ("left_at", quarterdeck.store.fields.MomentField(null=True)),
            ],
            options={
                "db_table": "report_reader",
            },
        ),
        migrations.CreateModel(
            name="ReportSent",
            fields=[
                ("id", models.CharField(max_length=90, primary_key=True, serialize=False)),
                ("plan_id", models.CharField(db_index=True, max_length=40)),
                ("period", models.CharField(max_length=20)),
                ("due_at", quarterdeck.store.fields.MomentField()),
                ("sent_at", quarterdeck.store.fields.MomentField()),
                ("people", models.IntegerField()),
            ],
            options={
                "db_table": "report_sent",
            },
        ),
        migrations.AddField(
            model_name="incidentrow",
            name="tickets",
            field=models.IntegerField(null=True),
        ),
        migrations.CreateModel(
            name="InsightRules",
            fields=[
                ("id", models.IntegerField(default=1, primary_key=True, serialize=False)),
                ("level", models.CharField(default="team", max_length=20)),
                ("program_lead", models.CharField(default="", max_length=40)),
                ("commander_minutes", models.IntegerField(default=15)),
                ("changed_at", quarterdeck.store.fields.MomentField()),
            ],
            options={
                "db_table": "insight_rules",
                "constraints": [
                    models.CheckConstraint(condition=models.Q(("id", 1)), name="one_insight_rules")
                ],
            },
        ),
        migrations.CreateModel(
            name="Target",
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
                ("metric", models.CharField(max_length=40)),
                ("severity", models.IntegerField(null=True)),
                ("team", models.CharField(default="", max_length=60)),
                ("at_most_seconds", models.BigIntegerField()),
                ("hours", models.CharField(default="always", max_length=10)),
                ("since", quarterdeck.store.fields.MomentField()),
                ("withdrawn", models.BooleanField(default=False)),
                ("reason", models.CharField(max_length=300)),
                ("set_by", models.CharField(max_length=40)),
                ("set_at", quarterdeck.store.fields.MomentField()),
            ],
            options={
                "db_table": "target",
                "indexes": [models.Index(fields=["since", "id"], name="target_since")],
            },
        ),
    ]
