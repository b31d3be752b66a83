"""Columns added since the first release get their default from the database: the release before, which does not know
them, adds rows as well while nodes are upgraded one by one.
"""

from django.db import migrations, models

import quarterdeck.store.fields


class Migration(migrations.Migration):
    dependencies = [("store", "0008_journal_place")]
    operations = [
        migrations.AlterField("cursor", "last_at", models.BigIntegerField(db_default=0, default=0)),
        migrations.AlterField(
            "cursor", "last_event", models.CharField(db_default="", default="", max_length=40)
        ),
        migrations.AlterField("cursor", "source", models.CharField(db_default="", default="", max_length=40)),
        migrations.AlterField(
            "incidenttyperow", "roles", quarterdeck.store.fields.JsonText(db_default=[], default=list)
        ),
    ]
