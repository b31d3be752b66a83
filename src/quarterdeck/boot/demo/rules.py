"""The rules of automation Corvane has: two that run, and one taken over that nobody has switched on yet."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path

from quarterdeck.app.automation import files, rules

from .company import Corvane
from .stage import Stage


def tell(stage: Stage, corvane: Corvane, now: datetime) -> None:
    """They are there from this morning on."""
    stage.at(now - timedelta(hours=7), lambda: _made(stage, corvane))


def _made(stage: Stage, corvane: Corvane) -> None:
    act = corvane.act(corvane.first, stage.now)
    text = (Path(__file__).parent / "data" / "rules.toml").read_text(encoding="utf-8")
    for key, _became in files.take_in(act, files.parse(text), "Agreed in the weekly meeting"):
        rules.switch(act, key, True, "Agreed in the weekly meeting")
    files.add_example(act, "sev1-liaison")
    stage.automates = True
