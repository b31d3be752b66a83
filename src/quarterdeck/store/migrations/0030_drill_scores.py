"""Ratings, judgements, gaps and figures of drills."""

from django.db import migrations, models

import quarterdeck.store.fields
import quarterdeck.store.ids


class Migration(migrations.Migration):
    dependencies = [
        ("store", "0029_drills"),
    ]

    operations = [
        migrations.CreateModel(
            name="DrillGap",
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
                ("drill_id", models.CharField(max_length=40)),
                ("key", models.CharField(max_length=200)),
                ("kind", models.CharField(max_length=20)),
                ("role", models.CharField(default="", max_length=64)),
                ("title", models.CharField(max_length=300)),
                ("state", models.CharField(max_length=10)),
                ("reason", models.CharField(default="", max_length=300)),
                ("item_id", models.CharField(db_index=True, default="", max_length=40)),
                ("repeated", models.BooleanField(default=False)),
                ("decided_by", models.CharField(max_length=40)),
                ("decided_at", quarterdeck.store.fields.MomentField()),
            ],
            options={
                "db_table": "drill_gap",
                "constraints": [models.UniqueConstraint(fields=("drill_id", "key"), name="one_drill_gap")],
            },
        ),
        migrations.CreateModel(
            name="DrillJudgement",
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
                ("drill_id", models.CharField(max_length=40)),
                ("key", models.CharField(max_length=120)),
                ("verdict", models.CharField(max_length=10)),
                ("note", models.CharField(default="", max_length=300)),
                ("judged_by", models.CharField(max_length=40)),
                ("judged_at", quarterdeck.store.fields.MomentField()),
            ],
            options={
                "db_table": "drill_judgement",
                "constraints": [
                    models.UniqueConstraint(fields=("drill_id", "key"), name="one_drill_judgement")
                ],
            },
        ),
        migrations.CreateModel(
            name="DrillRating",
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
                ("drill_id", models.CharField(max_length=40)),
                ("role", models.CharField(max_length=64)),
                ("item", models.CharField(max_length=40)),
                ("points", models.IntegerField(null=True)),
                ("note", models.TextField(default="")),
                ("rated_by", models.CharField(max_length=40)),
                ("rated_at", quarterdeck.store.fields.MomentField()),
            ],
            options={
                "db_table": "drill_rating",
                "constraints": [
                    models.UniqueConstraint(fields=("drill_id", "role", "item"), name="one_drill_rating")
                ],
            },
        ),
        migrations.CreateModel(
            name="DrillScore",
            fields=[
                ("drill_id", models.CharField(max_length=40, primary_key=True, serialize=False)),
                ("incident_id", models.CharField(db_index=True, max_length=40)),
                ("team", models.CharField(default="", max_length=60)),
                ("scenario", models.CharField(max_length=64)),
                ("held_at", quarterdeck.store.fields.MomentField()),
                ("acknowledge", models.IntegerField(null=True)),
                ("command", models.IntegerField(null=True)),
                ("first_update", models.IntegerField(null=True)),
                ("restore", models.IntegerField(null=True)),
                ("score", models.IntegerField(null=True)),
                ("gaps", quarterdeck.store.fields.JsonText(default=list)),
                ("agreed_by", models.CharField(default="", max_length=40)),
                ("agreed_at", quarterdeck.store.fields.MomentField(null=True)),
            ],
            options={
                "db_table": "drill_score",
                "indexes": [models.Index(fields=["team", "held_at"], name="drill_score_team")],
            },
        ),
    ]
