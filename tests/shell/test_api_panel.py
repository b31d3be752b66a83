"""The command panel on the command line says what the interface and the page say."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from typing import Any
from wsgiref.simple_server import WSGIRequestHandler, make_server

import pytest
from click.testing import CliRunner
from django.core.wsgi import get_wsgi_application
from django.db import connections

from quarterdeck.app.casebook import load
from quarterdeck.app.incidents.briefing import command as brief
from quarterdeck.app.incidents.briefing import utc_clock
from quarterdeck.cli.main import main
from support.rest import Organisation


class Quiet(WSGIRequestHandler):
    def log_message(self, *args: Any) -> None:
        pass


@pytest.fixture
def org(db: None) -> Organisation:
    o = Organisation()
    for handle in ("ana", "ben", "cleo"):
        o.call(handle)
    return o


@pytest.fixture
def tell(org: Organisation) -> Iterator[Callable[..., str]]:
    """Runs a command as Ana against a server of this process; returns what it printed."""

    def serve() -> None:
        server.serve_forever(0.05)
        connections.close_all()

    with make_server("127.0.0.1", 0, get_wsgi_application(), handler_class=Quiet) as server:
        thread = threading.Thread(target=serve)
        thread.start()
        key = org.call("ana").headers["Authorization"].removeprefix("Bearer ")
        where = {"QUARTERDECK_URL": f"http://127.0.0.1:{server.server_port}", "QUARTERDECK_API_KEY": key}

        def run(*arguments: str, code: int = 0) -> str:
            done = CliRunner(env=where).invoke(main, list(arguments))
            assert done.exit_code == code, done.output
            return done.output

        yield run
        server.shutdown()
        thread.join()


def test_the_status_of_an_incident_says_who_leads_who_does_what_and_what_is_due(
    org: Organisation, tell: Callable[..., str]
) -> None:
    incident = org.declare("ana", severity=1)
    ana = org.call("ana")
    ana.put(f"/incidents/{incident}/roles/scribe/holder", {"person": org.id("ben")})
    ana.post(
        f"/incidents/{incident}/tasks", {"title": "Roll back", "assignee": org.id("cleo"), "minutes": 10}
    )
    said = tell("status", incident).splitlines()
    panel = brief(load(incident), org.now)
    assert said[0].split()[:2] == [incident, "SEV1"]
    assert said[1:] == list(panel.text(utc_clock)) == ana.get(f"/incidents/{incident}/command").json["text"]
    assert said[1].startswith("Incident Commander: Ana since ")
    assert "Scribe: Ben" in said
    assert [line for line in said if line.endswith(": vacant")] == [
        f"{r.title}: vacant" for r in panel.roles if r.vacant
    ]
    assert any(line.startswith("Cleo: Roll back, until ") for line in said)
    assert said[-1].startswith("Next update to ")


def test_the_status_without_an_incident_lists_what_is_open(
    org: Organisation, tell: Callable[..., str]
) -> None:
    assert "No open incident." in tell("status")
    incident = org.declare("ana")
    assert incident in tell("status")
    assert "There is no such incident" in tell("status", "INC-77", code=1)
