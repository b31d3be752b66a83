"""What restricted incidents are called where others may see it."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("store", "0045_update_clocks")]

    operations = [
        migrations.AddField(
            model_name="incidentrow",
            name="codename",
            field=models.CharField(db_default="", default="", max_length=60),
        ),
    ]
