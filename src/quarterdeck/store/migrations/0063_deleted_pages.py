import django.db.models.deletion
import quarterdeck.store.fields
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('store', '0062_training_quiz'),
    ]

    operations = [
        migrations.AddField(
            model_name='statuspage',
            name='deleted_at',
            field=quarterdeck.store.fields.MomentField(null=True),
        ),
        migrations.CreateModel(
            name='DeletedPage',
            fields=[
                ('page', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, primary_key=True, related_name='deletion', serialize=False, to='store.statuspage')),
                ('key', models.CharField(max_length=60)),
                ('public', models.BooleanField()),
                ('at', quarterdeck.store.fields.MomentField()),
                ('by', models.CharField(default='', max_length=40)),
                ('reason', models.CharField(blank=True, max_length=300)),
                ('farewell', models.TextField(blank=True)),
                ('mailing', models.CharField(default='', max_length=40)),
                ('counts', quarterdeck.store.fields.JsonText(default=dict)),
                ('purged_at', quarterdeck.store.fields.MomentField(null=True)),
            ],
            options={
                'db_table': 'deleted_page',
                'ordering': ['-at'],
            },
        ),
    ]
