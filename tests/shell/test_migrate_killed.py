"""A migration that is killed, or has company: the next start finishes it, and no half of a table is left."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import time
from pathlib import Path

import pytest

from support.server import COMMAND, clean_environment

KILLS = 200 if os.environ.get("QUARTERDECK_SOAK") else 2
pytestmark = pytest.mark.slow


def begin(data: Path) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [COMMAND, "migrate"],
        env=clean_environment(QUARTERDECK_DATA=str(data)),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


def ended(process: subprocess.Popen[str]) -> str:
    told, _ = process.communicate(timeout=120)
    assert process.returncode == 0, told
    return told


def test_a_killed_migration_is_finished_by_the_next(tmp_path: Path) -> None:
    began = time.monotonic()
    ended(begin(tmp_path / "whole"))
    whole_seconds = time.monotonic() - began
    for n in range(KILLS):
        data = tmp_path / f"killed-{n}"
        killed = begin(data)
        time.sleep(random.uniform(0.4, 1.0) * whole_seconds)
        killed.send_signal(signal.SIGKILL)
        killed.communicate()
        assert "The store is up to date." in ended(begin(data))


def test_two_migrations_at_once_do_the_work_once(tmp_path: Path) -> None:
    first, second = begin(tmp_path), begin(tmp_path)
    told = [ended(first), ended(second)]
    assert sum("migrated" in text for text in told) == 1
