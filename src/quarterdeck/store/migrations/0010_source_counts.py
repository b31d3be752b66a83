"""What came of each source, and how much each may send."""

import quarterdeck.store.fields
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("store", "0009_columns_have_defaults")]
    operations = [
        migrations.CreateModel(
            name="SourceCount",
            fields=[
                (
                    "integration_id",
                    models.CharField(editable=False, max_length=40, primary_key=True, serialize=False),
                ),
                ("requests", models.BigIntegerField(default=0)),
                ("alerts", models.BigIntegerField(default=0)),
                ("refused_requests", models.BigIntegerField(default=0)),
                ("refused_alerts", models.BigIntegerField(default=0)),
                ("refused_since", quarterdeck.store.fields.MomentField(null=True)),
                ("refused_at", quarterdeck.store.fields.MomentField(null=True)),
                ("refused_now", models.BigIntegerField(default=0)),
            ],
            options={"db_table": "source_count"},
        ),
        migrations.AddField("integration", "requests_per_minute", models.IntegerField(null=True)),
        migrations.AddField("integration", "alerts_per_minute", models.IntegerField(null=True)),
    ]
