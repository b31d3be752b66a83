"""Executives asked and answering: engaged by policy, called, help, decisions, briefs and briefings, through REST."""

from __future__ import annotations

from datetime import timedelta

import pytest

from quarterdeck.app.executives import engagement
from quarterdeck.core.kernel.moments import text
from quarterdeck.store import models
from support.browsing import browser
from support.rest import Answer, Organisation


@pytest.fixture
def org(db: None) -> Organisation:
    o = Organisation()
    for handle in ("ana", "ben"):
        o.call(handle)
    for handle in ("eve", "fay"):
        o.call(handle, "executive")
    o.call("root", "administrator")
    o.policy("executive-duty", ("eve", 5), ("fay", 5))
    return o


def good(answer: Answer) -> Answer:
    assert answer.status in (200, 201), answer.json
    return answer


def told(org: Organisation, handle: str, incident: str) -> list[str]:
    rows = models.Callout.objects.filter(person_id=org.id(handle), incident_id=incident).order_by("id")
    return list(rows.values_list("subject", flat=True))


@pytest.mark.requirement("R-135")
def test_the_duty_executive_is_called_once_with_the_brief_as_it_stands(org: Organisation) -> None:
    incident = org.declare("ana", severity=3)
    assert list(models.EngagementRow.objects.values_list("rule", flat=True)) == ["sev3"]
    good(org.call("ana").put(f"/incidents/{incident}/facts", {
        "customer_effect": "No shop can take cards", "next_step": "We roll back",
    }))  # fmt: skip
    call = f"/incidents/{incident}/executive-call"
    assert org.call("ben").post(call, {"reason": "The bank wants a word"}).status == 403
    for _ in range(2):
        good(org.call("ana").post(call, {"reason": "The bank wants a word"}))
    org.settle()
    assert len(told(org, "eve", incident)) == 1
    assert told(org, "fay", incident) == []
    body = models.Delivery.objects.filter(person_id=org.id("eve"), incident_id=incident).first().body
    facts = dict(map(tuple, body["facts"]))
    row = models.IncidentRow.objects.get(id=incident)
    assert (facts["Who is affected"], facts["What we do"]) == (row.customer_effect, row.next_step)


def test_a_worse_severity_calls_the_duty_executive_and_plans_briefings_exactly_once(
    org: Organisation,
) -> None:
    incident = org.declare("ana", severity=2)
    assert len(told(org, "eve", incident)) == 1  # the heads-up
    runs = models.Run.objects.filter(incident_id=incident, role="executive_duty")
    assert not runs.exists()
    at = f"/incidents/{incident}"
    for severity in (1, 2, 1):
        good(org.call("ana").put(f"{at}/severity", {"severity": severity, "reason": "As it is"}))
    assert runs.count() == 1
    rows = models.EngagementRow.objects.filter(incident_id=incident)
    assert sorted(rows.values_list("rule", flat=True)) == ["sev1", "sev2"]
    planned = [
        b for b in good(org.call("eve").get(f"{at}/briefings")).json["items"] if b["state"] == "planned"
    ]
    assert [(b["every_minutes"], [p["name"] for p in b["people"]]) for b in planned] == [(30, ["Eve", "Fay"])]


def test_nobody_is_engaged_where_no_executive_duty_is_set(org: Organisation) -> None:
    models.EscalationPolicy.objects.filter(key="executive-duty").delete()
    incident = org.declare("ana", severity=1)
    assert not models.EngagementRow.objects.exists()
    asked = org.call("ana").post(f"/incidents/{incident}/help-requests", {"kind": "spend", "text": "Money"})
    assert asked.code == "executives.none"


def test_the_policy_is_edited_like_the_rest_of_the_catalogue(org: Organisation) -> None:
    from quarterdeck.app.catalog import structures

    row = '[[row]]\nkey = "all"\ntitle = "All"\nwhen = "always"\nmeasure = "digest"\n'
    act = org.act("root")
    structures.put_in_force(act, {"engagement.toml": row}, "Fewer calls")
    assert [r.key for r in engagement.rules()] == ["all"]
    org.declare("ana", severity=1)
    assert list(models.EngagementRow.objects.values_list("rule", flat=True)) == ["all"]


@pytest.mark.requirement("R-134")
def test_help_is_accepted_and_done_and_what_is_overdue_goes_to_the_backup(org: Organisation) -> None:
    incident = org.declare("ana", severity=4)
    at = f"/incidents/{incident}/help-requests"
    ask = {"kind": "roadblock", "text": "Purchasing has closed", "minutes": 20}
    assert org.call("eve").post(at, ask).status == 403
    first = good(org.call("ana").post(at, ask)).json
    assert (first["state"], first["asked"]["name"]) == ("open", "Eve")
    assert len(told(org, "eve", incident)) == 1
    assert org.call("ben").put(f"{at}/{first['id']}/acceptance").status == 403
    assert (
        good(org.call("eve").put(f"{at}/{first['id']}/acceptance", {"note": "I call"})).json["state"]
        == "accepted"
    )
    assert told(org, "ana", incident)[-1] == "An executive takes on: Purchasing has closed"
    assert good(org.call("eve").put(f"{at}/{first['id']}/completion")).json["state"] == "done"
    second = good(org.call("ana").post(at, ask)).json
    org.pass_time(minutes=21)
    found = models.HelpRequestRow.objects.get(id=second["id"])
    assert (found.state, found.level, found.person) == ("open", 1, org.id("fay"))
    assert len(told(org, "fay", incident)) == 1


@pytest.mark.requirement("R-127")
@pytest.mark.parametrize("kind", ["resource", "roadblock", "spend", "external_contact"])
def test_each_button_of_an_executive_makes_its_record(org: Organisation, kind: str) -> None:
    incident = org.declare("ana", severity=4)
    at = f"/incidents/{incident}/help-offers"
    assert org.call("ben").post(at, {"kind": kind, "text": "I can help"}).status == 403
    made = good(org.call("eve").post(at, {"kind": kind, "text": "I can help"})).json
    assert models.HelpOfferRow.objects.get(id=made["id"]).kind == kind
    assert not models.HelpRequestRow.objects.exists()
    taken = good(org.call("ana").put(f"{at}/{made['id']}/request")).json
    found = models.HelpRequestRow.objects.get(id=taken["help"])
    assert (found.kind, found.person) == (kind, org.id("eve"))


def test_a_decision_is_put_before_executives_and_the_default_applies_on_its_deadline(
    org: Organisation,
) -> None:
    incident = org.declare("ana", severity=4)
    at = f"/incidents/{incident}/decision-requests"
    ask = {
        "question": "Pay?", "options": [{"option": o, "consequence": "So it is"} for o in ("Pay", "Refuse")],
        "recommendation": "Refuse", "default": "Refuse", "minutes": 15,
    }  # fmt: skip
    one, two = (good(org.call("ana").post(at, ask)).json["id"] for _ in range(2))
    assert org.call("ana").post(at, ask | {"default": "Wait"}).code == "default.unknown"
    got = good(org.call("fay").put(f"{at}/{one}/answer", {"chosen": "Pay"})).json
    assert (got["chosen"], got["decided_by"]["name"]) == ("Pay", "Fay")
    org.pass_time(minutes=16)
    rows = {d["id"]: d for d in good(org.call("eve").get(at)).json["items"]}
    assert (rows[two]["chosen"], rows[two]["by_default"]) == ("Refuse", True)
    assert dict(models.DecisionRow.objects.values_list("id", "chosen")) == {one: "Pay", two: "Refuse"}


def test_what_is_beyond_the_delegated_limit_becomes_a_decision_request(org: Organisation) -> None:
    incident = org.declare("ana", severity=4)
    at = f"/incidents/{incident}"
    lent = {"person": org.id("ana"), "acts": ["spend", "shutdown"], "limit_minor": 100_000, "currency": "EUR"}
    good(org.call("root").post(f"{at}/delegations", lent))
    buy = {"act": "spend", "what": "Servers", "currency": "EUR", "consequence": "We wait"}
    inside = good(org.call("ana").post(f"{at}/authorisations", buy | {"amount_minor": 100_000})).json
    assert inside["allowed"]
    outside = good(org.call("ana").post(f"{at}/authorisations", buy | {"amount_minor": 100_001})).json
    assert not outside["allowed"]
    assert models.DecisionRequestRow.objects.get(id=outside["request"]).fallback == "Do not do it"


@pytest.mark.requirement("R-147")
@pytest.mark.requirement("R-158")
def test_briefs_and_briefings_run_on_their_clocks(org: Organisation) -> None:
    incident = org.declare("ana", severity=1)
    at = f"/incidents/{incident}"
    brief = {
        "what": "Cards fail",
        "whom": "All shops",
        "doing": "We roll back",
        "next_at": text(org.now + timedelta(minutes=30)),
    }
    assert org.call("ana").post(f"{at}/executive-briefs", brief).code == "help.missing"
    good(org.call("ana").post(f"{at}/executive-briefs", brief | {"help": "Call the bank"}))
    assert good(org.call("eve").get(f"{at}/executive-briefs")).json["items"][0]["help"] == "Call the bank"
    due = models.UpdateClockRow.objects.get(incident_id=incident, audience="executives").next_due
    assert abs(due - org.now - timedelta(minutes=30)) < timedelta(seconds=1)
    good(org.call("ana").put(f"{at}/roles/technical_lead/holder", {"person": org.id("ben")}))
    plan = {"starts_at": text(org.now + timedelta(minutes=20)), "every_minutes": 30}
    invited = org.call("ana").post(f"{at}/briefings", plan | {"people": [org.id("ben")]})
    assert invited.code == "briefing.responder"
    good(org.call("ana").post(f"{at}/briefings", plan | {"people": [org.id("eve")]}))
    org.pass_time(minutes=16)
    assert any("Executive briefing" in t for t in told(org, "eve", incident))
    first = models.ExecBriefingRow.objects.filter(incident_id=incident).order_by("starts_at")[0]
    held = good(
        org.call("ana").put(
            f"{at}/briefings/{first.id}/notes", {"notes": "They ask when", "present": [org.id("eve")]}
        )
    )
    assert (held.json["state"], held.json["notes"]) == ("held", "They ask when")
    org.pass_time(minutes=60)
    missed = models.ExecBriefingRow.objects.filter(incident_id=incident, state="missed")
    assert missed.exists()
    assert any("was missed" in t for t in told(org, "ana", incident))


def test_the_pages_show_what_is_asked_and_executives_answer_there(org: Organisation) -> None:
    incident = org.declare("ana", severity=4)
    ana, eve = browser(org, "ana"), browser(org, "eve")
    room, page = f"/incidents/{incident}/leadership", f"/briefs/{incident}/asks"
    acts = f"{room}/acts/"
    ana.post(acts + "ask-help", {"kind": "spend", "text": "Ten thousand for a courier", "minutes": "20"})
    ana.post(acts + "ask-decision", {
        "question": "Close the shop?", "option": ["Close", "Stay open", ""], "consequence": ["Calm", "Noise", ""],
        "recommended": "1", "default": "2", "minutes": "20",
    })  # fmt: skip
    ana.post(acts + "authorise", {"act": "shutdown", "what": "The search", "consequence": "It stays slow"})
    for who, where in ((ana, room), (eve, page)):
        shown = who.get(where).content.decode()
        assert "Ten thousand for a courier" in shown
        assert "Close the shop?" in shown
        assert "Switch a service off: The search" in shown
    help_id = models.HelpRequestRow.objects.get().id
    decision = models.DecisionRequestRow.objects.get(question="Close the shop?").id
    eve.post(f"{page}/acts/accept", {"help": help_id, "note": "Go"})
    eve.post(f"{page}/acts/decide", {"request": decision, "chosen": "Stay open"})
    eve.post(f"{page}/acts/offer", {"kind": "resource", "text": "My driver"})
    assert models.HelpRequestRow.objects.get().state == "accepted"
    assert models.DecisionRequestRow.objects.get(id=decision).chosen == "Stay open"
    assert "My driver" in ana.get(room).content.decode()
    assert eve.get(room).status_code == 403
    assert ana.post(f"{page}/acts/decide", {"request": decision, "chosen": "Close"}).status_code == 403
