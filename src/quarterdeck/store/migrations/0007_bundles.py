"""Pages that go out as one: which delivery carries others, and when a contact may be paged again."""

from django.db import migrations, models

import quarterdeck.store.fields


class Migration(migrations.Migration):
    dependencies = [("store", "0006_reading")]
    operations = [
        migrations.AddField(
            model_name="delivery",
            name="bundle_id",
            field=models.CharField(db_default="", db_index=True, default="", max_length=40),
        ),
        migrations.AddIndex(
            model_name="delivery",
            index=models.Index(
                condition=models.Q(("state", "queued")), fields=["contact_id", "next_at"], name="delivery_to_contact"
            ),
        ),
        migrations.CreateModel(
            name="Pace",
            fields=[
                (
                    "contact_id",
                    models.CharField(editable=False, max_length=40, primary_key=True, serialize=False),
                ),
                ("free_at", quarterdeck.store.fields.MomentField()),
            ],
            options={"db_table": "pace"},
        ),
    ]
