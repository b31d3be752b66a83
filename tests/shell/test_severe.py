"""From a severe incident to its business response, over REST: the escalation, both incidents side by side, the end."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from quarterdeck.app import casebook
from quarterdeck.app.quick import quick
from quarterdeck.core.kernel.moments import text
from quarterdeck.core.kernel.refused import Refused
from quarterdeck.store import models
from support.browsing import browser
from support.rest import Organisation

PEOPLE = ("ana", "ben", "lea", "sam", "tom", "una")


@pytest.fixture
def org(db: None) -> Organisation:
    return Organisation()


class Severe:
    """A SEV1 that Ana commands. Ben speaks for customers, Una stands by for him; Sam is the business SME; Lea is the
    business lead on call, and Tom behind her.
    """

    def __init__(self, org: Organisation, **said: object) -> None:
        self.org = org
        for handle in PEOPLE:
            org.call(handle)
        org.policy("role-business_lead", ("lea", 5), ("tom", 5))
        org.policy("role-customer_liaison", ("una", 5))
        self.incident = org.declare("ana", severity=1, **said)
        self.where = f"/incidents/{self.incident}"
        for role, handle in (("customer_liaison", "ben"), ("business_sme", "sam")):
            self.good("ana", "put", f"{self.where}/roles/{role}/holder", {"person": org.id(handle)})
        self.good("ana", "put", f"{self.where}/phase", {"phase": "investigating", "reason": ""})

    def good(self, handle: str, method: str, path: str, body: object = None):
        answer = getattr(self.org.call(handle), method)(path, *([] if body is None else [body]))
        assert answer.status < 300, answer.json
        return answer.json

    def bad(self, handle: str, method: str, path: str, body: object = None) -> tuple[int, str]:
        answer = getattr(self.org.call(handle), method)(path, *([] if body is None else [body]))
        return answer.status, answer.code

    def escalate(self) -> str:
        self.child = self.good("ana", "post", f"{self.where}/severe/escalation", {})["child"]
        self.below = f"/incidents/{self.child}"
        return self.child

    def response(self, handle: str = "sam"):
        return self.good(handle, "get", f"{self.below}/business-response")

    def answer_call(self, handle: str, incident: str, role: str) -> None:
        self.org.settle()
        asked = models.Callout.objects.get(
            person_id=self.org.id(handle), incident_id=incident, role=role, state="waiting"
        )
        self.good(handle, "put", f"/callouts/{asked.id}/acknowledgement")

    def pass_liaison(self) -> None:
        """Una accepts, is briefed, and has the role; Ben goes into the business incident."""
        here = f"{self.where}/handovers"
        passing = self.good("una", "get", here)["items"][-1]["id"]
        self.good("una", "put", f"{here}/{passing}/acceptance", {})
        self.good("ben", "put", f"{here}/{passing}/briefing", {"briefing": "All said"})
        self.good("una", "put", f"{here}/{passing}/effect")

    def holder(self, incident: str, role: str) -> str:
        held = models.RoleAssignmentRow.objects.filter(incident_id=incident, role=role, ended_at=None)
        people = [models.Person.objects.get(id=a.person_id).handle for a in held]
        assert len(people) <= 1
        return people[0] if people else ""

    def ready(self) -> None:
        self.answer_call("lea", self.child, "commander")
        self.pass_liaison()


@pytest.fixture
def severe(org: Organisation) -> Severe:
    return Severe(org)


@pytest.mark.requirement("R-091")
@pytest.mark.requirement("R-118")
def test_the_commander_alone_opens_the_business_incident_and_the_first_called_leads_it(
    severe: Severe,
) -> None:
    worst = {"visibility": "public", "impact": "critical", "duration": "open", "confidence": "low"}
    rated = severe.good("ana", "put", f"{severe.where}/severe/score", worst)
    assert (rated["score"]["score"], rated["score"]["crossed"], rated["child"]) == (100, True, None)
    assert models.IncidentRow.objects.count() == 1
    assert severe.bad("sam", "post", f"{severe.where}/severe/escalation", {})[0] == 403
    severe.good("sam", "put", f"{severe.where}/severe/recommendation", {"reason": "It is in the news"})
    assert models.IncidentRow.objects.count() == 1
    child = severe.escalate()
    assert severe.escalate() == child
    row = models.IncidentRow.objects.get(id=severe.incident)
    assert row.severe_at is not None
    assert row.severe_by == severe.org.id("ana")
    assert models.TemplatePin.objects.filter(incident_id=child).exists()
    links = {x["kind"]: x["incident"] for x in severe.good("ana", "get", f"{severe.where}/links")["items"]}
    assert links == {"business_response": child}
    assert severe.bad("ana", "delete", f"{severe.below}/links/{severe.incident}/parent") == (
        409,
        "link.response",
    )
    assert (severe.holder(severe.incident, "business_sme"), severe.holder(child, "technical_slt")) == (
        "",
        "sam",
    )
    assert severe.holder(child, "commander") == "ana"
    severe.answer_call("lea", child, "commander")
    assert severe.holder(child, "commander") == "lea"
    assert severe.holder(severe.incident, "commander") == "ana"
    lead = models.RoleAssignmentRow.objects.get(incident_id=child, role="commander", ended_at=None)
    assert (lead.exclusive, lead.reports_to) == (True, "parent:commander")
    assert casebook.load(child).incident.response.step == "declared"


@pytest.mark.requirement("R-090")
def test_the_briefing_opens_with_the_third_and_what_is_unanswered_stays_with_the_liaison(
    severe: Severe,
) -> None:
    severe.escalate()
    assert [x["accepted"] for x in severe.response()["initial"]] == [False, True, False]
    severe.answer_call("lea", severe.child, "commander")
    assert [x["accepted"] for x in severe.response()["initial"]] == [True, True, False]
    assert (severe.response()["briefing_opened_at"], severe.response()["step"]) == (None, "declared")
    early = severe.bad("lea", "put", f"{severe.below}/business-response/step", {"step": "ready"})
    assert early == (409, "step.gate")
    severe.pass_liaison()
    assert severe.response()["step"] == "briefing"
    here = f"{severe.below}/business-response"
    assert severe.bad("sam", "put", f"{here}/briefing")[1] == "briefing.empty"
    severe.good("ben", "put", f"{here}/briefing/start", {"text": "At nine"})
    assert severe.bad("ben", "put", f"{here}/briefing")[0] == 403
    said = severe.good("sam", "put", f"{here}/briefing")
    assert sum(x["text"] is None for x in said["briefing"]) == 7
    assert said["enough_by"]["name"] == "Sam"


@pytest.mark.requirement("R-100")
@pytest.mark.requirement("R-039")
def test_the_liaison_comes_only_when_the_standby_has_the_role(severe: Severe) -> None:
    severe.escalate()
    assert severe.org.call("ana").get(f"{severe.where}/handovers").json["items"][0]["state"] == "offered"
    held = models.RoleAssignmentRow.objects.get(incident_id=severe.incident, role="customer_liaison")
    assert severe.bad("ben", "delete", f"{severe.where}/assignments/{held.id}")[1] == "liaison.staged"
    taking = {"person": severe.org.id("ben")}
    severe.answer_call("lea", severe.child, "commander")
    gone = severe.bad("lea", "put", f"{severe.below}/roles/customer_liaison/holder", taking)
    assert gone == (409, "liaison.staged")
    assert severe.holder(severe.child, "customer_liaison") == ""
    severe.pass_liaison()
    assert severe.holder(severe.incident, "customer_liaison") == "una"
    assert severe.holder(severe.child, "customer_liaison") == "ben"
    told = models.TimelineRow.objects.filter(incident_id=severe.incident, kind="handover").count()
    assert told == 4


def test_the_commander_may_let_the_liaison_go_early_with_a_reason(severe: Severe) -> None:
    severe.escalate()
    passing = severe.good("ana", "get", f"{severe.where}/handovers")["items"][-1]["id"]
    force = f"{severe.where}/handovers/{passing}/force"
    assert severe.bad("ben", "put", force, {"reason": "Now"}) == (403, "liaison.force")
    severe.good("ana", "put", force, {"reason": "The press is waiting"})
    assert severe.holder(severe.incident, "customer_liaison") == "una"
    assert severe.holder(severe.child, "customer_liaison") == "ben"


@pytest.mark.requirement("R-119")
@pytest.mark.requirement("R-095")
def test_the_phase_of_the_technical_incident_opens_a_row_and_only_the_lead_says_how_the_child_stands(
    severe: Severe,
) -> None:
    severe.escalate()
    severe.ready()
    drafts = f"{severe.below}/messages"
    body = {
        "audience": "staff", "headline": "We are on it", "customer_effect": "Slow", "action": "We work on it",
        "next_update_at": text(datetime.now(UTC) + timedelta(hours=5)),
    }  # fmt: skip
    made = severe.good("sam", "post", drafts, body)["id"]
    assert severe.response()["grid"][-1]["messages"]["staff"]["id"] == made
    severe.good("ana", "put", f"{severe.where}/facts", {"cause": "A failed node"})
    assert severe.response()["parent"]["facts"]["cause"] == "A failed node"
    given = {"phase": "monitoring", "reason": "", "override_reason": "It is fixed"}
    severe.good("ana", "put", f"{severe.where}/phase", given)
    now = severe.response()
    assert [r["phase"] for r in now["grid"]] == ["investigating", "monitoring"]
    assert now["parent"]["phase"] == "monitoring"
    assert {m["state"] for m in now["grid"][-1]["messages"].values() if m} <= {
        "draft"
    }  # the next set, for all of them
    assert severe.good("sam", "get", f"{drafts}/{made}")["state"] == "superseded"
    step = f"{severe.below}/business-response/step"
    going = {"step": "emergency_ops", "override_reason": "No time for the briefing"}
    for outsider in ("sam", "ben", "ana", "tom"):
        assert severe.bad(outsider, "put", step, going)[0] == 403
        phase = {"phase": "identified", "reason": "no"}
        assert severe.bad(outsider, "put", f"{severe.below}/phase", phase)[0] == 403
    assert severe.good("lea", "put", step, going)["step"] == "emergency_ops"
    assert severe.bad("lea", "put", f"{severe.below}/phase", {"phase": "identified", "reason": "x"})[1] == (
        "phase.mirrored"
    )


@pytest.mark.requirement("R-113")
def test_after_the_approval_it_waits_for_the_technical_commander_in_one_card(severe: Severe) -> None:
    severe.escalate()
    severe.ready()
    for role, handle in (("messaging_officer", "una"), ("elt_approver", "tom"), ("legal_officer", "ben")):
        severe.good("lea", "put", f"{severe.below}/roles/{role}/holder", {"person": severe.org.id(handle)})
    ids = [approved(severe, audience) for audience in ("customers_all", "customers_strategic")]
    assert severe.response()["waiting_release"] == ids
    asked = models.Callout.objects.filter(
        person_id=severe.org.id("ana"), incident_id=severe.child, state="waiting", subject__contains="release"
    )
    assert asked.count() == 1
    for who in ("lea", "sam", "tom", "una"):
        assert release(severe, who, ids[0])[0] == 403
    assert not models.Delivery.objects.filter(message_id=ids[0]).exists()
    assert release(severe, "ana", ids[0])[0] == 200
    assert severe.response()["waiting_release"] == ids[1:]


def approved(severe: Severe, audience: str) -> str:
    body = {
        "audience": audience, "headline": f"To {audience}", "customer_effect": "Slow", "action": "We work on it",
        "next_update_at": text(datetime.now(UTC) + timedelta(hours=5)),
    }  # fmt: skip
    made = severe.good("sam", "post", f"{severe.below}/messages", body)["id"]
    here = f"{severe.below}/messages/{made}"
    said = {"content_hash": severe.good("sam", "get", here)["content_hash"]}
    severe.good("sam", "put", f"{here}/submission", said)
    words = [("ben", "legal_officer"), ("una", "messaging_officer"), ("ben", "customer_liaison")]
    for handle, role in words:
        word = {"step": "review", "role": role, "verdict": "ok"}
        severe.good(handle, "post", f"{here}/verdicts", word | said)
    assert release(severe, "ana", made)[1] == "message.unapproved"
    word = {"step": "approve", "role": "elt_approver", "verdict": "ok"}
    severe.good("tom", "post", f"{here}/verdicts", word | said)
    return made


def release(severe: Severe, handle: str, message: str) -> tuple[int, str]:
    here = f"{severe.below}/messages/{message}"
    said = {"content_hash": severe.good("sam", "get", here)["content_hash"]}
    answer = severe.org.call(handle).put(f"{here}/release", said)
    return answer.status, answer.code if answer.status >= 400 else ""


@pytest.mark.requirement("R-122")
def test_a_child_is_resolved_after_the_technical_one_and_the_analysis_stays_inside(severe: Severe) -> None:
    severe.escalate()
    severe.ready()
    end = {"code": "fixed", "summary": "Done", "override_reason": "Enough"}
    early = severe.org.call("lea").put(f"{severe.below}/resolution", end)
    assert (early.status, early.code) == (409, "phase.gate")
    assert "parent_resolved" in early.json["error"]["details"]
    severe.good("ana", "put", f"{severe.where}/resolution", end)
    assert severe.response()["gate"][0]["met"]
    severe.good("lea", "put", f"{severe.below}/resolution", end)
    assert severe.response()["step"] == "resolved"
    task = models.TaskRow.objects.get(incident_id=severe.child, title__contains="preliminary analysis")
    assert (task.assignee, task.minutes) == (severe.org.id("sam"), 24 * 60)
    where = f"{severe.below}/business-response/preliminary-analysis"
    assert severe.bad("ben", "put", where, {"text": "x"})[0] == 403
    severe.good("sam", "put", where, {"text": "Zanzibar failed over twice"})
    task.refresh_from_db()
    assert task.state == "done"
    public = [*models.PageUpdateRow.objects.values(), *models.MessageRow.objects.values()]
    assert "Zanzibar" not in str(public)


def test_the_business_response_of_a_restricted_incident_is_restricted_and_its_commander_is_let_in(
    org: Organisation,
) -> None:
    severe = Severe(org, restricted=True)
    severe.escalate()
    assert org.call("tom").get(f"/incidents/{severe.child}").status == 404
    severe.good("ana", "put", f"{severe.where}/roles/deputy/holder", {"person": org.id("tom")})
    severe.good(
        "tom", "put", f"{severe.where}/roles/commander/holder", {"take_over": True, "reason": "Ana is ill"}
    )
    assert org.call("tom").get(f"/incidents/{severe.child}").status == 200
    listed = [i["id"] for i in org.call("tom").get("/incidents").json["items"]]
    assert severe.child in listed


@pytest.mark.requirement("R-089")
def test_a_group_is_called_in_one_act(severe: Severe) -> None:
    org = severe.org
    org.policy("role-messaging_officer", ("una", 5))
    org.policy("role-legal_officer", ("tom", 5))
    severe.escalate()
    severe.answer_call("lea", severe.child, "commander")
    models.Callout.objects.exclude(role="commander").delete()
    models.Run.objects.filter(incident_id=severe.child).delete()
    called = severe.good("lea", "post", f"{severe.below}/role-groups/messaging/call")
    assert called == {
        "called": ["legal_officer", "messaging_officer"],
        "held": [],
        "nobody": ["elt_approver", "status_page_manager"],
    }
    org.settle()
    for handle, role in (("una", "messaging_officer"), ("tom", "legal_officer")):
        assert models.Callout.objects.filter(
            person_id=org.id(handle), incident_id=severe.child, role=role, state="waiting"
        ).exists()
    assert severe.bad("una", "post", f"{severe.below}/role-groups/messaging/call")[0] == 403


@pytest.mark.requirement("R-297")
def test_severe_escalations_are_counted(severe: Severe) -> None:
    org = severe.org
    assert org.call("tom").get("/severe-escalations").json["count"] == 0
    severe.escalate()
    found = org.call("tom").get("/severe-escalations?days=30").json
    assert (found["count"], found["top_severity"]) == (1, 1)
    assert found["items"][0]["incident"] == severe.incident


def test_both_sides_have_their_page_and_the_war_room_shows_the_technical_incident(severe: Severe) -> None:
    ana = browser(severe.org, "ana")
    page = ana.get(f"{severe.where}/response").content.decode()
    assert "Escalate as severe" in page
    worst = {"visibility": "public", "impact": "critical", "duration": "open", "confidence": "low"}
    ana.post(f"{severe.where}/response/acts/rate-score", worst)
    assert "Call the business SME" not in ana.get(severe.where).content.decode()  # Sam is it
    assert "Severe score" in ana.get(severe.where).content.decode()
    ana.post(f"{severe.where}/response/acts/escalate-severe", {"reason": "It is in the news"})
    severe.child = casebook.load(severe.incident).incident.response.child
    severe.below = f"/incidents/{severe.child}"
    severe.ready()
    ben = browser(severe.org, "ben")
    ben.post(
        f"{severe.below}/response/acts/answer-briefing", {"question": "start", "text": "At nine & later"}
    )
    room = ben.get(severe.below).content.decode()
    assert "1 of 8 questions answered" in room
    assert severe.incident in room
    assert "At nine &amp; later" in ben.get(f"{severe.below}/response").content.decode()
    lea = browser(severe.org, "lea")
    lea.post(
        f"{severe.below}/response/acts/step-steps", {"step": "emergency_ops", "override_reason": "No time"}
    )
    assert severe.response()["step"] == "emergency_ops"
    assert "Go on to" not in ben.get(f"{severe.below}/response").content.decode()
    assert "Messages by phase" in lea.get(f"{severe.below}/response").content.decode()


def test_the_score_the_escalation_and_a_group_can_be_typed(severe: Severe) -> None:
    ana = severe.org.act("ana")
    assert "below the threshold" in quick.say(ana, severe.incident, "/severe internal low minutes high").text
    assert "call the business SME" in quick.say(ana, severe.incident, "/severe public critical open low").text
    with pytest.raises(Refused, match="Write it as"):
        quick.say(ana, severe.incident, "/severe public")
    said = quick.say(ana, severe.incident, "/escalate it is in the news").text
    assert casebook.load(severe.incident).incident.response.child in said
    with pytest.raises(Refused, match="There is no group"):
        quick.say(ana, severe.incident, "/group nobody")
