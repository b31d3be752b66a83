"""PostgreSQL fails over under load; nothing that was answered is lost, and the old primary is believed by nobody."""

from __future__ import annotations

import logging
import os
import random
from pathlib import Path

import pytest

from support.drills import failover

FAILOVERS = 50 if os.environ.get("QUARTERDECK_SOAK") else 2
SEED = int(os.environ.get("QUARTERDECK_KILL_SEED", random.SystemRandom().randrange(10**6)))

pytestmark = [pytest.mark.slow, pytest.mark.timeout(600 + 60 * FAILOVERS)]


def test_a_failover_under_load_loses_no_alert_and_no_page(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    logging.getLogger("mail.log").setLevel(logging.ERROR)
    print(f"QUARTERDECK_KILL_SEED={SEED}")
    told = failover.run(tmp_path, FAILOVERS, SEED)
    with capsys.disabled():
        print(f"\n{told}")
    assert told.wrong == []
