"""Running the system's git, rsync and sftp: with a bare environment, a total time, and ssh that believes only what it
was told. Never shows what the other side printed; it says what failed in our words.
"""

from __future__ import annotations

import contextlib
import os
import re
import shlex
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from threading import Thread
from typing import BinaryIO

from quarterdeck.core.kernel.refused import Refused, bad

from ..deadlines import Deadline
from ..safe_http import SafeClient, Unreached
from .errand import Failed

CONNECT_SECONDS = 15
HOST = re.compile(r"(?!-)[A-Za-z0-9.-]{1,253}")
USER = re.compile(r"[A-Za-z_][A-Za-z0-9._-]{0,63}")
_FOLDER_PART = re.compile(r"[A-Za-z0-9_~][A-Za-z0-9._~-]*")
# Of what a program prints no more is kept, and no file that it writes grows larger (in blocks of 512 bytes for sh).
MOST_PRINTED = 1024 * 1024
LARGEST_FILE = 256 * 1024 * 1024
_BOUNDED = 'ulimit -f "$0" 2>/dev/null; exec "$@"'
_KEY = re.compile(
    r"-----BEGIN [A-Z ]*PRIVATE KEY-----\n[A-Za-z0-9+/=\n:, -]+-----END [A-Z ]*PRIVATE KEY-----\n?"
)
_HOST_KEY = re.compile(r"(?:ssh-[a-z0-9@.-]+|ecdsa-[a-z0-9@.-]+|sk-[a-z0-9@.-]+) [A-Za-z0-9+/=]+")
# What programs say on their own errors, in our words.
_SAID = (
    ("permission denied (publickey", "it does not take the key"),
    ("host key verification failed", "the machine there has another host key than the one given"),
    ("connection refused", "nothing listens there"),
    ("connection timed out", "no answer in time"),
    ("no route to host", "there is no way there"),
    ("no space left", "the disk there is full"),
    ("permission denied", "the user may not write there"),
    ("no such file", "there is no such folder"),
    ("does not appear to be a git repository", "there is no git repository"),
    ("denying non-fast-forward", "it does not let the history of the branch be taken away"),
    ("non-fast-forward", "somebody else pushed at the same moment"),
    ("stale info", "somebody else pushed at the same moment"),
    ("failed to update ref", "somebody else pushed at the same moment"),
    ("fetch first", "somebody else pushed at the same moment"),
    ("protected branch", "the branch is protected"),
    ("hook declined", "a hook there refuses it"),
    ("error in libcrypto", "the private key cannot be read"),
    ("invalid format", "the private key cannot be read"),
)
# What rsync(1) means by how it ended: its words do not always arrive when the other side has ended first.
_CODES = {
    ("rsync", 3): "there is no such folder, or it cannot be entered",
    ("rsync", 11): "there is no such folder, or its files cannot be written",
    ("rsync", 12): "the connection broke, or there is no rsync",
}


@dataclass(frozen=True, slots=True)
class Far:
    """A machine that is reached by ssh. `host_key` is its public key, such as "ssh-ed25519 AAAA…"."""

    host: str
    user: str
    host_key: str
    port: int = 22


def check_far(far: Far, secret: str) -> None:
    """Refuses what cannot be reached by ssh, before anything is tried."""
    if not HOST.fullmatch(far.host):
        raise bad("target.host", "This is no name of a machine, such as www.example.com.", host="unusable")
    if not USER.fullmatch(far.user):
        raise bad("target.user", "This is no name of a user there.", user="unusable")
    if not 1 <= far.port <= 65535:
        raise bad("target.port", "This port does not exist. ssh is at 22.", port="unusable")
    if not _HOST_KEY.fullmatch(far.host_key):
        text = "Give the machine's public key, such as 'ssh-ed25519 AAAA…': ssh-keyscan prints it after the name."
        raise bad("target.host_key", text, host_key="unusable")
    if not _KEY.fullmatch(secret):
        text = "Paste a whole private key without a pass phrase, from -----BEGIN to the line -----END."
        raise bad("target.secret", text, secret="unusable")  # noqa: S106


def is_folder(path: str) -> bool:
    """Whether it can be a folder: names of letters, digits and . _ ~ - with a slash between."""
    return all(_FOLDER_PART.fullmatch(part) for part in path.removeprefix("/").removesuffix("/").split("/"))


def under(path: str, local: Sequence[str]) -> Path:
    """A folder below one of this machine that the operator opened for targets. Raises Refused."""
    real = Path(path).resolve()
    roots = [Path(root).resolve() for root in local]
    inside = any(root in real.parents for root in roots) and real not in roots
    if not Path(path).is_absolute() or not inside:
        raise bad(
            "target.local",
            "Folders of this machine are closed to targets. The operator opens one by status.local_targets.",
            folder="closed",
        )
    return real


@contextlib.contextmanager
def ssh(far: Far, secret: str, scratch: Path, http: SafeClient) -> Iterator[list[str]]:
    """The ssh command for this machine: its address was vetted like that of a web address, and is used as vetted."""
    address = _vetted(far, http)
    scratch.mkdir(parents=True, exist_ok=True, mode=0o700)
    key, hosts = scratch / "key", scratch / "known_hosts"
    _private(key, secret.rstrip("\n") + "\n")
    _private(hosts, f"{far.host} {far.host_key}\n")
    try:
        yield [
            "ssh", "-F", "none", "-o", "BatchMode=yes", "-o", "IdentitiesOnly=yes", "-o", f"IdentityFile={key}",
            "-o", f"UserKnownHostsFile={hosts}", "-o", "GlobalKnownHostsFile=/dev/null",
            "-o", "StrictHostKeyChecking=yes", "-o", "CheckHostIP=no", "-o", f"HostKeyAlias={far.host}",
            "-o", f"HostName={address}", "-o", f"Port={far.port}", "-o", f"ConnectTimeout={CONNECT_SECONDS}",
            "-o", "ServerAliveInterval=10", "-o", "ServerAliveCountMax=3", "-o", "ForwardAgent=no",
            "-o", "ClearAllForwardings=yes",
        ]  # fmt: skip
    finally:
        key.unlink(missing_ok=True)


def _vetted(far: Far, http: SafeClient) -> str:
    try:
        found = http.vetted_host(far.host, far.port, Deadline(CONNECT_SECONDS))
    except Refused as e:
        raise Failed(e.message) from None
    except Unreached as e:
        raise Failed(f"{far.host}: {e.why}.") from None
    return str(found[0])


def _private(path: Path, text: str) -> None:
    path.unlink(missing_ok=True)
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600), "w") as file:
        file.write(text)


def run(
    what: str, words: Sequence[str], *, seconds: float, cwd: Path | None = None, text: str = "",
    environment: Mapping[str, str] | None = None, most_bytes: int = LARGEST_FILE,
) -> str:  # fmt: skip
    """The first MiB of what a program printed; no file that it writes grows beyond `most_bytes`. Raises Failed when it
    is not there, takes too long, or ends with an error.
    """
    if shutil.which(words[0]) is None:
        raise Failed(f"{what}: the program {words[0]} is not installed on this machine.")
    bare = {"PATH": os.environ.get("PATH", os.defpath), "HOME": "/nonexistent", "LC_ALL": "C", "LANG": "C"}
    bounded = ["sh", "-c", _BOUNDED, str(most_bytes // 512), *words]
    with tempfile.TemporaryFile() as told:
        told.write(text.encode())
        told.seek(0)
        process = subprocess.Popen(  # noqa: S603 - every word was checked, and sh reads none of them
            bounded, cwd=cwd, env=bare | dict(environment or {}), stdin=told, stdout=subprocess.PIPE,
            stderr=subprocess.PIPE, start_new_session=True,
        )  # fmt: skip
    with process:
        out, err = _read(process, what, seconds)
    if process.returncode:
        raise Failed(f"{what}: {_why(err, words[0], process.returncode)}.")
    return out


def _read(process: subprocess.Popen[bytes], what: str, seconds: float) -> tuple[str, str]:
    """Both streams until they end, of each the first part; all its processes are killed when that takes too long."""
    kept = (bytearray(), bytearray())
    streams = (process.stdout, process.stderr)
    readers = [Thread(target=_keep, args=pair, daemon=True) for pair in zip(streams, kept, strict=True)]
    end = time.monotonic() + seconds
    try:
        for reader in readers:
            reader.start()
        for reader in readers:
            reader.join(max(end - time.monotonic(), 0))
        if any(reader.is_alive() for reader in readers):
            raise subprocess.TimeoutExpired(what, seconds)
        process.wait(max(end - time.monotonic(), 0))
    except subprocess.TimeoutExpired:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        for reader in readers:
            reader.join()
        raise Failed(f"{what}: no end within {seconds:g} s.") from None
    out, err = (bytes(part).decode("utf-8", "replace") for part in kept)
    return out, err


def _keep(stream: BinaryIO, kept: bytearray) -> None:
    while part := stream.read1(65_536):  # type: ignore[attr-defined]
        kept += part[: MOST_PRINTED - len(kept)]


def _why(err: str, program: str, code: int) -> str:
    told = err.casefold()
    usual = _CODES.get((program, code), f"{program} ended with code {code}")
    return next((ours for theirs, ours in _SAID if theirs in told), usual)


def quoted(words: Sequence[str]) -> str:
    return " ".join(shlex.quote(word) for word in words)
