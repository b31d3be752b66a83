"""A message to a crowd over a real mail server, the engine killed three times on the way: nobody is left out, nobody is
written to more often than is allowed, and the ledger says of each what happened.
"""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest

from quarterdeck.app.comms.ledger import BATCH, MOST_UNCLEAR
from support.crowd_message import GONE
from support.crowd_sink import HANGS_UP, crowd_sink, taken
from support.drills import mail_settings
from support.serving import Installation

KILLS = 3
LARGE = bool(os.environ.get("QUARTERDECK_SOAK") or os.environ.get("QUARTERDECK_LONG"))
COUNT = 100_000 if LARGE else 3_000
# Slow enough for three kills to hit it on the way.
PER_SECOND = 5_000 if LARGE else 1_500
SECONDS = 900 if LARGE else 240

ENGINE = (
    "import threading; from quarterdeck.boot.wiring import set_up; set_up('engine'); "
    "from quarterdeck.engine.loop import run; run(threading.Event())"
)

pytestmark = [pytest.mark.slow, pytest.mark.timeout(1_800 if LARGE else 400)]


def test_everybody_is_accounted_for_and_written_to_as_often_as_is_allowed(tmp_path: Path) -> None:
    file = tmp_path / "taken"
    with crowd_sink(file) as port:
        installation = Installation(tmp_path, **mail_settings(port))
        settings = f"[channels.email]\nbulk_per_second = {PER_SECOND}\nbulk_connections = 4\n"
        (installation.data / "quarterdeck.toml").write_text(settings)
        made = installation.ask("support.crowd_message:release", count=COUNT, timeout_seconds=300)
        began = time.monotonic()
        engine = _engine(installation)
        try:
            for kill in range(1, KILLS + 1):
                _until(lambda k=kill: _lines(file) >= COUNT * k // (KILLS + 2), engine)
                engine.kill()
                engine.wait()
                engine = _engine(installation, lost=engine.pid)
            _until(lambda: _lines(file) >= COUNT - GONE, engine)
            while installation.ask("support.crowd_message:how_far", message=made["message"]) != "done":
                assert time.monotonic() < began + SECONDS
                time.sleep(1.0)
        finally:
            engine.kill()
            engine.wait()
        took = time.monotonic() - began
        ledger = installation.ask("support.crowd_message:standing", message=made["message"])
    mails = taken(file)
    twice = Counter(mails.values())
    print(
        f"{COUNT} recipients, {KILLS} kills: released in {made['release_seconds']:.2f} s, {took:.1f} s in all; {twice}"
    )
    assert ledger["total"] == COUNT
    assert ledger["counts"]["bounced"] == GONE
    assert ledger["counts"]["handed"] == COUNT - GONE
    assert len(mails) == COUNT - GONE
    for address, state, attempts, unclear in ledger["rows"]:
        # Once, and once more for each time that nobody knew whether it had gone out.
        assert (mails[address] if state == "handed" else 1) >= 1
        assert mails[address] <= 1 + unclear <= MOST_UNCLEAR
        assert attempts >= mails[address]
    hung_up = sum(mails.values()) // HANGS_UP
    assert sum(mails.values()) - len(mails) <= KILLS * BATCH + hung_up


def _lines(file: Path) -> int:
    if not file.exists():
        return 0
    with file.open("rb") as f:
        return sum(chunk.count(b"\n") for chunk in iter(lambda: f.read(1 << 20), b""))


def _engine(installation: Installation, lost: int = 0) -> subprocess.Popen[bytes]:
    """The engine as it is run, in a process of its own, in the place of one that is known to be dead."""
    env = installation.environment | ({"QUARTERDECK_LOST": str(lost)} if lost else {})
    return subprocess.Popen([sys.executable, "-c", ENGINE], env=env)


def _until(reached: Callable[[], bool], engine: subprocess.Popen[bytes]) -> None:
    end = time.monotonic() + SECONDS
    while not reached():
        assert engine.poll() is None, "the engine ended by itself"
        assert time.monotonic() < end
        time.sleep(0.02)
