"""Whatever silences the pager, somebody is told by a path that does not share its fate: every fault, with real processes.

With QUARTERDECK_SOAK the drills run at full length: a silence of 120 s, and people told within 180 s.
"""

from __future__ import annotations

import contextlib
import os
from pathlib import Path

import pytest

from quarterdeck.cli.lifeline_drills import FAULTS, LeftOut, Result, TooSlow, drill, limit_seconds, template

SOAK = bool(os.environ.get("QUARTERDECK_SOAK"))
# What a busy machine may need to start is a part of the silence that is told: 10 s at first, then 30 s, then 60 s.
SCALES = (1.0,) if SOAK else (1 / 12, 1 / 4, 1 / 2)
TIMES = int(os.environ.get("QUARTERDECK_DRILLS", "34" if SOAK else "1"))

# The others are drilled by `make long` and `make soak`.
NAMES = list(FAULTS) if SOAK or os.environ.get("QUARTERDECK_LONG") else list(FAULTS)[:3]

pytestmark = [pytest.mark.slow, pytest.mark.timeout(300 + 400 * TIMES if SOAK else 300)]


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data folder with somebody on call and an open incident."""
    return template(tmp_path_factory.mktemp("drills"))


def drilled(name: str, made: Path, folder: Path) -> tuple[Result, float]:
    """The result and the scale it was drilled at.

    With less of a hurry where a busy machine starts the pager so slowly that telling people of its silence was right.
    """
    for scale in SCALES[:-1]:
        here = folder / f"{scale:.3f}"
        here.mkdir()
        with contextlib.suppress(TooSlow):
            return drill(name, made, here, scale), scale
    return drill(name, made, folder, SCALES[-1]), SCALES[-1]


@pytest.mark.parametrize("name", NAMES)
def test_people_are_told_when_the_pager_is_dead(name: str, made: Path, tmp_path: Path) -> None:
    for n in range(TIMES):
        folder = tmp_path / str(n)
        folder.mkdir()
        try:
            result, scale = drilled(name, made, folder)
        except LeftOut as left_out:
            pytest.skip(str(left_out))
        assert result.told_seconds is not None
        assert result.told_seconds <= limit_seconds(scale)
