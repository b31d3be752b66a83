"""A real sshd on a port of this machine, with keys of its own: for whatever goes over ssh."""

from __future__ import annotations

import getpass
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from .programs import need
from .serving import free_port


@dataclass(frozen=True, slots=True)
class Sshd:
    port: int
    user: str
    host_key: str
    private_key: str


@contextmanager
def sshd(folder: Path, command: str = "") -> Iterator[Sshd]:
    """Skips the running test where there is no sshd. `command` is run in place of what the user asks for."""
    program, port = need("sshd"), free_port()
    folder.mkdir(mode=0o700)
    for name in ("host", "user"):
        words = ["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", "test", "-f", str(folder / name)]
        subprocess.run(words, check=True, timeout=30)
    forced = f'command="{command}" ' if command else ""
    (folder / "authorized").write_text(forced + (folder / "user.pub").read_text())
    lines = [
        f"Port {port}", "ListenAddress 127.0.0.1", f"HostKey {folder / 'host'}", f"PidFile {folder / 'pid'}",
        f"AuthorizedKeysFile {folder / 'authorized'}", "StrictModes no", "UsePAM no", "PasswordAuthentication no",
        "PermitRootLogin yes", "Subsystem sftp internal-sftp", "LogLevel VERBOSE",
    ]  # fmt: skip
    (folder / "config").write_text("\n".join(lines) + "\n")
    Path("/run/sshd").mkdir(exist_ok=True)
    with (folder / "log").open("wb") as log:
        words = [program, "-D", "-e", "-f", str(folder / "config")]
        process = subprocess.Popen(words, stdin=subprocess.DEVNULL, stdout=log, stderr=log)
    try:
        end = time.monotonic() + 20
        while True:
            try:
                socket.create_connection(("127.0.0.1", port), 1).close()
                break
            except OSError:
                assert process.poll() is None, (folder / "log").read_text()
                assert time.monotonic() < end
                time.sleep(0.02)
        host_key = " ".join((folder / "host.pub").read_text().split()[:2])
        yield Sshd(port, getpass.getuser(), host_key, (folder / "user").read_text())
    finally:
        process.terminate()
        process.wait(10)
