"""Catalogue files saved in the browser, versions of templates, and structures that incidents had before."""

from django.db import migrations, models

import quarterdeck.store.fields


class Migration(migrations.Migration):
    dependencies = [
        ("store", "0019_crew"),
    ]

    operations = [
        migrations.CreateModel(
            name="CatalogueFileRow",
            fields=[
                ("id", models.CharField(max_length=40, primary_key=True, serialize=False)),
                ("place", models.BigIntegerField(unique=True)),
                ("path", models.CharField(db_index=True, max_length=200)),
                ("version", models.IntegerField()),
                ("text", models.TextField()),
                ("sha256", models.CharField(max_length=64)),
                ("withdrawn", models.BooleanField(default=False)),
                ("note", models.CharField(max_length=300)),
                ("saved_by", models.CharField(max_length=40)),
                ("saved_at", quarterdeck.store.fields.MomentField()),
            ],
            options={"db_table": "catalogue_file"},
        ),
        migrations.CreateModel(
            name="PastPin",
            fields=[
                ("id", models.CharField(max_length=40, primary_key=True, serialize=False)),
                ("incident_id", models.CharField(db_index=True, max_length=40)),
                ("until_seq", models.BigIntegerField()),
                ("template", models.TextField()),
                ("until_at", quarterdeck.store.fields.MomentField()),
            ],
            options={"db_table": "template_pin_past"},
        ),
        migrations.CreateModel(
            name="TemplateVersionRow",
            fields=[
                ("id", models.CharField(max_length=40, primary_key=True, serialize=False)),
                ("template", models.CharField(db_index=True, max_length=64)),
                ("version", models.IntegerField()),
                ("digest", models.CharField(max_length=64)),
                ("content", models.TextField()),
                ("note", models.CharField(max_length=300)),
                ("saved_by", models.CharField(max_length=40)),
                ("saved_at", quarterdeck.store.fields.MomentField()),
            ],
            options={
                "db_table": "template_version",
                "constraints": [
                    models.UniqueConstraint(fields=("template", "version"), name="one_template_version")
                ],
            },
        ),
    ]
