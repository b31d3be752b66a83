"""Executives in the responders' channel in Slack: kept from writing where Slack allows, noted where not, made to leave."""

from __future__ import annotations

import pytest

from quarterdeck.store import models
from shell.test_chat_inbound import reported, room
from shell.test_incident_chat import channel, org, plain_org, record, ws
from support.attacks import signed_in
from support.rest import Organisation
from support.slack_workspace import BOT, Workspace

__all__ = ["org", "plain_org", "room", "ws"]
MEMBER = "U000EVA"


@pytest.fixture
def eva(org: Organisation, ws: Workspace, room: str) -> str:
    """Eva, an executive, joins the channel of INC-1; whom Ben is the executive liaison of."""
    org.call("eva", "executive")
    models.ContactMethod.objects.create(
        person=org.find("eva"), kind="slack", address=MEMBER, position=5, verified_at=org.now
    )
    ws.users[MEMBER] = "Eva Duarte"
    body = {"person": org.id("ben")}
    assert org.call("ana").put("/incidents/INC-1/roles/executive_liaison/holder", body).status < 300
    org.settle()
    return room


def join(ws: Workspace, org: Organisation, where: str) -> None:
    ws.rooms[where].members.append(MEMBER)
    assert (
        reported(
            {"type": "member_joined_channel", "user": MEMBER, "channel": where}, f"EvJ{org.now.timestamp()}"
        ).status_code
        == 200
    )
    org.settle()


def told(handle: str) -> list[str]:
    return list(models.Callout.objects.filter(person__handle=handle).values_list("subject", flat=True))


@pytest.mark.requirement("R-145", "X-14")
def test_slack_keeps_an_executive_from_writing_and_everybody_else_writes_on(
    org: Organisation, ws: Workspace, eva: str
) -> None:
    join(ws, org, eva)
    slack = ws.rooms[eva]
    writes = f"'type:admin,user:U000ANA,user:U000BEN,user:{BOT}'"
    assert slack.prefs == f"{{'who_can_post':{writes},'can_thread':{writes}}}"
    name = f"#{channel().name}"
    assert record(org).count(f"An executive reads along in {name}") == 1
    listed = org.call("ana").get("/incidents/INC-1/channel").json
    assert listed["rights"] == "set"
    assert [(s["name"], s["executive"], s["member"]) for s in listed["without_role"]] == [
        ("Eva", True, MEMBER)
    ]
    assert "an executive, reads only" in signed_in(org, "ana").get("/incidents/INC-1").content.decode()
    body = {"person": org.id("eva")}
    assert org.call("ana").put("/incidents/INC-1/roles/elt_approver/holder", body).status < 300
    org.pass_time(minutes=6)  # what she approves she may write about: rules bind by assignment
    assert slack.prefs == "{'who_can_post':'type:admin,type:user','can_thread':'type:admin,type:user'}"
    assert record(org).count(f"An executive reads along in {name}") == 1


@pytest.mark.requirement("R-145", "X-14")
def test_where_slack_does_not_allow_it_what_an_executive_writes_is_noted_and_the_liaison_alarmed(
    org: Organisation, ws: Workspace, eva: str
) -> None:
    refusal = {"error": "missing_scope", "needed": "admin.conversations:write"}
    ws.refuse["admin.conversations.setConversationPrefs"] = refusal
    join(ws, org, eva)
    row = models.TimelineRow.objects.get(title__startswith="An executive reads along")
    assert "it answered admin.conversations:write. What they write is noted." in row.text
    before = [told(h) for h in ("ana", "ben")]
    for number, text in enumerate(("Just fail over now!", "I said now")):
        words = {"type": "message", "channel": eva, "user": MEMBER, "text": text, "ts": f"{number}.1"}
        assert reported(words, f"EvW{number}").status_code == 200
    org.settle()
    counted = org.call("ana").get("/incidents/INC-1/boundary-events").json
    assert (counted["off_channel"], [e["quote"] for e in counted["events"]]) == (1, ["Just fail over now!"])
    assert sum("boundary" in t or "came past the executive liaison" in t for t in record(org)) == 1
    assert told("ana") == before[0]
    assert told("ben")[len(before[1]) :] == ["An executive wrote in the responders’ channel of INC-1"]
    mine = {"type": "message", "channel": eva, "user": "U000ANA", "text": "Failing over", "ts": "9.1"}
    assert reported(mine, "EvA").status_code == 200
    assert org.call("ana").get("/incidents/INC-1/boundary-events").json["off_channel"] == 1


@pytest.mark.requirement("X-14")
def test_the_commander_has_an_executive_leave_and_the_record_says_so(
    org: Organisation, ws: Workspace, eva: str
) -> None:
    join(ws, org, eva)
    slack, members = ws.rooms[eva], "/incidents/INC-1/channel/members"
    assert org.call("ben").delete(f"{members}/{org.id('eva')}").code == "channel.remove"
    assert org.call("eva").delete(f"{members}/{org.id('eva')}").status == 403
    assert org.call("ana").delete(f"{members}/{org.id('ben')}").code == "channel.role"
    assert org.call("ana").delete(f"{members}/U00NOBODY").code == "member.unknown"
    said = org.call("ana").post("/incidents/INC-1/say", {"text": "/kick @eva Work goes on"})
    assert said.status < 300, said.json
    org.settle()
    assert MEMBER not in slack.members
    row = models.TimelineRow.objects.get(title=f"Ana removed Eva from #{channel().name}")
    assert row.text == "Work goes on"
    org.pass_time(minutes=6)
    assert org.call("ana").get("/incidents/INC-1/channel").json["without_role"] == []
    join(ws, org, eva)
    gone = signed_in(org, "ana").post("/incidents/INC-1/channel/remove", {"member": MEMBER})
    assert gone.status_code == 302
    org.settle()
    assert MEMBER not in slack.members


def test_the_channel_that_was_archived_comes_back_when_its_incident_is_reopened_or_another_takes_its_place(
    org: Organisation, ws: Workspace, room: str
) -> None:
    ana = org.call("ana")
    over = {"override_reason": "alone"}
    first = ws.rooms[room]
    ana.put("/incidents/INC-1/phase", {"phase": "investigating"} | over)
    for allowed in (True, False):
        done = ana.put("/incidents/INC-1/resolution", {"code": "fixed", "summary": "Rolled back"} | over)
        assert done.status < 300, done.json
        first.archived = True
        event = {"type": "channel_archive", "channel": room, "user": "U000ANA"}
        assert reported(event, f"EvX{allowed}").status_code == 200
        org.settle()
        assert channel().state == "by_hand"
        if not allowed:
            ws.refuse["conversations.unarchive"] = {"error": "not_in_channel"}
        assert ana.delete("/incidents/INC-1/resolution?reason=It+came+back").status < 300
        org.settle()
        assert (channel().state, channel().room == room, first.archived) == ("open", allowed, not allowed)
        assert sum("is open again" in t for t in record(org)) == 1
