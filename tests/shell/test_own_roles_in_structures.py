"""A role that the organisation added in the editor of structures works as any other: called, charted, ticked, exported."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterator

import pytest

from quarterdeck.app.catalog import catalogue_files, structures
from quarterdeck.app.exports.write import export
from quarterdeck.catalog.folders import shipped
from quarterdeck.store import models
from support.browsing import browser
from support.rest import Organisation

CARD = """
key = "ferry_coordinator"
title = "Ferry Coordinator"
purpose = "Speak with the harbours and keep the crossings running by hand."
group = "departments"
cardinality = { min = 0, max = 1 }
reports_to = "commander"
backup = "the harbour on-call"
grants = ["timeline.write"]

[checklist]
triage = [{ text = "Call every harbour." }]
"""
CALLED = """
[[assembly]]
role = "ferry_coordinator"
how = "callout"
when = "always"
"""


@pytest.fixture
def org(db: None) -> Iterator[Organisation]:
    catalogue_files.forget()
    o = Organisation()
    o.call("root", "administrator")
    for handle in ("ana", "ben"):
        o.call(handle)
    yield o
    catalogue_files.forget()


@pytest.mark.requirement("R-115")
def test_a_role_of_ones_own_is_called_charted_ticked_and_exported(org: Organisation) -> None:
    path = "templates/software.toml"
    software = shipped().joinpath(*path.split("/")).read_text(encoding="utf-8")
    changed = software.replace("\n[[assembly]]", f"{CALLED}\n[[assembly]]", 1)
    made = {"roles/software/ferry_coordinator.toml": CARD, path: changed}
    structures.put_in_force(org.act("root"), made, "We run ferries", None)
    org.policy("role-ferry_coordinator", ("ben", 5))
    incident = org.declare("ana")
    org.settle()
    call = models.Callout.objects.get(incident_id=incident, role="ferry_coordinator")
    assert call.person_id == org.id("ben")
    at, ben = f"/incidents/{incident}", org.call("ben")
    held = ben.put(f"{at}/roles/ferry_coordinator/holder", {"person": org.id("ben")})
    assert held.status == 200 and held.json["title"] == "Ferry Coordinator"
    assert "Ferry Coordinator" in browser(org, "ana").get(f"{at}/chart").content.decode()
    items = [i["text"] for i in ben.get(f"{at}/checklists").json["items"] if i["role"] == "ferry_coordinator"]
    assert items == ["Call every harbour."]
    assert ben.put(f"{at}/roles/ferry_coordinator/checklist/triage/0").status in (200, 204)
    out = io.BytesIO()
    export(org.act("root"), incident, out, named=True)
    with zipfile.ZipFile(out) as found:
        whole = b"".join(found.read(n) for n in found.namelist())
    assert b"Ferry Coordinator" in whole and b"Call every harbour." in whole
