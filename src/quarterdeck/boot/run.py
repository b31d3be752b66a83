"""One process of `quarterdeck serve`: takes its keys, shows signs of life, and runs until told to stop."""

from __future__ import annotations

import contextlib
import faulthandler
import json
import os
import sys
from collections.abc import Callable

from . import loading, pulse, secrets, sqlite_module  # noqa: F401 - sqlite_module must come before Django
from .config import ConfigError, load
from .supervise import UNUSABLE, say
from .wiring import set_up


def main(name: str) -> int:
    """Run the process of this name; the exit code is the process's."""
    faulthandler.enable()
    try:
        config = load()
    except ConfigError as e:
        say(f"{name}: {e}")
        return UNUSABLE
    _take_keys()
    if name == "migrate":
        from .migrate import main as migrate

        return migrate(config)
    if name == "backup":
        from .backup import main as back_up

        return back_up(config)
    if name == "demo":
        set_up()
        from .demo import main as tell

        return tell() or 0
    stop = pulse.Stop(pulse.Heart(pulse.beat_file(config.run, name)))
    pulse.stop_on_signals(stop)
    PROCESSES[name](stop)
    return 0


def _take_keys() -> None:
    """Under the supervisor, stdin is a pipe: one line of keys, then nothing until the supervisor is gone."""
    parent = os.environ.get("QUARTERDECK_PARENT")
    if parent is None:
        return
    line = b""
    while not line.endswith(b"\n"):
        part = os.read(0, 1)
        if not part:
            os._exit(1)
        line += part
    secrets.hand(json.loads(line))
    pulse.die_with_parent(int(parent), 0)


def _web(stop: pulse.Stop) -> None:
    from .asgi import serve

    serve(stop)


def _yield_to_ingest() -> None:
    """On a single busy core, taking in alerts comes first: what is accepted is expanded in order soon after."""
    with contextlib.suppress(OSError):
        os.nice(10)


def _engine(stop: pulse.Stop) -> None:
    _yield_to_ingest()
    set_up("engine")
    from quarterdeck.engine import loop

    loop.run(stop)


def _auditor(stop: pulse.Stop) -> None:
    _yield_to_ingest()
    set_up("auditor")
    from quarterdeck.engine import auditor

    from . import backup_job, selftest_job

    backup_job.begin(stop)
    selftest_job.begin(stop)
    loading.done()
    auditor.run(stop)


PROCESSES: dict[str, Callable[[pulse.Stop], None]] = {"web": _web, "engine": _engine, "auditor": _auditor}

if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
