"""A company in which everybody signs in for themselves: pages and REST on one clock, which the story alone moves on."""

from __future__ import annotations

import json
from datetime import datetime, timedelta, tzinfo
from typing import Any

import pytest
from django.contrib.auth.hashers import make_password
from django.core.cache import cache
from django.test import Client

from quarterdeck.api import doors
from quarterdeck.core.incidents import Incident, evolve
from quarterdeck.core.kernel.moments import text
from quarterdeck.store import log, models
from quarterdeck.store.codec import decode
from quarterdeck.web import acting, middleware
from support.rest import HOST, ROOT, Answer, Organisation, answer

PASSWORD = "wet anchor slow lantern"

# Who works here. Everybody has a login of their own; the executive has the account of one.
CAST = {
    "ana": "Ana Ferreira", "tia": "Tia Moreau", "coco": "Coco Lindqvist", "ben": "Ben Okonkwo", "una": "Una Brandt",
    "lea": "Lea Castro", "sam": "Sam Hadley", "mel": "Mel Novak", "sol": "Sol Perez", "leo": "Leo Winter",
    "mia": "Mia Tanaka", "pat": "Pat Quinn", "ida": "Ida Holm", "sue": "Sue Marsh", "eve": "Eve Frost",
    "fay": "Fay Rossi", "gus": "Gus Berg",
}  # fmt: skip
EXECUTIVES = ("eve", "fay")


class Login:
    """One person who signed in with their own password: what they post on a page, what they send over REST."""

    def __init__(self, handle: str) -> None:
        self.handle = handle
        self.client = Client(headers={"host": HOST})
        said = {"login": f"{handle}@example.com", "password": PASSWORD}
        self.client.post("/accounts/login/", said, headers={"accept": "text/html"})
        assert self.client.get("/accounts/sessions/").status_code == 200, f"{handle} is not signed in"

    def send(self, method: str, path: str, body: object = None) -> Answer:
        data = b"" if body is None else json.dumps(body).encode()
        return answer(self.client.generic(method, ROOT + path, data, content_type="application/json"))

    def page(self, path: str) -> str:
        got = self.client.get(path, headers={"accept": "text/html"})
        assert got.status_code == 200, (path, got.status_code)
        return str(got.content.decode())

    def form(self, path: str, **fields: object) -> None:
        """A form of a page, sent and accepted."""
        got = self.client.post(path, fields, headers={"accept": "text/html"})
        assert got.status_code == 302, (path, got.status_code, got.content.decode()[-2000:])


class Company(Organisation):
    """The organisation on one clock. `pass_time` moves it for the pages, for REST and for the engine alike."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        super().__init__()
        self.now = self.now.replace(microsecond=0)
        clock = self.clock()
        for door in (doors, acting, middleware):
            monkeypatch.setattr(door, "datetime", clock)
        cache.clear()
        self._logins: dict[str, Login] = {}
        for handle, name in CAST.items():
            role = "executive" if handle in EXECUTIVES else "responder"
            self.person(handle, role, name=name)
        models.Person.objects.update(password=make_password(PASSWORD))  # hashed once; it takes its time

    def clock(self) -> type[datetime]:
        company = self

        class Clock(datetime):
            @classmethod
            def now(cls, tz: tzinfo | None = None) -> datetime:
                # A moment between any two requests, as in life.
                company.now += timedelta(milliseconds=20)
                return company.now

        return Clock

    def settle(self) -> None:
        super(Organisation, self).settle()

    def login(self, handle: str) -> Login:
        if handle not in self._logins:
            self._logins[handle] = Login(handle)
        return self._logins[handle]

    def soon(self, **span: float) -> str:
        return text(self.now + timedelta(**span))

    # -- what people do

    def good(self, handle: str, method: str, path: str, body: object = None) -> Any:
        got = self.login(handle).send(method, path, body)
        assert got.status < 300, (handle, method, path, got.json)
        return got.json

    def bad(self, handle: str, method: str, path: str, body: object = None) -> tuple[int, str]:
        got = self.login(handle).send(method, path, body)
        assert got.status >= 400, (handle, method, path, got.json)
        return got.status, got.code

    def answers(self, handle: str, incident: str, role: str = "") -> None:
        """Whoever is called for a role answers the call, and has it."""
        self.settle()
        asked = models.Callout.objects.get(
            person_id=self.id(handle), incident_id=incident, role=role, state="waiting", kind="callout"
        )
        self.good(handle, "PUT", f"/callouts/{asked.id}/acknowledgement")

    def told(self, handle: str, word: str) -> int:
        """How often somebody was told or asked something that begins like this."""
        return models.Callout.objects.filter(person_id=self.id(handle), subject__startswith=word).count()

    # -- what is so

    def holder(self, incident: str, role: str) -> str:
        held = models.RoleAssignmentRow.objects.filter(incident_id=incident, role=role, ended_at=None)
        people = [models.Person.objects.get(id=a.person_id).handle for a in held]
        assert len(people) <= 1, people
        return people[0] if people else ""

    def history(self, incident: str) -> list[Incident]:
        """The incident as it was after each event of its log."""
        found, states = Incident(), []
        for entry in log.read(incident):
            found = evolve(found, decode(entry))
            states.append(found)
        return states


class Paper:
    """One message of an incident on its way: whoever acts reads the text first, and sends its hash."""

    def __init__(self, company: Company, incident: str, message: str) -> None:
        self.company, self.incident, self.id = company, incident, message
        self.url = f"/incidents/{incident}/messages/{message}"

    def read(self, handle: str = "ana") -> dict[str, Any]:
        return dict(self.company.good(handle, "GET", self.url))

    @property
    def state(self) -> str:
        return str(self.read()["state"])

    def _hash(self) -> dict[str, str]:
        return {"content_hash": self.read()["content_hash"]}

    def hand_in(self, handle: str) -> None:
        self.company.good(handle, "PUT", f"{self.url}/submission", self._hash())

    def says(
        self, handle: str, step: str, role: str, verdict: str = "ok", said: str = "", **more: object
    ) -> None:
        body = {"step": step, "role": role, "verdict": verdict, "text": said} | self._hash() | more
        self.company.good(handle, "POST", f"{self.url}/verdicts", body)

    def lends_name(self, handle: str) -> None:
        """Whoever it speaks as agrees to exactly this text."""
        self.company.good(handle, "PUT", f"{self.url}/consent", self._hash())

    def may_not_say(self, handle: str, step: str, role: str, verdict: str = "ok", said: str = "") -> str:
        body = {"step": step, "role": role, "verdict": verdict, "text": said} | self._hash()
        return self.company.bad(handle, "POST", f"{self.url}/verdicts", body)[1]

    def release(self, handle: str, **more: object) -> str:
        return str(self.company.good(handle, "PUT", f"{self.url}/release", self._hash() | more)["state"])

    def may_not_release(self, handle: str, **more: object) -> tuple[int, str]:
        return self.company.bad(handle, "PUT", f"{self.url}/release", self._hash() | more)

    def carry(self, handle: str, step: str, proof: str) -> None:
        self.company.good(handle, "PUT", f"{self.url}/after/{step}", {"proof": proof})
