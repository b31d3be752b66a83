"""What comes in from Slack: marked messages, edits, who joined, words elsewhere, and lines after /qd."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlencode

import pytest
from django.http import HttpResponse
from django.test import Client, override_settings
from slack_sdk.signature import SignatureVerifier

from quarterdeck.store import models
from shell.test_incident_chat import channel, org, plain_org, record, ws
from support.rest import HOST, Organisation
from support.slack_fake import SECRET
from support.slack_workspace import Workspace

__all__ = ["org", "plain_org", "ws"]


@pytest.fixture
def room(org: Organisation, ws: Workspace) -> Iterator[str]:
    """The id of the channel of INC-1, which is open."""
    with override_settings(QUARTERDECK_CALLBACKS={"slack": {"signing_secret": SECRET}}):
        org.declare("ana")
        org.settle()
        yield channel().room


def signed(body: str, path: str, kind: str, secret: str = SECRET, age: int = 0) -> HttpResponse:
    at = str(int(time.time()) - age)
    signature = SignatureVerifier(secret).generate_signature(timestamp=at, body=body) or ""
    headers = {"X-Slack-Request-Timestamp": at, "X-Slack-Signature": signature, "host": HOST}
    return Client().post(path, body, content_type=kind, headers=headers)


def reported(event: Any, event_id: str, **how: Any) -> HttpResponse:
    body = json.dumps({"type": "event_callback", "event_id": event_id, "team_id": "T1", "event": event})
    return signed(body, "/callbacks/slack/events", "application/json", **how)


def typed(text: str, *, user: str = "U000ANA", room: str = "C0OTHER", trigger: str = "1.2.a") -> str:
    said = {"command": "/qd", "text": text, "user_id": user, "channel_id": room, "trigger_id": trigger}
    answer = signed(urlencode(said), "/callbacks/slack/commands", "application/x-www-form-urlencoded")
    assert answer.status_code == 200
    told = answer.json()
    assert told["response_type"] == "ephemeral"
    return told["text"]


def pinned(room: str, ts: str, user: str = "U000ANA") -> dict[str, Any]:
    return {
        "type": "reaction_added", "user": user, "reaction": "pushpin",
        "item": {"type": "message", "channel": room, "ts": ts},
    }  # fmt: skip


def texts() -> list[tuple[str, str]]:
    rows = models.TimelineRow.objects.filter(kind__in=("note", "correction")).order_by("seq")
    return [(r.title, r.text) for r in rows]


def test_a_marked_message_becomes_an_entry_of_whoever_wrote_it_and_an_edit_supersedes_it(
    org: Organisation, ws: Workspace, room: str
) -> None:
    early = f"{int(org.now.timestamp()) - 600}.000100"
    late = f"{int(org.now.timestamp()) - 300}.000200"
    ws.say(ws.rooms[room], "U000BEN", "Pool is at <https://graphs.example|99 %>, /sev 1 &lt;now&gt;", early)
    ws.say(ws.rooms[room], "U00DANA", "We see it too", late)
    assert reported(pinned(room, early, "U00DANA"), "Ev0").status_code == 200  # nobody here chose it
    for event_id, ts in (("Ev1", early), ("Ev1", early), ("Ev2", early), ("Ev3", late)):
        assert reported(pinned(room, ts), event_id).status_code == 200
    org.settle()
    name = channel().name
    assert texts() == [
        (f"Ben wrote in #{name}, noted by Ana", "Pool is at 99 % (https://graphs.example), /sev 1 <now>"),
        (f"Dana Guest (guest) wrote in #{name}, noted by Ana", "We see it too"),
    ]
    assert models.IncidentRow.objects.get().severity == 2  # a text is a text
    assert models.TimelineRow.objects.get(title__startswith="Ben wrote").backdated
    edit = {
        "type": "message", "subtype": "message_changed", "channel": room,
        "message": {"type": "message", "user": "U00DANA", "text": "We see it in Oslo too", "ts": late},
    }  # fmt: skip
    assert reported(edit, "Ev4").status_code == reported(edit, "Ev4").status_code == 200
    assert [t for _, t in texts()][-1] == "We see it in Oslo too" and len(texts()) == 3
    assert f"(edited in #{name})" in texts()[-1][0]


def test_only_what_slack_signed_now_counts_and_strange_reports_do_no_harm(
    org: Organisation, room: str
) -> None:
    assert reported(pinned(room, "1.1"), "Ev1", secret="another").status_code == 403
    assert reported(pinned(room, "1.1"), "Ev1", age=301).status_code == 403
    hello = json.dumps({"type": "url_verification", "challenge": "abc123"})
    answer = signed(hello, "/callbacks/slack/events", "application/json")
    assert (answer.status_code, answer.content.strip()) == (200, b"abc123")
    for number, event in enumerate(
        ({"type": "message"}, {"type": ["x"]}, {"type": "reaction_added", "item": 7, "reaction": "pushpin"},
         {"type": "message", "channel": 3, "text": "INC-1 INC-99999999999"}, {"type": "pin_added", "item": {"message": 1}},
         {"type": "message", "subtype": "message_changed", "message": "x"}, pinned(room, "99999999999999.1"),
         pinned(room, "²"), {"type": "member_joined_channel", "channel": room}, {})
    ):  # fmt: skip
        assert reported(event, f"Odd{number}").status_code == 200, event
    for body in (
        "",
        "[]",
        "{",
        '{"type": "event_callback"}',
        '{"type": "event_callback", "event": 1, "event_id": 2}',
    ):
        assert signed(body, "/callbacks/slack/events", "application/json").status_code == 400


@pytest.mark.requirement("R-205")
def test_words_about_an_incident_elsewhere_and_whoever_comes_or_archives_are_noticed(
    org: Organisation, ws: Workspace, room: str
) -> None:
    said = {
        "type": "message",
        "channel": "C0SHOP",
        "user": "U000BEN",
        "text": "inc-1 hits us, see INC-77",
        "ts": "17.5",
    }
    reported(said, "Ev1")
    reported(said | {"text": "INC-1 again"}, "Ev2")  # the same talk
    reported(said | {"channel": room}, "Ev3")  # its own channel
    reported(said | {"channel": "C0BOTS", "bot_id": "B1"}, "Ev4")
    notes = models.TimelineRow.objects.filter(kind="channel", title__contains="spoken of")
    assert [(n.title, n.text) for n in notes] == [
        (
            "This incident is spoken of in another channel by Ben",
            "https://corvane.slack.com/archives/C0SHOP/p175",
        )
    ]
    ws.rooms[room].members.append("U00DANA")
    reported({"type": "member_joined_channel", "channel": room, "user": "U00DANA"}, "Ev5")
    here = models.ChannelMember.objects.get(member="U00DANA")
    assert here.here and here.person_id == ""
    reported({"type": "member_left_channel", "channel": room, "user": "U00DANA"}, "Ev6")
    assert not models.ChannelMember.objects.get(member="U00DANA").here
    reported({"type": "channel_archive", "channel": room, "user": "U000BEN"}, "Ev7")
    org.settle()
    assert channel().state == "by_hand" and any("by hand" in title for title in record(org))


def test_a_line_after_qd_does_what_the_war_room_does_once_and_as_the_person_who_typed_it(
    org: Organisation, room: str
) -> None:
    assert typed("note the pool is full", room=room) == "INC-1: Written."
    assert typed("note the pool is full", room=room) == "This was carried out already."
    assert typed("INC-1 sev 1 all shops", trigger="2") == "INC-1: The severity is 1."
    assert models.IncidentRow.objects.get().severity == 1
    assert typed("INC-1 sev 2 calm", user="U000BEN", trigger="3").startswith("Only the")  # Ben holds no role
    assert "No account here has confirmed" in typed("note x", user="U00DANA", room=room, trigger="4")
    assert typed("note x", trigger="5").startswith("Type it in an incident's channel")
    assert "in 10m what to do" in typed("help") and "/knowledge" in typed("", trigger="6")
    assert "There is no such incident" in typed("INC-99 note x", trigger="7")
    secret = org.declare("ana", title="Payroll leak", restricted=True)
    assert "nothing is done in it from here" in typed(f"{secret} note x", trigger="8")
    assert "There is no such incident" in typed(f"{secret} note x", user="U000BEN", trigger="9")
    assert texts() == [("Ana wrote a note", "the pool is full")]


def test_a_line_after_qd_takes_the_right_that_the_war_room_asks_for(org: Organisation, room: str) -> None:
    org.call("ana").post("/knowledge", {"title": "Pool runs dry", "text": "Add connections"})
    assert "Pool runs dry" in typed("knowledge pool", room=room, trigger="1")
    for n, role in enumerate(("observer", "executive"), 2):
        models.Person.objects.filter(handle="ben").update(role=role)
        for m, words in enumerate(("knowledge pool", "changes", "note x")):
            told = typed(words, user="U000BEN", room=room, trigger=f"{n}.{m}")
            assert told.startswith("Your account may not do this"), told
    assert (
        typed("consents", user="U000BEN", room=room, trigger="9")
        == "INC-1: Your name is asked for nothing here."
    )
    assert texts() == []


def test_an_executive_who_types_status_hears_the_brief_and_nobody_else_does(
    org: Organisation, room: str
) -> None:
    models.Person.objects.filter(handle="ben").update(role="executive")
    told = typed("status", user="U000BEN", room=room, trigger="1")
    assert "We do:" in told and "Next brief:" in told
    assert "liaison has your question" in typed(
        "ask Who pays for it?", user="U000BEN", room=room, trigger="2"
    )
    assert list(models.ExecQuestionRow.objects.order_by("asked_at").values_list("kind", flat=True)) == [
        "status",
        "question",
    ]
    assert texts() == []


def test_what_is_said_in_a_private_channel_of_another_incident_does_not_name_it(
    org: Organisation, room: str
) -> None:
    other = org.declare("ana", title="Payroll leak")
    org.settle()
    models.IncidentChannel.objects.filter(incident_id=other).update(private=True)
    secret = models.IncidentChannel.objects.get(incident_id=other)
    said = {"type": "message", "channel": secret.room, "user": "U000BEN", "text": "as in INC-1", "ts": "17.5"}
    reported(said, "Ev1")
    note = models.TimelineRow.objects.get(incident_id="INC-1", title__contains="spoken of")
    assert secret.room and secret.name not in note.title and secret.room not in note.text


def test_lessons_articles_changes_a_transfer_and_the_structure_are_typed_too(org: Organisation) -> None:
    incident = org.declare("ana")

    def say(text: str, handle: str = "ana") -> Any:
        return org.call(handle).post(f"/incidents/{incident}/say", {"text": text})

    assert say("/lesson keep: the pool has an alarm").status == 409  # not before the end
    old = org.declare("ana", title="A false alarm")
    org.call("ana").put(f"/incidents/{old}/dismissal", {"reason": "Nothing was wrong"})
    told = org.call("ana").post(f"/incidents/{old}/say", {"text": "/lesson keep: the pool has an alarm"})
    assert told.json["text"] == "The lesson is on record."
    assert models.LessonRow.objects.get().kind == "keep"
    assert say("/lessons alarm").json["lines"] == [f"{old} (keep): the pool has an alarm"]
    org.call("ana").post("/knowledge", {"title": "Pool runs dry", "text": "Add connections"})
    assert say("/knowledge pool").json["lines"][0].startswith("Pool runs dry: http")
    assert say("/attach pool").json["text"] == "Attached: Pool runs dry."
    assert say("/attach nothing of it").status == 422
    assert say("/changes").json["text"] == "No change was reported around it."
    assert say("/handover @ben I must leave").json["text"].startswith("Offered to Ben.")
    assert say("/transfer 14:30").json["error"]["code"] == "handover.not_accepted"
    handover = models.HandoverRow.objects.get()
    assert org.call("ben").put(f"/incidents/{incident}/handovers/{handover.id}/acceptance").status < 300
    assert say("/transfer 14:30", "ben").json["text"].startswith("It passes at 14:30")
    assert models.HandoverRow.objects.get().effective_at is not None
    assert say("/structure moon because").json["error"]["code"] == "structure.unknown"
    assert say("/structure ics Agencies join").json["text"].startswith("The structure is ")
    assert models.IncidentRow.objects.get(id=incident).template == "ics"
