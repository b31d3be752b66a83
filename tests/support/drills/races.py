"""Acknowledgements that race the next page: how long after one was written down a provider is still called."""

from __future__ import annotations

import http.client
import json
import random
import sqlite3
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, nullcontext
from pathlib import Path
from typing import Any

import httpx2
import psycopg

from .. import postgres
from ..load import _alertmanager
from ..mailbox import links, wait_for_mail
from ..server import TOKEN
from ..serving import Installation
from ..smtp_sink import SmtpSink, smtp_sink
from . import Told, mail_settings, share

NEXT_MINUTES = 0.1
AROUND_SECONDS = 0.15
AT_ONCE = 8
BOUND_SECONDS = 5.0
GOAL_SECONDS = 0.05
_NEXT = (
    "SELECT alert.summary, alert.id, due.due_at FROM due JOIN run ON run.id = due.ref JOIN alert ON alert.id = run.alert_id"
    " WHERE due.kind = 'escalate' AND due.state = 'waiting'"
)
_ANSWERED = "SELECT summary, acknowledged_at FROM alert WHERE acknowledged_at IS NOT NULL"


def furnish(number: int) -> dict[str, Any]:
    """For each alert a service, and two people of its own: one called at once, one a few seconds later."""
    from datetime import UTC, datetime

    from quarterdeck.app.people import keys

    from ..world import World

    world = World()
    world.now = datetime.now(UTC)
    world.person("ana", "administrator")
    for n in range(number):
        world.person(f"first{n}")
        world.person(f"second{n}")
        steps = ((f"first{n}", NEXT_MINUTES), (f"second{n}", 60))
        world.service(f"crew-{n}", world.policy(f"crew-{n}", *steps))  # type: ignore[arg-type]
    _, key = keys.create_integration(world.act("ana"), "Race", "any")
    _, api_key = keys.create_api_key(world.act("ana"), "Race", 2)
    return {"key": key, "api_key": api_key}


class Race:
    """`answered_at` by summary: when the client had its 2xx, in seconds since 1970."""

    def __init__(
        self, installation: Installation, url: str, sink: SmtpSink, made: dict[str, Any], seed: int
    ) -> None:
        self._installation, self._url, self._sink, self._made = installation, url, sink, made
        self._random = random.Random(seed)
        self.answered_at: dict[str, float] = {}
        self.lock = threading.Lock()

    def ask(self, question: str) -> list[tuple[Any, ...]]:
        if self._url:
            with psycopg.connect(self._url, autocommit=True) as db:
                return db.execute(question).fetchall()  # type: ignore[arg-type]
        path = self._installation.data / "quarterdeck.db"
        with closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True, timeout=10)) as db:
            return db.execute(question).fetchall()

    def once(self, numbers: range) -> None:
        """Raise these alerts, and answer each at about the moment at which its second person is called."""
        for n in numbers:
            path, body = _alertmanager(self._made["key"], [f"race {n}"], f"crew-{n}", firing=True)
            self._call("POST", path, body)
            time.sleep(0.02)
        wanted = {f"race {n}" for n in numbers}
        found: dict[str, tuple[str, float]] = {}
        end = time.monotonic() + 60
        while wanted - set(found):
            assert time.monotonic() < end, f"{len(wanted - set(found))} alerts were not paged"
            found |= {name: (i, at / 1e6) for name, i, at in self.ask(_NEXT) if name in wanted}
            time.sleep(0.1)
        with ThreadPoolExecutor(AT_ONCE) as pool:
            soonest_first = sorted(found.items(), key=lambda item: item[1][1])
            for done in [pool.submit(self._answer, name, i, at) for name, (i, at) in soonest_first]:
                done.result()

    def _answer(self, name: str, alert_id: str, second_at: float) -> None:
        at = second_at + self._random.uniform(-AROUND_SECONDS, AROUND_SECONDS)
        number = int(name.rpartition(" ")[2])
        act = self._prepared_link(number) if number % 4 == 0 else lambda: self._by_key(alert_id)
        time.sleep(max(0.0, at - time.time()))
        act()
        with self.lock:
            self.answered_at[name] = time.time()

    def _by_key(self, alert_id: str) -> None:
        self._call("PUT", f"/api/v1/alerts/{alert_id}/acknowledgement", None)

    def _prepared_link(self, number: int) -> Callable[[], None]:
        """The page behind the link of the first mail, opened; what is left to do is to press its button."""
        mail = wait_for_mail(self._sink, f"first{number}@example.com")
        page = next(link for link in links(mail) if self._installation.url in link)
        client = httpx2.Client(timeout=20, trust_env=False)
        token = TOKEN.search(client.get(page).text)
        assert token is not None, f"{page} has no form"
        headers = {"Origin": self._installation.url, "Sec-Fetch-Site": "same-origin"}

        def press() -> None:
            answer = client.post(page, data={"csrfmiddlewaretoken": token[1]}, headers=headers)
            client.close()
            assert answer.status_code == 302, f"{page}: {answer.status_code}"

        return press

    def _call(self, method: str, path: str, body: Any) -> None:
        line = http.client.HTTPConnection("127.0.0.1", self._installation.port, timeout=30)
        headers = {"Content-Type": "application/json", "Authorization": f"Bearer {self._made['api_key']}"}
        line.request(method, path, None if body is None else json.dumps(body), headers)
        answer = line.getresponse()
        told = answer.read()
        line.close()
        assert answer.status < 300, f"{method} {path}: {answer.status} {told!r}"


def run(store: str, folder: Path, number: int, seed: int, at_once: int = 100) -> Told:
    """So many alerts, raised in rounds, each answered by API or by the link of its mail."""
    told = Told(f"acknowledgements racing pages, {store}, seed {seed}")
    with (
        smtp_sink() as sink,
        postgres.server() if store == "postgres" else nullcontext("") as url,
    ):
        installation = Installation(folder, url, **mail_settings(sink.port))
        made = installation.ask("support.drills.races:furnish", 600, number=number)
        server = installation.serve()
        try:
            server.wait_until_ready(120)
            race = Race(installation, url, sink, made, seed)
            for first in range(0, number, at_once):
                race.once(range(first, min(first + at_once, number)))
            time.sleep(BOUND_SECONDS + 2)
            answered = {name: at / 1e6 for name, at in race.ask(_ANSWERED)}
        finally:
            server.stop(30)
    _measure(told, race, answered, sink, number)
    return told


def _measure(told: Told, race: Race, answered: dict[str, float], sink: SmtpSink, number: int) -> None:
    """The commit lies between the moment the act was dated and the moment its 2xx had come: both are told."""
    began = {
        mail.rcpt_to[0].partition("@")[0].removeprefix("second"): mail.began_at
        for mail in list(sink.mails)
        if mail.rcpt_to[0].startswith("second")
    }
    starts = {f"race {n}": at for n, at in began.items()}
    from_dated = [at - answered[name] for name, at in starts.items() if name in answered]
    from_answer = [at - race.answered_at[name] for name, at in starts.items() if name in race.answered_at]
    late = [seconds for seconds in from_dated if seconds > 0]
    told.figures = {
        "acknowledged": len(answered),
        "second people called all the same": len(starts),
        "of these begun after the act was dated": len(late),
        "begun after its 2xx": sum(seconds > 0 for seconds in from_answer),
        "latest after the act was dated": f"{max(late, default=0.0) * 1000:.0f} ms",
        "latest after its 2xx": f"{max(0.0, max(from_answer, default=0.0)) * 1000:.0f} ms",
        "p99.9 after the act was dated": f"{share([max(0.0, s) for s in from_dated], 0.999) * 1000:.0f} ms",
        "goal": f"{GOAL_SECONDS * 1000:.0f} ms",
    }
    if len(answered) != number or len(race.answered_at) != number:
        told.wrong.append(f"{len(answered)} of {number} acknowledgements are there")
    if max(late, default=0.0) > BOUND_SECONDS:
        told.wrong.append(f"a page began {max(late):.1f} s after an acknowledgement")
    if not starts or len(starts) == number:
        told.wrong.append("the acknowledgements did not race the pages")
