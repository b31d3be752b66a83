"""Whatever silences the pager, somebody is told by a path that does not share its fate: every fault, with real processes.

With QUARTERDECK_SOAK the drills run at full length: a silence of 120 s, and people told within 180 s.
"""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from quarterdeck.cli.lifeline_drills import FAULTS, LeftOut, Result, TooSlow, drill, limit_seconds, template

SOAK = bool(os.environ.get("QUARTERDECK_SOAK"))
SCALE = 1.0 if SOAK else 1 / 12
TIMES = int(os.environ.get("QUARTERDECK_DRILLS", "34" if SOAK else "1"))

# The others are drilled by `make long` and `make soak`.
NAMES = list(FAULTS) if SOAK or os.environ.get("QUARTERDECK_LONG") else list(FAULTS)[:3]

pytestmark = [pytest.mark.slow, pytest.mark.timeout(300 + 400 * TIMES if SOAK else 240)]


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data folder with somebody on call and an open incident."""
    return template(tmp_path_factory.mktemp("drills"))


def drilled(name: str, made: Path, folder: Path) -> Result:
    """Once more where a busy machine starts the pager so slowly that telling people of its silence was right."""
    try:
        return drill(name, made, folder, SCALE)
    except TooSlow:
        again = folder / "again"
        again.mkdir()
        return drill(name, made, again, SCALE)


@pytest.mark.parametrize("name", NAMES)
def test_people_are_told_when_the_pager_is_dead(name: str, made: Path, tmp_path: Path) -> None:
    for n in range(TIMES):
        folder = tmp_path / str(n)
        folder.mkdir()
        try:
            result = drilled(name, made, folder)
        except LeftOut as left_out:
            pytest.skip(str(left_out))
        assert result.told_seconds is not None
        assert result.told_seconds <= limit_seconds(SCALE)
