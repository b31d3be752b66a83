"""An incident's own channel in Slack, against a workspace that speaks Slack's protocol."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest

from quarterdeck.app.chat import chat_rules
from quarterdeck.app.health import health_chat
from quarterdeck.app.incidents import incidents
from quarterdeck.app.paging import claiming, deliveries
from quarterdeck.channels import deliver, slack
from quarterdeck.channels.outcome import Outcome, Outgoing, Retry, Sent
from quarterdeck.channels.safe_http import SafeClient
from quarterdeck.store import models
from support.attacks import org as plain_org
from support.attacks import signed_in
from support.rest import Organisation
from support.slack_fake import SECRET, TOKEN
from support.slack_workspace import BOT, Workspace, slack_workspace

__all__ = ["plain_org"]


@pytest.fixture
def ws() -> Iterator[Workspace]:
    with slack_workspace() as found:
        yield found


@pytest.fixture
def org(plain_org: Organisation, ws: Workspace) -> Organisation:
    """Every incident gets a channel; Ana and Ben are known in the workspace."""
    o = plain_org
    for handle, member in (("ana", "U000ANA"), ("ben", "U000BEN")):
        models.ContactMethod.objects.create(
            person=o.find(handle), kind="slack", address=member, position=5, verified_at=o.now
        )
    chat_rules.put(o.act("root"), "", wanted="public", minutes={2: 4})
    use(o, ws)
    return o


def use(o: Organisation, ws: Workspace, token: str = TOKEN) -> None:
    """The engine sends into this workspace."""
    http = SafeClient(allow=[f"127.0.0.1:{ws.port}"])
    settings = slack.Settings(token=token, signing_secret=SECRET, server=ws.server)
    ws.clock = lambda: o.now.timestamp()

    def answer(kind: str, outgoing: Outgoing) -> Outcome:
        if kind != "slack" or outgoing.to[:1] in "UW":
            return Sent("fake")
        return deliver(kind, outgoing, settings, http)

    o.outbox.answer = answer


def channel(incident: str = "INC-1") -> models.IncidentChannel:
    return models.IncidentChannel.objects.get(incident_id=incident)


def command_passes(o: Organisation, incident: str, handle: str) -> None:
    holds(o, incident, handle, "deputy")
    body = {"take_over": True, "reason": "Ana sleeps"}
    said = o.call(handle).put(f"/incidents/{incident}/roles/commander/holder", body)
    assert said.status < 300, said.json


def holds(o: Organisation, incident: str, handle: str, role: str = "scribe") -> None:
    said = o.call("ana").put(f"/incidents/{incident}/roles/{role}/holder", {"person": o.id(handle)})
    assert said.status < 300, said.json


def steps(o: Organisation) -> list[deliveries.Claim]:
    """What the engine takes from the outbox now for channels."""
    o.now = max(o.now, datetime.now(UTC))
    return [c for c in claiming.claim(o.now, o.node) if "room" in c.outgoing.data]


def record(o: Organisation, incident: str = "INC-1") -> list[str]:
    rows = models.TimelineRow.objects.filter(incident_id=incident).order_by("seq")
    return [r.title for r in rows]


@pytest.mark.requirement("R-037")
def test_the_topic_is_the_contact_card_and_follows_the_commander_within_one_tick(
    org: Organisation, ws: Workspace
) -> None:
    incident = org.declare("ana", title="Checkout is down")
    org.settle()
    room = ws.room("inc-1-checkout-is-down")
    assert room.topic.startswith("SEV2 · INC-1 Checkout is down · ")
    assert ": Ana · triage · next update" in room.topic and room.topic.endswith("/incidents/INC-1")
    assert room.bookmarks[0]["link"].endswith("/incidents/INC-1") and "War room" in room.purpose
    assert models.IncidentRow.objects.get(id=incident).chat_url.endswith(f"/archives/{room.id}")
    command_passes(org, incident, "ben")
    before = len(ws.calls)
    claimed = steps(org)
    assert [c.outgoing.data["room"]["step"] for c in claimed].count("card") == 1
    for c in claimed:  # one tick of the engine: claim, send, record
        deliveries.record(c, org.outbox.send(c.channel, c.outgoing), org.node, org.now)
    assert ": Ben · " in room.topic and len(ws.calls) > before
    shown = org.call("ana").get(f"/incidents/{incident}").json
    assert shown["contact"]["name"] == "Ben"


def test_a_crash_between_making_a_channel_and_writing_it_down_makes_no_second_one(
    org: Organisation, ws: Workspace
) -> None:
    org.declare("ana")
    (claim,) = steps(org)
    org.outbox.send(claim.channel, claim.outgoing)  # made, and the engine dies
    assert len(ws.rooms) == 1 and channel().room == ""
    org.now += timedelta(seconds=40)
    deliveries.release_expired(org.now)
    org.pass_time(seconds=60)
    assert len(ws.rooms) == 1 and channel().room == next(iter(ws.rooms))
    assert channel().state == "open"


def test_a_name_that_is_taken_by_others_is_not_taken_over(org: Organisation, ws: Workspace) -> None:
    ws.make("inc-1-checkout-is-down", "U00OTHER")
    old = ws.make("inc-1-checkout-is-down-2", BOT, created=org.now.timestamp() - 9000)
    org.declare("ana")
    org.settle()
    assert channel().name == "inc-1-checkout-is-down-3" and channel().room != old.id
    assert old.topic == ""


def heads_up(handle: str) -> list[str]:
    rows = models.Callout.objects.filter(person__handle=handle, kind="heads_up").order_by("id")
    return [r.subject for r in rows if "channel" in r.subject]


@pytest.mark.requirement("R-205")
@pytest.mark.requirement("R-092")
def test_whoever_took_a_role_and_is_not_in_the_channel_is_listed_and_told_twice_then_the_commander(
    org: Organisation, ws: Workspace
) -> None:
    del ws.users["U000BEN"]  # not in this workspace
    incident = org.declare("ana")
    org.settle()
    holds(org, incident, "ben")
    holds(org, incident, "ole", "observer")  # has no Slack id among the contacts
    org.settle()
    assert ws.room(channel().name).members == [BOT, "U000ANA"]
    assert heads_up("ben") == []
    org.pass_time(minutes=5, seconds=30)
    assert heads_up("ben") == ["Join the channel of INC-1"] == heads_up("ole")
    listed = org.call("ana").get(f"/incidents/{incident}/channel").json
    missing = {m["person"]["name"]: m["why"] for m in listed["missing"]}
    assert missing["Ben"] == "Slack does not know this member in this workspace."
    assert "No confirmed Slack id" in missing["Ole"]
    page = signed_in(org, "ana").get(f"/incidents/{incident}").content.decode()
    assert "Not in the channel yet" in page and "Slack does not know this member" in page
    org.pass_time(minutes=4)
    assert heads_up("ben") == ["Join the channel of INC-1"] * 2 and heads_up("ana") == []
    org.pass_time(minutes=4)
    assert sorted(heads_up("ana")) == [f"{n} is not in the channel of INC-1" for n in ("Ben", "Ole")]
    org.pass_time(minutes=20)
    assert len(heads_up("ben")) == 2 and len(heads_up("ana")) == 2
    assert sum("Ben is not in the channel" in title for title in record(org)) == 3
    ws.users["U000BEN"] = "Ben Okonkwo"
    ws.room(channel().name).members.append("U000BEN")
    org.pass_time(minutes=2)
    listed = org.call("ana").get(f"/incidents/{incident}/channel").json
    assert [m["person"]["name"] for m in listed["missing"]] == ["Ole"]


def test_whoever_joined_without_a_role_is_listed_by_name_and_the_released_may_stay(
    org: Organisation, ws: Workspace
) -> None:
    incident = org.declare("ana")
    org.settle()
    holds(org, incident, "ben")
    org.settle()
    room = ws.room(channel().name)
    assert room.members == [BOT, "U000ANA", "U000BEN"]
    room.members.append("U00DANA")
    org.pass_time(minutes=6)
    told = org.call("ana").get(f"/incidents/{incident}/channel").json
    assert [g["name"] for g in told["without_role"]] == ["Dana Guest"] and told["missing"] == []
    assignment = models.RoleAssignmentRow.objects.get(role="scribe").id
    assert org.call("ana").delete(f"/incidents/{incident}/assignments/{assignment}").status < 300
    org.pass_time(minutes=20)
    told = org.call("ana").get(f"/incidents/{incident}/channel").json
    assert "U000BEN" in room.members and [g["name"] for g in told["without_role"]] == ["Dana Guest"]
    page = signed_in(org, "ana").get(f"/incidents/{incident}").content.decode()
    assert "Dana Guest" in page and f"/incidents/{incident}/crew" in page


def test_a_channel_that_was_archived_by_hand_is_said_and_another_one_is_opened_on_request(
    org: Organisation, ws: Workspace
) -> None:
    incident = org.declare("ana")
    org.settle()
    ws.room(channel().name).archived = True
    incidents.set_title(org.act("ana"), incident, "Checkout is slow")
    org.settle()
    assert channel().state == "by_hand" and any("by hand" in title for title in record(org))
    calls = len(ws.calls)
    org.pass_time(minutes=30)
    assert len(ws.calls) == calls
    assert org.call("ben").post(f"/incidents/{incident}/channel").status == 403  # holds no role
    assert org.call("ana").post(f"/incidents/{incident}/channel").status < 300
    org.settle()
    assert (channel().state, channel().name) == ("open", "inc-1-checkout-is-slow-2")
    assert ws.room(channel().name).topic.startswith("SEV2 · INC-1 Checkout is slow")
    assert models.IncidentRow.objects.get(id=incident).chat_url.endswith(channel().room)


def test_a_missing_scope_and_a_wrong_token_are_said_on_health_with_what_to_do(
    org: Organisation, ws: Workspace
) -> None:
    ws.refuse["conversations.create"] = {"error": "missing_scope", "needed": "channels:manage"}
    org.declare("ana")
    org.settle()
    (fault,) = [f for f in health_chat.look() if f.level == "fault"]
    assert "missing_scope. Give the app the scope channels:manage" in fault.text and "INC-1" in fault.text
    ws.refuse.clear()
    use(org, ws, token="xoxb-wrong")
    org.pass_time(minutes=11)
    assert "invalid_auth. Set the app's bot token anew." in next(iter(health_chat.look())).text
    use(org, ws)
    org.pass_time(minutes=11)
    assert channel().state == "open" and [f.level for f in health_chat.look()] == ["ok"]


def test_a_rate_limit_is_waited_out_and_holds_up_no_page(org: Organisation, ws: Workspace) -> None:
    ws.limited["conversations.create"] = 3
    org.declare("ana")
    (claim,) = steps(org)
    outcome = org.outbox.send(claim.channel, claim.outgoing)
    deliveries.record(claim, outcome, org.node, org.now)
    assert isinstance(outcome, Retry) and outcome.after_seconds == 30 and outcome.address_only
    org.pass_time(minutes=10)
    assert channel().state == "open" and len(ws.rooms) == 1


def test_the_end_is_said_and_the_channel_is_archived_after_the_days_that_are_set(
    org: Organisation, ws: Workspace
) -> None:
    ana = org.call("ana")
    org.declare("ana", title="A false alarm")
    org.settle()
    room = ws.room(channel().name)
    ana.put("/incidents/INC-1/dismissal", {"reason": "Nothing was wrong"})
    org.settle()
    assert "dismissed" in room.messages[-1]["text"] and not room.archived
    org.pass_time(days=6)
    assert not room.archived
    org.pass_time(days=1, minutes=1)
    assert room.archived and channel().state == "archived" and len(room.messages) == 1
    assert any("was archived" in title for title in record(org))


def test_a_word_is_posted_when_service_is_back_and_when_it_was_not_over(
    org: Organisation, ws: Workspace
) -> None:
    ana = org.call("ana")
    incident = org.declare("ana", severity=4, title="Slow search")
    over = {"override_reason": "alone"}
    ana.put(f"/incidents/{incident}/phase", {"phase": "investigating"} | over)
    org.settle()
    room = ws.room(channel(incident).name)
    ana.put(f"/incidents/{incident}/resolution", {"code": "fixed", "summary": "Rolled back"} | over)
    org.settle()
    assert "is resolved" in room.messages[-1]["text"] and "Rolled back" in str(room.messages[-1]["blocks"])
    ana.delete(f"/incidents/{incident}/resolution?reason=It+came+back")
    org.settle()
    assert "is open again" in room.messages[-1]["text"] and len(room.messages) == 2


def test_a_restricted_incident_shows_its_codename_alone_in_a_private_channel_or_has_none(
    org: Organisation, ws: Workspace
) -> None:
    org.declare("ana", title="Payroll leak", restricted=True)
    org.settle()
    assert ws.rooms == {}
    chat_rules.put(org.act("root"), "", wanted="public", restricted="private")
    org.declare("ana", title="Payroll leak", restricted=True, codename="Quiet Otter")
    org.settle()
    (room,) = ws.rooms.values()
    assert (room.name, room.private) == ("inc-2-quiet-otter", True)
    assert "Payroll" not in f"{room.topic} {room.purpose}" and room.topic.startswith(
        "SEV2 · INC-2 Quiet Otter"
    )
    org.declare("ana", title="A drill", drill=True)
    org.settle()
    assert len(ws.rooms) == 1
    assert org.call("ben").get("/incidents/INC-2/channel").status == 404
