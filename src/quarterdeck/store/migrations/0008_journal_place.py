"""Which journal a reader's place belongs to, and what pages about the last days are asked by."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("store", "0007_bundles")]
    operations = [
        migrations.AddField("cursor", "last_at", models.BigIntegerField(default=0)),
        migrations.AddField("cursor", "last_event", models.CharField(default="", max_length=40)),
        migrations.AddField("cursor", "source", models.CharField(default="", max_length=40)),
        migrations.AddIndex("callout", models.Index(fields=["created_at"], name="callout_created")),
        migrations.AddIndex("delivery", models.Index(fields=["created_at"], name="delivery_created")),
        migrations.AddIndex("unparsed", models.Index(fields=["at"], name="unparsed_at")),
    ]
