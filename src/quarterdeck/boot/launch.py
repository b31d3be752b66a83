"""Starting one of our processes: what it may know, how it learns its keys, and that it ends when we do."""

from __future__ import annotations

import contextlib
import json
import os
import socket
import subprocess
import sys
from collections.abc import Mapping

from . import pulse, secrets
from .config import Config

# What belongs to one process only; the others do not even get it in their environment.
ONLY_FOR = {"QUARTERDECK_EMAIL_PASSWORD": "engine", "QUARTERDECK_METRICS_TOKEN": "web"}


def launch(
    name: str,
    config: Config,
    keys: Mapping[str, str],
    listener: socket.socket | None = None,
    lost: int = 0,
) -> subprocess.Popen[bytes]:
    """The started process of this name. Its stdin must stay open: the end of it tells it that we are gone.

    `keys` are all of the installation's; the process is handed those of its class. Web takes over `listener`.
    `lost` is the process of this name that has ended and in whose place this one starts.
    """
    env = {k: v for k, v in os.environ.items() if ONLY_FOR.get(k, name) == name}
    env["QUARTERDECK_PARENT"] = str(os.getpid())
    env["QUARTERDECK_DATA"] = str(config.data)
    env["PORT"] = str(config.port)
    env["QUARTERDECK_BEAT_FILE"] = str(pulse.beat_file(config.run, name))
    if lost:
        env["QUARTERDECK_LOST"] = str(lost)
    command = [sys.executable, "-m", "quarterdeck.boot.run", name]
    shared: tuple[int, ...] = ()
    if listener is not None:
        env["QUARTERDECK_LISTEN_FD"] = str(listener.fileno())
        shared = (listener.fileno(),)
    if name == "lifeline":
        command = [sys.executable, "-m", "quarterdeck_lifeline"]
        _for_lifeline(env, config)
    # A group of its own: Ctrl-C in the terminal is for us to pass on.
    process = subprocess.Popen(  # noqa: S603 - our own interpreter and modules
        command, env=env, stdin=subprocess.PIPE, pass_fds=shared, process_group=0
    )
    assert process.stdin is not None
    with contextlib.suppress(BrokenPipeError):
        process.stdin.write(json.dumps(secrets.for_process(name, keys)).encode() + b"\n")
        process.stdin.flush()
    return process


def _for_lifeline(env: dict[str, str], config: Config) -> None:
    own = config.data / "lifeline"
    env.pop("DATABASE_URL", None)
    env.setdefault("LIFELINE_CONFIG", str(own / "lifeline.toml"))
    env.setdefault("LIFELINE_SNAPSHOT", str(own / "snapshot.json"))
    env.setdefault("LIFELINE_WATCH", f"{config.inside_url}/healthz")
    env["LIFELINE_OWNER"] = str(config.data / "serve.lock")


def run_once(name: str, config: Config, keys: Mapping[str, str]) -> int:
    """Run a process that comes to an end by itself; returns its exit code. It does not outlive us."""
    process = launch(name, config, keys)
    assert process.stdin is not None
    try:
        return process.wait()
    finally:
        process.kill()
        process.wait()
        let_go(process)


def let_go(process: subprocess.Popen[bytes]) -> None:
    """Close our end of its stdin. One that died before it took its keys leaves them in the pipe's buffer, and
    closing tries to write them once more.
    """
    if process.stdin is not None:
        with contextlib.suppress(BrokenPipeError):
            process.stdin.close()
