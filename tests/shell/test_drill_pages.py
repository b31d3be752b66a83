"""Drills as people meet them: planned, cast and run through the pages and through REST; what is kept from whom."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from quarterdeck.app import drill_course
from quarterdeck.core.kernel.moments import text
from quarterdeck.store import models
from support.attacks import org, signed_in
from support.rest import Organisation

__all__ = ["org"]
SCENARIO = "commander_falls_ill"
SECRET = "The commander collapses at the desk"


def later(hours: int = 48) -> str:
    return text(datetime.now(UTC) + timedelta(hours=hours))


def planned(org: Organisation, **said: object) -> dict:
    body = {
        "scenario": SCENARIO, "kind": "simulation", "participants": [org.id("ben"), org.id("ole")],
        "scheduled_at": later(),
    } | said  # fmt: skip
    answer = org.call("ana").post("/drills", body)
    assert answer.status == 201, answer.json
    return answer.json


def test_x(org: Organisation) -> None:
    org.call("ole")
    one = planned(org)
    print(one)
    c = signed_in(org, "ana")
    for path in (
        "/drills",
        "/drills/new",
        "/drills/library",
        "/drill-plans/new",
        f"/drills/{one['id']}",
        "/drills?show=past",
    ):
        r = c.get(path)
        assert r.status_code == 200, (path, r.content[:300])
    r = c.post(f"/drills/{one['id']}/state", {"to": "start"})
    assert r.status_code == 302, r.content
    r = c.get(f"/drills/{one['id']}")
    assert r.status_code == 200 and SECRET in r.content.decode()
    r = signed_in(org, "ben").get(f"/drills/{one['id']}")
    assert r.status_code == 200 and SECRET not in r.content.decode()
