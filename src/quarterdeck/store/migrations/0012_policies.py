"""Alerts that are answered until a time only: snoozes, and acknowledgements that run out."""

import quarterdeck.store.fields
import quarterdeck.store.ids
from django.db import migrations, models
from django.db.models import Q


class Migration(migrations.Migration):
    dependencies = [
        ("store", "0011_swaps_and_absences"),
    ]

    operations = [
        migrations.CreateModel(
            name="Snooze",
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
                ("alert_id", models.CharField(max_length=40)),
                ("kind", models.CharField(max_length=10)),
                ("until", quarterdeck.store.fields.MomentField()),
                ("person_id", models.CharField(max_length=40)),
                ("reason", models.CharField(blank=True, max_length=300)),
                ("created_at", quarterdeck.store.fields.MomentField()),
                ("ended_at", quarterdeck.store.fields.MomentField(null=True)),
                ("ended_by", models.CharField(blank=True, default="", max_length=40)),
            ],
            options={
                "db_table": "snooze",
                "constraints": [
                    models.UniqueConstraint(
                        fields=["alert_id"], condition=Q(ended_at__isnull=True), name="one_standing_snooze"
                    ),
                ],
                "indexes": [
                    models.Index(
                        fields=["until"], name="snooze_standing", condition=Q(ended_at__isnull=True)
                    ),
                    models.Index(fields=["alert_id"], name="snooze_alert"),
                ],
            },
        ),
    ]
