"""Which keys the installation has worked with."""

import quarterdeck.store.fields
from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("store", "0011_swaps_and_absences")]
    operations = [
        migrations.AddField(
            "installation", "key_ids", quarterdeck.store.fields.JsonText(db_default=[], default=list)
        ),
    ]
