"""A Quarterdeck of its own in a temporary folder, made to be broken: started, looked at, signalled, ended.

No installation is touched. Processes are ended by their number, and only those that were started here.
"""

from __future__ import annotations

import contextlib
import os
import re
import signal
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Mapping
from pathlib import Path

COMMAND = (sys.executable, "-c", "from quarterdeck.cli.main import main; main()")
# As above, and it is asked to stop as soon as whoever started it is gone.
FOLLOWING = (
    sys.executable,
    "-c",
    "from quarterdeck.boot.pulse import stop_with_parent; stop_with_parent(); "
    "from quarterdeck.cli.main import main; main()",
)
_RUNNING = re.compile(r"^(\w+) +running, process (\d+)$", re.MULTILINE)
_READY = re.compile(r"Quarterdeck is ready at (\S+)")
END_SECONDS = 12.0


class Failed(Exception):
    """A drill did not end as it must; the message says why."""


def without_settings() -> dict[str, str]:
    """Our environment without any setting of Quarterdeck."""
    ours = {k: v for k, v in os.environ.items() if not k.startswith(("QUARTERDECK_", "LIFELINE_"))}
    for name in ("DATABASE_URL", "DJANGO_SETTINGS_MODULE", "PORT", "NOTIFY_SOCKET"):
        ours.pop(name, None)
    return ours


def made(data: Path, env: Mapping[str, str], furnish: str) -> str:
    """A new store in `data`, filled by a function ("module:function") in a process of its own; what that prints.

    Raises Failed.
    """
    data.mkdir(parents=True, exist_ok=True)
    run([*COMMAND, "migrate", "--new"], env)
    return inside(furnish, env)


def inside(function: str, env: Mapping[str, str], *words: str) -> str:
    """What a function ("module:function") prints, called with texts in a process of that store. Raises Failed."""
    module, _, name = function.partition(":")
    return run([sys.executable, "-c", f"from {module} import {name}; {name}(*{words!r})"], env)


def run(command: list[str], env: Mapping[str, str]) -> str:
    """What one of our own commands prints. Raises Failed."""
    told = subprocess.run(  # noqa: S603 - our own interpreter and code
        command, env=dict(env), capture_output=True, text=True, check=False
    )
    if told.returncode != 0:
        raise Failed(f"a command of the temporary installation failed:\n{told.stdout}{told.stderr}"[-3000:])
    return told.stdout


class Shadow:
    """`quarterdeck serve` on a data folder."""

    def __init__(self, data: Path, log: Path, env: Mapping[str, str]) -> None:
        self.data, self._log = data, log
        with log.open("wb") as out:
            self._process = subprocess.Popen(  # noqa: S603 - our own interpreter and command
                [*FOLLOWING, "serve"],
                env=dict(env),
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )

    @property
    def log(self) -> str:
        return self._log.read_text(errors="replace")

    @property
    def url(self) -> str:
        """Where it answers; empty until it is ready."""
        found = _READY.search(self.log)
        return found[1] if found else ""

    def pid(self, name: str) -> int:
        """The newest process of this name."""
        if name == "supervisor":
            return self._process.pid
        return [int(pid) for child, pid in _RUNNING.findall(self.log) if child == name][-1]

    def starts(self, name: str) -> int:
        """How often a process of this name has been started."""
        return sum(child == name for child, _ in _RUNNING.findall(self.log))

    def signal(self, name: str, number: int) -> None:
        os.kill(self.pid(name), number)

    def wait_until(self, seconds: float, well: Callable[[], bool]) -> None:
        """Ready, and well besides. Raises Failed."""
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            if self._process.poll() is not None:
                break
            if self.url and well():
                return
            time.sleep(0.25)
        raise Failed(f"the temporary installation did not come up:\n{self.log[-2000:]}")

    def pages(self) -> bool:
        """Whether the last synthetic page came back."""
        try:
            opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
            with opener.open(f"{self.url}/metrics", timeout=4) as answer:
                return b"quarterdeck_synthetic_well 1.0" in answer.read()
        except OSError:
            return False

    def stop(self) -> None:
        """An orderly end, and after that whatever is left of it."""
        self._process.send_signal(signal.SIGTERM)
        with contextlib.suppress(subprocess.TimeoutExpired):
            self._process.wait(END_SECONDS)
        self.end()

    def end(self) -> None:
        """End what is left of it at once, the lifeline too."""
        numbers = {int(pid) for _, pid in _RUNNING.findall(self.log)}
        self._process.kill()
        self._process.wait()
        for number in numbers:
            if _is_ours(number, self.data):
                with contextlib.suppress(ProcessLookupError):
                    os.kill(number, signal.SIGKILL)


def _is_ours(number: int, data: Path) -> bool:
    """Whether a process that was told of is still the one: numbers are used again, by the real installation too."""
    try:
        settings = Path(f"/proc/{number}/environ").read_bytes().split(b"\0")
    except OSError:
        return False
    return f"QUARTERDECK_DATA={data}".encode() in settings
