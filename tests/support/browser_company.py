"""A small company to click through, made by the product's own functions on an installation's store.

`furnish` is asked for by `support.serving.Installation.ask` before the server starts; `crowd` makes a big and hostile one.
The clock is real: what happened lies some minutes back, and the engine does what is due when it starts.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from typing import Any

from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY

from quarterdeck.app import (
    accounts,
    audiences,
    command,
    incidents,
    keys,
    messages,
    paging,
    people,
    policies,
    receive,
    record,
    reviews,
    rotations,
    seeding,
    services,
    status_pages,
    tasks,
    teams,
)
from quarterdeck.app.act import Act, act_of
from quarterdeck.app.catalogue import current
from quarterdeck.core.escalation.policy import Policy, Step, Target
from quarterdeck.core.incidents import Content, Declaration, content_hash
from quarterdeck.core.kernel.moments import micros
from quarterdeck.core.oncall import Layer, Turn
from quarterdeck.intake import dialects
from quarterdeck.store import models, project
from quarterdeck.store.ids import new_id
from quarterdeck.store.journal_reader import JournalReader, Row
from quarterdeck.web.sessions import SessionStore
from support.hostile import HOSTILE

BACKEND = "allauth.account.auth_backends.AuthenticationBackend"
PASSWORD = "wet anchor slow lantern"
CAST = (
    ("ana", "Ana Ruiz", "administrator", "Head of operations"),
    ("ben", "Ben Okafor", "responder", "Site reliability"),
    ("cleo", "Cleo Marchand", "responder", "Customer care"),
    ("dev", "Dev Patel", "responder", "Payments"),
    ("fay", "Fay Lindqvist", "responder", "Platform"),
    ("gus", "Gus Berger", "responder", "Platform"),
    ("eva", "Eva Holm", "executive", "Managing director"),
    ("ole", "Ole Brandt", "observer", "Auditor"),
)
COMPONENTS = ("Checkout", "Search", "Accounts", "Tickets in the app")


@dataclass
class Company:
    """Who and what was made so far; `at(minutes)` is an act of somebody so many minutes ago."""

    now: datetime
    ids: dict[str, str]
    roles: dict[str, str]

    def act(self, handle: str, minutes_ago: float = 0) -> Act:
        return act_of(self.ids[handle], self.roles[handle], self.now - timedelta(minutes=minutes_ago), "web")


class _Bodies(JournalReader):
    """Bodies that came in, handed over without a journal."""

    def __init__(self, rows: list[Row]) -> None:
        super().__init__()
        self._rows = rows

    def next(self, limit: int) -> list[Row]:
        taken, self._rows = self._rows[:limit], self._rows[limit:]
        return taken

    def advance(self, rows: list[Row], now: datetime) -> None:
        """The journal of the installation stays where it is."""


def furnish() -> dict[str, Any]:
    """The calm company: one incident under way, one over with its review, three alerts, a page that waits."""
    company = found()
    root = company.act("ana", 90)
    integration, integration_key = keys.create_integration(
        root, "Prometheus", "any", service=_service("checkout")
    )
    alert_ids = ring(
        company, integration,
        [
            ("checkout-5xx", "More than 10 % of payments fail at checkout", "critical", 36),
            ("search-slow", "Search answers slower than 2 s for 5 min", "warning", 25),
            ("disk", "Disk of db-3 will be full in 6 h", "warning", 12),
        ],
    )  # fmt: skip
    over = finished(company)
    open_now = under_way(company, alert_ids[0])
    called = paging.page(
        company.act("ben", 3),
        [Target("person", company.ids["ana"])],
        "Look at the search cluster",
        "It does not calm down.",
    )
    return {
        "password": PASSWORD,
        "people": {
            h: {
                "id": company.ids[h],
                "name": n,
                "email": f"{h}@example.com",
                "key": _api_key(company, h),
                "session": session(company.ids[h]),
            }
            for h, n, *_ in CAST
        },
        "integration": integration.id,
        "integration_key": integration_key,
        "alerts": alert_ids,
        "over": over,
        "open": open_now,
        "callout": called[0].id,
        "page": "status",
    }


def found() -> Company:
    """People with a console each, a team, a rotation, two policies, four services, a status page."""
    now = datetime.now(UTC)
    long_ago = now - timedelta(days=40)
    first = accounts.first_administrator("ana@example.com", "Ana Ruiz", PASSWORD, long_ago, "UTC")
    company = Company(now, {"ana": first.id}, {"ana": first.role})
    root = act_of(first.id, first.role, long_ago)
    for handle, name, role, title in CAST:
        if handle not in company.ids:
            made = accounts.create(
                root, f"{handle}@example.com", name, role=role, password=PASSWORD if handle == "gus" else None
            )
            company.ids[handle], company.roles[handle] = made.id, made.role
        people.update(root, company.ids[handle], title=title, phone="+49 30 5550 0100")
        reachable(root, company.ids[handle], name)
    teams.create(root, "platform", "Platform", "What everything else runs on")
    for handle in ("ben", "fay", "gus"):
        teams.put_member(root, "platform", company.ids[handle], lead=handle == "ben")
    layer = Layer(
        id="", name="Weeks", people=tuple(company.ids[h] for h in ("ben", "fay", "gus")), turn=Turn("days", 7),
        handover_time=time(9), handover_weekday=None, starts_at=long_ago, ends_at=None, zone="UTC",
    )  # fmt: skip
    team = models.Team.objects.get(key="platform")
    rota = rotations.create(root, "platform-primary", "Platform primary", "UTC", team)
    rotations.put_layer(root, rota.id, layer)
    for key, name, to in (
        ("default", "Default", Target("schedule", rota.id)),
        ("commander", "Commanders", Target("person", company.ids["ana"])),
        ("role-communications_lead", "Communications", Target("person", company.ids["cleo"])),
    ):
        steps = (
            Step((to,), timedelta(minutes=5)),
            Step((Target("person", company.ids["ben"]),), timedelta(minutes=10)),
        )
        policies.create(root, Policy(key, name, steps))
    for key in ("checkout", "search", "accounts", "tickets"):
        services.create(
            root, key, key.capitalize(), team="platform", policy="default", tier=1,
            runbook_url=f"https://wiki.example.com/{key}", dashboard_url=f"https://graphs.example.com/{key}",
        )  # fmt: skip
    status_pages.create_page(root, "status", "Corvane status", description="How our services are.")
    for name, service in zip(COMPONENTS, ("checkout", "search", "accounts", "tickets"), strict=True):
        status_pages.create_component(root, "status", name, services=[service])
    audiences.add_contact(root, "customers_all", "customer@example.net", "A customer")
    return company


def reachable(root: Act, person_id: str, name: str) -> None:
    """By the console alone, at once."""
    seeding.reach_by(root, person_id, "console", name, "Console", keep_others=False)


def session(person_id: str) -> str:
    """The cookie of somebody who signed in; only Ana and Gus have a password, hashing one takes its time."""
    person = models.Person.objects.get(id=person_id)
    made = SessionStore()
    made.update(
        {
            SESSION_KEY: person.id,
            BACKEND_SESSION_KEY: BACKEND,
            HASH_SESSION_KEY: person.get_session_auth_hash(),
        }
    )
    made.create()
    made.save()
    return made.session_key


def ring(
    company: Company, integration: models.Integration, wanted: list[tuple[str, str, str, float]], **extra: Any
) -> list[str]:
    """Alerts (key, summary, severity, minutes ago) come in through the engine's own function; their ids."""
    for key, summary, severity, minutes_ago in wanted:
        at = company.now - timedelta(minutes=minutes_ago)
        payload = {
            "summary": summary,
            "source": "gateway-7",
            "severity": severity,
            "component": "checkout",
        } | extra
        body = {"event_action": "trigger", "dedup_key": key, "routing_key": "r", "payload": payload}
        row = Row(1, micros(at), integration.id, "pagerduty", new_id(), json.dumps(body).encode())
        receive.expand(_Bodies([row]), dialects(), at, 1)
    found = dict(
        models.Alert.objects.filter(dedup_key__in=[w[0] for w in wanted]).values_list("dedup_key", "id")
    )
    return [found[w[0]] for w in wanted]


def under_way(company: Company, alert_id: str) -> str:
    """Declared half an hour ago from an alert; Ana commands, the public has been told once."""
    act = company.act
    said = Declaration(
        "Payments fail at checkout", "availability", 2, services=("checkout", "tickets"),
        summary="Cards are refused at checkout for many customers.", source="alert",
    )  # fmt: skip
    key = incidents.declare(act("ana", 34), said, alert_ids=(alert_id,)).incident.key
    record.write(act("ben", 33), key, "note", "Errors began with the release of 13:58, see `gateway-7`.")
    command.take_role(act("dev", 32), key, "technical_lead")
    command.take_role(act("cleo", 31), key, "communications_lead")
    record.write(act("dev", 30), key, "finding", "The pool of the gateway is empty:\n\n- limit 20\n- load 60")
    record.write(act("dev", 29), key, "hypothesis", "The new release holds connections for too long.")
    incidents.change_phase(act("ana", 28), key, "investigating", "We know what is hurt.")
    record.decide(
        act("ana", 27),
        key,
        "Roll back or raise the limit?",
        "Roll back",
        reason="It is safe and takes 4 min.",
    )
    tasks.give(act("ana", 26), key, "Roll the gateway back", company.ids["dev"], 10)
    tasks.give(act("ana", 25), key, "Ask the card scheme whether they see refusals", company.ids["cleo"], 60)
    incidents.set_facts(
        act("ana", 24), key, what_we_know="The gateway's pool is empty since 13:58.",
        customer_effect="About a third of card payments are refused.", next_step="Roll back to the release before.",
    )  # fmt: skip
    incidents.set_links(
        act("ana", 24), key, "https://meet.example.com/bridge", "https://chat.example.com/inc"
    )
    tell(company, "ana", key, "Some payments fail", 22, 45)
    return key


def tell(
    company: Company, by: str, key: str, headline: str, minutes_ago: float, promise_minutes: float
) -> None:
    """One update to all customers and to the status page, released by the commander."""
    act = company.act(by, minutes_ago)
    page = models.StatusPage.objects.get(key="status")
    hurt = page.components.get(name="Checkout").id
    content = Content(
        audience="customers_all", headline=headline, customer_effect="Some card payments are refused.",
        action="We take a change back.", status_word="identified", components={hurt: "partial_outage"},
        pages=(page.id,), next_update_at=act.at + timedelta(minutes=promise_minutes),
    )  # fmt: skip
    _, message = messages.draft(act, key, content)
    messages.release(act, key, message, content_hash(project.load(key).messages[message]))


def finished(company: Company) -> str:
    """Over since yesterday, with a review that has its required parts and one action item."""
    day = 24 * 60
    act = company.act
    said = Declaration("Search was slow", "availability", 2, services=("search",), summary="Search took 8 s.")
    key = incidents.declare(act("ben", day + 60), said).incident.key
    record.write(act("fay", day + 55), key, "finding", "An index was rebuilt at noon.")
    incidents.change_phase(act("ben", day + 50), key, "investigating", "We look at the index.")
    code = current().resolution_codes[0].key
    incidents.resolve(
        act("ben", day + 20), key, code, None, "The rebuild was stopped.", override_reason="one phase"
    )
    incidents.change_phase(act("ben", day), key, "analysis", "The review begins.", "known")
    for section, text in (
        ("what_happened", "An index was rebuilt at noon.\n\n- 8 s instead of 0.3 s"),
        ("how_we_responded", "Ben led from the first minute."),
        ("improvements", "Indexes are rebuilt at night."),
    ):
        reviews.edit(act("ben", day), key, section, text)
    due = (company.now + timedelta(days=9)).date().isoformat()
    reviews.add_action_item(
        act("ben", day), key, "Rebuild indexes at night", company.ids["fay"], due, "prevent"
    )
    return key


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
    integration, _ = keys.create_integration(root, HOSTILE[1], "any", service=_service("hostile-0"))
    alert_ids = ring(
        company, integration,
        [(f"hostile-{n}", f"{text} alert {n}", "critical", 20) for n, text in enumerate(HOSTILE)],
        custom_details={f"label{n}": text for n, text in enumerate(HOSTILE)} | {HOSTILE[0]: HOSTILE[1]},
        source=HOSTILE[1], component=HOSTILE[0], group=HOSTILE[2],
        links=[{"href": HOSTILE[8], "text": HOSTILE[0]}, {"href": "https://example.com/" + "a" * 240, "text": "x"}],
    )  # fmt: skip
    ring(
        company,
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
                "key": _api_key(company, "ana"),
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
    said = Declaration(title, "availability", 4, services=("checkout",), drill=True)
    return incidents.declare(act, said).incident.key


def hostile_incident(company: Company, alert_ids: list[str]) -> str:
    """Every text of one incident is hostile, and so are the names of those who work on it."""
    act = company.act
    first = HOSTILE[0]
    said = Declaration(
        first + " title", "availability", 2, services=("hostile-0", "hostile-1"), summary=HOSTILE[1]
    )
    key = incidents.declare(act("p1", 12), said, alert_ids=tuple(alert_ids)).incident.key
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


def _service(key: str) -> models.Service:
    return models.Service.objects.get(key=key)


def _api_key(company: Company, handle: str) -> str:
    return keys.create_api_key(company.act(handle, 60), "Browser tests", 30)[1]
