"""A node that the network alone cuts off holds up no page, accepts nothing it cannot store, and comes back by itself."""

from __future__ import annotations

import logging
import os
from pathlib import Path

import pytest

from support import apart
from support.drills import cut

SECONDS = 120.0 if os.environ.get("QUARTERDECK_SOAK") else 45.0

pytestmark = [pytest.mark.slow, pytest.mark.timeout(900)]


def test_a_node_cut_off_by_the_network_costs_no_alert_and_no_page(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    why = apart.why_not()
    if why:
        pytest.skip(why)
    logging.getLogger("mail.log").setLevel(logging.ERROR)
    told = cut.run(tmp_path, SECONDS)
    with capsys.disabled():
        print(f"\n{told}")
    assert told.wrong == []
