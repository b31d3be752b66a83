"""`quarterdeck drill`: planned, steered and read from a terminal."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest
from click.testing import CliRunner

from quarterdeck.cli import drill as command
from quarterdeck.cli import remote
from support.attacks import org
from support.rest import Answer, Organisation

__all__ = ["org"]


class Wire(remote.Remote):
    """The same requests, without a network between."""

    def __init__(self, org: Organisation, handle: str) -> None:
        self.caller = org.call(handle)

    def _call(self, method: str, path: str, **how: Any) -> Any:
        query: Mapping[str, str] = how.get("params") or {}
        asked = "&".join(f"{k}={v}" for k, v in query.items())
        answer: Answer = self.caller(method, f"{path}?{asked}" if asked else path, how.get("json"))
        if answer.status >= 400:
            remote.stop(answer.json["error"]["message"], remote.REFUSED)
        return answer.json


@pytest.mark.requirement("R-190")
def test_a_drill_is_planned_run_and_read_from_a_terminal(
    org: Organisation, monkeypatch: pytest.MonkeyPatch
) -> None:
    wire = {h: Wire(org, h) for h in ("ana", "ben")}
    org.person("cleo")

    def run(handle: str, *words: str) -> str:
        monkeypatch.setattr(command, "connect", lambda: wire[handle])
        done = CliRunner().invoke(command.drill, list(words))
        return done.output

    made = run("ana", "plan", "database_failover", "--kind", "tabletop", "--with", "ben", "--with", "cleo")
    drill_id = made.split()[0]
    assert "planned" in made and f"quarterdeck drill start {drill_id}" in made
    started = run("ana", "start", drill_id)
    assert "running" in started and "minute 0 of 60" in started
    assert drill_id in run("ben", "list", "--state", "running")
    assert run("ana", "inject", drill_id, "replica_behind").startswith("fired:")
    assert run("ana", "inject", drill_id, "The press calls").startswith("fired: The press calls")
    assert "paused" in run("ana", "pause", drill_id)
    assert "running" in run("ana", "resume", drill_id)
    assert "so far" in run("ana", "results", drill_id)
    assert "Only the facilitator" in run("ben", "results", drill_id)
    assert "ended" in run("ana", "end", drill_id)
    told = run("ana", "results", drill_id)
    assert told.startswith("Score ") and "Gap: " in told and "Incident Commander" in told
