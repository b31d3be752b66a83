"""What falls to the commander: a repair they should not do, an update nobody sends, and who may be one at all."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from quarterdeck.app.incidents import picker
from quarterdeck.store import models
from support.rest import Organisation


@pytest.fixture
def org(db: None) -> Organisation:
    o = Organisation()
    for handle in ("ana", "ben", "cleo"):
        o.call(handle)
    return o


@pytest.mark.requirement("R-041")
def test_a_repair_given_to_the_commander_warns_and_names_who_could_do_it(org: Organisation) -> None:
    incident = org.declare("ana")
    ana = org.call("ana")
    ana.put(f"/incidents/{incident}/roles/technical_lead/holder", {"person": org.id("ben")})
    repair = {"title": "Roll back", "assignee": org.id("ana"), "minutes": 10, "kind": "remediation"}
    (warning,) = ana.post(f"/incidents/{incident}/tasks", repair).json["warnings"]
    assert warning == "The commander directs the repair and does not do it. Technical Lead could do it."
    other = ana.post(f"/incidents/{incident}/tasks", repair | {"assignee": org.id("ben")})
    assert other.json["warnings"] == []


@pytest.mark.requirement("R-051")
def test_an_update_that_stays_overdue_is_told_to_its_owner_and_then_to_the_commander(
    org: Organisation,
) -> None:
    incident = org.declare("ana")
    ana = org.call("ana")
    ana.put(f"/incidents/{incident}/roles/communications_lead/holder", {"person": org.id("cleo")})

    def heard(handle: str) -> bool:
        found = models.Callout.objects.filter(person_id=org.id(handle), incident_id=incident)
        return found.filter(subject="Update overdue: All customers").exists()

    org.now = datetime.now(UTC) + timedelta(minutes=12)  # due after five, and five of grace
    org.settle()
    assert (heard("cleo"), heard("ana")) == (True, False)
    org.now += timedelta(minutes=5)
    org.settle()
    assert heard("ana")


@pytest.mark.requirement("R-034")
def test_who_may_command_goes_by_the_certificate_and_not_by_the_title(org: Organisation) -> None:
    models.Person.objects.filter(handle="cleo").update(title="Office Manager", skills=["cert:commander"])
    models.Person.objects.filter(handle="ben").update(title="Principal Engineer")
    notes = {c.person.handle: c.note for c in picker.candidates(org.now, (), (), ("cert:commander",))}
    assert "not certified" not in notes["cleo"]
    assert "not certified: cert:commander" in notes["ben"]
    incident = org.declare("ana")
    held = org.call("ana").get(f"/incidents/{incident}/command").json["commander"]["assignment"]
    offer = {"assignment": held, "to": org.id("cleo")}
    assert org.call("ana").post(f"/incidents/{incident}/handovers", offer).status == 201
