"""The rough company: many people, hostile and endless texts everywhere, long lists. Made by the product's own functions."""

from __future__ import annotations

from typing import Any

from quarterdeck.app.incidents import command, incidents, record, services, tasks
from quarterdeck.app.paging import paging
from quarterdeck.app.people import accounts, keys, people
from quarterdeck.core.escalation.policy import Target
from quarterdeck.core.incidents import Declaration
from support.browser_company import PASSWORD, Company, api_key, found, reachable, service, session, tell
from support.hostile import HOSTILE
from support.ringing import ring


def crowd() -> dict[str, Any]:
    """The rough company: forty people, long and hostile texts everywhere, two hundred rows in each list."""
    company = found()
    root = company.act("ana", 60)
    for n in range(32):
        name = HOSTILE[n % len(HOSTILE)] if n < len(HOSTILE) else f"Wolfeschlegelsteinhausenbergerdorff {n}"
        made = accounts.create(root, f"p{n}@example.com", name, role="responder")
        company.ids[f"p{n}"], company.roles[f"p{n}"] = made.id, made.role
        people.update(root, made.id, title=name[:100])
        reachable(root, made.id, f"Console {n}")
    for n, text in enumerate(HOSTILE):
        services.create(root, f"hostile-{n}", text, description=text, team="platform")
        services.create(
            root, f"x{n}-{'long' * 13}", "A service with a name that goes on " * 3, team="platform"
        )
    integration, _ = keys.create_integration(root, HOSTILE[1], "any", service=service("hostile-0"))
    alert_ids = ring(
        company.now, integration,
        [(f"hostile-{n}", f"{text} alert {n}", "critical", 20) for n, text in enumerate(HOSTILE)],
        custom_details={f"label{n}": text for n, text in enumerate(HOSTILE)} | {HOSTILE[0]: HOSTILE[1]},
        source=HOSTILE[1], component=HOSTILE[0], group=HOSTILE[2],
        links=[{"href": HOSTILE[8], "text": HOSTILE[0]}, {"href": "https://example.com/" + "a" * 240, "text": "x"}],
    )  # fmt: skip
    ring(
        company.now,
        integration,
        [(f"many-{n}", f"{'W' * 120} {'alert ' * 22}{n}"[:255], "warning", 15) for n in range(190)],
    )
    keys_made = [_declared(company, n) for n in range(200)]
    rough = hostile_incident(company, alert_ids)
    called = paging.page(company.act("p0", 3), [Target("person", company.ids["ana"])], HOSTILE[1], HOSTILE[0])
    return {
        "password": PASSWORD,
        "people": {
            "ana": {
                "id": company.ids["ana"],
                "name": "Ana Ruiz",
                "email": "ana@example.com",
                "key": api_key(company, "ana"),
                "session": session(company.ids["ana"]),
            }
        },
        "hostile_person": company.ids["p0"],
        "alerts": alert_ids,
        "open": rough,
        "long": keys_made[-1],
        "callout": called[0].id,
        "page": "status",
    }


def _declared(company: Company, n: int) -> str:
    """An incident with the longest title there may be. All but eighty are dismissed again."""
    title = (
        (f"{n} " + "Donaudampfschifffahrtsgesellschaft" * 6)[:200]
        if n % 2
        else (f"{n} " + "checkout is down " * 14)[:200]
    )
    act = company.act(("ben", "fay", "gus", "dev")[n % 4], 14)
    said = Declaration(
        title,
        "availability",
        4,
        services=("checkout",),
        drill=True,
        both_reason="The same people are needed.",
    )
    return incidents.declare(act, said).incident.key


def hostile_incident(company: Company, alert_ids: list[str]) -> str:
    """Every text of one incident is hostile, and so are the names of those who work on it."""
    act = company.act
    first = HOSTILE[0]
    said = Declaration(
        first + " title",
        "availability",
        2,
        services=("hostile-0", "hostile-1"),
        summary=HOSTILE[1],
        both_reason="The same people are needed.",
    )
    key = incidents.declare(act("p1", 12), said, alert_ids=tuple(alert_ids)).incident.key
    # Whoever looks at everything keeps the facts, too.
    command.assign_role(act("p1", 12), key, "customer_liaison", company.ids["ana"])
    for n, text in enumerate(HOSTILE):
        record.write(
            act(f"p{n}", 11),
            key,
            "note",
            f"{text}\n\n```\n{text}\n```\n\n| a | b |\n|---|---|\n| {text} | x |",
        )
        tasks.give(act("p1", 10), key, text, company.ids[f"p{n}"], 10)
    record.decide(act("p1", 9), key, HOSTILE[2], HOSTILE[3], reason=HOSTILE[1])
    record.write(act("p2", 9), key, "finding", "W" * 3000)
    record.write(
        act("p2", 9),
        key,
        "note",
        "| " + " | ".join("wide column" for _ in range(30)) + " |\n" + "|---" * 30 + "|",
    )
    facts = dict.fromkeys(
        ("what_we_know", "customer_effect", "cause", "workaround", "next_step"), first + HOSTILE[3]
    )
    incidents.set_facts(act("p1", 8), key, **facts)
    tell(company, "p1", key, (HOSTILE[1] + " headline")[:80], 7, 45)
    return key
