"""The business half of an incident through the doors: money, authority, vendors, legal deadlines, continuity plans."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from quarterdeck.app import casebook
from quarterdeck.app.comms import messages
from quarterdeck.app.incidents import command
from quarterdeck.app.paging.directory import Directory
from quarterdeck.app.paging.wording import callout_body
from quarterdeck.app.quick import quick
from quarterdeck.core.incidents import Content, content_hash
from quarterdeck.core.incidents.parts import Message
from quarterdeck.core.kernel.moments import text
from quarterdeck.core.kernel.refused import Refused
from quarterdeck.store import models
from quarterdeck.store.ids import new_id
from quarterdeck.web.present.incident import clocks
from support.browsing import browser
from support.rest import Answer, Organisation


@pytest.fixture
def org(db: None) -> Organisation:
    o = Organisation()
    for handle in ("ana", "ben", "cleo"):
        o.call(handle)
    o.call("root", "administrator")
    return o


def take(org: Organisation, incident: str, role: str, handle: str) -> None:
    got = org.call("ana").put(f"/incidents/{incident}/roles/{role}/holder", {"person": org.id(handle)})
    assert got.status == 200, got.json


def told(org: Organisation, handle: str, incident: str) -> list[str]:
    rows = models.Callout.objects.filter(person_id=org.id(handle), incident_id=incident).order_by("id")
    return list(rows.values_list("subject", flat=True))


def lines(incident: str, kind: str) -> list[str]:
    found = models.TimelineRow.objects.filter(incident_id=incident, kind=kind).order_by("seq")
    return list(found.values_list("title", flat=True))


def good(answer: Answer) -> Answer:
    assert answer.status in (200, 201), answer.json
    return answer


def resolve(org: Organisation, incident: str) -> None:
    done = {"code": "fixed", "override_reason": "A test"}
    for phase in ("investigating", "monitoring"):
        org.call("ana").put(f"/incidents/{incident}/phase", {"phase": phase, "override_reason": "A test"})
    good(org.call("ana").put(f"/incidents/{incident}/resolution", done))


@pytest.mark.requirement("R-206")
def test_a_request_above_the_limit_waits_for_the_giver_and_then_goes_its_way(org: Organisation) -> None:
    incident = org.declare("ana")
    take(org, incident, "technical_lead", "ben")
    take(org, incident, "scribe", "cleo")
    ana, ben, cleo, root = (org.call(h) for h in ("ana", "ben", "cleo", "root"))
    at = f"/incidents/{incident}"
    lent = {"acts": ["spend"], "limit_minor": 100_000, "currency": "EUR"}
    good(root.post(f"{at}/delegations", {"person": org.id("ana")} | lent))
    assert (
        ana.post(f"{at}/delegations", {"person": org.id("cleo")} | lent | {"limit_minor": 100_001}).status
        == 422
    )
    good(
        ana.post(
            f"{at}/delegations", {"person": org.id("cleo")} | lent | {"limit_minor": 40_000, "note": "Pumps"}
        )
    )
    assert told(org, "cleo", incident)[-1] == "Ana lends you authority"
    assert ben.post(f"{at}/delegations", {"person": org.id("cleo")} | lent).status == 403
    made = good(ben.post(f"{at}/resource-requests", {
        "kind": "Server", "item": "A large one", "cost_minor": 60_000, "currency": "eur",
    })).json  # fmt: skip
    one = f"{at}/resource-requests/{made['id']}"
    up = good(cleo.put(f"{one}/approval")).json
    assert (up["state"], up["waits_for"]["name"]) == ("requested", "Ana")
    assert told(org, "ana", incident)[-1] == "Approve request 1 for 600.00 EUR"
    assert good(ana.put(f"{one}/approval")).json["state"] == "approved"
    order = {"order_number": "PO-7", "supplier": "Metal Ltd"}
    assert ana.put(f"{one}/order", order | {"cost_minor": 100_001}).code == "delegation.above"
    assert good(ana.put(f"{one}/order", order | {"cost_minor": 70_000})).json["state"] == "ordered"
    for step, state in (("dispatch", "on_the_way"), ("arrival", "arrived"), ("release", "released")):
        assert good(ana.put(f"{one}/{step}")).json["state"] == state
    row = models.IcsRequestRow.objects.get(id=made["id"])
    assert (row.cost, row.cost_minor, row.currency) == (700, 70_000, "EUR")
    assert good(ana.get(f"{at}/costs")).json["totals"]["EUR"] >= 70_000
    assert "Request 1 is on the way" in lines(incident, "resource")


@pytest.mark.requirement("R-239")
def test_what_was_entered_is_what_is_summed_and_told(org: Organisation) -> None:
    incident, ana = org.declare("ana"), org.call("ana")
    at = f"/incidents/{incident}"
    good(ana.post(f"{at}/budget", {"what": "First day", "minor": 500_000, "currency": "EUR"}))
    good(ana.post(f"{at}/costs", {"what": "Tow truck", "minor": 45_050, "currency": "EUR"}))
    wrong = good(ana.post(f"{at}/costs", {"what": "Twice", "minor": 100, "currency": "USD"})).json["entries"][
        -1
    ]
    good(ana.put(f"{at}/costs/{wrong['id']}/strike", {"reason": "Entered twice"}))
    good(ana.put(f"{at}/impact-start", {"began_at": text(org.now - timedelta(hours=2))}))
    good(
        ana.put(
            f"{at}/impact-assessments/revenue", {"level": "high", "hour_minor": 100_000, "currency": "EUR"}
        )
    )
    costs = good(ana.get(f"{at}/costs")).json
    assert costs["spent"] == {"EUR": 45_050}
    assert costs["left"] == {"EUR": 500_000 - 45_050}
    assert sum(x["minor"] for x in costs["lines"]) == costs["totals"]["EUR"]
    assert 200_000 <= costs["totals"]["EUR"] - 45_050 < 202_000
    assert "Ana assessed the impact: Revenue high, 1,000.00 EUR an hour" in lines(incident, "impact")
    assert lines(incident, "cost")[-1].startswith("Ana struck")
    assert ana.post(f"{at}/costs", {"what": "x", "minor": 1, "currency": "E1R"}).status == 422
    assert org.call("ben").post(f"{at}/costs", {"what": "x", "minor": 1}).status == 403


@pytest.mark.requirement("R-275")
def test_waiting_for_a_vendor_stands_in_the_timeline_and_its_owner_hears_when_they_are_late(
    org: Organisation,
) -> None:
    org.service("shop")
    contact = good(org.call("root").post("/services/shop/vendors", {
        "vendor": "Northgrid", "contact": "+44 20 7946 0000", "answer_minutes": 30,
    })).json  # fmt: skip
    incident, ana, ben = org.declare("ana"), org.call("ana"), org.call("ben")
    take(org, incident, "technical_lead", "ben")
    at = f"/incidents/{incident}/vendor-cases"
    made = good(ben.post(at, {"what": "Power in hall 2", "vendor_contact": contact["id"]})).json
    assert (made["vendor"], made["contact"], made["state"]) == ("Northgrid", "+44 20 7946 0000", "waiting")
    good(ben.put(f"{at}/{made['id']}/number", {"number": "NG-4711"}))
    assert lines(incident, "vendor")[0].startswith("Waiting for Northgrid; an answer is due at")
    org.pass_time(minutes=31)
    assert good(ana.get(at)).json["items"][0]["overdue"]
    assert "Northgrid is late with an answer" in told(org, "ben", incident)
    assert "Northgrid is late with an answer" in told(org, "ana", incident)
    assert good(ben.put(f"{at}/{made['id']}/answer", {"note": "A crew comes"})).json["due_at"] is None
    assert good(ben.put(f"{at}/{made['id']}/closure")).json["state"] == "closed"


@pytest.mark.requirement("R-262")
def test_a_data_incident_starts_the_deadline_and_whoever_answers_for_it_is_told_before_and_after(
    org: Organisation,
) -> None:
    incident, ana = org.declare("ana", type="security"), org.call("ana")
    at = f"/incidents/{incident}/legal-deadlines"
    running = good(ana.get(at)).json["items"]
    assert [(c["key"], c["owner"]["name"], c["state"]) for c in running] == [
        ("gdpr_authority", "Ana", "running")
    ]
    assert "article 33" in running[0]["source"]
    assert "Legal deadline: Tell the data protection authority" in told(org, "ana", incident)
    take(org, incident, "legal_officer", "cleo")
    assert "Legal deadline: Tell the data protection authority" in told(org, "cleo", incident)
    org.pass_time(hours=25)
    assert any(t.startswith("Due ") for t in told(org, "cleo", incident))
    org.pass_time(hours=48)
    assert "Legal deadline has PASSED: Tell the data protection authority" in told(org, "cleo", incident)
    assert org.call("ben").put(f"{at}/gdpr_authority/end", {"state": "met", "note": "x"}).status in (403, 404)
    got = good(
        org.call("cleo").put(
            f"{at}/gdpr_authority/end", {"state": "not_applicable", "note": "No person's data"}
        )
    )
    assert got.json["state"] == "not_applicable"
    good(ana.post(at, {"key": "nis2_early_warning", "why": "Essential entity"}))
    assert ana.post(at, {"key": "nothing"}).status == 404
    plain = org.declare("ben")
    assert good(org.call("ben").get(f"/incidents/{plain}/legal-deadlines")).json["items"] == []
    assert len(good(ana.get("/legal-deadlines")).json["items"]) >= 3


@pytest.mark.parametrize("rests", ["resolved", "standing down"])
def test_a_data_incident_that_is_recognised_late_starts_the_deadline_though_nobody_works_on_it(
    org: Organisation, rests: str
) -> None:
    incident, ana = org.declare("ana"), org.call("ana")
    at = f"/incidents/{incident}"
    if rests == "resolved":
        resolve(org, incident)
    else:
        assert ana.put(f"{at}/stand-down", {"reason": "Quiet"}).status == 204
    assert good(ana.get(f"{at}/legal-deadlines")).json["items"] == []
    good(ana.put(f"{at}/type", {"type": "security", "reason": "Data went out"}))
    (running,) = good(ana.get(f"{at}/legal-deadlines")).json["items"]
    assert running["key"] == "gdpr_authority"
    org.pass_time(hours=25)
    assert any(t.startswith("Due ") for t in told(org, "ana", incident))


@pytest.mark.requirement("R-280")
def test_a_continuity_plan_of_a_service_is_activated_from_an_incident(org: Organisation) -> None:
    org.service("shop")
    said = {"title": "Paper tills", "steps": ["Fetch the slips", "Call Pay Later"], "supplier": "Pay Later",
            "rto_minutes": 60, "rpo_minutes": 15}  # fmt: skip
    plan = good(org.call("root").post("/services/shop/continuity-plans", said)).json
    incident, ana = org.declare("ana"), org.call("ana")
    take(org, incident, "technical_lead", "ben")
    at = f"/incidents/{incident}/continuity"
    used = good(ana.post(at, {"plan": plan["id"], "person": org.id("ben")})).json
    given = good(ana.get(f"/incidents/{incident}/tasks")).json["items"]
    assert {(t["title"], t["assignee"]["name"]) for t in given} == {
        ("Fetch the slips", "Ben"),
        ("Call Pay Later", "Ben"),
    }
    assert lines(incident, "continuity") == ["Ana activated the continuity plan Paper tills"]
    assert good(ana.put(f"{at}/{used['id']}/end", {"note": "Tills work"})).json["ended_at"]
    assert (
        org.call("root").post("/services/shop/continuity-plans", said | {"steps": []}).code == "steps.number"
    )


def test_the_read_tables_of_the_business_half_are_rebuilt_row_by_row(org: Organisation) -> None:
    incident, ana = org.declare("ana", type="security"), org.call("ana")
    at = f"/incidents/{incident}"
    take(org, incident, "scribe", "ben")
    good(ana.post(f"{at}/delegations", {"person": org.id("ben"), "acts": ["budget"], "limit_minor": 5}))
    good(ana.post(f"{at}/costs", {"what": "Taxi", "minor": 900}))
    good(ana.put(f"{at}/impact-assessments/legal", {"level": "high", "once_minor": 7}))
    good(ana.post(f"{at}/vendor-cases", {"what": "Logs", "vendor": "Hoster", "answer_minutes": 5}))
    tables = (
        models.DelegationRow, models.CostEntryRow, models.ImpactAssessmentRow, models.VendorCaseRow,
        models.RegulatoryClockRow,
    )  # fmt: skip
    before = [list(t.objects.order_by("pk").values()) for t in tables]
    assert all(before)
    casebook.rebuild(incident, org.now)
    assert [list(t.objects.order_by("pk").values()) for t in tables] == before


@pytest.mark.requirement("R-005")
def test_the_header_counts_the_impact_and_since_when_the_public_heard_nothing(org: Organisation) -> None:
    incident = org.declare("ana")
    case = casebook.load(incident)
    at = case.incident.declared_at + timedelta(minutes=50)
    impact, heard = clocks(case, at)
    assert (impact["since"], heard["value_text"]) == (case.incident.declared_at, "not yet")
    began = case.incident.declared_at - timedelta(minutes=20)
    sent = case.incident.declared_at + timedelta(minutes=30)
    message = Message(
        "m", "customers_all", "triage", "Card payments fail", drafted_by="x", drafted_at=sent, sent_at=sent
    )
    business = replace(case.incident.business, impact_started_at=began)
    told = replace(case, incident=replace(case.incident, messages={"m": message}, business=business))
    impact, heard = clocks(told, at)
    assert (at - impact["since"], at - heard["since"]) == (timedelta(minutes=70), timedelta(minutes=20))
    over = replace(told, incident=replace(told.incident, resolved_at=began + timedelta(hours=1)))
    assert clocks(over, at)[0]["value_text"] == "1 h"


def test_the_contact_follows_the_commander_and_whom_the_commander_names(org: Organisation) -> None:
    incident, ana = org.declare("ana"), org.call("ana")
    take(org, incident, "communications_lead", "cleo")
    at = f"/incidents/{incident}"
    assert good(ana.get(at)).json["contact"]["name"] == "Ana"
    page = browser(org, "ana")
    assert page.post(f"{at}/business/acts/name-contact", {"person": org.id("cleo")}).status_code == 302
    assert good(ana.get(at)).json["contact"]["name"] == "Cleo"
    command.take_over(org.act("root"), incident, "commander", "Ana sleeps")
    assert good(ana.get(at)).json["contact"]["name"] == "Cleo"
    root = browser(org, "root")
    assert root.post(f"{at}/business/acts/name-contact", {"person": ""}).status_code == 302
    assert good(ana.get("/incidents")).json["items"][0]["contact"]["name"] == "Root"


def test_the_business_page_does_every_act_and_shows_what_came_of_it(org: Organisation) -> None:
    org.service("shop")
    root, ana = browser(org, "root"), browser(org, "ana")
    assert (
        root.post("/catalog/services/shop/vendors", {"name": "Northgrid", "answer_minutes": "30"}).status_code
        == 302
    )
    plan = {
        "act": "add",
        "title": "Paper tills",
        "steps": "Fetch the slips\n\nCall Pay Later",
        "rto_minutes": "60",
    }
    assert root.post("/catalog/services/shop/plans", plan).status_code == 302
    shown = ana.get("/catalog/services/shop").content.decode()
    assert "Northgrid" in shown
    assert "Fetch the slips" in shown
    made = org.call("ana").post("/incidents", {"title": "Shop is down", "services": ["shop"]}).json["id"]
    take(org, made, "scribe", "ben")
    acts = (
        ("money", {"kind": "cost", "what": "Tow truck", "amount": "450.50", "currency": "eur"}),
        ("money", {"kind": "budget", "what": "Day", "amount": "400", "currency": "EUR"}),
        ("assess-harm", {"dimension": "revenue", "level": "high", "hour": "1000", "currency": "EUR"}),
        ("lend-authority", {"person": org.id("ben"), "acts": ["spend"], "limit": "5000", "currency": "EUR"}),
        ("request", {"kind": "Pump", "item": "A large one", "cost": "100"}),
        ("open-vendor", {"vendor_contact": models.VendorContact.objects.get().id, "what": "Power"}),
        ("start-deadline", {"key": "gdpr_authority"}),
        ("activate-plan", {"plan": models.ContinuityPlan.objects.get().id}),
    )
    for name, said in acts:
        got = ana.post(f"/incidents/{made}/business/acts/{name}", said, HTTP_REFERER="http://127.0.0.1/")
        assert (name, got.status_code, got["Location"].split("#")[0]) == (
            name,
            302,
            f"/incidents/{made}/business",
        )
    text = ana.get(f"/incidents/{made}/business").content.decode()
    for words in (
        "450.50 EUR",
        "Over budget",
        "Ben, up to 5,000.00 EUR",
        "1 × Pump",
        "we wait",
        "article 33",
        "in use",
    ):
        assert words in text, words
    assert ana.post(f"/incidents/{made}/business/acts/nothing").status_code == 404
    refused = ana.post(
        f"/incidents/{made}/business/acts/money", {"kind": "cost", "what": "x", "amount": "1,5"},
        HTTP_REFERER=f"http://127.0.0.1/incidents/{made}/business",
    )  # fmt: skip
    assert refused["Location"] == f"/incidents/{made}/business"
    room = ana.get(f"/incidents/{made}").content.decode()
    assert "Waiting for" in room
    assert "over budget" in room
    assert models.DelegationRow.objects.get().limit_minor == 500_000


def test_money_and_vendors_can_be_typed(org: Organisation) -> None:
    incident = org.declare("ana")
    said = lambda text: quick.say(org.act("ana"), incident, text).text  # noqa: E731
    assert said("/cost 450.5 EUR taxi to hall 2") == "Entered: 450.50 EUR."
    assert said("/cost 12 bus tickets") == "Entered: 12.00 EUR."
    assert said("/vendor Northgrid: power in hall 2") == "Waiting for Northgrid."
    with pytest.raises(Refused, match="Write it as: /cost"):
        said("/cost much")
    found = casebook.load(incident).incident.business
    assert [(e.minor, e.what) for e in found.costs.values()] == [
        (45_050, "taxi to hall 2"),
        (1_200, "bus tickets"),
    ]


def test_messages_inside_and_calls_carry_the_contact_and_mail_to_customers_does_not(
    org: Organisation,
) -> None:
    incident = org.declare("ana")
    for audience in ("staff", "customers_all"):
        models.AudienceContact.objects.create(
            id=new_id(), audience=audience, email=f"{audience}@example.com", created_at=org.now
        )
        said = Content(
            audience=audience, headline="Slow", customer_effect="Slow", action="We look", final=True
        )
        case, message = messages.draft(org.act("ana"), incident, said)
        messages.release(org.act("ana"), incident, message, content_hash(case.incident.messages[message]))
    facts = {d.address: dict(d.body["facts"]) for d in models.Delivery.objects.filter(cls="message")}
    assert facts["staff@example.com"]["Contact"] == "Ana, Incident Commander"
    assert "Contact" not in facts["customers_all@example.com"]
    take(org, incident, "scribe", "ben")
    callout = models.Callout.objects.filter(person_id=org.id("ben"), incident_id=incident).latest("id")
    assert ["Contact", "Ana"] in callout_body(callout, Directory(org.now), (), "")["facts"]


def test_rates_are_those_of_the_declaration_and_authority_passes_on_with_command(org: Organisation) -> None:
    root = org.call("root")
    incident = org.declare("ana")
    pinned = casebook.load(incident).template.rates
    assert pinned is not None
    said = {"person": org.id("ana"), "acts": ["spend"], "limit_minor": 100_000, "currency": "EUR"}
    made = root.post(f"/incidents/{incident}/delegations", said)
    assert (made.status, made.json["office"]) == (201, "commander")
    cost = {"what": "Fuel", "minor": 60_000, "currency": "EUR"}
    assert org.call("ana").post(f"/incidents/{incident}/costs", cost).status == 201
    again = org.call("ana").post(f"/incidents/{incident}/costs", cost)
    assert (again.status, again.code) == (403, "delegation.above")
    assert "600.00 EUR is used up" in again.json["error"]["message"]
    command.assign_role(org.act("ana"), incident, "deputy", org.id("ben"))
    over = {"take_over": True, "reason": "Ana is away"}
    good(org.call("ben").put(f"/incidents/{incident}/roles/commander/holder", over))
    old, new = org.call("ben").get(f"/incidents/{incident}/delegations").json["items"]
    assert (old["in_force"], new["in_force"], new["to_person"]["name"]) == (False, True, org.find("ben").name)
    assert new["spent_minor"] == 60_000
    assert org.call("ben").post(f"/incidents/{incident}/costs", cost).code == "delegation.above"
    assert org.call("ben").put(f"/incidents/{incident}/delegations/{old['id']}/confirmation").status == 409


def test_the_older_way_to_resource_requests_is_deprecated_and_does_the_same(org: Organisation) -> None:
    incident = org.declare("ana")
    root = f"/incidents/{incident}"
    good(org.call("ana").post(f"{root}/ics/requests", {"quantity": 1, "kind": "Pump", "item": "A pump"}))
    (made,) = org.call("ana").get(f"{root}/resource-requests").json["items"]
    assert made["item"] == "A pump"
    good(org.call("ana").put(f"{root}/ics/requests/{made['id']}/approval"))
    (made,) = org.call("ana").get(f"{root}/resource-requests").json["items"]
    assert made["state"] == "approved"
    paths = org.call("ana").get("/openapi.json").json["paths"]
    old = [o for p, said in paths.items() if "/ics/requests" in p for o in said.values()]
    assert len(old) == 6
    assert all(o["deprecated"] for o in old)
