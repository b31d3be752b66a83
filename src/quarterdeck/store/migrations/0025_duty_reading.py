"""Who was at work in the last day is found by when roles ended, not by reading every role anybody ever had."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("store", "0023_reviews"),
    ]

    operations = [
        migrations.AddIndex(
            model_name="roleassignmentrow",
            index=models.Index(fields=["ended_at"], name="role_assignment_ended"),
        ),
    ]
