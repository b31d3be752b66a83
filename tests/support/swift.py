"""A real OpenStack Swift that speaks S3 and checks every signature, installed by pip in a place of its own."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

import httpx2

from quarterdeck.channels.safe_http import SafeClient
from quarterdeck.channels.status_targets import Errand, read_settings
from quarterdeck.channels.status_targets.sigv4 import signed

from .serving import free_port

SECRET, REGION = "not-told-to-anybody", "eu-central-1"
# One may do everything in its account, the other nothing.
OWNER, STRANGER = "corvane:pages", "corvane:reader"
_NODE = Path(__file__).with_name("swift_node.py")


def installed(folder: Path) -> Path:
    """The Python that has Swift."""
    for words in (
        [sys.executable, "-m", "venv", folder],
        [folder / "bin" / "python", "-m", "pip", "install", "--quiet", "swift==2.38.3"],
    ):
        done = subprocess.run(words, capture_output=True, text=True, timeout=240, check=False)
        assert done.returncode == 0, f"{done.stdout[-2000:]}\n{done.stderr[-2000:]}"
    return folder / "bin" / "python"


@dataclass
class Swift:
    """`folder` holds what is stored, also while it does not run."""

    python: Path
    folder: Path
    ports: tuple[int, ...] = field(default_factory=lambda: tuple(free_port() for _ in range(4)))
    process: subprocess.Popen[str] | None = None

    @property
    def address(self) -> str:
        return f"127.0.0.1:{self.ports[0]}"

    def start(self) -> None:
        self.folder.mkdir(parents=True, exist_ok=True)
        words = [self.python, "-I", _NODE, self.folder, SECRET, *map(str, self.ports)]
        with (self.folder / "log").open("ab") as log:
            self.process = subprocess.Popen(words, stdout=subprocess.PIPE, stderr=log, text=True)
        assert self.process.stdout is not None
        assert self.process.stdout.readline() == "ready\n", (self.folder / "log").read_text()[-4000:]

    def kill(self) -> None:
        if self.process is not None:
            self.process.kill()
            self.process.wait(10)
            self.process.stdout.close()  # type: ignore[union-attr]
            self.process = None

    def ask(self, method: str, path: str) -> httpx2.Response:
        """Signed by whoever owns the buckets; what is compressed stays so."""
        sent = signed(
            method, self.address, path, {}, b"", access_key=OWNER, secret_key=SECRET, region=REGION, at=datetime.now(UTC)
        )  # fmt: skip
        with (
            httpx2.Client(trust_env=False) as client,
            client.stream(method, f"http://{self.address}{path}", headers=sent) as answer,
        ):
            answer._content = b"".join(answer.iter_raw())
        return answer

    def stored(self) -> int:
        """How many objects lie on its disk."""
        return sum(1 for _ in self.folder.glob("devices/disk/objects/*/*/*/*.data"))


def values(address: str, **changes: str) -> dict[str, str]:
    usual = {"bucket": "pages", "region": REGION, "access_key": OWNER, "prefix": "st"}
    return usual | {"endpoint": f"http://{address}"} | changes


def errand_of(address: str, version: Path, scratch: Path, secret: str = SECRET, **changes: str) -> Errand:
    read = read_settings("s3", values(address, **changes))
    return Errand(read, secret, version, scratch, SafeClient(allow=[address]))


@contextmanager
def swift(python: Path, folder: Path) -> Iterator[Swift]:
    """With a bucket "pages"."""
    made = Swift(python, folder)
    made.start()
    try:
        assert made.ask("PUT", "/pages").status_code == 200
        yield made
    finally:
        made.kill()
