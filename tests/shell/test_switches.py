"""Outward activity halted in an incident: the tool is called once, the product's own sends wait, every page says so."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from quarterdeck.app import casebook, due, timers
from quarterdeck.app.act import engine_act
from quarterdeck.app.figures import report_plans
from quarterdeck.app.incidents import incident_timers
from quarterdeck.app.paging.directory import Directory
from quarterdeck.app.quick import quick
from quarterdeck.core.incidents.events.messages import MessageDrafted, MessageSent
from quarterdeck.core.incidents.structure import Switch
from quarterdeck.core.kernel.moments import text
from quarterdeck.store import codec, models, tx
from support.browsing import browser
from support.rest import Answer, Organisation

HOOK = "https://ads.example/hook"


@pytest.fixture
def org(db: None) -> Organisation:
    o = Organisation()
    for handle in ("ana", "ben", "cho"):
        o.call(handle)
    o.call("root", "administrator")
    return o


def good(answer: Answer) -> Answer:
    assert answer.status in (200, 201), answer.json
    return answer


def business(org: Organisation, **said: object) -> str:
    """Ana leads a business response, Ben is the Marketing Officer, Cho the Social Officer; paid ads call a tool."""
    incident = org.declare("ana", **said)
    ana = org.call("ana")
    good(ana.put(f"/incidents/{incident}/structure", {"to": "business", "reason": "Severe"}))
    pin = models.TemplatePin.objects.get(incident_id=incident)
    template = codec.decode_template(pin.template)
    hooked = tuple(
        Switch(s.key, s.title, s.owner, HOOK if s.key == "paid_ads" else "", s.resume_order)
        for s in template.switches
    )
    object.__setattr__(template, "switches", hooked)
    models.TemplatePin.objects.filter(incident_id=incident).update(template=codec.encode_template(template))
    for handle, role in (("ben", "marketing_officer"), ("cho", "social_officer")):
        good(ana.put(f"/incidents/{incident}/roles/{role}/holder", {"person": org.id(handle)}))
    return incident


def halt(org: Organisation, incident: str, key: str) -> None:
    at = f"/incidents/{incident}/switches/{key}"
    good(org.call("ben").put(f"{at}/halt", {"eta_at": text(datetime.now(UTC) + timedelta(minutes=10))}))
    good(org.call("ben").put(f"{at}/halted", {"evidence": "The account shows paused"}))


def say_it_is_over(org: Organisation, incident: str) -> None:
    casebook.change(engine_act(datetime.now(UTC)), incident, lambda i, t: [
        MessageDrafted("m-over", "customers_all", "monitoring", "All is well", final=True),
        MessageSent("m-over", 1, 1, "customers_all", "All is well"),
    ])  # fmt: skip


def told(org: Organisation, handle: str, incident: str) -> list[str]:
    rows = models.Callout.objects.filter(person_id=org.id(handle), incident_id=incident).order_by("id")
    return list(rows.values_list("subject", flat=True))


@pytest.mark.requirement("R-103")
def test_each_step_calls_the_tool_once_however_often_it_is_tried(org: Organisation) -> None:
    incident = business(org)
    halt(org, incident, "paid_ads")
    at = f"/incidents/{incident}/switches"
    good(org.call("ben").put(f"{at}/paid_ads/halted", {"evidence": "Pressed twice"}))
    calls = models.Delivery.objects.filter(channel="webhook", address=HOOK).order_by("id")
    assert [c.body["data"]["state"] for c in calls] == ["halt_requested", "halted"]
    assert len({c.key for c in calls}) == 2 and all(c.body["data"]["key"] == c.key for c in calls)
    assert all(c.state == "queued" for c in calls)
    assert org.call("cho").put(f"{at}/paid_ads/resume").code == "switch.owner"
    assert org.call("ben").put(f"{at}/paid_ads/resume").code == "switch.not_yet"
    say_it_is_over(org, incident)
    good(org.call("ben").put(f"{at}/paid_ads/resume"))
    done = good(org.call("ben").put(f"{at}/paid_ads/resumed", {"evidence": "First ad shown"})).json
    assert done["state"] == "normal" and done["owner"]["name"] == "Ben" and done["calls"]
    assert calls.all().count() == 4


def test_a_drill_keeps_its_calls_inside_and_a_restricted_one_names_nothing(org: Organisation) -> None:
    incident = business(org, restricted=True)
    halt(org, incident, "paid_ads")
    for call in models.Delivery.objects.filter(channel="webhook"):
        assert incident not in f"{call.body} {call.key}" and call.body["data"]["key"] == call.key
        assert "incident" not in call.body["data"]


@pytest.mark.requirement("R-103")
def test_a_late_halt_is_told_to_its_owner_and_then_to_the_lead(org: Organisation) -> None:
    incident = business(org)
    soon = datetime.now(UTC) + timedelta(minutes=1)
    good(org.call("ana").put(f"/incidents/{incident}/switches/paid_ads/halt", {"eta_at": text(soon)}))
    assert told(org, "ben", incident)[-1] == "Halt: Paid advertising"
    for minutes, handle in ((2, "ben"), (8, "ana")):
        with tx.write("engine"):
            incident_timers.fire(incident, Directory(datetime.now(UTC) + timedelta(minutes=minutes)))
        assert "Still not halted: Paid advertising" in told(org, handle, incident)
    assert told(org, "ana", incident).count("Still not halted: Paid advertising") == 1


@pytest.mark.requirement("R-102")
def test_the_header_and_the_board_say_how_many_are_halted(org: Organisation) -> None:
    incident = business(org)
    halt(org, incident, "paid_ads")
    good(org.call("cho").put(f"/incidents/{incident}/switches/scheduled_posts/excuse", {"reason": "None"}))
    ana = browser(org, "ana")
    for page in (f"/incidents/{incident}", "/incidents/board"):
        assert "Emergency mode: 1 of 5 halted" in ana.get(page).content.decode()
    page = ana.get(f"/incidents/{incident}/emergency").content.decode()
    assert "The account shows paused" in page and "Paid advertising" in page
    other = org.declare("cho")
    assert ana.get(f"/incidents/{other}/emergency").status_code == 404
    assert "Emergency mode" not in ana.get(f"/incidents/{other}").content.decode()
    assert good(org.call("ana").get(f"/incidents/{other}/switches")).json["items"] == []
    before = list(models.OperationsSwitchRow.objects.order_by("id").values())
    casebook.rebuild(incident, datetime.now(UTC))
    assert list(models.OperationsSwitchRow.objects.order_by("id").values()) == before
    quick.say(org.act("ana"), incident, "/abnormal The warehouse prints labels twice")
    row = models.TimelineRow.objects.get(incident_id=incident, kind="abnormal")
    assert row.title == "Ana reported abnormal operations"


def test_what_is_typed_does_the_same(org: Organisation) -> None:
    incident = business(org)
    quick.say(org.act("ben"), incident, "/halt paid_ads in 15m")
    quick.say(org.act("ben"), incident, "/halted paid_ads Account paused")
    quick.say(org.act("ana"), incident, "/areas")
    quick.say(org.act("ben"), incident, "/area affected Half the team is out")
    states = {
        s["key"]: s["state"] for s in org.call("ana").get(f"/incidents/{incident}/switches").json["items"]
    }
    assert states["paid_ads"] == "halted" and states["paid_social"] == "normal"
    areas = {a["role"]: a for a in org.call("ana").get(f"/incidents/{incident}/areas").json["items"]}
    assert areas["marketing_officer"]["state"] == "affected" and not areas["marketing_officer"]["owed"]
    assert areas["social_officer"]["owed"]


@pytest.mark.requirement("R-104")
def test_a_scheduled_send_waits_while_its_switch_is_halted_and_goes_out_afterwards(org: Organisation) -> None:
    root = org.call("root", "administrator")
    said = {"pack": "on_call", "zone": "UTC", "hour": 9, "people": [org.id("ana")]}
    made = good(root.post("/report-plans", said)).json
    at = f"/report-plans/{made['id']}"
    assert root.put(f"{at}/hold", {"switch": "nothing"}).code == "switch.unknown"
    good(root.put(f"{at}/hold", {"switch": "email_campaigns"}))
    incident = business(org)
    halt(org, incident, "email_campaigns")
    row = models.Due.objects.get(kind=report_plans.KIND, ref=made["id"], state="waiting")
    late = row.due_at + timedelta(minutes=1)

    def fire(when: datetime) -> None:
        one = models.Due.objects.get(kind=report_plans.KIND, ref=made["id"], state="waiting")
        with tx.write("engine"):
            timers.fire(due.Timer(one.id, one.kind, one.ref, 0), Directory(when))

    fire(late)
    sent = models.Delivery.objects.filter(key__startswith=f"report/{made['id']}/")
    assert not sent.exists() and good(root.get(at)).json["held_since"]
    assert "held while outward activity" in browser(org, "root").get("/insights/reports").content.decode()
    say_it_is_over(org, incident)
    good(org.call("ben").put(f"/incidents/{incident}/switches/email_campaigns/resume"))
    assert not sent.exists()
    good(org.call("ben").put(f"/incidents/{incident}/switches/email_campaigns/resumed", {}))
    again = models.Due.objects.get(kind=report_plans.KIND, ref=made["id"], state="waiting")
    assert again.due_at < late
    fire(late)
    assert sent.count() == 1 and good(root.get(at)).json["held_since"] is None


@pytest.mark.requirement("R-093")
def test_one_press_asks_every_role_and_the_page_shows_each_word(org: Organisation) -> None:
    incident = business(org)
    ana, ben = browser(org, "ana"), browser(org, "ben")
    acts = f"/incidents/{incident}/emergency/acts/"
    assert ana.post(f"{acts}ask-area").status_code == 302
    for handle, title in (("ben", "Marketing Officer"), ("cho", "Social Officer")):
        asked = f"{incident}: how is your area, {title}?"
        assert asked in told(org, handle, incident)
        row = models.Callout.objects.get(incident_id=incident, person_id=org.id(handle), subject=asked)
        assert row.kind == "callout"
    said = {"role": "marketing_officer", "state": "down", "text": "Nobody can log in"}
    assert ben.post(f"{acts}report-area", said).status_code == 302
    assert "Nobody can log in" in ana.get(f"/incidents/{incident}/emergency").content.decode()
    kept = ben.post(f"{acts}report-area", said | {"text": ""})
    assert kept.status_code in (302, 422)


@pytest.mark.requirement("R-106")
def test_a_mood_that_turns_is_told_to_the_lead(org: Organisation) -> None:
    incident = business(org)
    cho, at = org.call("cho"), f"/incidents/{incident}/sentiment"
    good(cho.post(at, {"channel": "Mastodon", "level": 0, "volume": 20, "next_minutes": 30}))
    assert not any("mood" in s for s in told(org, "ana", incident))
    good(cho.post(at, {"channel": "mastodon", "level": -2, "volume": 25, "posts": "Closed again"}))
    assert told(org, "ana", incident)[-1] == "The mood has turned on mastodon: outrage, 25 posts"
    assert [s["big"] for s in good(cho.get(at)).json["items"]] == [True, False]


@pytest.mark.requirement("R-121")
def test_more_talks_than_a_week_holds_are_warned_of(org: Organisation) -> None:
    incident = business(org)
    at, ana = f"/incidents/{incident}/customer-talks", org.call("ana")
    good(ana.put(f"{at}/capacity", {"weekly": 1}))
    assert good(ana.post(at, {"customer": "Halden Ferries"})).json["warning"] == ""
    found = good(ana.post(at, {"customer": "Nordic Rail"})).json
    assert found["weeks"] == 2.0 and "2 talks are offered and a week holds 1" in found["warning"]
    assert found["warning"] in browser(org, "ana").get(f"/incidents/{incident}/emergency").content.decode()
