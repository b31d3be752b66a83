"""What pages read: the roles that a type of incident requires, and the indices of long lists."""

from django.db import migrations, models

import quarterdeck.store.fields


class Migration(migrations.Migration):
    dependencies = [("store", "0005_watch")]
    operations = [
        migrations.AddField(
            model_name="incidenttyperow",
            name="roles",
            field=quarterdeck.store.fields.JsonText(default=list),
        ),
        migrations.AddIndex(
            model_name="alert",
            index=models.Index(fields=["service", "status", "-id"], name="alert_service_status"),
        ),
        migrations.AddIndex(
            model_name="callout",
            index=models.Index(fields=["incident_id", "acknowledged_at"], name="callout_answered"),
        ),
        migrations.AddIndex(
            model_name="roleassignmentrow",
            index=models.Index(
                fields=["incident_id", "role", "person_id", "started_at"], name="role_assignment_held"
            ),
        ),
        migrations.AddIndex(
            model_name="reviewrow",
            index=models.Index(fields=["owner", "state"], name="review_owner"),
        ),
        migrations.AddIndex(
            model_name="pageupdaterow",
            index=models.Index(fields=["incident_id", "posted_at"], name="page_update_first"),
        ),
        migrations.AddIndex(
            model_name="incidentrow",
            index=models.Index(fields=["declared_at"], name="incident_declared"),
        ),
        migrations.AddIndex(
            model_name="incidentrow",
            index=models.Index(
                condition=models.Q(("restricted", True)), fields=["id"], name="incident_restricted"
            ),
        ),
        migrations.AddIndex(
            model_name="pageupdaterow",
            index=models.Index(fields=["-posted_at"], name="page_update_newest"),
        ),
        migrations.AddIndex(
            model_name="pageupdaterow",
            index=models.Index(fields=["page", "-posted_at"], name="page_update_page_newest"),
        ),
        migrations.AddIndex(
            model_name="pageupdaterow",
            index=models.Index(
                fields=["page", "incident_id", "status_word", "posted_at"], name="page_update_ends"
            ),
        ),
    ]
