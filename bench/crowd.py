"""Fills an empty data folder with two busy incidents, one of each large structure: 2,000 lines of record by sixty
people who are all there. Prints, as JSON, the sessions of the people and the incidents.

Runs in a process of its own (`python -m bench.crowd 60 2000`); the folder comes from QUARTERDECK_DATA.
"""

from __future__ import annotations

import json
import sys
from datetime import UTC, datetime, timedelta
from typing import Any

from .prepare import open_store

BACKEND = "allauth.account.auth_backends.AuthenticationBackend"
STRUCTURES = ("software", "ics")
_LONG = "Errors of checkout at {n} a second in eu-1, and **falling** since the pool was made larger. "


def main() -> None:
    number, lines = int(sys.argv[1]), int(sys.argv[2])
    open_store()
    from quarterdeck.store import models, tx

    began = datetime.now(UTC) - timedelta(hours=6)
    with tx.write():
        people = [
            models.Person.objects.create_user(
                f"person-{n}@example.com", None, handle=f"person-{n}", name=f"Person Number {n}",
                role="responder", created_at=began,
            )
            for n in range(number)
        ]  # fmt: skip
    incidents = {key: busy(key, people, lines, began) for key in STRUCTURES}
    sessions = [session(p) for p in people]
    told = {"key": "", "email": "", "password": "", "pages": [], "incidents": incidents, "sessions": sessions}
    print(json.dumps(told))


def session(person: Any) -> str:
    """The cookie of somebody who has signed in."""
    from django.conf import settings
    from django.test import Client

    client = Client()
    client.force_login(person, backend=BACKEND)
    return f"{settings.SESSION_COOKIE_NAME}={client.cookies[settings.SESSION_COOKIE_NAME].value}"


def busy(structure: str, people: list[Any], lines: int, began: datetime) -> str:
    """An open incident in which everybody is checked in, most roles are held, and so many lines were written."""
    from quarterdeck.app import casebook
    from quarterdeck.app.act import Act, act_of
    from quarterdeck.app.incidents import incidents
    from quarterdeck.core.access import SYSTEM
    from quarterdeck.core.incidents import Declaration
    from quarterdeck.core.incidents import events as ev
    from quarterdeck.store import tx

    lead = people[STRUCTURES.index(structure)]
    act = act_of(lead.id, lead.role, began)
    said = Declaration(
        f"Checkout fails ({structure})", severity=1, template=structure, both_reason="A bench."
    )
    key = incidents.declare(act, said).incident.key
    roles = [r.key for r in casebook.load(key, SYSTEM).template.roles if r.key != "commander"]
    written, n = 0, 0
    while written < lines:
        case = casebook.load(key, SYSTEM)
        at, batch = began + timedelta(seconds=10 * n), list[Any]()
        who = people[n % len(people)]
        if n < len(people):
            batch.append(ev.CheckedIn(who.id, "looking"))
        if 2 <= n < 2 + len(roles) and n < len(people):
            batch.append(ev.RoleTaken(f"a-{structure}-{n}", roles[n - 2], who.id))
        for m in range(25):
            place = f"{structure}-{n}-{m}"
            if m == 3:
                batch.append(ev.TaskGiven(f"t-{place}", f"Look at shard {place}", who.id, 10))
                if n % 8:
                    batch.append(ev.TaskDone(f"t-{place}", "Nothing there", f"Look at shard {place}"))
            elif m == 7 and n % 4 == 0:
                batch.append(ev.DecisionMade(f"d-{place}", "Go on?", (), "yes", "It falls"))
            else:
                kind = ("note", "note", "finding", "hypothesis")[m % 4] if m < 8 else "note"
                text = _LONG.format(n=place) * (1 + m % 3)
                batch.append(ev.EntryWritten(f"e-{place}", kind, text, pinned=m == 0 and n % 10 == 0))
        with tx.write():
            casebook.append(Act(act_of(who.id, who.role, at).who, at, "web"), case, key, batch)
        written, n = written + 25, n + 1
    return key


if __name__ == "__main__":
    main()
