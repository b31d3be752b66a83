"""Other organisations in an incident, entries they are shown, and which removed incidents were restricted."""

from django.db import migrations, models

import quarterdeck.store.fields


class Migration(migrations.Migration):
    dependencies = [
        ("store", "0034_prevention"),
    ]

    operations = [
        migrations.CreateModel(
            name="AgencyRequestRow",
            fields=[
                ("id", models.CharField(max_length=40, primary_key=True, serialize=False)),
                ("incident_id", models.CharField(db_index=True, max_length=40)),
                ("agency", models.CharField(max_length=40)),
                ("text", models.TextField()),
                ("asked_by", models.CharField(max_length=40)),
                ("asked_at", quarterdeck.store.fields.MomentField()),
                ("answer", models.CharField(default="", max_length=10)),
                ("reply", models.TextField(default="")),
                ("answered_by", models.CharField(default="", max_length=40)),
                ("answered_at", quarterdeck.store.fields.MomentField(null=True)),
            ],
            options={
                "db_table": "agency_request",
            },
        ),
        migrations.CreateModel(
            name="AgencyRow",
            fields=[
                ("id", models.CharField(max_length=40, primary_key=True, serialize=False)),
                ("incident_id", models.CharField(db_index=True, max_length=40)),
                ("name", models.CharField(max_length=200)),
                ("representative", models.CharField(default="", max_length=200)),
                ("contact", models.CharField(default="", max_length=300)),
                ("offers", models.TextField(default="")),
                ("limits", models.TextField(default="")),
                ("listed_at", quarterdeck.store.fields.MomentField()),
                ("left_at", quarterdeck.store.fields.MomentField(null=True)),
                ("left_reason", models.TextField(default="")),
            ],
            options={
                "db_table": "agency",
            },
        ),
        migrations.AddField(
            model_name="purgedincident",
            name="restricted",
            field=models.BooleanField(null=True),
        ),
        migrations.AddField(
            model_name="timelinerow",
            name="shared",
            field=models.BooleanField(null=True),
        ),
    ]
