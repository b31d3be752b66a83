"""Drills: plans, the drills, who takes part, and their injects; the kind of drill an incident is."""

import django.db.models.deletion
import quarterdeck.store.fields
import quarterdeck.store.ids
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("store", "0028_problems"),
    ]

    operations = [
        migrations.CreateModel(
            name="DrillPlan",
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
                ("title", models.CharField(max_length=120)),
                ("team", models.CharField(default="", max_length=60)),
                ("schedule", models.CharField(default="", max_length=60)),
                ("scenario", models.CharField(default="", max_length=64)),
                ("kind", models.CharField(max_length=20)),
                ("weekday", models.IntegerField()),
                ("at", models.CharField(max_length=5)),
                ("zone", models.CharField(max_length=60)),
                ("every_weeks", models.IntegerField(default=1)),
                ("since", models.CharField(max_length=10)),
                ("facilitator", models.CharField(max_length=40)),
                ("participants", quarterdeck.store.fields.JsonText(default=list)),
                ("announced", models.BooleanField(default=True)),
                ("state", models.CharField(default="active", max_length=10)),
                ("reason", models.CharField(default="", max_length=300)),
                ("made_for", quarterdeck.store.fields.MomentField(null=True)),
                ("next_at", quarterdeck.store.fields.MomentField(null=True)),
                ("created_by", models.CharField(max_length=40)),
                ("created_at", quarterdeck.store.fields.MomentField()),
                ("changed_at", quarterdeck.store.fields.MomentField()),
            ],
            options={
                "db_table": "drill_plan",
            },
        ),
        migrations.AddField(
            model_name="incidentrow",
            name="drill_kind",
            field=models.CharField(db_default="", default="", max_length=20),
        ),
        migrations.CreateModel(
            name="Drill",
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
                ("plan_id", models.CharField(db_index=True, default="", max_length=40)),
                ("planned_for", quarterdeck.store.fields.MomentField(null=True)),
                ("title", models.CharField(max_length=200)),
                ("kind", models.CharField(max_length=20)),
                ("state", models.CharField(default="planned", max_length=12)),
                ("scenario", models.CharField(max_length=64)),
                ("script", quarterdeck.store.fields.JsonText(default=dict)),
                ("restricted", models.BooleanField(default=False)),
                ("announced", models.BooleanField(default=True)),
                ("scheduled_at", quarterdeck.store.fields.MomentField()),
                ("started_at", quarterdeck.store.fields.MomentField(null=True)),
                ("ended_at", quarterdeck.store.fields.MomentField(null=True)),
                ("pauses", quarterdeck.store.fields.JsonText(default=list)),
                ("facilitator", models.CharField(db_index=True, max_length=40)),
                ("incident_id", models.CharField(db_index=True, default="", max_length=40)),
                ("reason", models.CharField(default="", max_length=300)),
                ("created_by", models.CharField(max_length=40)),
                ("created_at", quarterdeck.store.fields.MomentField()),
                ("changed_at", quarterdeck.store.fields.MomentField()),
            ],
            options={
                "db_table": "drill",
                "indexes": [models.Index(fields=["state", "scheduled_at"], name="drill_state")],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("plan_id", ""), _negated=True),
                        fields=("plan_id", "planned_for"),
                        name="one_drill_a_run",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="DrillInject",
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
                ("key", models.CharField(max_length=64)),
                ("at_minute", models.IntegerField()),
                ("kind", models.CharField(max_length=20)),
                ("title", models.CharField(max_length=200)),
                ("text", models.TextField(default="")),
                ("role", models.CharField(default="", max_length=60)),
                ("about", models.CharField(default="", max_length=30)),
                ("surprise", models.BooleanField(default=False)),
                ("page", models.BooleanField(default=False)),
                ("within_minutes", models.IntegerField(default=10)),
                ("added", models.BooleanField(default=False)),
                ("state", models.CharField(default="waiting", max_length=10)),
                ("fired_at", quarterdeck.store.fields.MomentField(null=True)),
                ("actor", models.CharField(default="", max_length=40)),
                ("note", models.CharField(default="", max_length=300)),
                (
                    "drill",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="injects", to="store.drill"
                    ),
                ),
            ],
            options={
                "db_table": "drill_inject",
                "indexes": [models.Index(fields=["drill", "at_minute"], name="drill_inject_minute")],
            },
        ),
        migrations.CreateModel(
            name="DrillPerson",
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
                ("person_id", models.CharField(db_index=True, max_length=40)),
                ("role", models.CharField(default="", max_length=60)),
                ("observer", models.BooleanField(default=False)),
                (
                    "drill",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="people", to="store.drill"
                    ),
                ),
            ],
            options={
                "db_table": "drill_person",
                "constraints": [
                    models.UniqueConstraint(fields=("drill", "person_id"), name="once_in_a_drill")
                ],
            },
        ),
    ]
