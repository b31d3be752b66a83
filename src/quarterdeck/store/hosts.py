"""PostgreSQL on several machines: which of the hosts named in DATABASE_URL is asked. Never an old copy of the store
while another one answers: a primary that came back after its standby was promoted takes writes, too.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from . import fence

if TYPE_CHECKING:
    import psycopg

# A machine that is gone says nothing: without these a connection to it is waited for many minutes. The URL may say
# otherwise.
_PATIENCE = {
    "connect_timeout": "5",
    "keepalives_idle": "10",
    "keepalives_interval": "5",
    "keepalives_count": "3",
    "tcp_user_timeout": "15000",
}
Parameters = Mapping[str, Any]


def parameters(url: str) -> dict[str, str]:
    """libpq's parameters of a URL. With several hosts the one that takes writes is wanted."""
    from psycopg.conninfo import conninfo_to_dict

    found = {name: str(value) for name, value in conninfo_to_dict(url).items() if value is not None}
    wanted = {"target_session_attrs": "read-write"} if "," in found.get("host", "") else {}
    return _PATIENCE | wanted | found


def one_by_one(wanted: Parameters) -> list[dict[str, Any]]:
    """The same parameters for each host alone, in their order."""
    names = str(wanted.get("host") or "").split(",")
    ports = str(wanted.get("port") or "").split(",")
    if len(ports) == 1:
        ports *= len(names)
    return [{**wanted, "host": host, "port": port} for host, port in zip(names, ports, strict=False)]


def connect(
    wanted: Parameters, make: Callable[[dict[str, Any]], psycopg.Connection[Any]]
) -> psycopg.Connection[Any]:
    """A connection to the first host that takes writes and holds no old copy. Where only an old one answers, to that
    one: the fence lets nobody write there, and says why. Raises psycopg.OperationalError.
    """
    import psycopg

    attempts = one_by_one(wanted)
    if len(attempts) == 1:
        return make(dict(wanted))
    old: list[psycopg.Connection[Any]] = []
    failed = []
    for attempt in attempts:
        try:
            found = make(attempt)
            if not _is_old(found):
                _close(old)
                return found
            old.append(found)
        except psycopg.Error as e:
            failed.append(f"{attempt['host']} port {attempt['port']}: {str(e).strip()}")
    if old:
        _close(old[1:])
        return old[0]
    raise psycopg.OperationalError("None of the hosts takes writes. " + " | ".join(failed))


def _is_old(db: psycopg.Connection[Any]) -> bool:
    import psycopg

    try:
        found = db.execute(fence.COPY).fetchone()
    except psycopg.errors.UndefinedTable:
        found = None  # an empty database
    db.rollback()
    return found is not None and found[1] < fence.seen(found[0])


def _close(found: list[psycopg.Connection[Any]]) -> None:
    for db in found:
        db.close()
