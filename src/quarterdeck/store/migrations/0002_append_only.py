"""The log and the attempts are append-only: the database itself refuses to change or remove a row (R-073)."""

from django.db import migrations

TABLES = ("event", "attempt")


def guard(apps, schema_editor):
    with schema_editor.connection.cursor() as c:
        for table in TABLES:
            if schema_editor.connection.vendor == "postgresql":
                c.execute(_POSTGRES.replace("TABLE", table))
            else:
                for word in ("UPDATE", "DELETE"):
                    c.execute(_SQLITE.replace("TABLE", table).replace("WORD", word))


def unguard(apps, schema_editor):
    with schema_editor.connection.cursor() as c:
        for table in TABLES:
            if schema_editor.connection.vendor == "postgresql":
                c.execute("DROP FUNCTION TABLE_is_append_only CASCADE".replace("TABLE", table))
            else:
                for word in ("UPDATE", "DELETE"):
                    c.execute("DROP TRIGGER TABLE_no_WORD".replace("TABLE", table).replace("WORD", word))


_SQLITE = """
CREATE TRIGGER TABLE_no_WORD BEFORE WORD ON TABLE
BEGIN SELECT RAISE(ABORT, 'TABLE is append-only: write a correction instead'); END
"""

_POSTGRES = """
CREATE FUNCTION TABLE_is_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN RAISE EXCEPTION 'TABLE is append-only: write a correction instead'; END $$;
CREATE TRIGGER TABLE_no_change BEFORE UPDATE OR DELETE ON TABLE
  FOR EACH ROW EXECUTE FUNCTION TABLE_is_append_only();
CREATE TRIGGER TABLE_no_truncate BEFORE TRUNCATE ON TABLE
  FOR EACH STATEMENT EXECUTE FUNCTION TABLE_is_append_only();
"""


class Migration(migrations.Migration):
    dependencies = [("store", "0001_initial")]
    operations = [migrations.RunPython(guard, unguard)]
