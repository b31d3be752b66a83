"""Corvane's people and teams, what they run, and how they are reached: everything there is before anything happens."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from django.conf import settings

from quarterdeck.app.act import Act, act_of
from quarterdeck.app.comms import audiences
from quarterdeck.app.incidents import services
from quarterdeck.app.people import accounts, keys, people, teams
from quarterdeck.app.status import status_pages
from quarterdeck.app.upkeep import seeding
from quarterdeck.store import models

from .tables import table

MAIL = "corvane.example"


@dataclass
class Corvane:
    """Ids by the names the story uses: people by full name, the rest by key."""

    first: str = ""
    people: dict[str, str] = field(default_factory=dict)
    roles: dict[str, str] = field(default_factory=dict)
    teams: dict[str, list[str]] = field(default_factory=dict)
    schedules: dict[str, str] = field(default_factory=dict)
    owners: dict[str, str] = field(default_factory=dict)
    page: str = ""
    components: dict[str, str] = field(default_factory=dict)
    integrations: dict[str, str] = field(default_factory=dict)
    integration_key: str = ""
    api_key: str = ""

    def act(self, person: str, at: datetime, via: str = "web") -> Act:
        """Somebody of Corvane acting; `person` is a name or an id."""
        found = self.people.get(person, person)
        return act_of(found, self.roles[found], at, via)


def email_of(name: str) -> str:
    """ana.ferreira@corvane.example"""
    plain = name.translate(str.maketrans("áäåéèêëíóöøúüśńıŚÉØğçź", "aaaeeeeiooouusniSEOgcz"))
    first, *_, last = plain.replace("'", "").split()
    return f"{first}.{last}@{MAIL}".lower()


def found_people(corvane: Corvane, at: datetime, password: str) -> None:
    """Accounts, contacts and teams. The first person is the administrator one is in the demo."""
    told = table("company")
    for row in told["person"]:
        person = _account(corvane, row, at, password)
        corvane.people[row["name"]], corvane.roles[person.id] = person.id, person.role
    admin = corvane.act(told["person"][0]["name"], at)
    for row in told["team"]:
        teams.create(admin, row["key"], row["name"], row["description"])
    for row in told["person"]:
        person_id = corvane.people[row["name"]]
        people.update(
            admin,
            person_id,
            title=row["title"],
            phone=row["phone"],
            skills=row.get("skills"),
            timezone=row["zone"],
            holiday_region=told["holidays"].get(row["zone"], ""),
        )
        _reachable(admin, person_id, row["name"])
        if row.get("team"):
            teams.put_member(admin, row["team"], person_id, lead=row.get("lead", False))
            corvane.teams.setdefault(row["team"], []).append(row["name"])


def _account(corvane: Corvane, row: dict[str, str], at: datetime, password: str) -> models.Person:
    name, role, zone = row["name"], row.get("role", "responder"), row["zone"]
    if not corvane.first:
        person = accounts.first_administrator(email_of(name), name, password, at, zone)
        corvane.first = person.id
        return person
    admin = act_of(corvane.first, "administrator", at)
    return accounts.create(admin, email_of(name), name, role=role, timezone=zone)


def _reachable(admin: Act, person_id: str, name: str) -> None:
    """By the demo's console alone. Mail is used only where this installation has a mail server."""
    mail = bool(settings.QUARTERDECK_CHANNELS.get("email", {}).get("host"))
    seeding.reach_by(admin, person_id, "console", name, "This demo", keep_others=mail, verified_others=True)


def found_services(corvane: Corvane, admin: Act) -> None:
    """Services with owner, policy, runbook and dashboard. The policies are there already."""
    for row in table("services")["service"]:
        corvane.owners[row["key"]] = row["team"]
        services.create(
            admin, row["key"], row["name"], description=row["description"], team=row["team"], tier=row["tier"],
            policy=row["team"], runbook_url=f"https://wiki.{MAIL}/runbooks/{row['key']}",
            dashboard_url=f"https://grafana.{MAIL}/d/{row['key']}",
        )  # fmt: skip


def found_page(corvane: Corvane, admin: Act) -> None:
    """The public status page with its components, and who hears from us."""
    told = table("pages")
    about = dict(told["page"])
    key, title = about.pop("key"), about.pop("title")
    corvane.page = status_pages.create_page(admin, key, title, **about).id
    for row in told["component"]:
        made = status_pages.create_component(
            admin, key, row["name"], group=row["group"], services=row["services"]
        )
        corvane.components[row["key"]] = made.id
    for audience, contacts in told["audiences"].items():
        for name, address in contacts:
            audiences.add_contact(admin, audience, address, name)


def found_keys(corvane: Corvane, admin: Act, now_act: Act) -> None:
    """Where alerts come in, and two keys to try the demo with: they live from now on, not from the past."""
    for name, kind in (
        ("Prometheus", "alertmanager-webhook"),
        ("Probes at eight ports", "pagerduty"),
        ("Settlement jobs", "webhook"),
    ):
        corvane.integrations[kind] = keys.create_integration(admin, name, kind)[0].id
    corvane.integration_key = keys.create_integration(now_act, "Demo: any tool", "any")[1]
    corvane.api_key = keys.create_api_key(now_act, "Demo", 365)[1]
