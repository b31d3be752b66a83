"""The row about the installation itself: schema version, epoch, pause."""

from django.db import migrations, models

import quarterdeck.store.fields
from quarterdeck.store.ids import new_id


def one_row(apps, schema_editor):
    apps.get_model("store", "Installation").objects.get_or_create(
        id=1, defaults={"installation_id": new_id(), "schema_version": 4, "min_code_version": 4}
    )


class Migration(migrations.Migration):
    dependencies = [("store", "0003_component_rules")]
    operations = [
        migrations.CreateModel(
            name="Installation",
            fields=[
                ("id", models.IntegerField(default=1, primary_key=True, serialize=False)),
                ("installation_id", models.CharField(max_length=40)),
                ("schema_version", models.IntegerField()),
                ("min_code_version", models.IntegerField()),
                ("cluster_epoch", models.BigIntegerField(default=1)),
                ("paused_at", quarterdeck.store.fields.MomentField(null=True)),
                ("paused_by", models.CharField(default="", max_length=40)),
                ("paused_reason", models.CharField(default="", max_length=300)),
                ("moved_to", models.CharField(default="", max_length=300)),
                ("moved_at", quarterdeck.store.fields.MomentField(null=True)),
                ("degraded_at", quarterdeck.store.fields.MomentField(null=True)),
                ("backup", quarterdeck.store.fields.JsonText(default=dict)),
            ],
            options={"db_table": "installation"},
        ),
        migrations.AddConstraint(
            model_name="installation",
            constraint=models.CheckConstraint(condition=models.Q(("id", 1)), name="one_installation"),
        ),
        migrations.RunPython(one_row, migrations.RunPython.noop),
    ]
