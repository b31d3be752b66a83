"""What incidents leave behind, and a guard of the log that lets a whole incident go once it is written down as purged."""

import quarterdeck.store.fields
import quarterdeck.store.ids
from django.db import migrations, models


# The events of an incident may be deleted while it is named among those that were purged; no others, ever.
_SQLITE = """
CREATE TRIGGER event_no_DELETE BEFORE DELETE ON event
WHEN NOT EXISTS (SELECT 1 FROM purged_incident WHERE id = OLD.stream)
BEGIN SELECT RAISE(ABORT, 'event is append-only: write a correction instead'); END
"""
_SQLITE_BEFORE = _SQLITE.replace("WHEN NOT EXISTS (SELECT 1 FROM purged_incident WHERE id = OLD.stream)\n", "")
_POSTGRES = """
CREATE OR REPLACE FUNCTION event_is_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP = 'DELETE' AND TG_LEVEL = 'ROW' THEN
    IF EXISTS (SELECT 1 FROM purged_incident WHERE id = OLD.stream) THEN RETURN OLD; END IF;
  END IF;
  RAISE EXCEPTION 'event is append-only: write a correction instead';
END $$
"""
_POSTGRES_BEFORE = """
CREATE OR REPLACE FUNCTION event_is_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN RAISE EXCEPTION 'event is append-only: write a correction instead'; END $$
"""


def _guard(schema_editor, sqlite, postgres):
    with schema_editor.connection.cursor() as c:
        if schema_editor.connection.vendor == "postgresql":
            c.execute(postgres)
        else:
            c.execute("DROP TRIGGER IF EXISTS event_no_DELETE")
            c.execute(sqlite)


def let_purged_go(apps, schema_editor):
    _guard(schema_editor, _SQLITE, _POSTGRES)


def keep_all(apps, schema_editor):
    _guard(schema_editor, _SQLITE_BEFORE, _POSTGRES_BEFORE)


def rename_state(apps, schema_editor):
    """What was published is reviewed now; its rows say so as its log does."""
    rows = apps.get_model("store", "ReviewRow").objects.using(schema_editor.connection.alias)
    rows.filter(state="published").update(state="reviewed")


def rename_back(apps, schema_editor):
    rows = apps.get_model("store", "ReviewRow").objects.using(schema_editor.connection.alias)
    rows.filter(state__in=("reviewed", "closed")).update(state="published")
    rows.filter(state="in_review").update(state="draft")


class Migration(migrations.Migration):

    dependencies = [
        ('store', "0022_business"),
    ]

    operations = [
        migrations.CreateModel(
            name='ContributionRow',
            fields=[
                ('id', models.CharField(max_length=40, primary_key=True, serialize=False)),
                ('incident_id', models.CharField(db_index=True, max_length=40)),
                ('person', models.CharField(db_index=True, max_length=40)),
                ('section', models.CharField(max_length=60)),
                ('due_on', models.CharField(max_length=10)),
                ('asked_at', quarterdeck.store.fields.MomentField()),
                ('asked_by', models.CharField(default='', max_length=40)),
                ('reminded', models.IntegerField(default=0)),
                ('given_at', quarterdeck.store.fields.MomentField(null=True)),
                ('text', models.TextField(default='')),
                ('article', models.CharField(default='', max_length=40)),
            ],
            options={
                'db_table': 'contribution',
            },
        ),
        migrations.CreateModel(
            name='DebriefRow',
            fields=[
                ('id', models.CharField(max_length=40, primary_key=True, serialize=False)),
                ('incident_id', models.CharField(db_index=True, max_length=40)),
                ('held_by', models.CharField(max_length=40)),
                ('held_at', quarterdeck.store.fields.MomentField()),
                ('went_well', models.TextField(default='')),
                ('went_badly', models.TextField(default='')),
                ('attendees', quarterdeck.store.fields.JsonText(default=list)),
            ],
            options={
                'db_table': 'debrief',
            },
        ),
        migrations.CreateModel(
            name='KnowledgeArticle',
            fields=[
                ('id', models.CharField(default=quarterdeck.store.ids.new_id, editable=False, max_length=40, primary_key=True, serialize=False)),
                ('title', models.CharField(max_length=300)),
                ('text', models.TextField()),
                ('author', models.CharField(db_index=True, max_length=40)),
                ('incident_id', models.CharField(db_index=True, default='', max_length=40)),
                ('entry_id', models.CharField(default='', max_length=40)),
                ('promoted_by', models.CharField(default='', max_length=40)),
                ('created_at', quarterdeck.store.fields.MomentField()),
                ('changed_at', quarterdeck.store.fields.MomentField()),
                ('changed_by', models.CharField(default='', max_length=40)),
            ],
            options={
                'db_table': 'knowledge_article',
            },
        ),
        migrations.CreateModel(
            name='LegalHoldRow',
            fields=[
                ('id', models.CharField(max_length=40, primary_key=True, serialize=False)),
                ('incident_id', models.CharField(db_index=True, max_length=40)),
                ('reason', models.TextField()),
                ('placed_by', models.CharField(max_length=40)),
                ('placed_at', quarterdeck.store.fields.MomentField()),
                ('lifted_by', models.CharField(default='', max_length=40)),
                ('lifted_at', quarterdeck.store.fields.MomentField(null=True)),
                ('lifted_reason', models.TextField(default='')),
            ],
            options={
                'db_table': 'legal_hold',
            },
        ),
        migrations.CreateModel(
            name='PurgedIncident',
            fields=[
                ('id', models.CharField(max_length=40, primary_key=True, serialize=False)),
                ('number', models.IntegerField()),
                ('events', models.IntegerField()),
                ('head', models.CharField(max_length=64)),
                ('ended_at', quarterdeck.store.fields.MomentField()),
                ('purged_at', quarterdeck.store.fields.MomentField()),
                ('files', models.IntegerField(default=0)),
            ],
            options={
                'db_table': 'purged_incident',
            },
        ),
        migrations.AddField(
            model_name='attachmentrow',
            name='taken_back_at',
            field=quarterdeck.store.fields.MomentField(null=True),
        ),
        migrations.AddField(
            model_name='attachmentrow',
            name='taken_back_by',
            field=models.CharField(db_default='', default='', max_length=40),
        ),
        migrations.AddField(
            model_name='attachmentrow',
            name='taken_back_reason',
            field=models.TextField(db_default='', default=''),
        ),
        migrations.AddField(
            model_name='reviewrow',
            name='closed_at',
            field=quarterdeck.store.fields.MomentField(null=True),
        ),
        migrations.AddField(
            model_name='reviewrow',
            name='facilitator',
            field=models.CharField(db_default='', default='', max_length=40),
        ),
        migrations.AddField(
            model_name='reviewrow',
            name='invited',
            field=quarterdeck.store.fields.JsonText(db_default=[], default=list),
        ),
        migrations.AddField(
            model_name='reviewrow',
            name='late',
            field=models.IntegerField(db_default=0, default=0),
        ),
        migrations.AddField(
            model_name='reviewrow',
            name='meets_at',
            field=quarterdeck.store.fields.MomentField(null=True),
        ),
        migrations.AddField(
            model_name='reviewrow',
            name='place',
            field=models.TextField(db_default='', default=''),
        ),
        migrations.AddField(
            model_name='reviewrow',
            name='read_until',
            field=quarterdeck.store.fields.MomentField(null=True),
        ),
        migrations.AddField(
            model_name='reviewrow',
            name='submitted_at',
            field=quarterdeck.store.fields.MomentField(null=True),
        ),
        migrations.CreateModel(
            name='IncidentReading',
            fields=[
                ('id', models.CharField(default=quarterdeck.store.ids.new_id, editable=False, max_length=40, primary_key=True, serialize=False)),
                ('incident_id', models.CharField(db_index=True, max_length=40)),
                ('person', models.CharField(max_length=40)),
                ('what', models.CharField(max_length=20)),
                ('day', models.CharField(max_length=10)),
                ('first_at', quarterdeck.store.fields.MomentField()),
                ('last_at', quarterdeck.store.fields.MomentField()),
                ('times', models.IntegerField(default=1)),
                ('member', models.BooleanField(default=False)),
            ],
            options={
                'db_table': 'incident_reading',
                'constraints': [models.UniqueConstraint(fields=('incident_id', 'person', 'what', 'day'), name='one_reading_a_day')],
            },
        ),
        migrations.CreateModel(
            name='LessonRow',
            fields=[
                ('id', models.CharField(max_length=40, primary_key=True, serialize=False)),
                ('incident_id', models.CharField(db_index=True, max_length=40)),
                ('text', models.TextField()),
                ('kind', models.CharField(max_length=20)),
                ('recorded_by', models.CharField(max_length=40)),
                ('recorded_at', quarterdeck.store.fields.MomentField()),
            ],
            options={
                'db_table': 'lesson',
                'indexes': [models.Index(fields=['recorded_at'], name='lesson_recorded')],
            },
        ),
        migrations.CreateModel(
            name='TrainingSession',
            fields=[
                ('id', models.CharField(default=quarterdeck.store.ids.new_id, editable=False, max_length=40, primary_key=True, serialize=False)),
                ('topic', models.CharField(max_length=300)),
                ('trainer', models.CharField(db_index=True, max_length=40)),
                ('held_at', quarterdeck.store.fields.MomentField()),
                ('role', models.CharField(default='', max_length=60)),
                ('article', models.CharField(default='', max_length=40)),
                ('invited', quarterdeck.store.fields.JsonText(default=list)),
                ('attended', quarterdeck.store.fields.JsonText(default=list)),
                ('created_by', models.CharField(max_length=40)),
                ('created_at', quarterdeck.store.fields.MomentField()),
            ],
            options={
                'db_table': 'training_session',
                'indexes': [models.Index(fields=['held_at'], name='training_held')],
            },
        ),
        migrations.CreateModel(
            name='KnowledgeVersion',
            fields=[
                ('id', models.CharField(default=quarterdeck.store.ids.new_id, editable=False, max_length=40, primary_key=True, serialize=False)),
                ('article_id', models.CharField(db_index=True, max_length=40)),
                ('number', models.IntegerField()),
                ('title', models.CharField(max_length=300)),
                ('text', models.TextField()),
                ('by', models.CharField(max_length=40)),
                ('at', quarterdeck.store.fields.MomentField()),
            ],
            options={
                'db_table': 'knowledge_version',
                'constraints': [models.UniqueConstraint(fields=('article_id', 'number'), name='one_version_a_number')],
            },
        ),
        migrations.RunPython(let_purged_go, keep_all),
        migrations.RunPython(rename_state, rename_back),
    ]
