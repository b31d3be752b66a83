"""The disk is full: no alert is accepted that is not stored, what is in hand goes out, and space is all it needs."""

from __future__ import annotations

import contextlib
import http.client
import json
import os
import shutil
import sqlite3
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from ..http_sink import http_sink
from ..kills import children
from ..load import Load, _alertmanager
from ..serving import Installation
from ..smtp_sink import SmtpSink, smtp_sink
from . import Told, mail_settings, verdict

SIZE_MIB = 20
CROWD = 12
AUDIT_SECONDS = 3.0
QUIET_SECONDS = 120.0
AGAIN_SECONDS = 20.0


def why_not() -> str:
    """What is missing on this machine; empty when the drill can run."""
    if os.geteuid() != 0:
        return "a full disk needs root, for a small tmpfs of its own"
    if shutil.which("mount") is None or shutil.which("umount") is None:
        return "a full disk needs mount and umount (apt-get install mount)"
    with tempfile.TemporaryDirectory() as place:
        told = subprocess.run(_mount(Path(place)), capture_output=True, text=True, check=False)
        if told.returncode:
            return f"a full disk needs the right to mount a tmpfs, and mount says: {told.stderr.strip()}"
        subprocess.run(["umount", place], check=False)
    return ""


def _mount(folder: Path) -> list[str]:
    return ["mount", "-t", "tmpfs", "-o", f"size={SIZE_MIB}m", "tmpfs", str(folder)]


@contextmanager
def small_disk(folder: Path) -> Iterator[None]:
    """A file system of its own at this folder."""
    folder.mkdir()
    subprocess.run(_mount(folder), check=True)
    try:
        yield
    finally:
        subprocess.run(["umount", "-l", str(folder)], check=False)


def fill(data: Path) -> Path:
    """Not a byte is left."""
    full = data / "full"
    with full.open("wb", buffering=0) as file, contextlib.suppress(OSError):
        while True:
            file.write(b"\0" * 4096)
    return full


def status(port: int, path: str, key: str) -> int:
    """How a page of the API is answered; 0 when it is not."""
    line = http.client.HTTPConnection("127.0.0.1", port, timeout=20)
    try:
        line.request("GET", path, headers={"Authorization": f"Bearer {key}"})
        answer = line.getresponse()
        answer.read()
        return answer.status
    except OSError:
        return 0
    finally:
        line.close()


def claimed(installation: Installation, key: str, sink: SmtpSink) -> list[str]:
    """Raise an alert whose page is then in the hands of the engine; the Message-IDs that are there already."""
    sink.hello_seconds = 2.0
    path, body = _alertmanager(key, ["in hand"], f"crew-{CROWD - 1}", firing=True)
    line = http.client.HTTPConnection("127.0.0.1", installation.port, timeout=20)
    line.request("POST", path, json.dumps(body), {"Content-Type": "application/json"})
    assert line.getresponse().status < 300
    line.close()
    end = time.monotonic() + 20
    question = (
        "SELECT count(*) FROM delivery JOIN alert ON alert.id = delivery.alert_id"
        " WHERE alert.summary = 'in hand' AND delivery.state = 'sending'"
    )
    while True:
        assert time.monotonic() < end, "the page was never claimed"
        with closing(sqlite3.connect(f"file:{installation.data / 'quarterdeck.db'}?mode=ro", uri=True)) as db:
            if db.execute(question).fetchone() != (0,):
                return [mail.id for mail in sink.mails]
        time.sleep(0.02)


def run(folder: Path, full_seconds: float) -> Told:
    """The disk is full for so long, under load all the while."""
    told = Told("disk full")
    with small_disk(folder / "data"), smtp_sink() as sink, http_sink() as pings:
        installation = Installation(
            folder,
            **mail_settings(sink.port),
            QUARTERDECK_BACKUP_EVERY_MINUTES="0",
            QUARTERDECK_AUDIT_SECONDS=str(AUDIT_SECONDS),
            QUARTERDECK_PING_URL=f"http://127.0.0.1:{pings.port}/",
            QUARTERDECK_ALLOW_TARGETS=f"127.0.0.1:{pings.port}",
        )
        made = installation.ask("support.aftermath:furnish", crowd=CROWD)
        server = installation.serve()
        # The last crew is left to the page that is in hand.
        load = Load(installation.port, **{**made, "crowd": CROWD - 1}, pause_seconds=0.5)
        try:
            server.wait_until_ready(120)
            _wait(lambda: pings.arrived, 60, "no ping came while all was well")
            load.start()
            time.sleep(2.0)
            known = claimed(installation, made["key"], sink)
            before = children(server.process.pid)
            full = fill(installation.data)
            sink.hello_seconds = 0.0
            refused = load.refusals[503] + load.refusals[507]
            time.sleep(full_seconds / 2)
            reading = status(installation.port, "/api/v1/alerts?status=open&limit=1", made["api_key"])
            pings_then = len(pings.arrived)
            time.sleep(full_seconds / 2)
            told.figures = {
                "full for": f"{full_seconds:.0f} s of a disk of {SIZE_MIB} MB",
                "refused meanwhile": load.refusals[503] + load.refusals[507] - refused,
                "reading answered": reading,
                "pages in hand that went out": len([m for m in sink.mails if m.id not in known]),
                "pings in the second half": len(pings.arrived) - pings_then,
            }
            full.unlink()
            freed = time.time()
            told.figures["accepted again after"] = (
                f"{_wait(lambda: load.last_raised > freed, AGAIN_SECONDS, 'no alert was accepted again'):.1f} s"
            )
            count = len(pings.arrived)
            _wait(lambda: len(pings.arrived) > count, 60, "no ping came again")
            load.stop()
            quiet = installation.ask(
                "support.aftermath:wait_until_quiet", QUIET_SECONDS + 60, seconds=QUIET_SECONDS
            )
            if children(server.process.pid) != before:
                told.wrong.append("processes were started anew")
        finally:
            server.stop(30)
        found = installation.ask("support.aftermath:collect", incident=made["incident"])
    load.raised_at["in hand"] = 0.0
    told.figures |= {"alerts answered": len(load.raised), "sent again after": dict(load.refusals)}
    told.wrong += verdict.judge([load], found, sink.mails)
    if not told.figures["refused meanwhile"]:
        told.wrong.append("no alert was refused: the disk was not full")
    if told.figures["reading answered"] != 200:
        told.wrong.append("nothing could be read")
    if not told.figures["pages in hand that went out"]:
        told.wrong.append("a page that was in hand did not go out")
    if told.figures["pings in the second half"]:
        told.wrong.append("those outside were told that all is well")
    if not quiet["quiet"]:
        told.wrong.append(f"it did not come to rest: {quiet}")
    return told


def _wait(true: object, seconds: float, why: str) -> float:
    """Until it is; the seconds it took."""
    began = time.monotonic()
    while not true():  # type: ignore[operator]
        assert time.monotonic() - began < seconds, why
        time.sleep(0.05)
    return time.monotonic() - began
