"""A data folder whose store is migrated already: a copy of one made once in each test process.

To migrate takes five seconds of processor time, and some sixty tests start a product of their own. Each copy gets an
installation id of its own; its secrets are those of the folder it was copied from.
"""

from __future__ import annotations

import atexit
import functools
import shutil
import subprocess
import tempfile
from collections.abc import Mapping
from pathlib import Path

from quarterdeck.store.ids import new_id


def prepare(data: Path, command: Path, environment: Mapping[str, str]) -> None:
    """Put a migrated store into `data`, unless it has one or the environment names another database."""
    if environment.get("DATABASE_URL") or (data.exists() and any(data.iterdir())):
        return
    shutil.copytree(_original(command, environment["PATH"]), data, dirs_exist_ok=True)
    data.chmod(0o700)
    import sqlite3  # not above: whoever imports this may be about to put a newer SQLite in its place (boot/sqlite_module)

    with sqlite3.connect(data / "quarterdeck.db") as store:
        store.execute("UPDATE installation SET installation_id = ?", [new_id()])
    store.close()


@functools.cache
def _original(command: Path, path: str) -> Path:
    folder = Path(tempfile.mkdtemp(prefix="quarterdeck-prepared-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    subprocess.run(
        [command, "migrate", "--new"],
        env={"QUARTERDECK_DATA": str(folder), "PATH": path},
        check=True,
        capture_output=True,
        timeout=300,
    )
    (folder / "migrate.lock").unlink(missing_ok=True)
    return folder
