"""Proofs of addresses, quiet hours, certifications, wishes about shifts, shift notes and rehearsals."""

import django.db.models.deletion
import quarterdeck.store.fields
import quarterdeck.store.ids
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("store", "0014_calendars"),
    ]

    operations = [
        migrations.CreateModel(
            name="DutyWish",
            fields=[
                (
                    "person",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        primary_key=True,
                        related_name="duty_wish",
                        serialize=False,
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                ("start", models.BooleanField(default=True)),
                ("end", models.BooleanField(default=True)),
                ("digest", models.BooleanField(default=True)),
                ("lead_minutes", models.IntegerField(default=30)),
                ("at_night", models.BooleanField(default=False)),
            ],
            options={
                "db_table": "duty_wish",
            },
        ),
        migrations.CreateModel(
            name="Preference",
            fields=[
                ("name", models.CharField(max_length=60, primary_key=True, serialize=False)),
                ("value", quarterdeck.store.fields.JsonText(default=dict)),
            ],
            options={
                "db_table": "preference",
            },
        ),
        migrations.CreateModel(
            name="QuietHours",
            fields=[
                (
                    "person",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        primary_key=True,
                        related_name="quiet",
                        serialize=False,
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                ("zone", models.CharField(blank=True, default="", max_length=60)),
                ("days", quarterdeck.store.fields.JsonText(default=list)),
                ("starts", models.CharField(max_length=5)),
                ("ends", models.CharField(max_length=5)),
                ("through", quarterdeck.store.fields.JsonText(default=list)),
            ],
            options={
                "db_table": "quiet_hours",
            },
        ),
        migrations.AddField(
            model_name="callout",
            name="seen_at",
            field=quarterdeck.store.fields.MomentField(null=True),
        ),
        migrations.CreateModel(
            name="Certification",
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
                ("role", models.CharField(db_index=True, max_length=60)),
                ("planned_for", quarterdeck.store.fields.MomentField(null=True)),
                ("certified_at", quarterdeck.store.fields.MomentField(null=True)),
                ("expires_at", quarterdeck.store.fields.MomentField(null=True)),
                ("certified_by", models.CharField(default="", max_length=40)),
                ("note", models.CharField(blank=True, default="", max_length=300)),
                ("created_at", quarterdeck.store.fields.MomentField()),
                ("ended_at", quarterdeck.store.fields.MomentField(null=True)),
                (
                    "person",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="certifications",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "db_table": "certification",
                "indexes": [models.Index(fields=["person", "role"], name="certification_person_role")],
            },
        ),
        migrations.CreateModel(
            name="ContactProof",
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
                ("address", models.CharField(max_length=500)),
                ("code_hash", models.CharField(max_length=64)),
                ("tries", models.IntegerField(default=0)),
                ("sent_at", quarterdeck.store.fields.MomentField()),
                ("expires_at", quarterdeck.store.fields.MomentField()),
                ("ended_at", quarterdeck.store.fields.MomentField(null=True)),
                (
                    "contact",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="proofs",
                        to="store.contactmethod",
                    ),
                ),
            ],
            options={
                "db_table": "contact_proof",
                "indexes": [models.Index(fields=["address", "sent_at"], name="contact_proof_address")],
            },
        ),
        migrations.CreateModel(
            name="Rehearsal",
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
                ("month", models.CharField(max_length=7)),
                ("due_at", quarterdeck.store.fields.MomentField()),
                ("sent_at", quarterdeck.store.fields.MomentField(null=True)),
                ("callout_id", models.CharField(default="", max_length=40)),
                ("reminded_at", quarterdeck.store.fields.MomentField(null=True)),
                ("postponed", models.IntegerField(default=0)),
                ("created_at", quarterdeck.store.fields.MomentField()),
                (
                    "person",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="rehearsals",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "db_table": "rehearsal",
                "constraints": [
                    models.UniqueConstraint(fields=("person", "month"), name="one_rehearsal_a_month")
                ],
            },
        ),
        migrations.CreateModel(
            name="ShiftNote",
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
                ("shift_ends_at", quarterdeck.store.fields.MomentField(null=True)),
                ("author_id", models.CharField(max_length=40)),
                ("text", models.TextField()),
                ("at", quarterdeck.store.fields.MomentField()),
                (
                    "schedule",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="shift_notes",
                        to="store.schedule",
                    ),
                ),
            ],
            options={
                "db_table": "shift_note",
                "indexes": [models.Index(fields=["schedule", "at"], name="shift_note_schedule")],
            },
        ),
    ]
