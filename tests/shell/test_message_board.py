"""The board of eight audiences and six phases: each cell says its state, time and owner, within its budget."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from quarterdeck.app import casebook
from quarterdeck.core.kernel.moments import text
from quarterdeck.web.present import board as shown
from support.rest import Organisation


@pytest.mark.requirement("R-054")
@pytest.mark.requirement("R-202")
def test_a_full_board_shows_the_state_of_every_message_and_asks_the_database_little(db: None) -> None:
    org = Organisation()
    ana = org.call("ana")
    incident = org.declare("ana", severity=1)
    where = f"/incidents/{incident}"
    audiences = [a.key for a in casebook.load(incident).template.audiences]
    states: dict[tuple[str, str], str] = {}

    def fill(phase: str) -> None:
        for n, audience in enumerate(audiences):
            said = {
                "audience": audience, "headline": f"News for {audience}", "customer_effect": "It fails.",
                "action": "We work on it.", "next_update_at": text(datetime.now(UTC) + timedelta(hours=5)),
            }  # fmt: skip
            made = ana.post(f"{where}/messages", said).json
            if n % 2:
                ana.delete(f"{where}/messages/{made['id']}?reason=not%20needed")

    fill("triage")
    for phase in ("investigating",):
        moved = ana.put(f"{where}/phase", {"phase": phase})
        assert moved.status == 200, moved.json
        fill(phase)
    case = casebook.load(incident)
    for m in case.incident.messages.values():
        if m.state != "superseded" or (m.audience, m.phase) not in states:
            states[(m.audience, m.phase)] = m.state
    with CaptureQueriesContext(
        connection,
    ) as asked:
        board = shown.board(case, org.now, "")
    assert len(board["rows"]) == 8
    assert len(asked) <= 6
    for row in board["rows"]:
        for phase, cell in zip(board["phases"], row["cells"], strict=True):
            assert cell["state"] == states.get((row["key"], phase["key"]))
            assert cell["state"] is None or cell["owner"]
