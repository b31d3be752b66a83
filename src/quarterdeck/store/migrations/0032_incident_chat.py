"""Channels of incidents in a chat program: the rules, who is in them, and what came from there."""

import quarterdeck.store.fields
import quarterdeck.store.ids
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("store", "0031_automation"),
    ]

    operations = [
        migrations.CreateModel(
            name="ChannelMember",
            fields=[
                ("id", models.CharField(max_length=120, primary_key=True, serialize=False)),
                ("incident_id", models.CharField(db_index=True, max_length=40)),
                ("person_id", models.CharField(default="", max_length=40)),
                ("member", models.CharField(default="", max_length=40)),
                ("name", models.CharField(default="", max_length=200)),
                ("here", models.BooleanField(default=False)),
                ("invited_at", quarterdeck.store.fields.MomentField(null=True)),
                ("error", models.CharField(default="", max_length=200)),
                ("told", models.IntegerField(default=0)),
                ("told_since", quarterdeck.store.fields.MomentField(null=True)),
            ],
            options={
                "db_table": "channel_member",
            },
        ),
        migrations.CreateModel(
            name="ChatEntry",
            fields=[
                ("id", models.CharField(max_length=80, primary_key=True, serialize=False)),
                ("incident_id", models.CharField(db_index=True, max_length=40)),
                ("entry_id", models.CharField(max_length=40)),
                ("chosen_by", models.CharField(max_length=40)),
                ("state", models.CharField(default="wanted", max_length=10)),
                ("author", models.CharField(default="", max_length=40)),
                ("name", models.CharField(default="", max_length=200)),
                ("text", models.TextField(default="")),
                ("at", quarterdeck.store.fields.MomentField()),
            ],
            options={
                "db_table": "chat_entry",
            },
        ),
        migrations.CreateModel(
            name="ChatReport",
            fields=[
                ("id", models.CharField(max_length=120, primary_key=True, serialize=False)),
                ("at", quarterdeck.store.fields.MomentField(db_index=True)),
            ],
            options={
                "db_table": "chat_report",
            },
        ),
        migrations.CreateModel(
            name="ChatRule",
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
                ("type", models.CharField(default="", max_length=64, unique=True)),
                ("program", models.CharField(default="slack", max_length=20)),
                ("wanted", models.CharField(default="none", max_length=10)),
                ("restricted", models.CharField(default="none", max_length=10)),
                ("prefix", models.CharField(default="inc", max_length=20)),
                ("minutes", quarterdeck.store.fields.JsonText(default=dict)),
                ("archive_days", models.IntegerField(default=7)),
                ("changed_by", models.CharField(max_length=40)),
                ("changed_at", quarterdeck.store.fields.MomentField()),
            ],
            options={
                "db_table": "chat_rule",
            },
        ),
        migrations.CreateModel(
            name="IncidentChannel",
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
                ("incident_id", models.CharField(max_length=40, unique=True)),
                ("program", models.CharField(default="slack", max_length=20)),
                ("private", models.BooleanField(default=False)),
                ("name", models.CharField(max_length=80)),
                ("attempt", models.IntegerField(default=1)),
                ("room", models.CharField(db_index=True, default="", max_length=40)),
                ("own_member", models.CharField(default="", max_length=40)),
                ("url", models.CharField(default="", max_length=2000)),
                ("state", models.CharField(default="opening", max_length=10)),
                ("said_open", models.BooleanField(default=False)),
                ("said_end", models.CharField(default="", max_length=20)),
                ("topic", models.CharField(default="", max_length=300)),
                ("topic_set", models.CharField(default="", max_length=300)),
                ("error", models.CharField(default="", max_length=300)),
                ("retry_at", quarterdeck.store.fields.MomentField(null=True)),
                ("created_at", quarterdeck.store.fields.MomentField()),
                ("opened_at", quarterdeck.store.fields.MomentField(null=True)),
                ("looked_at", quarterdeck.store.fields.MomentField(null=True)),
                ("archive_at", quarterdeck.store.fields.MomentField(null=True)),
            ],
            options={
                "db_table": "incident_channel",
            },
        ),
    ]
