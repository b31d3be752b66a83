"""Structured causes of reviews, problems and the incidents that lead there, and channels that stand ready."""

import quarterdeck.store.fields
import quarterdeck.store.ids
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("store", "0026_room"),
    ]

    operations = [
        migrations.CreateModel(
            name="ProblemLinkRow",
            fields=[
                ("id", models.CharField(max_length=120, primary_key=True, serialize=False)),
                ("incident_id", models.CharField(db_index=True, max_length=40)),
                ("problem_id", models.CharField(db_index=True, max_length=40)),
                ("linked_by", models.CharField(max_length=40)),
                ("linked_at", quarterdeck.store.fields.MomentField()),
            ],
            options={
                "db_table": "problem_link",
            },
        ),
        migrations.AddField(
            model_name="reviewrow",
            name="cause_category",
            field=models.CharField(db_default="", default="", max_length=64),
        ),
        migrations.AddField(
            model_name="reviewrow",
            name="change_kind",
            field=models.CharField(db_default="", default="", max_length=20),
        ),
        migrations.AddField(
            model_name="reviewrow",
            name="factors",
            field=quarterdeck.store.fields.JsonText(db_default=[], default=list),
        ),
        migrations.CreateModel(
            name="Problem",
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
                ("incident_id", models.CharField(db_index=True, max_length=40)),
                ("title", models.CharField(max_length=200)),
                ("root_cause", models.TextField(default="")),
                ("owner", models.CharField(db_index=True, max_length=40)),
                ("fix_on", models.CharField(max_length=10)),
                ("tracker_url", models.CharField(default="", max_length=2000)),
                ("state", models.CharField(default="open", max_length=20)),
                ("note", models.TextField(default="")),
                ("told_late", models.CharField(default="", max_length=10)),
                ("created_by", models.CharField(max_length=40)),
                ("created_at", quarterdeck.store.fields.MomentField()),
                ("changed_at", quarterdeck.store.fields.MomentField()),
            ],
            options={
                "db_table": "problem",
                "indexes": [models.Index(fields=["state", "fix_on"], name="problem_state")],
            },
        ),
        migrations.CreateModel(
            name="StandingChannel",
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
                ("scope", models.CharField(max_length=20)),
                ("key", models.CharField(max_length=64)),
                ("call_url", models.CharField(default="", max_length=2000)),
                ("chat_url", models.CharField(default="", max_length=2000)),
                ("call_well", models.BooleanField(null=True)),
                ("chat_well", models.BooleanField(null=True)),
                ("call_text", models.CharField(default="", max_length=300)),
                ("chat_text", models.CharField(default="", max_length=300)),
                ("checked_at", quarterdeck.store.fields.MomentField(null=True)),
                ("claimed_at", quarterdeck.store.fields.MomentField(null=True)),
                ("changed_by", models.CharField(max_length=40)),
                ("changed_at", quarterdeck.store.fields.MomentField()),
            ],
            options={
                "db_table": "standing_channel",
                "constraints": [
                    models.UniqueConstraint(fields=("scope", "key"), name="one_standing_channel")
                ],
            },
        ),
    ]
