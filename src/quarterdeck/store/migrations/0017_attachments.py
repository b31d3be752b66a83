"""Files of the record: a read table beside the others; their contents stand in a folder."""

from django.db import migrations, models

import quarterdeck.store.fields


class Migration(migrations.Migration):
    dependencies = [
        ("store", "0016_keys_and_removals"),
    ]

    operations = [
        migrations.CreateModel(
            name="AttachmentRow",
            fields=[
                ("id", models.CharField(max_length=40, primary_key=True, serialize=False)),
                ("incident_id", models.CharField(db_index=True, max_length=40)),
                ("name", models.CharField(max_length=300)),
                ("media_type", models.CharField(max_length=100)),
                ("size_bytes", models.BigIntegerField()),
                ("sha256", models.CharField(db_index=True, max_length=64)),
                ("text", models.TextField(default="")),
                ("attached_by", models.CharField(max_length=40)),
                ("attached_at", quarterdeck.store.fields.MomentField()),
            ],
            options={
                "db_table": "attachment",
            },
        ),
    ]
