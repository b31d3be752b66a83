"""Whether this installation is fit to page people: each check with its reason and the next step. Changes
nothing.

`quarterdeck doctor` and the Health page show this one list. Checks of people and schedules are in `health_people`,
of pages, policies and catalogue in `health_paging`; what only the process itself knows comes in as `Machine`.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Collection, Iterator, Mapping
from dataclasses import asdict, dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Literal
from urllib.parse import urlsplit

from django.db import OperationalError, connection
from django.db.migrations.executor import MigrationExecutor

from quarterdeck.core.kernel.moments import spoken
from quarterdeck.core.kernel.text import counted
from quarterdeck.store import guards
from quarterdeck.store.journal_reader import JournalReader

from ..status import page_health
from . import (
    alarm_ends,
    alarms,
    health_channels,
    health_chat,
    health_owners,
    health_pages,
    health_paging,
    health_paid,
    health_people,
    health_push,
    health_setup,
    health_standing,
    health_store,
    health_targets,
    nodes,
    watchers,
)
from .health_finding import Finding, fault, ok, warning

GIB = 1024**3
Level = Literal["ok", "warning", "fault"]


@dataclass(frozen=True, slots=True)
class Machine:
    """What the checks need to know besides the store. `clock_in_step` None: this system cannot say.

    `channels` are the kinds of channels this installation may send by; `mail_known`: this process sees what mail is set
    to. `settings` says where settings were read from, `strange` which variables look like settings and are none.
    """

    data: Path
    public_url: str
    mail: Mapping[str, Any]
    channels: Collection[str]
    lifeline: health_setup.Lifeline
    secrets_open: bool
    secrets_there: bool
    mail_known: bool
    settings: str
    strange: tuple[str, ...]
    sqlite_faulty: bool
    sqlite_version: str
    clock_in_step: bool | None
    # The values of each channel's table, where this process sees them.
    ways: Mapping[str, Mapping[str, Any]] = field(default_factory=dict, repr=False)


def look(machine: Machine, now: datetime) -> list[Finding]:
    """Every check, in the order to read them. Those that need tables are left out when these are missing."""
    found = [*health_setup.settings(machine.settings, machine.strange)]
    found += [*_folder(machine), *_secrets(machine), *_database(machine), *_schema(machine)]
    stored = all(f.level != "fault" for f in found if f.name in ("data folder", "tables"))
    if stored:
        found += [*_engine(now), *watchers.look(now), *_journal(now), *_alarms(), *health_store.look(now)]
        found += health_paging.look(now, machine.channels)
        found += health_people.look(now)
        found += health_owners.look()
        found += health_push.look(machine.channels, machine.public_url)
        found += health_paid.look(now, machine.channels)
        found += health_standing.look()
        found += health_chat.look()
        found += health_pages.look()
        found += health_targets.look(now)
        found += page_health.doctor(now)
    found += [*_clock(machine), *health_setup.mail(machine.mail, machine.mail_known, now, stored=stored)]
    found += health_channels.look(machine.ways, machine.public_url)
    return [*found, *_address(machine), *health_setup.lifeline(machine.lifeline)]


def worst(findings: list[Finding]) -> int:
    """0 when all is well, 1 with a warning, 2 with a fault: the exit code of `doctor`."""
    return max(({"ok": 0, "warning": 1, "fault": 2}[f.level] for f in findings), default=0)


def plain(findings: list[Finding]) -> list[dict[str, str]]:
    """As data for JSON."""
    return [asdict(f) for f in findings]


def _folder(machine: Machine) -> Iterator[Finding]:
    data = machine.data
    if not data.is_dir():
        yield fault(
            "data folder", f"{data} does not exist.", "Run quarterdeck serve, or set QUARTERDECK_DATA."
        )
        return
    if not os.access(data, os.W_OK | os.X_OK):
        yield fault(
            "data folder", f"{data} cannot be written by this user.", f"chown it to user {os.getuid()}."
        )
    else:
        yield ok("data folder", f"{data} can be written.")
    free = shutil.disk_usage(data).free
    text = f"{free / GIB:.1f} GiB are free on the disk of {data}."
    if free < GIB / 4:
        yield fault("disk", text, "Free space now: without it no alert can be accepted.")
    elif free < 2 * GIB:
        yield warning("disk", text, "Free some space or enlarge the disk.")
    else:
        yield ok("disk", text)


def _secrets(machine: Machine) -> Iterator[Finding]:
    if not machine.secrets_there:
        return
    if machine.secrets_open:
        yield fault(
            "keys",
            "Other users of this machine can read secrets.json.",
            f"chmod 600 {machine.data}/secrets.json",
        )
    else:
        yield ok("keys", "Only the owner can read the installation's keys.")


def _database(machine: Machine) -> Iterator[Finding]:
    if connection.vendor != "sqlite":
        yield ok("database", "PostgreSQL.")
    elif machine.sqlite_faulty:
        yield warning(
            "database",
            f"SQLite {machine.sqlite_version} can, very rarely, damage a file that several processes write.",
            "Install pysqlite3 (pip install pysqlite3) or a Python with SQLite 3.51.3 or later.",
        )
    else:
        yield ok("database", f"SQLite {machine.sqlite_version}.")


def _schema(machine: Machine) -> Iterator[Finding]:
    if connection.vendor == "sqlite" and not (machine.data / "quarterdeck.db").exists():
        yield fault(
            "tables", "There is no store here yet.", "Run: quarterdeck serve (or quarterdeck migrate --new)"
        )
        return
    try:
        executor = MigrationExecutor(connection)
    except OperationalError as e:
        yield fault(
            "tables", f"The database does not answer: {e}".strip(), "Start it, or correct DATABASE_URL."
        )
        return
    waiting = executor.migration_plan(executor.loader.graph.leaf_nodes())
    if waiting:
        text = f"{counted(len(waiting), 'migration is', 'migrations are')} not applied, the first is {waiting[0][0]}."
        yield fault("tables", text, "Run: quarterdeck migrate")
    elif gone := guards.missing():
        text = f"The log is not protected against change: {', '.join(gone)} is missing in the database."
        yield fault("tables", text, "Run: quarterdeck migrate")
    else:
        yield ok("tables", "The tables are those of this release.")


def _engine(now: datetime) -> Iterator[Finding]:
    node = nodes.newest("engine")
    if node is None:
        yield fault("engine", "No engine has ever run here: nobody is paged.", "Run: quarterdeck serve")
        return
    age = now - node.heartbeat_at
    text = f"The engine last showed life {spoken(age)} ago."
    if age > timedelta(seconds=60):
        yield fault("engine", f"{text} Nobody is paged.", "Run quarterdeck serve, or look at its log.")
    else:
        yield ok("engine", text)


def _journal(now: datetime) -> Iterator[Finding]:
    reader = JournalReader()
    waiting, oldest = reader.lag()
    reader.close()
    if oldest is None:
        yield ok("journal", "Every accepted alert has been worked through.")
        return
    age = now - oldest
    bodies = counted(waiting, "accepted alert body waits", "accepted alert bodies wait")
    text = f"{bodies}, the oldest for {spoken(age)}."
    if age > timedelta(seconds=60):
        yield fault("journal", text, "The engine is down or stuck: look at its log.")
    elif age > timedelta(seconds=5):
        yield warning("journal", text, "The engine is behind: look again in a minute.")
    else:
        yield ok("journal", text)


def _alarms() -> Iterator[Finding]:
    standing = alarms.open_alarms()
    for alarm in standing[:20]:
        yield fault("alarm", alarm.text, alarm_ends.next_step(alarm))
    if not standing:
        yield ok("alarms", "No alarm about paging stands.")


def _clock(machine: Machine) -> Iterator[Finding]:
    if machine.clock_in_step is None:
        yield ok("clock", "This system does not say whether its clock is kept in step.")
    elif machine.clock_in_step:
        yield ok("clock", "The clock is kept in step.")
    else:
        yield warning(
            "clock",
            "Nothing keeps this machine's clock in step; escalation times and one-time codes depend on it.",
            "Start a time service: systemctl enable --now systemd-timesyncd (or chrony).",
        )


def _address(machine: Machine) -> Iterator[Finding]:
    parts = urlsplit(machine.public_url)
    local = parts.hostname in ("localhost", "127.0.0.1", "::1")
    if local:
        yield warning(
            "address",
            f"Links in pages lead to {machine.public_url}, which only this machine can open.",
            "Set QUARTERDECK_PUBLIC_URL to the address people use.",
        )
    elif parts.scheme != "https":
        yield warning(
            "address",
            f"{machine.public_url} is not encrypted: passwords and pages travel in the open.",
            "Put a proxy with a certificate before it and set QUARTERDECK_PUBLIC_URL to https://…",
        )
    else:
        yield ok("address", f"People reach it at {machine.public_url}")
