"""Browsers that show pages, and the public key they believe."""

import django.db.models.deletion
import quarterdeck.store.fields
import quarterdeck.store.ids
import quarterdeck.store.sealed
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("store", "0012_policies"),
    ]

    operations = [
        migrations.CreateModel(
            name="PushKey",
            fields=[
                ("public_key", models.CharField(max_length=100, primary_key=True, serialize=False)),
                ("since", quarterdeck.store.fields.MomentField()),
            ],
            options={"db_table": "push_key"},
        ),
        migrations.CreateModel(
            name="PushDevice",
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
                ("endpoint", quarterdeck.store.sealed.SealedText()),
                ("endpoint_hash", models.CharField(max_length=64, unique=True)),
                ("p256dh", models.CharField(max_length=100)),
                ("auth", quarterdeck.store.sealed.SealedText()),
                ("public_key", models.CharField(max_length=100)),
                ("browser", models.CharField(default="", max_length=100)),
                ("created_at", quarterdeck.store.fields.MomentField()),
                ("ended_at", quarterdeck.store.fields.MomentField(null=True)),
                ("ended_why", models.CharField(default="", max_length=300)),
                (
                    "contact",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="device",
                        to="store.contactmethod",
                    ),
                ),
            ],
            options={"db_table": "push_device"},
        ),
    ]
