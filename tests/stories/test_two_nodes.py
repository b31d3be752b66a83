"""Two nodes of one installation share the work: each page goes out once, and either can be lost."""

from __future__ import annotations

import logging
import os
from pathlib import Path

import pytest

from support.drills import together

SECONDS = 600.0 if os.environ.get("QUARTERDECK_SOAK") else 10.0

pytestmark = [pytest.mark.slow, pytest.mark.timeout(900 + SECONDS)]


def test_two_nodes_page_once_and_each_takes_over_from_the_other(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    logging.getLogger("mail.log").setLevel(logging.ERROR)
    told = together.run(tmp_path, SECONDS)
    with capsys.disabled():
        print(f"\n{told}")
    assert told.wrong == []
