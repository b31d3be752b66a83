"""An installation of its own: prepared before it serves, served on a fixed port, and looked into afterwards.

installation = Installation(tmp_path, QUARTERDECK_EMAIL_HOST="127.0.0.1")
made = installation.ask("support.some_module:furnish", people=3)      # the product's functions, a process of their own
server = installation.serve()
installation.command("verify")
"""

from __future__ import annotations

import importlib
import json
import os
import socket
import subprocess
import sys
from pathlib import Path
from typing import Any

from .prepared_store import prepare
from .server import COMMAND, Server, clean_environment

TESTS = Path(__file__).resolve().parents[1]
ASK = "from support.serving import answer; answer()"
MARK = "answer: "


class Installation:
    """A data folder (and perhaps a PostgreSQL database) with its settings. The store is migrated at once."""

    def __init__(self, folder: Path, database_url: str = "", **settings: str) -> None:
        self.folder = folder
        self.data = folder / "data"
        self.port = free_port()
        self._environment = clean_environment(
            QUARTERDECK_DATA=str(self.data), PORT=str(self.port), DATABASE_URL=database_url, **settings
        )
        prepare(self.data, COMMAND, self._environment)
        if database_url:
            self.command("migrate", "--new")

    def point_at(self, database_url: str) -> None:
        """Have it reach the same database by another way."""
        self._environment["DATABASE_URL"] = database_url

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def environment(self) -> dict[str, str]:
        """What its processes are started with."""
        return dict(self._environment)

    def command(self, *words: str) -> str:
        """What `quarterdeck <words>` prints. Fails with it when the exit code is not 0."""
        told = subprocess.run(
            [COMMAND, *words], env=self._environment, capture_output=True, text=True, timeout=120, check=False
        )
        assert told.returncode == 0, (
            f"quarterdeck {' '.join(words)}: {told.returncode}\n{told.stdout}{told.stderr}"
        )
        return told.stdout

    def ask(self, function: str, timeout_seconds: float = 120, **arguments: Any) -> Any:
        """What `module:function` answers, called with the product set up on this installation's store."""
        paths = (str(TESTS), os.environ.get("PYTHONPATH"))
        told = subprocess.run(
            [sys.executable, "-c", ASK],
            env=self._environment | {"PYTHONPATH": os.pathsep.join(filter(None, paths))},
            input=json.dumps([function, arguments]),
            capture_output=True,
            text=True,
            timeout=timeout_seconds,
            check=False,
        )
        assert told.returncode == 0, f"{function}: {told.returncode}\n{told.stdout}{told.stderr}"
        return json.loads(told.stdout.rpartition(MARK)[2])

    def serve(self, inside: tuple[str, ...] = ()) -> Server:
        """`quarterdeck serve`, begun and not waited for."""
        return Server(self.folder, self._environment, inside=inside)


def answer() -> None:
    """The other end of `ask`."""
    from quarterdeck.boot.wiring import set_up

    set_up()
    function, arguments = json.load(sys.stdin)
    module, _, name = function.partition(":")
    found = getattr(importlib.import_module(module), name)(**arguments)
    print(f"{MARK}{json.dumps(found, default=str)}")


def free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])
