"""The executives' own workstreams and channel, and who may write in the responders' channel."""

import quarterdeck.store.fields
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('store', '0045_update_clocks'),
    ]

    operations = [
        migrations.CreateModel(
            name='ExecLineRow',
            fields=[
                ('id', models.CharField(max_length=120, primary_key=True, serialize=False)),
                ('incident_id', models.CharField(db_index=True, max_length=40)),
                ('stream', models.CharField(max_length=20)),
                ('text', models.CharField(max_length=200)),
                ('set_by', models.CharField(max_length=40)),
                ('set_at', quarterdeck.store.fields.MomentField()),
            ],
            options={
                'db_table': 'exec_line',
            },
        ),
        migrations.CreateModel(
            name='ExecTaskRow',
            fields=[
                ('id', models.CharField(max_length=40, primary_key=True, serialize=False)),
                ('incident_id', models.CharField(db_index=True, max_length=40)),
                ('stream', models.CharField(max_length=20)),
                ('title', models.CharField(max_length=200)),
                ('owner', models.CharField(default='', max_length=40)),
                ('due_at', quarterdeck.store.fields.MomentField(null=True)),
                ('set_by', models.CharField(max_length=40)),
                ('set_at', quarterdeck.store.fields.MomentField()),
                ('state', models.CharField(default='open', max_length=20)),
                ('result', models.CharField(default='', max_length=200)),
                ('ended_by', models.CharField(default='', max_length=40)),
                ('ended_at', quarterdeck.store.fields.MomentField(null=True)),
            ],
            options={
                'db_table': 'exec_task',
            },
        ),
        migrations.CreateModel(
            name='ExecWordRow',
            fields=[
                ('id', models.CharField(max_length=40, primary_key=True, serialize=False)),
                ('incident_id', models.CharField(db_index=True, max_length=40)),
                ('text', models.TextField()),
                ('said_by', models.CharField(max_length=40)),
                ('said_at', quarterdeck.store.fields.MomentField()),
            ],
            options={
                'db_table': 'exec_word',
            },
        ),
        migrations.AddField(
            model_name='incidentchannel',
            name='posters',
            field=quarterdeck.store.fields.JsonText(db_default=[], default=list),
        ),
        migrations.AddField(
            model_name='incidentchannel',
            name='readers',
            field=quarterdeck.store.fields.JsonText(db_default=[], default=list),
        ),
        migrations.AddField(
            model_name='incidentchannel',
            name='rights',
            field=models.CharField(db_default='', default='', max_length=10),
        ),
        migrations.AddField(
            model_name='incidentchannel',
            name='rights_why',
            field=models.CharField(db_default='', default='', max_length=100),
        ),
    ]
