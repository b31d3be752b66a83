"""Processes die at any moment, under load; nothing that was answered is lost, and nobody is called without end."""

from __future__ import annotations

import logging
import os
import random
from collections import Counter
from collections.abc import Iterator
from contextlib import nullcontext
from pathlib import Path

import pytest

from support import aftermath, postgres
from support.kills import Killer
from support.load import Load
from support.serving import Installation
from support.smtp_sink import SmtpSink, smtp_sink

SOAK = bool(os.environ.get("QUARTERDECK_SOAK"))
KILLS = int(os.environ.get("QUARTERDECK_KILLS", "1000" if SOAK else "50"))
SEED = int(os.environ.get("QUARTERDECK_KILL_SEED", random.SystemRandom().randrange(10**6)))
LONGEST_GAP_SECONDS = 1.2
# A lease that was held by the last victim runs out after 30 s; until then its delivery waits.
QUIET_SECONDS = 240.0

pytestmark = [pytest.mark.slow, pytest.mark.timeout(600 + 15 * KILLS)]


@pytest.fixture
def sink() -> Iterator[SmtpSink]:
    # A line for each step of each mail would bury what a failure says.
    logging.getLogger("mail.log").setLevel(logging.ERROR)
    with smtp_sink() as running:
        yield running


@pytest.mark.parametrize("store", ["sqlite", "postgres"])
def test_killing_every_process_under_load_loses_no_alert_and_no_answer(
    store: str, tmp_path: Path, sink: SmtpSink, capsys: pytest.CaptureFixture[str]
) -> None:
    print(f"QUARTERDECK_KILL_SEED={SEED}")
    with postgres.server() if store == "postgres" else nullcontext("") as url:
        installation = Installation(
            tmp_path,
            url,
            QUARTERDECK_EMAIL_HOST="127.0.0.1",
            QUARTERDECK_EMAIL_PORT=str(sink.port),
            QUARTERDECK_EMAIL_TLS="none",
            QUARTERDECK_EMAIL_FROM=aftermath.SENDER,
        )
        made = installation.ask("support.aftermath:furnish")
        killer = Killer(installation, SEED)
        load = Load(installation.port, **made)
        load.start()
        try:
            killer.run(KILLS, LONGEST_GAP_SECONDS)
            load.stop()
            killer.server.wait_until_ready(90)
            quiet = installation.ask(
                "support.aftermath:wait_until_quiet", QUIET_SECONDS + 60, seconds=QUIET_SECONDS
            )
        finally:
            killer.stop()
        found = installation.ask("support.aftermath:collect", incident=made["incident"])
        proof = installation.command("verify")
    with capsys.disabled():
        print(_told(store, killer, load, quiet, found, sink))
    assert killer.killed.total() == KILLS
    assert quiet["quiet"], quiet
    _nothing_is_lost(load, found)
    _paging_holds(found, sink)
    assert "streams are whole" in proof
    assert found["broken_files"] == []


def _nothing_is_lost(load: Load, found: dict) -> None:
    assert len(load.raised) > 5 * KILLS, "the load was too small to show anything"
    alerts = found["alerts"]
    assert load.raised - set(alerts) == set()
    assert set(alerts) - load.raised - load.unsure == set()
    assert {summary: n for summary, n in alerts.items() if n != 1} == {}
    assert load.ended - set(found["resolved"]) == set()
    assert load.acknowledged - set(found["acknowledged"]) == set()
    words = [text.strip() for text in found["texts"]]
    assert [text for text in load.written if not any(text in word for word in words)] == []
    assert found["unparsed"] == 0


def _paging_holds(found: dict, sink: SmtpSink) -> None:
    assert found["unwatched"] == []
    assert found["too_many"] == []
    assert found["after_the_answer"] == []
    assert found["pages_twice"] == []
    assert found["findings"] == []
    assert found["deliveries"].get("failed", 0) == 0
    arrived = Counter(mail.message["Message-ID"] for mail in sink.mails)
    bounds = found["mails"]
    assert set(arrived) <= set(bounds)
    wrong = {i: (arrived[i], b) for i, b in bounds.items() if not b["least"] <= arrived[i] <= b["most"]}
    assert wrong == {}


def _told(store: str, killer: Killer, load: Load, quiet: dict, found: dict, sink: SmtpSink) -> str:
    waits = sorted(killer.restart_seconds())
    said = {
        "killed": dict(killer.killed),
        "alerts answered": len(load.raised),
        "unsure": len(load.unsure),
        "repeats by status": dict(load.refusals),
        "slowest answer": f"{load.slowest_seconds:.1f} s",
        "acknowledgements": len(load.acknowledged),
        "entries": len(load.written),
        "mails": len(sink.mails),
        "deliveries": found["deliveries"],
        "alerts": found["statuses"],
        "quiet after": f"{quiet['seconds']} s",
        "longest wait before a restart": f"{waits[-1] if waits else 0} s",
    }
    return f"\n{store}, seed {SEED}: " + "; ".join(f"{name} {value}" for name, value in said.items())
