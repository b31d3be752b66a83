"""A whole running Quarterdeck: the real `quarterdeck serve` on a free port and a folder of its own.

    server = start_server(tmp_path)                 # ready when it returns
    client = server.sign_in()                       # an httpx2 client of a signed-in administrator
    server.kill("engine"); server.wait_for("engine")
    server.stop()

As a fixture: `server` (support.server.server), stopped at the end of the test.
"""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import httpx2
import pytest

from .prepared_store import prepare

COMMAND = Path(sys.executable).parent / "quarterdeck"
READY = re.compile(r"Quarterdeck is ready at (\S+)")
SETUP = re.compile(r"Set it up at (\S+)")
RUNNING = re.compile(r"^(\w+) +running, process (\d+)$", re.MULTILINE)
TOKEN = re.compile(r'name="csrfmiddlewaretoken" value="([^"]+)"')
EMAIL, PASSWORD = "ana@example.com", "wet anchor slow lantern"
START_SECONDS = 60.0


def clean_environment(**more: str) -> dict[str, str]:
    """Ours without any setting of Quarterdeck, plus these."""
    ours = {k: v for k, v in os.environ.items() if not k.startswith(("QUARTERDECK_", "LIFELINE_"))}
    for name in ("DATABASE_URL", "PORT", "DJANGO_SETTINGS_MODULE"):
        ours.pop(name, None)
    return ours | more


class Server:
    """`url` has no slash at the end; `log` is everything it printed so far."""

    def __init__(
        self,
        folder: Path,
        environment: dict[str, str],
        arguments: tuple[str, ...] = (),
        inside: tuple[str, ...] = (),
    ) -> None:
        """`inside` are words before the command, for one that runs in a network of its own."""
        self.data = Path(environment["QUARTERDECK_DATA"])
        self._log = folder / f"serve-{time.monotonic_ns()}.log"
        with self._log.open("wb") as out:
            self.process = subprocess.Popen(
                [*inside, COMMAND, "serve", *arguments],
                env=environment,
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        self.url = ""

    @property
    def log(self) -> str:
        return self._log.read_text(errors="replace")

    def wait_until_ready(self, seconds: float = START_SECONDS) -> None:
        found = self.wait_for_text(READY, seconds)
        self.url = found[1]

    def wait_for_text(self, pattern: str | re.Pattern[str], seconds: float = START_SECONDS) -> re.Match[str]:
        """The first match in the log, waiting for it. Fails with the whole log."""
        end = time.monotonic() + seconds
        while True:
            found = re.search(pattern, self.log)
            if found:
                return found
            code = self.process.poll()
            if code is not None or time.monotonic() > end:
                raise AssertionError(f"{pattern!r} did not appear (exit code {code}):\n{self.log}")
            time.sleep(0.05)

    def pid(self, name: str) -> int:
        """The process of this name that started last."""
        return [int(pid) for child, pid in RUNNING.findall(self.log) if child == name][-1]

    def starts(self, name: str) -> int:
        return sum(child == name for child, _ in RUNNING.findall(self.log))

    def kill(self, name: str, number: int = signal.SIGKILL) -> int:
        """Send a signal to one process ("web", "engine", …); returns how often it had been started."""
        starts = self.starts(name)
        os.kill(self.pid(name), number)
        return starts

    def wait_for(self, name: str, after: int, seconds: float = START_SECONDS) -> int:
        """The number of a process once it was started more often than `after` times."""
        end = time.monotonic() + seconds
        while self.starts(name) <= after:
            if time.monotonic() > end:
                raise AssertionError(f"{name} was not started again:\n{self.log}")
            time.sleep(0.05)
        return self.pid(name)

    def stop(self, seconds: float = 20.0) -> int:
        """Ask it to end, as Ctrl-C does; returns the exit code."""
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
        return self.process.wait(timeout=seconds)

    def kill_all(self) -> None:
        """As a power cut for the supervisor; the children must go by themselves."""
        self.process.kill()
        self.process.wait()

    def client(self, **options: object) -> httpx2.Client:
        """A client that keeps cookies and does not follow redirects."""
        return httpx2.Client(base_url=self.url, timeout=20, trust_env=False, **options)  # type: ignore[arg-type]

    def sign_in(self, email: str = EMAIL, password: str = PASSWORD) -> httpx2.Client:
        """A signed-in client; the first call makes the administrator by the set-up link."""
        client = self.client()
        link = SETUP.search(self.log)
        if link is not None and client.get(link[1]).status_code == 200:
            form = {"name": "Ana Ruiz", "email": email, "password": password, "timezone": "Europe/Madrid"}
            answer = post(client, link[1], form | {"token": link[1].rpartition("=")[2]}, to="/setup")
        else:
            answer = post(client, "/accounts/login/", {"login": email, "password": password})
        if answer.status_code != 302:
            raise AssertionError(f"sign-in answered {answer.status_code}, the log ends:\n{self.log[-4000:]}")
        return client


def post(client: httpx2.Client, page: str, form: dict[str, str], to: str | None = None) -> httpx2.Response:
    """Open the page for its form token, then send the form as a browser would."""
    token = TOKEN.search(client.get(page).text)
    if token is None:
        raise AssertionError(f"{page} has no form")
    headers = {"Origin": str(client.base_url).rstrip("/"), "Sec-Fetch-Site": "same-origin"}
    return client.post(to or page, data=form | {"csrfmiddlewaretoken": token[1]}, headers=headers)


def start_server(
    tmp_path: Path, *arguments: str, ready: bool = True, empty: bool = False, **environment: str
) -> Server:
    """`quarterdeck serve` with its data in `tmp_path/data`, migrated unless it is to begin `empty`; `environment` are
    further settings."""
    settings = {"QUARTERDECK_DATA": str(tmp_path / "data")} | environment
    if not empty:
        prepare(Path(settings["QUARTERDECK_DATA"]), COMMAND, clean_environment(**settings))
    server = Server(tmp_path, clean_environment(**settings), arguments or ("--port", "0"))
    if ready:
        try:
            server.wait_until_ready()
        except AssertionError:
            server.kill_all()
            raise
    return server


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Server]:
    """One whole Quarterdeck for one test."""
    running = start_server(tmp_path)
    yield running
    running.stop()


@pytest.fixture(scope="module")
def shared_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """One whole Quarterdeck for the tests of one module, which leave it as they found it."""
    running = start_server(tmp_path_factory.mktemp("server"))
    yield running
    running.stop()
