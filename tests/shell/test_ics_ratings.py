"""ICS 225: written by whoever the position reports to, read by few, frozen by the signature, printed as the others."""

from __future__ import annotations

import io
import json

import pytest
from pypdf import PdfReader

from quarterdeck.app import search
from quarterdeck.app.exports.write import export
from quarterdeck.core.incidents.ics.ratings import FACTORS
from quarterdeck.store import log, models
from support import ics_flood
from support.attacks import signed_in
from support.rest import Organisation

SECRET = "SLOW4711"
WORDS = f"{SECRET}: reads maps well, orders too late."


@pytest.fixture
def org(db: None) -> Organisation:
    made = Organisation()
    ics_flood.cast(made)
    made.person("gus")
    return made


def test_a_rating_goes_from_draft_to_signature_to_talk_and_only_its_people_read_it(org: Organisation) -> None:
    key = ics_flood.flood(org)
    models.Team.objects.create(key="river", name="River watch")
    models.Membership.objects.create(team=models.Team.objects.get(), person=org.find("cho"))
    of = {a.role: a.id for a in models.RoleAssignmentRow.objects.filter(incident_id=key)}
    at = f"/incidents/{key}/ics/ratings"
    mine = f"{at}/{of['operations_section_chief']}"
    ana, cho, dag = (org.call(h) for h in ("ana", "cho", "dag"))
    # Filled from the incident before anybody writes; the commander rates the chiefs, they rate nobody here.
    first = ana.get(mine).json
    assert (first["state"], first["mine"], first["person"]["name"]) == ("open", True, "Cho Min-ji")
    assert (first["position"], first["home_unit"]) == ("operations_section_chief", "River watch")
    assert first["definition"] == "Major emergency" and first["held_from"]
    assert {r["position"] for r in ana.get(at).json["items"]} == set(ics_flood.POSITIONS)
    assert cho.get(at).json["items"] == [] and cho.put(mine, {"complexity": 2}).status == 403
    # Two pages of one draft never overwrite each other; a signature wants every factor.
    draft = {"scores": {n: 4 for n, _, _ in FACTORS[:-1]}, "complexity": 2, "remarks": WORDS, "version": 0}
    assert ana.put(mine, draft).json["version"] == 1
    assert ana.put(mine, draft).code == "rating.version"
    lacking = ana.put(f"{mine}/signature", {})
    assert lacking.code == "rating.missing" and "23. Adherence to Safety" in lacking.json["error"]["message"]
    assert [org.call(h).get(mine).status for h in ("cho", "dag", "ben", "gus")] == [404] * 4
    browser = signed_in(org, "ana")
    form = {f"score.{n}": "4" for n, _, _ in FACTORS} | {"complexity": "2", "remarks": WORDS, "version": "1"}
    kept = browser.post(mine, form | {"remarks": "x" * 5001, "do": "sign"})
    assert kept.status_code == 422 and "5000 characters fit" in kept.content.decode()
    assert browser.post(mine, form | {"home_unit": "River watch", "do": "sign"}).status_code in (302, 303)
    # Signed: it stands, its person is told without a word of it, and four may read it.
    assert ana.put(mine, draft | {"version": 2}).code == "rating.signed"
    assert [org.call(h).get(mine).status for h in ("ana", "cho", "dag", "ben", "gus")] == [
        200,
        200,
        200,
        404,
        404,
    ]
    told = models.Delivery.objects.filter(person_id=org.id("cho")).order_by("id").last()
    assert told is not None and told.body["subject"] == "A rating of yours is signed"
    assert SECRET not in json.dumps(told.body)
    assert (
        dag.put(f"{mine}/discussed").status == 403
        and cho.put(f"{mine}/discussed").json["state"] == "discussed"
    )
    assert WORDS in signed_in(org, "cho").get(mine).content.decode()
    assert (
        signed_in(org, "ben").get(mine).status_code
        == signed_in(org, "ben").get(f"{mine}/pdf").status_code
        == 404
    )
    # The paper is the form as it was signed, with both names; later facts change nothing of it.
    assert ana.put(f"/incidents/{key}/title", {"title": "It was only rain"}).status == 200
    paper = signed_in(org, "dag").get(f"{mine}/pdf")
    text = "\n".join(page.extract_text() for page in PdfReader(io.BytesIO(paper.content)).pages)
    said = " ".join(text.split())
    for part in ("INCIDENT PERSONNEL PERFORMANCE RATING (ICS 225)", "Flood at the Northgate plant", "Cho Min-ji", WORDS,
                 "Operations Section Chief", "25. Rated Individual", "26. Rated by", "Ana Ferreira", "5 Exceeded Expectations"):  # fmt: skip
        assert part in said, part
    assert all(f"{n}. " in said for n, _, _ in FACTORS)


def test_no_record_no_search_and_no_list_holds_a_rating(org: Organisation) -> None:
    key = ics_flood.flood(org)
    of = {a.role: a.id for a in models.RoleAssignmentRow.objects.filter(incident_id=key)}
    mine = f"/incidents/{key}/ics/ratings/{of['safety_officer']}"
    ana = org.call("ana")
    ana.put(mine, {"scores": {n: 5 for n, _, _ in FACTORS}, "complexity": 1, "remarks": WORDS})
    assert ana.put(f"{mine}/signature", {}).json["state"] == "signed"
    seal = models.PerformanceRating.objects.get().seal
    out = io.BytesIO()
    export(org.act("ana"), key, out)
    assert SECRET.encode() not in out.getvalue()
    for where in (f"/incidents/{key}/timeline", f"/incidents/{key}", f"/incidents/{key}/ics/forms"):
        assert SECRET not in json.dumps(ana.get(where).json)
    assert not search.incidents(org.act("ana").who, q=SECRET).exists()
    events = [e.data for e in log.read(log.INSTALLATION) if e.kind == "PerformanceRated"]
    assert (
        [e["seal"] for e in events] == [seal]
        and SECRET not in json.dumps(events)
        and key not in json.dumps(events)
    )
    assert not [e for e in log.read(key) if SECRET in json.dumps(e.data)]
    page = signed_in(org, "ben").get(f"/incidents/{key}/ics/ratings").content.decode()
    assert "Of you" in page and "Nobody reports to you here" in page
