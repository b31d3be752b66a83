"""Somebody who uses the REST interface: a key, requests through the whole of Django, answers as plain data."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from django.http import HttpResponse
from django.test import Client

from quarterdeck.api import urls  # noqa: F401 - every noun declares its operations
from quarterdeck.app.act import act_of
from quarterdeck.app.people import keys
from quarterdeck.store import models
from quarterdeck.store.ids import new_id
from support.world import World

HOST = "127.0.0.1:8000"
ROOT = "/api/v1"


@dataclass(frozen=True)
class Answer:
    status: int
    json: Any
    headers: dict[str, str]

    @property
    def code(self) -> str:
        """The code of a refusal."""
        return self.json["error"]["code"]


class Caller:
    """Requests with one person's key, or with none."""

    def __init__(self, person: models.Person | None = None, **headers: str) -> None:
        self.person = person
        self.client = Client(headers={"host": HOST})
        self.headers = dict(headers)
        if person is not None:
            now = datetime.now(UTC)
            _, key = keys.create_api_key(act_of(person.id, person.role, now), "test")
            self.headers["Authorization"] = f"Bearer {key}"

    def __call__(self, method: str, path: str, body: Any = None, **headers: str) -> Answer:
        """`body` is sent as JSON; bytes as they are."""
        data = body if isinstance(body, bytes) else b"" if body is None else json.dumps(body).encode()
        said = (
            {"Content-Type": "application/json"}
            | self.headers
            | {k.replace("_", "-"): v for k, v in headers.items()}
        )
        kind = said.pop("Content-Type")
        where = path if path.startswith(ROOT) else ROOT + path
        return answer(self.client.generic(method, where, data, content_type=kind, headers=said))

    def get(self, path: str, **headers: str) -> Answer:
        return self("GET", path, **headers)

    def post(self, path: str, body: Any = None, **headers: str) -> Answer:
        return self("POST", path, body, **headers)

    def put(self, path: str, body: Any = None, **headers: str) -> Answer:
        return self("PUT", path, body, **headers)

    def patch(self, path: str, body: Any = None, **headers: str) -> Answer:
        return self("PATCH", path, body, **headers)

    def delete(self, path: str, **headers: str) -> Answer:
        return self("DELETE", path, **headers)


def answer(response: HttpResponse) -> Answer:
    content = response.content
    return Answer(response.status_code, json.loads(content) if content else None, dict(response.headers))


class Organisation(World):
    """A world that lives now, and whose people have keys."""

    def __init__(self) -> None:
        super().__init__()
        self.now = datetime.now(UTC)
        self._callers: dict[str, Caller] = {}

    def call(self, handle: str, role: str = "responder") -> Caller:
        """The caller for a person; the person is made when there is none."""
        if handle not in self._callers:
            found = models.Person.objects.filter(handle=handle).first()
            self._callers[handle] = Caller(found or self.person(handle, role))
        return self._callers[handle]

    def settle(self) -> None:
        """What is due by now; requests run on the real clock."""
        self.now = max(self.now, datetime.now(UTC))
        super().settle()

    def id(self, handle: str) -> str:
        return self.find(handle).id

    def declare(self, handle: str = "ana", **said: Any) -> str:
        """The id of a new incident, declared over REST."""
        made = self.call(handle).post(
            "/incidents",
            {
                "title": "Checkout is down",
                "severity": 2,
                "type": "availability",
                "both_reason": "The same people are needed.",
            }
            | said,
        )
        assert made.status == 201, made.json
        return made.json["id"]

    def alert(self, key: str, **fields: Any) -> models.Alert:
        """An open alert as the engine leaves it, without the way it came."""
        integration = models.Integration.objects.first() or self.integration()
        told = {
            "summary": f"{key} is full",
            "severity": "critical",
            "source": "db-1",
            "status": "open",
            "reason": "First report.",
            "first_seen_at": self.now,
            "last_seen_at": self.now,
        }
        return models.Alert.objects.create(
            id=new_id(), dedup_key=key, integration=integration, **(told | fields)
        )
