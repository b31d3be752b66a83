"""The forms of the pages under an executive's login: none that changes an incident, whatever their rank."""

from __future__ import annotations

import re

import pytest
from django.test import Client

from quarterdeck.core.access import allowed
from quarterdeck.store import models
from quarterdeck.web.routes import KEY, LOGIN, PER_OPERATION, PUBLIC, pages
from support.rest import HOST, Organisation

OPEN = (PUBLIC, LOGIN, KEY, PER_OPERATION)
# What executives do and ask, by the permission of the form (executives.md 4.1). The rest of what they hold only reads.
DOES = {"executive.act", "report.write", "commander.call"}
PARAMETER = re.compile(r"<(?:\w+:)?(\w+)>")


@pytest.mark.requirement("X-01")
def test_no_form_of_any_page_changes_an_incident_under_the_login_of_an_executive(db: None) -> None:
    org = Organisation()
    org.call("ana")
    incident = org.declare("ana", severity=1)
    eva = Client(headers={"host": HOST, "accept": "text/html"}, raise_request_exception=False)
    eva.force_login(org.person("eva", "executive"))
    eva.get("/accounts/sessions/")
    before, refused = set(models.Event.objects.values_list("id", flat=True)), 0
    for page in pages():
        if page.permission in (*OPEN, *DOES) or page.pattern.startswith(("api/", "accounts/", "^")):
            continue
        path = "/" + PARAMETER.sub(lambda m: incident if m[1] == "incident_id" else "x-1", page.pattern)
        got = eva.post(path, {"text": "x", "reason": "x", "severity": "3", "phase": "resolved"})
        if not allowed("executive", page.permission):
            assert got.status_code == 403, (page.pattern, got.status_code)
            refused += 1
    assert refused > 200
    # All that stands in any log since is that they tried.
    kinds = set(models.Event.objects.exclude(id__in=before).values_list("kind", flat=True))
    assert kinds == {"BoundaryCrossed"}
    row = models.IncidentRow.objects.get(id=incident)
    assert (row.severity, row.phase) == (1, "triage")
