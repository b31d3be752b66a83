"""The triggers that make the log and the attempts append-only (R-073): which there must be, and making them anew.

Migrations made them first; whatever takes one away later (a table that is made anew to alter it, a restored dump) is
put right after every migrate, and the doctor looks.
"""

from __future__ import annotations

from django.db import connection

_SAYS = "is append-only: write a correction instead"
# An attempt stays for ever, but for those of the synthetic page, of which there are two a minute.
_SQLITE = {
    "event_no_UPDATE": ("event", "UPDATE", ""),
    "event_no_DELETE": ("event", "DELETE", ""),
    "attempt_no_UPDATE": ("attempt", "UPDATE", ""),
    "attempt_no_DELETE": ("attempt", "DELETE", " WHEN OLD.delivery_id NOT LIKE 'syn-%'"),
}
_POSTGRES = {
    f"{table}_{name}": (table, when, level)
    for table in ("event", "attempt")
    for name, when, level in (
        ("no_change", "UPDATE OR DELETE", "ROW"),
        ("no_truncate", "TRUNCATE", "STATEMENT"),
    )
}


def missing() -> list[str]:
    """The names of the triggers that should be there and are not. Tables that are not there need none."""
    wanted = _POSTGRES if connection.vendor == "postgresql" else _SQLITE
    tables = set(connection.introspection.table_names())
    with connection.cursor() as c:
        if connection.vendor == "postgresql":
            c.execute("SELECT tgname FROM pg_trigger WHERE NOT tgisinternal AND tgenabled <> 'D'")
        else:
            c.execute("SELECT name FROM sqlite_schema WHERE type = 'trigger'")
        there = {name for (name,) in c.fetchall()}
    return [name for name, (table, _, _) in wanted.items() if name not in there and table in tables]


def restore() -> list[str]:
    """Make those that are missing; returns their names."""
    made = missing()
    with connection.cursor() as c:
        for name in made:
            if connection.vendor == "postgresql":
                table, when, level = _POSTGRES[name]
                c.execute(f"DROP TRIGGER IF EXISTS {name} ON {table}")
                c.execute(
                    f"CREATE TRIGGER {name} BEFORE {when} ON {table}"
                    f" FOR EACH {level} EXECUTE FUNCTION {table}_is_append_only()"
                )
            else:
                table, word, only = _SQLITE[name]
                c.execute(
                    f"CREATE TRIGGER {name} BEFORE {word} ON {table}{only}"
                    f" BEGIN SELECT RAISE(ABORT, '{table} {_SAYS}'); END"
                )
    return made
