"""What support may say: only what was sent and written for support, with a receipt for each of them."""

from __future__ import annotations

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from quarterdeck.app import casebook
from quarterdeck.app.comms import support_view
from quarterdeck.app.incidents import incidents, record, tasks
from quarterdeck.app.quick import quick
from quarterdeck.app.response import response
from quarterdeck.store import models, project
from quarterdeck.store.ids import new_id
from shell.test_inquiries import sent
from support.attacks import CANARY, org, restricted, signed_in
from support.rest import Organisation

__all__ = ["org"]


@pytest.mark.requirement("R-082")
def test_support_never_reads_what_stays_inside(org: Organisation) -> None:
    """Every text of the incident holds the canary, but for what was sent outside."""
    incident = org.declare("ana", title=f"{CANARY} title", summary=f"{CANARY} summary")
    ana = org.act("ana")
    record.write(ana, incident, "finding", f"{CANARY} finding")
    record.decide(ana, incident, f"{CANARY} question", "yes")
    tasks.give(ana, incident, f"{CANARY} task", org.id("ben"), 10)
    quick.say(ana, incident, f"/fact cause: {CANARY}")
    incidents.set_facts(ana, incident, workaround=f"{CANARY} internal workaround")
    for audience in ("responders", "executives", "staff"):
        sent(org, incident, f"{CANARY} for {audience}", audience)
    sent(org, incident, "Payments fail for some")
    sent(org, incident, "Tell them to retry later", "support")
    draft = {"audience": "customers_all", "headline": f"{CANARY} draft", "final": True}
    assert org.call("ana").post(f"/incidents/{incident}/messages", draft).status == 201
    at = f"/incidents/{incident}/support"
    said = {"workaround": "Pay by bank transfer.", "do_not_say": "When it will be repaired."}
    assert org.call("ben").put(at, said).status == 403
    assert org.call("ana").put(at, said).status == 200
    asked = {"question": "Is my money lost?", "answer": "No."}
    assert org.call("ana").post(f"{at}/questions", asked).status == 201
    browser = signed_in(org, "ole")
    for path in ("/support", f"/support/{incident}", f"/api/v1{at}"):
        shown = browser.get(path).content.decode()
        assert CANARY not in shown, path
    page = browser.get(f"/support/{incident}").content.decode()
    for words in (
        "Payments fail for some",
        "retry later",
        "bank transfer",
        "When it will be repaired",
        "money lost",
    ):
        assert words in page, words
    told = org.call("ole", "observer").get(at).json
    assert told["next_update_at"] and [s["audience"] for s in told["said"]]


@pytest.mark.requirement("R-084")
def test_each_of_support_gives_a_receipt_and_those_who_have_not_read_are_listed(org: Organisation) -> None:
    incident = org.declare("ana")
    team = models.Team.objects.create(id=new_id(), key="support", name="Support")
    for handle in ("ben", "ole"):
        models.Membership.objects.create(team=team, person=org.find(handle))
    at = f"/incidents/{incident}/support"
    assert org.call("ana").put(at, {"workaround": "Retry."}).status == 200
    first = org.call("ole", "observer").get(at).json
    assert {r["person"]["id"]: r["read_at"] for r in first["readers"]} == {
        org.id("ben"): None,
        org.id("ole"): None,
    }
    for _ in range(2):
        answer = signed_in(org, "ole").post(f"/support/{incident}/read", {"digest": first["digest"]})
        assert answer.status_code == 302
    assert models.SupportReceipt.objects.count() == 1
    unread = [r["person"]["id"] for r in org.call("ana").get(at).json["readers"] if not r["read_at"]]
    assert unread == [org.id("ben")]
    page = signed_in(org, "ana").get(f"/support/{incident}").content.decode()
    assert "has not read" in page and "1 of 2" in page
    org.call("ana").put(at, {"workaround": "Retry in an hour."})
    late = org.call("ben").put(f"{at}/receipt", {"digest": first["digest"]})
    assert (late.status, late.code) == (409, "support.changed")
    again = org.call("ana").get(at).json["readers"]
    assert all(r["read_at"] is None for r in again) and [r["before"] for r in again].count(True) == 1
    kept = signed_in(org, "ana").post(
        f"/support/{incident}/question", {"question": "Words that stay", "answer": ""}
    )
    assert kept.status_code == 422 and "Words that stay" in kept.content.decode()


def test_what_support_may_say_of_a_restricted_incident_is_for_its_people_only(org: Organisation) -> None:
    secret = restricted(org)
    org.call("ana").put(f"/incidents/{secret}/support", {"workaround": f"{CANARY} way"})
    for outsider in ("ben", "root"):
        assert org.call(outsider).get(f"/incidents/{secret}/support").status == 404
        browser = signed_in(org, outsider)
        assert browser.get(f"/support/{secret}").status_code == 404
        assert secret not in browser.get("/support").content.decode()


def test_the_overview_and_what_waits_for_release_take_as_many_queries_however_many_incidents(
    org: Organisation,
) -> None:
    models.Team.objects.create(id=new_id(), key="support", name="Support")
    browser, at = signed_in(org, "ole"), org.now
    made: list[str] = []

    def queries(number: int) -> tuple[int, int]:
        while len(made) < number:
            made.append(org.declare("ana", title=f"Number {len(made)}"))
            models.BusinessResponseRow.objects.create(
                id=made[-1], incident_id=made[-1], parent=made[0], parent_commander=org.id("ana"), began_at=at,
                step="severe", step_since=at,
            )  # fmt: skip
        counts = []
        for look in (
            lambda: browser.get("/support"),
            lambda: response.waiting_for_release(org.id("ana"), at),
        ):
            project._folded.clear()
            with CaptureQueriesContext(connection) as seen:
                look()
            counts.append(len(seen))
        return counts[0], counts[1]

    queries(1)  # what is asked for once a session
    assert queries(2) == queries(6)
    shown = browser.get("/support").content.decode()
    assert all(f"/support/{key}" in shown for key in made)


def test_many_incidents_are_read_as_each_by_itself(org: Organisation) -> None:
    keys = [org.declare("ana") for _ in range(3)]
    one = support_view.of(keys[0], org.act("ana").who)
    together = casebook.load_many([*keys, "INC-999"], org.act("ana").who)
    assert list(together) == keys
    assert [c.incident for c in together.values()] == [casebook.load(k).incident for k in keys]
    state, _ = project._folded[keys[0]]
    project._folded[keys[0]] = (state, "another log")
    assert casebook.load_many(keys)[keys[0]].incident == state
    assert support_view.overview(keys, org.act("ana").who)[0].brief == one
