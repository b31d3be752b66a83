"""Processes die at any moment, under load; nothing that was answered is lost, and nobody is called without end."""

from __future__ import annotations

import logging
import os
import random
from pathlib import Path

import pytest

from support.drills import killing

SOAK = bool(os.environ.get("QUARTERDECK_SOAK"))
KILLS = {"sqlite": 600, "postgres": 400} if SOAK else {"sqlite": 10, "postgres": 8}
SEED = int(os.environ.get("QUARTERDECK_KILL_SEED", random.SystemRandom().randrange(10**6)))

pytestmark = [pytest.mark.slow, pytest.mark.timeout(600 + 15 * max(KILLS.values()))]


@pytest.mark.parametrize("store", ["sqlite", "postgres"])
def test_killing_every_process_under_load_loses_no_alert_and_no_answer(
    store: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    # A line for each step of each mail would bury what a failure says.
    logging.getLogger("mail.log").setLevel(logging.ERROR)
    print(f"QUARTERDECK_KILL_SEED={SEED}")
    told = killing.run(store, tmp_path, KILLS[store], SEED)
    with capsys.disabled():
        print(f"\n{told}")
    assert told.wrong == []
