"""A small company to click through, made by the product's own functions on an installation's store.

`furnish` is asked for by `support.serving.Installation.ask` before the server starts; `rough_company` makes a big and
hostile one.
The clock is real: what happened lies some minutes back, and the engine does what is due when it starts.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from typing import Any
from urllib.parse import urlsplit

from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY

from quarterdeck.app.act import Act, act_of
from quarterdeck.app.catalog.catalogue import current
from quarterdeck.app.comms import audiences, consent_notices, consents, digests, messages
from quarterdeck.app.incidents import command, incidents, record, services, tasks
from quarterdeck.app.learning import reviews
from quarterdeck.app.maintenance import maintenance
from quarterdeck.app.maintenance.maintenance_drafts import Draft
from quarterdeck.app.oncall import rotations
from quarterdeck.app.paging import answer_links, paging, policies
from quarterdeck.app.people import accounts, keys, people, teams
from quarterdeck.app.status import status_pages
from quarterdeck.app.upkeep import seeding
from quarterdeck.core.escalation.policy import Policy, Step, Target
from quarterdeck.core.incidents import Content, Declaration, content_hash
from quarterdeck.core.oncall import Layer, Turn
from quarterdeck.store import models, project
from quarterdeck.web.sessions import SessionStore
from support.ringing import ring

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


def furnish() -> dict[str, Any]:
    """The calm company: one incident under way, one over with its review, three alerts, a page that waits."""
    company = found()
    root = company.act("ana", 90)
    integration, integration_key = keys.create_integration(
        root, "Prometheus", "any", service=service("checkout")
    )
    alert_ids = ring(
        company.now, integration,
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
    links = by_link(company, open_now)
    return {
        "links": links,
        "password": PASSWORD,
        "people": {
            h: {
                "id": company.ids[h],
                "name": n,
                "email": f"{h}@example.com",
                "key": api_key(company, h),
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
        "maintenance": planned_work(company),
    }


def planned_work(company: Company) -> str:
    """One for next week, waiting for its approval."""
    starts = company.now.replace(minute=0, second=0, microsecond=0) + timedelta(days=7)
    component = models.Component.objects.get(name="Search")
    made = maintenance.plan(
        company.act("ben", 50),
        Draft(
            title="Index of the search is rebuilt", text="Searching takes **longer** than usual.", zone="Europe/Berlin",
            starts_at=starts, ends_at=starts + timedelta(hours=2), services=["search"],
            components={component.id: "degraded_performance"}, people=[company.ids["ben"]], spared=["critical"],
            rule="FREQ=WEEKLY;COUNT=3",
        ),
    )  # fmt: skip
    maintenance.propose(company.act("ben", 49), made[0].id)
    return str(made[0].id)


def by_link(company: Company, incident_id: str) -> dict[str, str]:
    """The paths of pages that open without a login: a task and a text to answer, a name to lend, a digest to end."""
    ana, ben, now = company.act("ana", 2), company.ids["ben"], company.now
    content = Content(
        audience="staff", headline="Payments fail for some", customer_effect="One payment in ten fails",
        action="We moved traffic", next_update_at=now + timedelta(hours=2), sender_identity="executive",
        sender_person=company.ids["eva"],
    )  # fmt: skip
    case, message = messages.draft(ana, incident_id, content)
    consents.ask(ana, incident_id, message)
    given = tasks.give(ana, incident_id, "Look at the pool of connections", ben, 60)
    task = next(reversed(given.incident.tasks))
    link = answer_links.make("task", ben, incident_id, task, now)
    text = content_hash(case.incident.messages[message])
    urls = {
        "answer a task": answer_links.url(link),
        "lend a name": consent_notices.url(incident_id, message, company.ids["eva"], text),
        "end a digest": digests.url(digests.put(company.act("eva"), company.ids["eva"])),
    }
    return {name: urlsplit(url).path for name, url in urls.items()}


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
    text = content_hash(project.load(key).messages[message])
    messages.release(act, key, message, text, override="What was told before stays as it was.")


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


def service(key: str) -> models.Service:
    return models.Service.objects.get(key=key)


def api_key(company: Company, handle: str) -> str:
    return keys.create_api_key(company.act(handle, 60), "Browser tests", 30)[1]
