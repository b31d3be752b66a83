"""Reports that came by mail: to which team, from which address, and what showed that the sender sent it."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("store", "0035_command"),
    ]

    operations = [
        migrations.AddField("report", "team", models.CharField(max_length=60, default="", db_default="")),
        migrations.AddField("report", "sender", models.CharField(max_length=254, default="", db_default="")),
        migrations.AddField("report", "verified", models.CharField(max_length=20, default="", db_default="")),
    ]
