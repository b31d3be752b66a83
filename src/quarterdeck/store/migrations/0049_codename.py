"""What restricted incidents are called where others may see it; ratings of people (ICS 225)."""

from django.db import migrations, models

import quarterdeck.store.fields
import quarterdeck.store.ids


class Migration(migrations.Migration):
    dependencies = [
        ("store", "0048_executive_review"),
    ]

    operations = [
        migrations.AddField(
            model_name="incidentrow",
            name="codename",
            field=models.CharField(db_default="", default="", max_length=60),
        ),
        migrations.CreateModel(
            name='PerformanceRating',
            fields=[
                ('id', models.CharField(default=quarterdeck.store.ids.new_id, editable=False, max_length=40, primary_key=True, serialize=False)),
                ('incident_id', models.CharField(db_index=True, max_length=40)),
                ('assignment_id', models.CharField(max_length=40, unique=True)),
                ('person', models.CharField(db_index=True, max_length=40)),
                ('rater', models.CharField(db_index=True, max_length=40)),
                ('home_unit', models.CharField(default='', max_length=300)),
                ('agency', models.CharField(default='', max_length=300)),
                ('complexity', models.IntegerField(default=0)),
                ('definition', models.CharField(default='', max_length=300)),
                ('scores', quarterdeck.store.fields.JsonText(default=dict)),
                ('remarks', models.TextField(default='')),
                ('version', models.IntegerField(default=1)),
                ('changed_at', quarterdeck.store.fields.MomentField()),
                ('signed_at', quarterdeck.store.fields.MomentField(null=True)),
                ('signed_as', models.CharField(default='', max_length=60)),
                ('discussed_at', quarterdeck.store.fields.MomentField(null=True)),
                ('page', models.TextField(default='')),
                ('seal', models.CharField(default='', max_length=64)),
            ],
            options={
                'db_table': 'performance_rating',
            },
        ),
    ]
