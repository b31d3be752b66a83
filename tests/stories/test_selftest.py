"""The self-test on real processes: a sound release passes it, and what is missing is found.

With QUARTERDECK_SOAK it runs at full length, about two minutes.
"""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from quarterdeck.boot.config import Config
from quarterdeck.cli import shadow_drill
from quarterdeck.cli.shadow import inside, made, without_settings

SCALE = 1.0 if os.environ.get("QUARTERDECK_SOAK") else 0.2
pytestmark = [pytest.mark.slow, pytest.mark.timeout(300)]


def test_every_promise_holds_while_a_shadow_is_broken_under_load() -> None:
    said: list[str] = []
    report = shadow_drill.drill(Config(), said.append, SCALE)
    assert report.wrong == []
    assert report.well
    assert report.figures["accepted"] == report.figures["stored"] == report.figures["paged"] > 20
    assert any("the process engine is killed" in text for text in said)
    assert report.seconds < shadow_drill.LIMIT_SECONDS


def test_an_alert_that_was_answered_and_is_not_there_is_found(tmp_path: Path) -> None:
    env = without_settings() | {"QUARTERDECK_DATA": str(tmp_path / "data")}
    assert "key" in json.loads(made(tmp_path / "data", env, "quarterdeck.cli.shadow_store:furnish"))
    accepted = tmp_path / "accepted.json"
    accepted.write_text('["selftest-7"]', encoding="utf-8")
    told = json.loads(inside("quarterdeck.cli.shadow_store:judge", env, str(accepted)))
    assert told["wrong"] == ["the alert selftest-7 was answered with success and is not stored"]
