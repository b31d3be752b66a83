"""Executives in their place: somebody bridges to them, they read and do not write where work is done, their own work is
apart from the technical board.
"""

from __future__ import annotations

import pytest

from quarterdeck.app import command
from quarterdeck.store import models
from support.browsing import browser
from support.rest import Answer, Organisation


@pytest.fixture
def org(db: None) -> Organisation:
    o = Organisation()
    for handle in ("ana", "ben", "cho", "dag"):
        o.call(handle)
    for handle in ("eva", "eli"):
        o.call(handle, "executive")
    return o


def good(answer: Answer) -> Answer:
    assert answer.status in (200, 201, 204), answer.json
    return answer


def told(org: Organisation, handle: str) -> list[str]:
    org.settle()
    rows = models.Callout.objects.filter(person_id=org.id(handle)).order_by("id")
    return list(rows.values_list("subject", flat=True))


@pytest.mark.requirement("R-148", "X-04")
def test_a_sev1_without_an_executive_liaison_is_warned_of_and_told_to_one_after_another(
    org: Organisation,
) -> None:
    key = org.declare("ana", severity=1)
    command.assign_role(org.act("ana"), key, "deputy", org.id("ben"))
    org.policy("role-executive_liaison", ("cho", 5))
    where, room = f"/incidents/{key}/executive-liaison", f"/incidents/{key}"
    ana, eva = browser(org, "ana"), browser(org, "eva")
    now = good(org.call("ana").get(where)).json
    assert (now["warned"], [p["name"] for p in now["answers"]]) == (False, ["Ben"])
    assert now["needed_since"]
    org.pass_time(minutes=3, seconds=5)
    assert good(org.call("ana").get(where)).json["warned"]
    vacant = [s for s in told(org, "ben") if s.startswith("Still vacant") and "Executive Liaison" in s]
    assert len(vacant) == 1
    assert "Nobody is Executive Liaison" not in told(org, "ana")
    shown = ana.get(room).content.decode()
    assert "Nobody bridges to executives; Ben answers them meanwhile." in shown
    assert "Nobody is executive liaison yet" in eva.get(f"/briefs/{key}").content.decode()
    org.pass_time(minutes=3)
    assert told(org, "ana").count("Nobody is Executive Liaison") == 1
    assert models.TimelineRow.objects.filter(incident_id=key, title__contains="Still nobody is").count() == 1
    assert eva.get(room).status_code == 403
    now = good(org.call("ana").get(where)).json
    assert [(f["person"]["name"], f["why"]) for f in now["fillers"]] == [
        ("Cho", "on_call"),
        ("Ben", "deputy"),
    ]
    assert ana.post(f"{room}/executives/liaison", {"person": org.id("cho")}).status_code == 302
    now = good(org.call("ana").get(where)).json
    assert (now["needed_since"], [p["name"] for p in now["answers"]]) == (None, ["Cho"])
    assert "Nobody is executive liaison yet" not in eva.get(f"/briefs/{key}").content.decode()


def test_what_leadership_is_asked_for_stands_on_its_page_without_names(org: Organisation) -> None:
    org.policy("executive-duty", ("eva", 5))
    key = org.declare("ana", severity=3)
    command.assign_role(org.act("ana"), key, "technical_lead", org.id("ben"))
    ask = {"kind": "roadblock", "text": "Ben may not enter the hall", "minutes": 20}
    made = good(org.call("ana").post(f"/incidents/{key}/help-requests", ask)).json["id"]
    eva = browser(org, "eva")
    shown = eva.get(f"/briefs/{key}").content.decode()
    assert "the Technical Lead may not enter the hall" in shown and "Ben" not in shown
    referer = f"http://testserver/briefs/{key}"
    went = eva.post(f"/briefs/{key}/asks/acts/accept", {"help": made}, HTTP_REFERER=referer)
    assert went.status_code == 302
    assert models.HelpRequestRow.objects.get(id=made).state == "accepted"


@pytest.mark.requirement("R-148")
def test_the_deputy_fills_the_gap_by_default_when_an_executive_has_asked(org: Organisation) -> None:
    key = org.declare("ana", severity=3)
    where = f"/incidents/{key}/executive-liaison"
    assert org.call("ana").put(where).code == "liaison.nobody"
    command.assign_role(org.act("ana"), key, "deputy", org.id("ben"))
    assert good(org.call("ana").get(where)).json["needed_since"] is None
    asked = {"text": "Was anybody charged twice?"}
    good(org.call("eva").post(f"/incidents/{key}/executive-questions", asked))
    assert good(org.call("ana").get(where)).json["needed_since"]
    assert [p["name"] for p in good(org.call("ana").put(where)).json["answers"]] == ["Ben"]
