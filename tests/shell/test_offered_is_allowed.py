"""Nobody is offered what they may not do: every form of an incident's pages, sent as whoever sees it, is not forbidden."""

from __future__ import annotations

import re
from html.parser import HTMLParser

import pytest
from django.test import Client

from quarterdeck.app.incidents import command, crew, decisions, money, record, tasks
from quarterdeck.store import models
from quarterdeck.web.routes import pages
from support.attacks import org, signed_in
from support.rest import Organisation

__all__ = ["org"]
# Sent last, one after the other: they end the incident, or take the role away that the others are sent with.
_LAST = re.compile(
    r"/(resolve|close|dismiss|merge|tie|standdown|stand-down|phase|release|handover|handovers|roles|crew|unified)"
)


class _Offers(HTMLParser):
    """Each form with its fields, and one variant for each radio and button that chooses something."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str], list[tuple[str, str]]]] = []
        self._select = ""
        self._form: tuple[str, dict[str, str], list[tuple[str, str]]] | None = None
        self._post = self._sent = False
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        a = {name: value or "" for name, value in attrs}
        if tag == "form":
            self._form = (a.get("action", ""), {}, [])
            self._post, self._sent = a.get("method", "").lower() == "post", False
        elif self._form is None or "disabled" in a:
            return
        elif tag == "button" and a.get("type", "submit") == "submit" and not a.get("name"):
            self._sent = True
        elif tag in ("input", "textarea", "button") and a.get("name"):
            self._field(tag, a)
        elif tag == "select":
            self._select = a.get("name", "")
        elif tag == "option" and self._select and a.get("value"):
            self._form[1].setdefault(self._select, a["value"])

    def _field(self, tag: str, a: dict[str, str]) -> None:
        _, fields, choices = self._form
        kind = a.get("type", "submit" if tag == "button" else "text")
        self._sent = self._sent or kind == "submit"
        if tag == "button" or kind == "radio":
            choices.append((a["name"], a.get("value", "")))
        elif kind == "number":
            fields[a["name"]] = a.get("value") or a.get("min") or "1"
        elif kind == "datetime-local" or kind == "date":
            fields[a["name"]] = a.get("value", "")
        elif kind != "checkbox" or "checked" in a:
            fields.setdefault(a["name"], a.get("value") or ("x" if kind in ("text", "textarea") else ""))

    def handle_endtag(self, tag: str) -> None:
        if tag == "select":
            self._select = ""
        elif tag == "form" and self._form is not None:
            # Without a button that is there for them, nothing is offered.
            if self._post and self._sent:
                self.found.append(self._form)
            self._form = None


def offers(client: Client, incident: str) -> list[tuple[str, dict[str, str]]]:
    found: dict[tuple, tuple[str, dict[str, str]]] = {}
    for pattern in (p.pattern for p in pages()):
        path = "/" + pattern.replace("<str:incident_id>", incident).replace("<str:role>", "scribe")
        if not pattern.startswith("incidents/<str:incident_id>") or "<" in path or "(" in path:
            continue
        got = client.get(path)
        if got.status_code != 200 or "text/html" not in got["Content-Type"]:
            continue
        for action, fields, choices in _Offers(got.content.decode()).found:
            target = action or path
            if not target.startswith("/incidents/"):
                continue
            for choice in choices or [None]:
                said = fields | ({choice[0]: choice[1]} if choice else {})
                said.pop("csrfmiddlewaretoken", None)
                found[(target, tuple(sorted(said.items())))] = (target, said)
    return sorted(found.values(), key=lambda f: (bool(_LAST.search(f[0])), f[0]))


def busy(org: Organisation) -> str:
    """An incident with one of everything that has controls."""
    incident = org.declare("ana", severity=1)
    ana = org.act("ana")
    record.write(ana, incident, "note", "It grows")
    tasks.give(ana, incident, "Look", org.id("ben"), 10)
    tasks.plan_check(ana, incident, "North")
    wes = org.person("wes").id
    command.assign_role(ana, incident, "sme", wes)
    crew.open_workstream(ana, incident, "Network", wes, "", 0)
    crew.stop(ana, incident, "Gas")
    crew.state_hypothesis(ana, incident, "The pool")
    money.enter(ana, incident, "cost", "Fuel", 100, "EUR")
    decisions.open_poll(ana, incident, "Restart it", 5)
    return incident


ROLES = {
    "ole": "", "eva": "", "ben": "", "ana": "commander", "sam": "scribe", "tom": "technical_lead",
    "liz": "executive_liaison", "sue": "shadow",
}  # fmt: skip


@pytest.mark.parametrize("handle", ROLES)
def test_what_a_page_offers_is_not_forbidden(org: Organisation, handle: str) -> None:
    if handle not in ("ole", "eva", "ben", "root", "ana"):
        org.person(handle)
    incident = busy(org)
    role = ROLES[handle]
    if role and role != "commander":
        command.assign_role(org.act("ana"), incident, role, org.id(handle))
    client = signed_in(org, handle)
    wrong = []
    for path, said in offers(client, incident):
        got = client.post(path, said, headers={"HX-Request": "true"})
        assert got.status_code < 500, (path, said)
        if models.IncidentRow.objects.get(id=incident).phase in ("closed", "dismissed", "merged"):
            break
        if got.status_code == 403:
            why = re.sub(r"<[^>]*>|\s+", " ", got.content.decode())[:160]
            wrong.append(f"{path} {said}: {why}")
    assert not wrong, "\n".join(wrong)
