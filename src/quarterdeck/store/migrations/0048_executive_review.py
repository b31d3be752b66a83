import quarterdeck.store.fields
from django.db import migrations, models


class Migration(migrations.Migration):
    """Comments on the strategic part of reviews, and the word of executives that they have read one."""

    dependencies = [
        ("store", "0047_sender_identity"),
    ]

    operations = [
        migrations.CreateModel(
            name="StrategicCommentRow",
            fields=[
                ("id", models.CharField(max_length=40, primary_key=True, serialize=False)),
                ("incident_id", models.CharField(db_index=True, max_length=40)),
                ("section", models.CharField(max_length=60)),
                ("text", models.TextField()),
                ("said_by", models.CharField(max_length=40)),
                ("said_at", quarterdeck.store.fields.MomentField()),
            ],
            options={"db_table": "strategic_comment"},
        ),
        migrations.CreateModel(
            name="ExecutiveReadingRow",
            fields=[
                ("id", models.CharField(max_length=120, primary_key=True, serialize=False)),
                ("incident_id", models.CharField(db_index=True, max_length=40)),
                ("person", models.CharField(db_index=True, max_length=40)),
                ("asked_at", quarterdeck.store.fields.MomentField()),
                ("due_at", quarterdeck.store.fields.MomentField()),
                ("reminded", models.IntegerField(default=0)),
                ("confirmed_at", quarterdeck.store.fields.MomentField(null=True)),
            ],
            options={"db_table": "executive_reading"},
        ),
    ]
