"""Certification decides who commands, titles do not; a role that too few can fill is flagged; training is planned."""

from __future__ import annotations

from datetime import time, timedelta

import pytest

from quarterdeck.app.incidents import command
from quarterdeck.app.oncall import rotations, schedules
from quarterdeck.app.people import competence
from quarterdeck.core.kernel.moments import text
from quarterdeck.core.kernel.refused import Refused
from quarterdeck.core.oncall import Layer, Turn
from quarterdeck.store import models
from support.browsing import browser, company, incident, words
from support.rest import Organisation

HOUR = timedelta(hours=1)


@pytest.fixture
def world(db):
    """Incidents are commanded by whoever is on call in "Commanders": nobody yet. Ben is an engineer, Cleo is not."""
    world = company()
    models.Person.objects.filter(handle="ben").update(title="Principal engineer")
    models.Person.objects.filter(handle="cleo").update(title="Office manager")
    models.Schedule.objects.create(key="commanders", name="Commanders")
    world.policy("commander", ("commanders", 5))
    return world


def certify(world, handle, role="commander", **more):
    return competence.certify(world.act("ana"), world.find(handle).id, role, **more)


def roster(world, handle):
    layer = Layer(
        "", "Primary", (world.find(handle).id,), Turn("days", 7), time(9), None, world.now + HOUR, None, "UTC"
    )
    return rotations.put_layer(world.act("ana"), "commanders", layer)


@pytest.mark.requirement("R-034")
def test_an_eligible_non_engineer_is_rostered_and_an_ineligible_engineer_is_warned_of_or_refused(world):
    certify(world, "cleo")
    roster(world, "cleo")
    commanders = models.Schedule.objects.get(key="commanders")
    assert competence.lacking(commanders.id, world.now) == ""
    roster(world, "ben")
    assert competence.lacking(commanders.id, world.now) == "Not certified for duty as commander: Ben Okonkwo."
    said = words(browser(world, "ana").get("/on-call/coverage"))
    assert "On duty as commander without the certification: Ben Okonkwo (Commanders)" in said
    competence.set_policy(world.act("ana"), "refuse")
    with pytest.raises(Refused, match="Not certified for duty as commander: Ben Okonkwo"):
        roster(world, "ben")
    span = (world.now + HOUR, world.now + 2 * HOUR)
    with pytest.raises(Refused, match="Not certified"):
        schedules.add_override(world.act("ana"), "commanders", world.find("ben").id, *span)
    schedules.add_override(world.act("ana"), "commanders", world.find("cleo").id, *span)
    # Other schedules do not ask for it.
    schedules.add_override(world.act("ana"), "primary", world.find("ben").id, *span)


def test_taking_or_being_given_command_asks_for_the_certification_and_declaring_never_does(world):
    certify(world, "cleo")
    competence.set_policy(world.act("ana"), "refuse")
    key = incident(world, "ben")
    held = models.RoleAssignmentRow.objects.get(incident_id=key, role="commander", ended_at=None)
    assert held.person_id == world.find("ben").id
    with pytest.raises(Refused, match="Not certified for the role"):
        command.offer_handover(world.act("ben"), key, held.id, world.find("ana").id)
    command.offer_handover(world.act("ben"), key, held.id, world.find("cleo").id)
    with pytest.raises(Refused, match="Not certified for the role"):
        command.take_over(world.act("ana"), key, "commander", "Nobody answers")
    competence.set_policy(world.act("ana"), "warn")
    answer = browser(world, "ana").post(
        f"/incidents/{key}/roles/commander", {"take_over": "1", "reason": "Nobody answers"}, follow=True
    )
    assert "Not certified for the role" in words(answer)
    held = models.RoleAssignmentRow.objects.get(incident_id=key, role="commander", ended_at=None)
    assert held.person_id == world.find("ana").id


def test_an_expired_certification_and_somebody_who_left_do_not_count(world):
    certify(world, "cleo", expires_at=world.now + HOUR)
    certify(world, "ana")
    competence.set_policy(world.act("ana"), "refuse")
    world.now += 2 * HOUR
    with pytest.raises(Refused, match="Cleo Marsh"):
        roster(world, "cleo")
    models.Certification.objects.filter(person=world.find("ana")).update(ended_at=world.now)
    roster(world, "cleo")  # nobody else could


@pytest.mark.requirement("R-196")
def test_a_role_with_fewer_than_two_qualified_people_is_flagged(world):
    def thin():
        return {c.role: c.qualified for c in competence.matrix(world.now).columns if c.is_thin}

    assert thin()["commander"] == 0
    certify(world, "cleo")
    assert thin()["commander"] == 1
    assert "Incident Commander one person alone can fill it" in words(
        browser(world, "ben").get("/on-call/coverage")
    )
    certify(world, "ben")
    assert "commander" not in thin()
    models.Person.objects.filter(handle="ben").update(is_active=False)
    assert thin()["commander"] == 1


def test_training_is_planned_with_a_day_and_fulfilled_by_the_certification(world):
    competence.plan(
        world.act("ana"), world.find("ben").id, "commander", world.now + timedelta(days=30), "Shadows Cleo"
    )
    assert [c.person.handle for c in competence.plans(world.now)] == ["ben"]
    page = words(browser(world, "cleo").get("/on-call/competence"))
    assert "Who trains next 1 Ben Okonkwo Incident Commander by" in page
    assert "Shadows Cleo" in page
    certify(world, "ben")
    assert competence.plans(world.now) == []
    assert models.Certification.objects.filter(ended_at=None).count() == 1


def test_only_who_may_change_people_certifies_and_nonsense_is_refused(world):
    with pytest.raises(Refused):
        competence.certify(world.act("ben"), world.find("ben").id, "commander")
    with pytest.raises(Refused, match="no such role"):
        certify(world, "ben", "king")
    with pytest.raises(Refused, match="expires after"):
        certify(world, "ben", expires_at=world.now - HOUR)
    with pytest.raises(Refused, match="today, or before"):
        certify(world, "ben", certified_at=world.now + HOUR)
    with pytest.raises(Refused, match="from tomorrow on"):
        competence.plan(world.act("ana"), world.find("ben").id, "commander", world.now)


def test_an_administrator_certifies_plans_and_ends_on_the_page(world):
    ana, ben = browser(world, "ana"), world.find("ben")
    at = "/on-call/competence/certifications"
    day = f"{world.now + timedelta(days=60):%Y-%m-%d}"
    answer = ana.post(at, {"act": "certify", "person": ben.id, "role": "scribe", "until": day}, follow=True)
    assert "Ben Okonkwo is certified." in words(answer)
    row = models.Certification.objects.get()
    assert row.certified_by == world.find("ana").id
    ana.post(at, {"act": "plan", "person": ben.id, "role": "commander", "day": day})
    ana.post(f"{at}/{row.id}/end")
    assert models.Certification.objects.get(ended_at=None).role == "commander"
    ana.post("/on-call/competence/policy", {"policy": "refuse"})
    assert competence.policy() == "refuse"
    assert browser(world, "ben").post(at, {"act": "certify"}).status_code == 403


def test_programs_read_and_keep_the_matrix_over_rest(db):
    org = Organisation()
    ana, ben = org.call("ana", "administrator"), org.call("ben")
    made = ana.post("/competence/certifications", {"person": org.id("ben"), "role": "commander"})
    assert (made.status, made.json["certified_by"]["name"]) == (201, "Ana")
    later = text(org.now + timedelta(days=20))
    ana.post(
        "/competence/certifications", {"person": org.id("ana"), "role": "commander", "planned_for": later}
    )
    roles = {r["role"]: r for r in ben.get("/competence").json["roles"]}
    assert (roles["commander"]["qualified"], roles["commander"]["planned"], roles["commander"]["thin"]) == (
        1,
        1,
        True,
    )
    assert len(ben.get("/competence/certifications?role=commander").json["items"]) == 2
    assert (
        ben.post("/competence/certifications", {"person": org.id("ben"), "role": "commander"}).status == 403
    )
    assert ana.put("/competence/policy", {"policy": "refuse"}).json["policy"] == "refuse"
    assert ana.delete(f"/competence/certifications/{made.json['id']}").status == 204
    assert len(ben.get("/competence/certifications").json["items"]) == 1
    assert len(ben.get("/competence/certifications?ended=true").json["items"]) == 2
