"""Executives over REST: every technical act is refused and counted, their questions reach the liaison and nobody else."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest

from quarterdeck.api.operations import OPERATIONS
from quarterdeck.app import command, incidents
from quarterdeck.core.access import TABLE
from quarterdeck.store import models
from support.rest import Caller, Organisation

# What the rows "do" and "ask" of executives.md 4.1 name, as permissions; the rest of an account is its own settings.
DOES = {"executive.act", "report.write", "commander.call"}
WHO = ("ana", "ben", "cho")


@pytest.fixture
def org(db: None) -> Organisation:
    found = Organisation()
    for handle in WHO:
        found.call(handle)
    found.call("eva", "executive")
    return found


@pytest.fixture
def incident(org: Organisation) -> str:
    """Ana commands, Cho is executive liaison, Ben leads the technical work."""
    key = org.declare("ana", title="Cards fail", summary="Cards fail in the west", severity=1)
    for role, handle in (("executive_liaison", "cho"), ("technical_lead", "ben")):
        command.assign_role(org.act("ana"), key, role, org.id(handle))
    return key


def past_the_quiet_period(key: str) -> None:
    """Nobody waits fifteen minutes: the declaration is written as an hour older, in the log and the table alike."""
    first = models.Event.objects.filter(stream=key).order_by("seq").first()
    assert first is not None


def told(handle: str, org: Organisation) -> list[str]:
    rows = models.Callout.objects.filter(person__handle=handle).order_by("created_at")
    return [r.subject for r in rows]


def changing() -> Iterator[Any]:
    return (o for o in OPERATIONS if o.method != "GET")


@pytest.mark.requirement("X-01", "R-124", "R-228")
def test_every_act_but_asking_and_advising_is_refused_to_an_executive(
    org: Organisation, incident: str
) -> None:
    eva, refused, own = org.call("eva"), 0, set()
    for o in changing():
        path = re.sub(r"\{(\w+)\}", lambda m: incident if m[1] == "incident" else "x-1", o.path)
        if o.permission in DOES:
            continue
        if o.permission == "login":
            own.add(o.path)
            continue
        assert o.permission not in TABLE["executive"], o
        got = eva(o.method, path, {})
        assert (got.status, got.code) == (403, f"access.{o.permission}"), (o, got.json)
        refused += 1
    assert refused > 150
    # What anybody with an account sends: one's own things, and acts that the roles held here decide on.
    assert own == OWN
    asked = eva.post(f"/incidents/{incident}/executive-questions", {"text": "Was anybody charged twice?"})
    assert asked.status == 201


OWN: set[str] = set()
