"""What the watchers of the pager write down, the indices they ask by, and attempts of probes that may go again."""

import quarterdeck.store.fields
from django.db import migrations, models


# An attempt stays for ever, but for those of the synthetic page: two a minute that nobody ever asks for.
_SQLITE = """
CREATE TRIGGER attempt_no_DELETE BEFORE DELETE ON attempt WHEN OLD.delivery_id NOT LIKE 'syn-%'
BEGIN SELECT RAISE(ABORT, 'attempt is append-only: write a correction instead'); END
"""
_SQLITE_BEFORE = _SQLITE.replace(" WHEN OLD.delivery_id NOT LIKE 'syn-%'", "")
_POSTGRES = """
CREATE OR REPLACE FUNCTION attempt_is_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP = 'DELETE' AND TG_LEVEL = 'ROW' THEN
    IF OLD.delivery_id LIKE 'syn-%' THEN RETURN OLD; END IF;
  END IF;
  RAISE EXCEPTION 'attempt is append-only: write a correction instead';
END $$
"""
_POSTGRES_BEFORE = """
CREATE OR REPLACE FUNCTION attempt_is_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN RAISE EXCEPTION 'attempt is append-only: write a correction instead'; END $$
"""


def _guard(schema_editor, sqlite, postgres):
    with schema_editor.connection.cursor() as c:
        if schema_editor.connection.vendor == "postgresql":
            c.execute(postgres)
        else:
            c.execute("DROP TRIGGER attempt_no_DELETE")
            c.execute(sqlite)


def let_probes_go(apps, schema_editor):
    _guard(schema_editor, _SQLITE, _POSTGRES)


def keep_all(apps, schema_editor):
    _guard(schema_editor, _SQLITE_BEFORE, _POSTGRES_BEFORE)


class Migration(migrations.Migration):

    dependencies = [
        ('store', '0004_installation'),
    ]

    operations = [
        migrations.CreateModel(
            name='AuditRun',
            fields=[
                ('id', models.BigAutoField(primary_key=True, serialize=False)),
                ('node', models.CharField(max_length=100)),
                ('started_at', quarterdeck.store.fields.MomentField(db_index=True)),
                ('ended_at', quarterdeck.store.fields.MomentField()),
                ('ms', models.FloatField()),
                ('findings', models.IntegerField()),
                ('broken', models.IntegerField()),
                ('attempt_id', models.BigIntegerField(default=0)),
                ('detail', quarterdeck.store.fields.JsonText(default=dict)),
            ],
            options={
                'db_table': 'audit_run',
            },
        ),
        migrations.CreateModel(
            name='ProbeRun',
            fields=[
                ('id', models.CharField(editable=False, max_length=40, primary_key=True, serialize=False)),
                ('kind', models.CharField(max_length=20)),
                ('started_at', quarterdeck.store.fields.MomentField()),
                ('ended_at', quarterdeck.store.fields.MomentField(null=True)),
                ('well', models.BooleanField(null=True)),
                ('late_ms', models.FloatField(null=True)),
                ('text', models.CharField(default='', max_length=300)),
                ('detail', quarterdeck.store.fields.JsonText(default=dict)),
            ],
            options={
                'db_table': 'probe_run',
            },
        ),
        migrations.AddField(
            model_name='alarm',
            name='told_at',
            field=quarterdeck.store.fields.MomentField(null=True),
        ),
        migrations.AddIndex(
            model_name='delivery',
            index=models.Index(condition=models.Q(('cls', 'page'), ('state', 'queued')), fields=['next_at'], name='delivery_page_queued'),
        ),
        migrations.AddIndex(
            model_name='due',
            index=models.Index(condition=models.Q(('state', 'waiting')), fields=['kind', 'ref'], name='due_standing'),
        ),
        migrations.AddIndex(
            model_name='run',
            index=models.Index(condition=models.Q(('state', 'running')), fields=['started_at'], name='run_running'),
        ),
        migrations.AddIndex(
            model_name='run',
            index=models.Index(condition=models.Q(('state', 'exhausted')), fields=['ended_at'], name='run_exhausted'),
        ),
        migrations.AddIndex(
            model_name='proberun',
            index=models.Index(fields=['kind', '-started_at'], name='probe_run_kind'),
        ),
        migrations.AddIndex(
            model_name='proberun',
            index=models.Index(condition=models.Q(('ended_at__isnull', True)), fields=['started_at'], name='probe_run_open'),
        ),
        migrations.RunPython(let_probes_go, keep_all),
    ]
