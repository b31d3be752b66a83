"""When a handover is announced to take effect."""

from django.db import migrations

import quarterdeck.store.fields


class Migration(migrations.Migration):
    dependencies = [
        ("store", "0019_crew"),
    ]

    operations = [
        migrations.AddField(
            model_name="handoverrow",
            name="effective_at",
            field=quarterdeck.store.fields.MomentField(null=True),
        ),
    ]
