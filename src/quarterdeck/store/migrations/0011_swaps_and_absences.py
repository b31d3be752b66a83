"""Absences, swaps and the search for cover; an override may replace one of several, add or take away."""

import django.db.models.deletion
import quarterdeck.store.fields
import quarterdeck.store.ids
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("store", "0010_source_counts"),
    ]

    operations = [
        migrations.CreateModel(
            name="Cover",
            fields=[
                ("id", models.CharField(editable=False, max_length=40, primary_key=True, serialize=False)),
                ("slot", quarterdeck.store.fields.JsonText(default=dict)),
                ("person_id", models.CharField(db_index=True, max_length=40)),
                ("candidates", quarterdeck.store.fields.JsonText(default=list)),
                ("asked", quarterdeck.store.fields.JsonText(default=list)),
                ("declined", quarterdeck.store.fields.JsonText(default=list)),
                ("wait_minutes", models.IntegerField()),
                ("made_by", models.CharField(max_length=40)),
                ("reason", models.CharField(blank=True, max_length=300)),
                ("state", models.CharField(max_length=10)),
                ("answer_by", quarterdeck.store.fields.MomentField(null=True)),
                ("taken_by", models.CharField(default="", max_length=40)),
                ("created_at", quarterdeck.store.fields.MomentField()),
                ("ends_at", quarterdeck.store.fields.MomentField(db_index=True)),
            ],
            options={
                "db_table": "cover",
                "ordering": ["-created_at", "-id"],
            },
        ),
        migrations.CreateModel(
            name="Swap",
            fields=[
                ("id", models.CharField(editable=False, max_length=40, primary_key=True, serialize=False)),
                ("give", quarterdeck.store.fields.JsonText(default=dict)),
                ("take", quarterdeck.store.fields.JsonText(default=dict)),
                ("giver_id", models.CharField(db_index=True, max_length=40)),
                ("other_id", models.CharField(db_index=True, max_length=40)),
                ("made_by", models.CharField(max_length=40)),
                ("reason", models.CharField(blank=True, max_length=300)),
                ("state", models.CharField(max_length=10)),
                ("offered_at", quarterdeck.store.fields.MomentField()),
                ("expires_at", quarterdeck.store.fields.MomentField()),
                ("ended_at", quarterdeck.store.fields.MomentField(null=True)),
                ("ended_by", models.CharField(blank=True, max_length=40)),
            ],
            options={
                "db_table": "swap",
                "ordering": ["-offered_at", "-id"],
            },
        ),
        migrations.AddField(
            model_name="override",
            name="effect",
            field=models.CharField(db_default="all", default="all", max_length=10),
        ),
        migrations.AddField(
            model_name="override",
            name="instead_of",
            field=models.CharField(blank=True, db_default="", default="", max_length=40),
        ),
        migrations.AddField(
            model_name="override",
            name="swap_id",
            field=models.CharField(blank=True, db_default="", default="", max_length=40),
        ),
        migrations.CreateModel(
            name="Absence",
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
                ("starts_at", quarterdeck.store.fields.MomentField()),
                ("ends_at", quarterdeck.store.fields.MomentField(db_index=True)),
                ("reason", models.CharField(blank=True, max_length=300)),
                ("created_by", models.CharField(max_length=40)),
                ("created_at", quarterdeck.store.fields.MomentField()),
                ("removed_at", quarterdeck.store.fields.MomentField(null=True)),
                (
                    "person",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="absences",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "db_table": "absence",
                "ordering": ["starts_at", "id"],
            },
        ),
    ]
