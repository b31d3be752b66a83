"""The executives' own channel in Slack, against a workspace that speaks Slack's protocol."""

from __future__ import annotations

from datetime import timedelta

import pytest
from tests.shell.test_incident_chat import org, plain_org, ws

from quarterdeck.app.incidents import incidents
from quarterdeck.store import models
from support.attacks import signed_in
from support.rest import Organisation
from support.slack_workspace import Workspace

__all__ = ["org", "plain_org", "ws"]


@pytest.fixture
def engaged(org: Organisation, ws: Workspace) -> Organisation:
    """An executive is on duty, and known in the workspace."""
    ws.users["U000EVA"] = "Eva Holm"
    org.call("eva", role="executive")
    models.ContactMethod.objects.create(
        person=org.find("eva"), kind="slack", address="U000EVA", position=5, verified_at=org.now
    )
    org.policy("executive-duty", ("eva", 5))
    return org


def room_of(ws: Workspace, name: str):
    return next((r for r in ws.rooms.values() if r.name == name), None)


@pytest.mark.requirement("X-16")
def test_executives_get_a_private_channel_of_their_own_that_is_left_clean_at_the_end(
    engaged: Organisation, ws: Workspace
) -> None:
    org = engaged
    quiet = org.declare("ana", title="Small", severity=4)
    key = org.declare("ana", title="Payments stop", severity=1)
    for _ in range(3):
        org.settle()
    assert [c.incident_id for c in models.ExecutiveChannel.objects.all()] == [key] and quiet != key
    row = models.ExecutiveChannel.objects.get()
    assert (row.state, row.error) == ("open", "")
    room = room_of(ws, row.name)
    assert room is not None and room.private and row.name.endswith("-executives")
    assert "U000EVA" in room.members and "U000ANA" not in room.members, "responders have theirs"
    assert models.IncidentChannel.objects.get(incident_id=key).name != row.name
    assert f"#{row.name}" in signed_in(org, "eva").get(f"/briefs/{key}").content.decode()
    models.Person.objects.filter(handle="eva").update(is_active=False)
    incidents.set_facts(org.act("ana"), key, cause="A certificate ran out")
    org.settle()
    assert "U000EVA" not in room.members, "whoever is gone is asked to leave"
    models.Person.objects.filter(handle="eva").update(is_active=True)
    incidents.dismiss(org.act("ana"), key, "A false alarm after all")
    org.settle()
    assert not room.archived
    org.now += timedelta(days=8)
    for _ in range(2):
        org.settle()
    assert room.archived and models.ExecutiveChannel.objects.get().state == "archived"


def test_no_channel_is_opened_in_a_drill_or_where_the_type_gets_none(
    engaged: Organisation, ws: Workspace
) -> None:
    engaged.declare("ana", title="Practice", severity=1, drill=True)
    models.ChatRule.objects.update(wanted="none")
    engaged.declare("ana", title="Payments stop", severity=1)
    for _ in range(2):
        engaged.settle()
    assert not models.ExecutiveChannel.objects.exists()
