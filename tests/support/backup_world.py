"""A store worth backing up: people, an incident, alerts whose pages wait, sessions, and a body that nobody has read."""

from __future__ import annotations

import json
import subprocess
import time
from datetime import UTC, datetime, timedelta
from typing import Any


def furnish(stale_hours: float = 0.0) -> dict[str, str]:
    """The alerts came `stale_hours` ago; their pages wait since then."""
    from django.contrib.sessions.backends.db import SessionStore

    from quarterdeck.app.incidents import attachments, incidents
    from quarterdeck.app.people import keys
    from quarterdeck.core.incidents.declare import Declaration

    from .world import World

    world = World()
    world.now = datetime.now(UTC) - timedelta(hours=stale_hours, seconds=30)
    world.person("ana", "administrator")
    world.person("ben", contacts=("email", "ntfy"))
    world.policy("default", ("ben", 5), ("ana", 5))
    integration, key = keys.create_integration(world.act("ana"), "Load", "any")
    for n in range(3):
        world.journal("alertmanager", alert(f"disk {n}"), integration)
    while world.expand():
        pass
    world._fire()
    incident = incidents.declare(world.act("ana"), Declaration(title="Everything at once")).incident.key
    attachments.attach(world.act("ana"), incident, "app.log", b"09:00 the pool is full\n")
    world.journal("alertmanager", alert("nobody has read this"), integration)
    session = SessionStore()
    session["hello"] = "world"
    session.save()
    return {"incident": incident, "key": key}


def alert(name: str) -> bytes:
    return json.dumps(
        [{"labels": {"alertname": name, "severity": "critical"}, "annotations": {"summary": name}}]
    ).encode()


def write_while(command: list[str]) -> dict[str, Any]:
    """Milliseconds of each small write, sorted, while this command runs; and the code it ended with."""
    from quarterdeck.store import models, tx

    running = subprocess.Popen(command, stdout=subprocess.DEVNULL)
    took = []
    while running.poll() is None:
        began = time.perf_counter()
        with tx.write():
            models.Node.objects.update_or_create(
                name="writer",
                defaults={
                    "kind": "test",
                    "started_at": datetime.now(UTC),
                    "heartbeat_at": datetime.now(UTC),
                    "version": "1",
                },
            )
        took.append((time.perf_counter() - began) * 1000)
        time.sleep(0.005)
    return {"took": sorted(took), "code": running.returncode}
