"""Writing into the store which tables it has, once its migrations are applied."""

from __future__ import annotations

from django.db import connection, transaction

from . import fence, schema
from .models import Installation


def stamp() -> bool:
    """The store has the tables of this release now; False when that stood there already.

    Waits for the write transactions under way, so that none of a release that does not know these tables is.
    """
    if Installation._meta.db_table not in connection.introspection.table_names():
        return False
    wanted = {"schema_version": schema.version(), "min_code_version": schema.MIN_CODE_VERSION}
    rows = Installation.objects.filter(schema_version__lt=wanted["schema_version"])
    if not rows.exists():
        return False
    with transaction.atomic():
        fence.alone()
        return rows.update(**wanted) > 0
