"""A node cut off by the network alone, first from the store, then from the mail server: no packet, no reset.

What it holds is the other node's to send; cut off from the store it sends nothing any more and accepts nothing.
"""

from __future__ import annotations

import subprocess
import sys
import time
from pathlib import Path

from ..apart import Apart, apart
from ..load import Load
from ..server import Server
from ..smtp_sink import SmtpSink, smtp_sink
from . import Told, mail_settings, share, verdict
from .cluster import NAME, alone
from .nodes import READY_SECONDS, several
from .together import APART_SECONDS, CROWD, PATIENT, PAUSE_SECONDS, TAKEOVER_SECONDS

# From the claim at most 5 s pass until a send begins; a session that was open by then may end.
SENDS_ON_SECONDS = 5.0
QUIET_SECONDS = 120.0
_POST = """
import http.client, sys
port, key = int(sys.argv[1]), sys.argv[2]
line = http.client.HTTPConnection("127.0.0.1", port, timeout=40)
try:
    line.request("POST", f"/in/alertmanager/{key}/api/v2/alerts", '[{"labels": {"alertname": "cut-off"}}]',
                 {"Content-Type": "application/json"})
    print(line.getresponse().status)
except OSError as e:
    print(0)
"""


def run(folder: Path, seconds: float) -> Told:
    """Each cut lasts so many seconds."""
    told = Told("network cut")
    with apart() as place, alone(Apart.store) as store, smtp_sink(host=Apart.mail) as sink:
        settings = mail_settings(sink.port) | {"QUARTERDECK_EMAIL_HOST": Apart.mail} | PATIENT
        near, far = several(folder, store.url, 2, **settings)
        far.point_at(f"postgresql://postgres@{Apart.store}:{store.port}/{NAME}")
        made = near.ask("support.aftermath:furnish", crowd=CROWD)
        running = [near.serve(), far.serve(place.inside)]
        load = Load(near.port, mark="near", pause_seconds=PAUSE_SECONDS, **made)
        try:
            for server in running:
                server.wait_until_ready(READY_SECONDS)
            load.start()
            time.sleep(10.0)
            told.figures["mails by the far node"] = by(sink, Apart.node)
            _from_the_store(told, place, sink, far.port, made["key"], seconds)
            _from_the_mail_server(told, place, sink, seconds)
            load.stop()
            quiet = near.ask("support.aftermath:wait_until_quiet", QUIET_SECONDS + 60, seconds=QUIET_SECONDS)
            if not quiet["quiet"]:
                told.wrong.append(f"it did not come to rest: {quiet}")
            for server in running:
                server.stop(30)
        finally:
            for server in running:
                if server.process.poll() is None:
                    server.kill_all()
        # Nothing is sent any more: what the store says and what has arrived are of one moment.
        _judge(told, [load], near.ask("support.aftermath:collect", incident=made["incident"]), sink, running)
    return told


def by(sink: SmtpSink, node: str, since: float = 0.0) -> int:
    """How many mails this address began to send since then."""
    return sum(m.peer == node and m.began_at > since for m in sink.mails)


def _from_the_store(told: Told, place: Apart, sink: SmtpSink, port: int, key: str, seconds: float) -> None:
    if not by(sink, Apart.node):
        told.wrong.append("the far node took no part")
    place.cut(Apart.store)
    began = time.time()
    time.sleep(SENDS_ON_SECONDS)
    words = [*place.inside, sys.executable, "-c", _POST, str(port), key]
    asked = subprocess.run(words, capture_output=True, text=True, check=False, timeout=60)
    status = int(asked.stdout.strip() or 0)
    time.sleep(max(0.0, began + seconds - time.time()))
    place.heal(Apart.store)
    late = by(sink, Apart.node, began + SENDS_ON_SECONDS) - by(sink, Apart.node, began + seconds)
    told.figures |= {"cut off from the store, it answered": status, "and sent after 5 s": late}
    if 200 <= status < 300:
        told.wrong.append(f"cut off from the store it answered {status}")
    if late:
        told.wrong.append(f"cut off from the store it began {late} sends after {SENDS_ON_SECONDS:.0f} s")
    healed = time.time()
    while not by(sink, Apart.node, healed) and time.time() < healed + 90:
        time.sleep(0.5)
    told.figures["it sends again after"] = f"{time.time() - healed:.0f} s"
    if not by(sink, Apart.node, healed):
        told.wrong.append("healed, it sends nothing")


def _from_the_mail_server(told: Told, place: Apart, sink: SmtpSink, seconds: float) -> None:
    place.cut(Apart.mail)
    began = time.time()
    time.sleep(seconds)
    place.heal(Apart.mail)
    others = sum(m.peer != Apart.node and m.began_at > began for m in sink.mails)
    told.figures["mails by the other node while it reached no mail server"] = others
    if not others:
        told.wrong.append("while one node reached no mail server, the other sent nothing")


def _judge(told: Told, loads: list[Load], found: dict, sink: SmtpSink, running: list[Server]) -> None:
    waits = verdict.waits(loads, found, sink.mails)
    told.figures |= {
        "alerts answered": sum(len(load.raised) for load in loads),
        "2xx to first page": f"median {share(waits, 0.5):.2f} s, at most {max(waits, default=0.0):.1f} s",
        "repeated": verdict.twice(sink.mails),
    }
    told.wrong += verdict.judge(loads, found, sink.mails)
    told.wrong += verdict.poisoned([server.log for server in running])
    if max(waits, default=0.0) > TAKEOVER_SECONDS + APART_SECONDS:
        told.wrong.append(f"a first page began {max(waits):.1f} s after its 2xx")
