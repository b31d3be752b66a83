"""Breaking a Quarterdeck of its own in every way that silences the pager, and waiting for the lifeline's mail.

Everything happens in a temporary folder, with a mail server of our own: no installation is touched and nobody outside
is told. Processes are ended by their number, and only those that were started here.
"""

from __future__ import annotations

import contextlib
import hashlib
import hmac
import json
import os
import shutil
import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from .mail_sink import Sink, mail_sink
from .shadow import Failed, Shadow, made, without_settings

PERSON, EMAIL, PHONE = "Ana Ruiz", "ana@example.com", "+34 600 000 001"
INCIDENT = "Checkout takes no payments"
SILENT_SECONDS, TOLD_WITHIN_SECONDS = 120.0, 180.0
READY_SECONDS = 120.0
# What a shorter run cannot shorten: a busy machine, a mail on its way.
OWN_SECONDS = 15.0
TMPFS_BYTES = 32 * 1024 * 1024


class TooSlow(Failed):
    """The pager was so slow to start that people were rightly told of its silence: the drill proves nothing."""


class LeftOut(Exception):
    """A drill cannot be run here; the message says what it needs."""


@dataclass(frozen=True, slots=True)
class Result:
    """`told_seconds` from the fault to the mail; None when the drill was left out or failed, with the reason."""

    name: str
    told_seconds: float | None
    reason: str = ""
    left_out: bool = False


class Victim(Shadow):
    """One Quarterdeck in a folder of its own, running, whose lifeline writes to a mail server of ours."""

    def __init__(self, data: Path, log: Path, scale: float, sink: Sink, snapshot: Path | None = None) -> None:
        _configure(data, scale, sink, snapshot)
        super().__init__(data, log, environment(data, scale))

    def wait_until_well(self) -> None:
        """Ready, its snapshot written with what we put into it, and a synthetic page back. Raises Failed."""
        self.wait_until(READY_SECONDS, lambda: self._knows() and self.pages())

    def _knows(self) -> bool:
        path = self.data / "lifeline" / "snapshot.json"
        return path.exists() and INCIDENT in path.read_text(encoding="utf-8")


def environment(data: Path, scale: float) -> dict[str, str]:
    """Ours without any setting of Quarterdeck, and with times this many times as long."""
    return without_settings() | {
        "QUARTERDECK_DATA": str(data),
        "PORT": "0",
        "QUARTERDECK_AUDIT_SECONDS": f"{60 * scale:g}",
        # The supervisor judges by this, too: below six seconds a busy machine alone would look like death.
        "QUARTERDECK_SILENT_SECONDS": f"{max(30 * scale, 6):g}",
    }


def _configure(data: Path, scale: float, sink: Sink, snapshot: Path | None) -> None:
    folder = data / "lifeline"
    folder.mkdir(parents=True, exist_ok=True)
    # The snapshot is written each minute however short the rest is.
    lines = [
        f"silent_seconds = {SILENT_SECONDS * scale:g}",
        f"look_seconds = {5 * scale:g}",
        f"snapshot_seconds = {max(300 * scale, 90):g}",
    ]
    if snapshot is not None:
        lines.append(f'snapshot = "{snapshot}"')
    lines += [
        "[mail]",
        'host = "127.0.0.1"',
        f"port = {sink.port}",
        'security = "none"',
        'sender = "lifeline@example.com"',
    ]
    (folder / "lifeline.toml").write_text("\n".join(lines) + "\n", encoding="utf-8")


def template(folder: Path) -> Path:
    """A data folder with a person on call and an open incident, to be copied for each drill."""
    data = folder / "template"
    made(data, environment(data, 1.0), "quarterdeck.cli.lifeline_drills:furnish")
    return data


def furnish() -> None:
    """Runs in a process of its own: somebody on call for weeks, and an incident of which they must hear."""
    from datetime import time

    from quarterdeck.boot.wiring import set_up

    set_up()
    from quarterdeck.app.act import act_of
    from quarterdeck.app.incidents import incidents
    from quarterdeck.app.oncall import rotations
    from quarterdeck.app.people import accounts, people
    from quarterdeck.core.incidents.declare import Declaration
    from quarterdeck.core.oncall import Layer, Turn

    now = datetime.now(UTC)
    act = accounts.operator(now)
    person = accounts.create(act, EMAIL, PERSON, role="administrator")
    people.update(act, person.id, phone=PHONE)
    schedule = rotations.create(act, "drill", "Drill", "UTC")
    layer = Layer(
        id="", name="Everybody", people=(person.id,), turn=Turn("weeks", 1), handover_time=time(9),
        handover_weekday=None, starts_at=now, ends_at=None, zone="UTC",
    )  # fmt: skip
    rotations.put_layer(act, schedule.id, layer)
    mine = act_of(person.id, "administrator", now, "cli")
    incidents.declare(mine, Declaration(title=INCIDENT, severity=1))


# -- the faults


def host(victim: Victim) -> None:
    """All processes of the product at once; the lifeline is the one that is to be on another machine."""
    victim.signal("supervisor", signal.SIGKILL)


def database(victim: Victim) -> None:
    """The file of the store is gone."""
    for name in ("quarterdeck.db", "quarterdeck.db-wal", "quarterdeck.db-shm"):
        found = victim.data / name
        if found.exists():
            found.rename(found.with_name(f"{name}.gone"))


def auditor(victim: Victim) -> None:
    """Killed, and nobody there to start it again."""
    victim.signal("supervisor", signal.SIGSTOP)
    victim.signal("auditor", signal.SIGKILL)


def engine(victim: Victim) -> None:
    """It stands still, and so does who would start it again."""
    victim.signal("supervisor", signal.SIGSTOP)
    victim.signal("engine", signal.SIGSTOP)


def disk(victim: Victim) -> None:
    """Not a byte is left where the store is."""
    with (victim.data / "full").open("wb", buffering=0) as file, contextlib.suppress(OSError):
        while True:
            file.write(b"\0" * 4096)


def clock(victim: Victim) -> None:
    """The lifeline reads a snapshot from another time, as it would after the clock of either machine jumped."""
    shift(victim.data, shifted(victim.data), timedelta(hours=-1))


FAULTS: dict[str, Callable[[Victim], None]] = {
    "host": host,
    "database": database,
    "auditor": auditor,
    "engine": engine,
    "disk": disk,
    "clock": clock,
}


def shifted(data: Path) -> Path:
    """Where the drill of the clock puts the lifeline's snapshot."""
    return data / "lifeline" / "shifted.json"


def shift(data: Path, to: Path, by: timedelta) -> None:
    """A copy of the snapshot as if it had been written so much earlier or later, signed anew."""
    key = json.loads((data / "secrets.json").read_text(encoding="utf-8"))["link"]
    file = json.loads((data / "lifeline" / "snapshot.json").read_text(encoding="utf-8"))
    told = json.loads(file["body"])
    told["written_at"] = (datetime.now(UTC) + by).isoformat()
    body = json.dumps(told)
    mark = hmac.new(key.encode(), body.encode(), hashlib.sha256).hexdigest()
    fresh = to.with_suffix(".new")
    fresh.write_text(json.dumps({"mark": mark, "body": body}), encoding="utf-8")
    fresh.replace(to)


# -- running them


def drill(name: str, made: Path, folder: Path, scale: float) -> Result:
    """One drill from start to end in `folder`, with a copy of `made`."""
    with mail_sink() as sink, _place(name, folder) as data:
        shutil.copytree(made, data, dirs_exist_ok=True)
        began = time.monotonic()
        victim = Victim(data, folder / "log", scale, sink, shifted(data) if name == "clock" else None)
        try:
            victim.wait_until_well()
            took = time.monotonic() - began
            if sink.mails and took > SILENT_SECONDS * scale:
                raise TooSlow(f"the pager took {took:.0f} s to start, longer than the silence that is told")
            if name == "clock":
                shift(data, shifted(data), timedelta(0))
                time.sleep(15 * scale)
            if sink.mails:
                raise Failed(f"people were told while all was well: {sink.mails[0].subject}")
            FAULTS[name](victim)
            return Result(name, _wait_for_mail(victim, sink, scale))
        finally:
            victim.end()


def _wait_for_mail(victim: Victim, sink: Sink, scale: float) -> float:
    """Seconds from now to the mail that says it all. Raises Failed."""
    began = time.monotonic()
    limit = limit_seconds(scale)
    while not sink.mails:
        if time.monotonic() - began > limit * 2:
            raise Failed(f"nobody was told within {limit * 2:.0f} s. The log ends:\n{victim.log[-2000:]}")
        time.sleep(0.1)
    mail = sink.mails[0]
    told = mail.at - began
    missing = [word for word in (PERSON, PHONE, INCIDENT, "Drill") if word not in mail.text]
    if mail.to != (EMAIL,) or missing:
        raise Failed(f"the mail to {', '.join(mail.to)} does not say {missing}:\n{mail.text}")
    if told > limit:
        raise Failed(f"people were told after {told:.1f} s, and {limit:.1f} s are allowed")
    return told


def limit_seconds(scale: float) -> float:
    """How long it may take."""
    return TOLD_WITHIN_SECONDS * scale + (OWN_SECONDS if scale < 1 else 0.0)


@contextlib.contextmanager
def _place(name: str, folder: Path) -> Iterator[Path]:
    """The data folder of a drill; one that can be filled up for the drill of the disk."""
    data = folder / "data"
    data.mkdir()
    if name != "disk":
        yield data
        return
    mounted = _mount(data)
    try:
        yield data
    finally:
        subprocess.run([mounted, "-l", str(data)], check=False)  # noqa: S603 - found by which


def _mount(data: Path) -> str:
    """A small file system of its own; returns the program that takes it away. Raises LeftOut."""
    mount, umount = shutil.which("mount"), shutil.which("umount")
    if os.geteuid() != 0 or mount is None or umount is None:
        raise LeftOut("a full disk needs root, for a small tmpfs of its own")
    told = subprocess.run(  # noqa: S603 - found by which
        [mount, "-t", "tmpfs", "-o", f"size={TMPFS_BYTES}", "tmpfs", str(data)],
        capture_output=True,
        text=True,
        check=False,
    )
    if told.returncode != 0:
        raise LeftOut(f"a full disk needs a tmpfs, and mount says: {told.stderr.strip()}")
    return umount
