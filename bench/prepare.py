"""Fills an empty data folder for a bench and prints, as JSON, an integration's key, a login and the pages.

Runs in a process of its own (`python -m bench.prepare`), because it loads the product; the folder comes from
QUARTERDECK_DATA. One person is called at once for every alert, on the channel named by the first argument.
"""

from __future__ import annotations

import json
import secrets
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

from quarterdeck.boot import secrets as keys
from quarterdeck.boot.wiring import set_up

EMAIL = "bench@example.com"


def main() -> None:
    channel, address = sys.argv[1], sys.argv[2]
    open_store()
    password = secrets.token_urlsafe(18)
    key = fill(channel, address, password)
    crowd(channel, int(sys.argv[3]) if len(sys.argv) > 3 else 0)
    print(json.dumps({"key": key, "email": EMAIL, "password": password, "pages": pages()}))


def open_store() -> None:
    """The product in this process, on a migrated store in QUARTERDECK_DATA."""
    from quarterdeck.boot import config

    data = config.load().data
    Path(data).mkdir(parents=True, exist_ok=True)
    keys.hand(keys.ensure(data))
    set_up("command")
    from quarterdeck.boot.migrate import migrate

    migrate()


def fill(channel: str, address: str, password: str) -> str:
    """An administrator reached at `address`, the default policy that calls them, an integration's key."""
    from quarterdeck.app.act import act_of
    from quarterdeck.app.paging.directory import policy_data
    from quarterdeck.app.people import keys as integrations
    from quarterdeck.core.escalation.policy import Policy, Step, Target
    from quarterdeck.store import models, tx

    now = datetime.now(UTC)
    with tx.write():
        person = models.Person.objects.create_superuser(EMAIL, password, name="Bench", created_at=now)
        contact = models.ContactMethod.objects.create(
            person=person, kind=channel, address=address, verified_at=now
        )
        for urgency in ("high", "low"):
            models.NotificationRule.objects.create(person=person, contact=contact, urgency=urgency)
        steps = (Step((Target("person", person.id),), timedelta(hours=4)),)
        definition = policy_data(Policy("default", "Default", steps))
        models.EscalationPolicy.objects.create(key="default", name="Default", definition=definition)
    administrator = act_of(person.id, person.role, now, "cli")
    return integrations.create_integration(administrator, "Bench", "any")[1]


def crowd(channel: str, number: int) -> None:
    """`number` people: person-7@example.com alone is called for the service svc-7."""
    from quarterdeck.app.paging.directory import policy_data
    from quarterdeck.core.escalation.policy import Policy, Step, Target
    from quarterdeck.store import models, tx
    from quarterdeck.store.ids import new_id

    now = datetime.now(UTC)
    with tx.write():
        for n in range(number):
            address = f"person-{n}@example.com"
            person = models.Person.objects.create(
                id=new_id(), email=address, handle=f"person-{n}", name=f"Person {n}", created_at=now
            )
            contact = models.ContactMethod.objects.create(
                person=person, kind=channel, address=address, verified_at=now
            )
            for urgency in ("high", "low"):
                models.NotificationRule.objects.create(person=person, contact=contact, urgency=urgency)
            steps = (Step((Target("person", person.id),), timedelta(hours=4)),)
            definition = policy_data(Policy(f"p-{n}", f"P {n}", steps))
            policy = models.EscalationPolicy.objects.create(
                key=f"p-{n}", name=f"P {n}", definition=definition
            )
            models.Service.objects.create(id=new_id(), key=f"svc-{n}", name=f"Service {n}", policy=policy)


def pages() -> list[str]:
    """The paths of all pages that need no argument and are not those of signing in."""
    from quarterdeck.web import routes

    return sorted(
        f"/{page.pattern}"
        for page in routes.pages()
        if "<" not in page.pattern and not page.pattern.startswith(("accounts/", "api/"))
    )


if __name__ == "__main__":
    main()
