"""Risks, preventive work, process reviews, notices with their readers, feedback, and the training calendar."""

import django.db.models.deletion
import quarterdeck.store.fields
import quarterdeck.store.ids
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("store", "0033_targets"),
    ]

    operations = [
        migrations.CreateModel(
            name="PreventivePlan",
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
                ("title", models.CharField(max_length=200)),
                ("kind", models.CharField(max_length=30)),
                ("service", models.CharField(db_index=True, default="", max_length=60)),
                ("owner", models.CharField(db_index=True, max_length=40)),
                ("cadence", models.CharField(max_length=20)),
                ("lead_days", models.IntegerField(default=7)),
                ("first_on", models.CharField(max_length=10)),
                ("next_on", models.CharField(max_length=10)),
                ("instructions", models.TextField(default="")),
                ("ended_at", quarterdeck.store.fields.MomentField(null=True)),
                ("created_by", models.CharField(max_length=40)),
                ("created_at", quarterdeck.store.fields.MomentField()),
            ],
            options={
                "db_table": "preventive_plan",
            },
        ),
        migrations.AddField(
            model_name="trainingsession",
            name="called_off_at",
            field=quarterdeck.store.fields.MomentField(null=True),
        ),
        migrations.AddField(
            model_name="trainingsession",
            name="joined",
            field=quarterdeck.store.fields.JsonText(db_default=[], default=list),
        ),
        migrations.AddField(
            model_name="trainingsession",
            name="minutes",
            field=models.IntegerField(db_default=60, default=60),
        ),
        migrations.AddField(
            model_name="trainingsession",
            name="place",
            field=models.CharField(db_default="", default="", max_length=300),
        ),
        migrations.AddField(
            model_name="trainingsession",
            name="seats",
            field=models.IntegerField(db_default=0, default=0),
        ),
        migrations.AddField(
            model_name="trainingsession",
            name="track",
            field=models.CharField(db_default="", default="", max_length=40),
        ),
        migrations.AddField(
            model_name="trainingsession",
            name="valid_months",
            field=models.IntegerField(db_default=0, default=0),
        ),
        migrations.CreateModel(
            name="Feedback",
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
                ("kind", models.CharField(max_length=20)),
                ("subject", models.CharField(max_length=120)),
                ("text", models.TextField()),
                ("by", models.CharField(max_length=40)),
                ("at", quarterdeck.store.fields.MomentField()),
                ("answer", models.TextField(default="")),
                ("answered_by", models.CharField(default="", max_length=40)),
                ("answered_at", quarterdeck.store.fields.MomentField(null=True)),
                ("wanted_by", models.CharField(default="", max_length=40)),
                ("review", models.CharField(default="", max_length=40)),
            ],
            options={
                "db_table": "feedback",
                "indexes": [models.Index(fields=["kind", "subject"], name="feedback_subject")],
            },
        ),
        migrations.CreateModel(
            name="Notice",
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
                ("kind", models.CharField(max_length=20)),
                ("subject", models.CharField(db_index=True, max_length=120)),
                ("version", models.CharField(default="", max_length=20)),
                ("title", models.CharField(max_length=200)),
                ("note", models.TextField()),
                ("path", models.CharField(default="", max_length=2000)),
                ("effective_at", quarterdeck.store.fields.MomentField()),
                ("files", quarterdeck.store.fields.JsonText(default=dict)),
                ("bases", quarterdeck.store.fields.JsonText(default=dict)),
                ("applied_at", quarterdeck.store.fields.MomentField(null=True)),
                ("failure", models.TextField(default="")),
                ("withdrawn_at", quarterdeck.store.fields.MomentField(null=True)),
                ("reminders", models.IntegerField(default=0)),
                ("published_by", models.CharField(max_length=40)),
                ("published_at", quarterdeck.store.fields.MomentField()),
            ],
            options={
                "db_table": "notice",
                "indexes": [models.Index(fields=["published_at"], name="notice_published")],
            },
        ),
        migrations.CreateModel(
            name="ProcessReview",
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
                ("trigger", models.CharField(max_length=20)),
                ("subject", models.CharField(max_length=60)),
                ("team", models.CharField(default="", max_length=60)),
                ("owner", models.CharField(db_index=True, max_length=40)),
                ("due_on", models.CharField(max_length=10)),
                ("state", models.CharField(default="open", max_length=20)),
                ("findings", quarterdeck.store.fields.JsonText(default=list)),
                ("changes", quarterdeck.store.fields.JsonText(default=list)),
                ("summary", models.TextField(default="")),
                ("done_by", models.CharField(default="", max_length=40)),
                ("done_at", quarterdeck.store.fields.MomentField(null=True)),
                ("told_late", models.CharField(default="", max_length=10)),
                ("created_at", quarterdeck.store.fields.MomentField()),
            ],
            options={
                "db_table": "process_review",
                "indexes": [models.Index(fields=["state", "due_on"], name="process_review_state")],
                "constraints": [
                    models.UniqueConstraint(fields=("trigger", "subject", "team"), name="one_process_review")
                ],
            },
        ),
        migrations.CreateModel(
            name="Risk",
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
                ("title", models.CharField(max_length=200)),
                ("description", models.TextField(default="")),
                ("services", quarterdeck.store.fields.JsonText(default=list)),
                ("likelihood", models.IntegerField(default=3)),
                ("effect", models.IntegerField(default=3)),
                ("safeguard", models.TextField(default="")),
                ("safeguard_state", models.CharField(default="none", max_length=20)),
                ("owner", models.CharField(db_index=True, max_length=40)),
                ("due_on", models.CharField(max_length=10)),
                ("review_on", models.CharField(default="", max_length=10)),
                ("state", models.CharField(default="open", max_length=20)),
                ("accepted_by", models.CharField(default="", max_length=40)),
                ("accepted_until", models.CharField(default="", max_length=10)),
                ("note", models.TextField(default="")),
                ("source", models.CharField(default="hand", max_length=20)),
                ("created_by", models.CharField(max_length=40)),
                ("created_at", quarterdeck.store.fields.MomentField()),
                ("changed_at", quarterdeck.store.fields.MomentField()),
            ],
            options={
                "db_table": "risk",
                "indexes": [models.Index(fields=["state", "due_on"], name="risk_state")],
            },
        ),
        migrations.CreateModel(
            name="RiskChange",
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
                ("at", quarterdeck.store.fields.MomentField()),
                ("by", models.CharField(max_length=40)),
                ("what", quarterdeck.store.fields.JsonText(default=dict)),
                ("note", models.TextField(default="")),
                (
                    "risk",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="changes", to="store.risk"
                    ),
                ),
            ],
            options={
                "db_table": "risk_change",
            },
        ),
        migrations.CreateModel(
            name="NoticeReceipt",
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
                ("person", models.CharField(db_index=True, max_length=40)),
                ("told_at", quarterdeck.store.fields.MomentField()),
                ("understood_at", quarterdeck.store.fields.MomentField(null=True)),
                (
                    "notice",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="receipts",
                        to="store.notice",
                    ),
                ),
            ],
            options={
                "db_table": "notice_receipt",
                "constraints": [
                    models.UniqueConstraint(fields=("notice", "person"), name="one_notice_receipt")
                ],
            },
        ),
        migrations.CreateModel(
            name="PreventiveTask",
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
                ("title", models.CharField(max_length=200)),
                ("kind", models.CharField(max_length=30)),
                ("service", models.CharField(db_index=True, default="", max_length=60)),
                ("owner", models.CharField(db_index=True, max_length=40)),
                ("due_on", models.CharField(max_length=10)),
                ("instructions", models.TextField(default="")),
                ("source", models.CharField(default="hand", max_length=20)),
                ("source_ref", models.CharField(default="", max_length=120)),
                ("state", models.CharField(default="open", max_length=20)),
                ("evidence", models.TextField(default="")),
                ("evidence_url", models.CharField(default="", max_length=2000)),
                ("ended_by", models.CharField(default="", max_length=40)),
                ("ended_at", quarterdeck.store.fields.MomentField(null=True)),
                ("told_late", models.CharField(default="", max_length=10)),
                ("created_by", models.CharField(max_length=40)),
                ("created_at", quarterdeck.store.fields.MomentField()),
                (
                    "plan",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="tasks",
                        to="store.preventiveplan",
                    ),
                ),
            ],
            options={
                "db_table": "preventive_task",
                "indexes": [models.Index(fields=["state", "due_on"], name="preventive_task_state")],
                "constraints": [
                    models.UniqueConstraint(fields=("plan", "due_on"), name="one_preventive_task_a_day")
                ],
            },
        ),
        migrations.CreateModel(
            name="RiskLink",
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
                ("kind", models.CharField(max_length=20)),
                ("ref", models.CharField(db_index=True, max_length=120)),
                ("at", quarterdeck.store.fields.MomentField()),
                (
                    "risk",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="links", to="store.risk"
                    ),
                ),
            ],
            options={
                "db_table": "risk_link",
                "constraints": [
                    models.UniqueConstraint(fields=("risk", "kind", "ref"), name="one_risk_link")
                ],
            },
        ),
    ]
