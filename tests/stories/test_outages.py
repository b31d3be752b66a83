"""What Quarterdeck leans on goes away and comes back, and acknowledgements race pages: nothing accepted is lost."""

from __future__ import annotations

import logging
import os
import random
from pathlib import Path

import pytest

from support.drills import Told, away, disk, races

SOAK = bool(os.environ.get("QUARTERDECK_SOAK"))
SEED = int(os.environ.get("QUARTERDECK_KILL_SEED", random.SystemRandom().randrange(10**6)))
AWAY_SECONDS = [*(0.5, 1.0, 2.0) * 10, 30.0, 120.0] if SOAK else [0.5, 5.0]
RACES = 2_000 if SOAK else 40
FULL_SECONDS = 60.0 if SOAK else 8.0

pytestmark = [pytest.mark.slow, pytest.mark.timeout(3600 if SOAK else 600)]


@pytest.fixture(autouse=True)
def quiet_mail_log() -> None:
    logging.getLogger("mail.log").setLevel(logging.ERROR)


def judge(told: Told, capsys: pytest.CaptureFixture[str]) -> None:
    with capsys.disabled():
        print(f"\n{told}")
    assert told.wrong == []


def test_a_database_that_goes_away_costs_no_alert_and_pages_go_on_at_once(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    judge(away.run(tmp_path, AWAY_SECONDS, SEED), capsys)


def test_with_a_full_disk_nothing_is_accepted_that_is_not_stored(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    why = disk.why_not()
    if why:
        pytest.skip(why)
    judge(disk.run(tmp_path, FULL_SECONDS), capsys)


def test_no_page_begins_more_than_five_seconds_after_an_acknowledgement(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    judge(races.run("sqlite", tmp_path, RACES, SEED), capsys)
