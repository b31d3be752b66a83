"""Calendars that lead out and in, whose public holidays are whose, and what an hour on call is worth."""

import django.db.models.deletion
import quarterdeck.store.fields
import quarterdeck.store.ids
import quarterdeck.store.sealed
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("store", "0013_web_push"),
    ]

    operations = [
        migrations.CreateModel(
            name="PayRules",
            fields=[
                ("id", models.IntegerField(default=1, primary_key=True, serialize=False)),
                ("rules", quarterdeck.store.fields.JsonText(default=dict)),
                ("changed_at", quarterdeck.store.fields.MomentField()),
            ],
            options={
                "db_table": "pay_rules",
                "constraints": [
                    models.CheckConstraint(condition=models.Q(("id", 1)), name="one_pay_rules")
                ],
            },
        ),
        migrations.CreateModel(
            name="AbsenceCalendar",
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
                ("name", models.CharField(max_length=120)),
                ("url", quarterdeck.store.sealed.SealedText(blank=True)),
                ("etag", models.CharField(blank=True, max_length=200)),
                ("last_modified", models.CharField(blank=True, max_length=100)),
                ("read_at", quarterdeck.store.fields.MomentField(null=True)),
                ("tried_at", quarterdeck.store.fields.MomentField(db_index=True, null=True)),
                ("failure", models.CharField(blank=True, max_length=300)),
                ("created_at", quarterdeck.store.fields.MomentField()),
                ("removed_at", quarterdeck.store.fields.MomentField(null=True)),
                (
                    "person",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="absence_calendars",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "db_table": "absence_calendar",
                "ordering": ["created_at", "id"],
            },
        ),
        migrations.CreateModel(
            name="CalendarFeed",
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
                ("kind", models.CharField(max_length=10)),
                ("subject_id", models.CharField(db_index=True, max_length=40)),
                ("name", models.CharField(max_length=120)),
                ("token_hash", models.CharField(max_length=64, unique=True)),
                ("hint", models.CharField(max_length=20)),
                ("told", quarterdeck.store.fields.JsonText(default=dict)),
                ("changed_at", quarterdeck.store.fields.MomentField()),
                ("created_at", quarterdeck.store.fields.MomentField()),
                ("last_read_at", quarterdeck.store.fields.MomentField(null=True)),
                ("revoked_at", quarterdeck.store.fields.MomentField(null=True)),
                (
                    "owner",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="calendar_feeds",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "db_table": "calendar_feed",
                "ordering": ["created_at", "id"],
            },
        ),
        migrations.AddField(
            model_name="person",
            name="holiday_region",
            field=models.CharField(blank=True, db_default="", default="", max_length=20),
        ),
        migrations.AddField(
            model_name="absence",
            name="calendar_id",
            field=models.CharField(blank=True, db_default="", db_index=True, default="", max_length=40),
        ),
        migrations.AddField(
            model_name="absence",
            name="source_ref",
            field=models.CharField(blank=True, db_default="", default="", max_length=300),
        ),
    ]
