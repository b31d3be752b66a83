"""The triggers that make the log and the attempts append-only (R-073): which there must be, and making them anew.

Migrations made them first; whatever takes one away later (a table that is made anew to alter it, a restored dump) is
put right after every migrate, and the doctor looks.
"""

from __future__ import annotations

from django.db import connection

_SQLITE = """
CREATE TRIGGER TABLE_no_WORD BEFORE WORD ON TABLE ONLY
BEGIN SELECT RAISE(ABORT, 'TABLE is append-only: write a correction instead'); END
"""
_POSTGRES = """
DROP TRIGGER IF EXISTS TABLE_no_WORD ON TABLE;
CREATE TRIGGER TABLE_no_WORD BEFORE WHEN ON TABLE FOR EACH LEVEL EXECUTE FUNCTION TABLE_is_append_only()
"""


def _sqlite(table: str, word: str, only: str = "") -> str:
    return _SQLITE.replace("TABLE", table).replace("WORD", word).replace("ONLY", only)


def _postgres(table: str, word: str, when: str, level: str) -> str:
    made = _POSTGRES.replace("TABLE", table).replace("WORD", word)
    return made.replace("BEFORE WHEN", f"BEFORE {when}").replace("LEVEL", level)


# The events of an incident may go while it is written down as purged; on PostgreSQL the function knows.
_NOT_PURGED = "WHEN NOT EXISTS (SELECT 1 FROM purged_incident WHERE id = OLD.stream)"
# Name -> its table and what makes it. An attempt stays for ever, but for those of the synthetic page, of which there
# are two a minute; on PostgreSQL the function tells them apart.
_ON_SQLITE = {
    "event_no_UPDATE": ("event", _sqlite("event", "UPDATE")),
    "event_no_DELETE": ("event", _sqlite("event", "DELETE", _NOT_PURGED)),
    "attempt_no_UPDATE": ("attempt", _sqlite("attempt", "UPDATE")),
    "attempt_no_DELETE": ("attempt", _sqlite("attempt", "DELETE", "WHEN OLD.delivery_id NOT LIKE 'syn-%'")),
}
_ON_POSTGRES = {
    f"{table}_no_{word}": (table, _postgres(table, word, when, level))
    for table in ("event", "attempt")
    for word, when, level in (("change", "UPDATE OR DELETE", "ROW"), ("truncate", "TRUNCATE", "STATEMENT"))
}


def _wanted() -> dict[str, tuple[str, str]]:
    return _ON_POSTGRES if connection.vendor == "postgresql" else _ON_SQLITE


def missing() -> list[str]:
    """The names of the triggers that should be there and are not. Tables that are not there need none."""
    tables = set(connection.introspection.table_names())
    with connection.cursor() as c:
        if connection.vendor == "postgresql":
            c.execute("SELECT tgname FROM pg_trigger WHERE NOT tgisinternal AND tgenabled <> 'D'")
        else:
            c.execute("SELECT name FROM sqlite_schema WHERE type = 'trigger'")
        there = {name for (name,) in c.fetchall()}
    return [name for name, (table, _) in _wanted().items() if name not in there and table in tables]


def restore() -> list[str]:
    """Make those that are missing; returns their names."""
    made = missing()
    with connection.cursor() as c:
        for name in made:
            _, sql = _wanted()[name]
            c.execute(sql)
    return made
