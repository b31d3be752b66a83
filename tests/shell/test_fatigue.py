"""What tires somebody, as far as the one who looks may know."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from quarterdeck.app.oncall import fatigue
from quarterdeck.core.access import Who
from quarterdeck.store import models, tx
from quarterdeck.store.ids import new_id
from support.world import World

NOW = datetime(2026, 11, 22, 14, 2, tzinfo=UTC)
HOUR = timedelta(hours=1)


@pytest.mark.requirement("R-293")
def test_what_a_hidden_incident_asks_of_somebody_tires_them_only_for_those_who_know_of_it(db: None) -> None:
    """At whatever hour the tests run: the pages came at three in the night."""
    world = World()
    ana, ben, cleo = (world.person(h) for h in ("ana", "ben", "cleo"))
    with tx.write():
        for n, restricted in ((1, True), (2, False)):
            key, ended = f"INC-{n}", NOW - (n * 9 - 4) * HOUR
            models.IncidentRow.objects.create(
                id=key, number=n, title="x", declared_at=NOW, phase_since=NOW, restricted=restricted,
                severity=2, severity_initial=2, severity_highest=2, seq=1, declared_by=ana.id,
            )  # fmt: skip
            models.RoleAssignmentRow.objects.create(
                id=new_id(), incident_id=key, person_id=cleo.id, role="scribe",
                started_at=NOW - n * 9 * HOUR, ended_at=ended,
            )  # fmt: skip
            for _ in range(2):
                models.Callout.objects.create(
                    id=new_id(), person_id=cleo.id, subject="x", reason="y", incident_id=key, expires_at=NOW,
                    kind="callout", created_at=night_before(cleo.timezone),
                )  # fmt: skip
    assert fatigue.strains(NOW, [cleo], Who(ana.id))[cleo.id] == fatigue.Strain(8 * HOUR, 4)
    assert fatigue.strains(NOW, [cleo], Who(ben.id))[cleo.id] == fatigue.Strain(4 * HOUR, 2)


def night_before(zone: str) -> datetime:
    there = NOW.astimezone(ZoneInfo(zone)).replace(hour=3)
    return (there if there < NOW else there - 24 * HOUR).astimezone(UTC)
