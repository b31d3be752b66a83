"""When a handover is announced to take effect."""

from django.db import migrations

import quarterdeck.store.fields


class Migration(migrations.Migration):
    dependencies = [
        ("store", "0025_duty_reading"),
    ]

    operations = [
        migrations.AddField(
            model_name="handoverrow",
            name="effective_at",
            field=quarterdeck.store.fields.MomentField(null=True),
        ),
    ]
