"""The self-test: a shadow of this installation works under a small load while it is broken, and is judged afterwards.

It has its own folder, store, ports, mail and push server; of this installation it knows a few numbers of the settings,
and no contact, key or channel. It takes about two minutes and never more than three.
"""

from __future__ import annotations

import json
import signal
import tempfile
import threading
import time
import urllib.error
import urllib.request
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import click

from quarterdeck.boot.config import Config

from .mail_sink import Sink, mail_sink
from .push_sink import PushSink, push_sink
from .shadow import COMMAND, Failed, Shadow, inside, made, run, without_settings
from .shadow_store import CREW, DOMAIN

READY_SECONDS = 60.0
LIMIT_SECONDS = 180.0
QUIET_SECONDS = 60.0
APART_SECONDS = 0.3
# Longer than a claim is held for a process that does not come back (30 s): what it did afterwards must not count.
STANDS_STILL_SECONDS = 33.0
REFUSES_SECONDS = 12.0


@dataclass
class Report:
    """`steps`: what was done, and after how many seconds. `wrong` is empty when every promise held."""

    steps: list[tuple[float, str]] = field(default_factory=list)
    figures: dict[str, float] = field(default_factory=dict)
    wrong: list[str] = field(default_factory=list)
    seconds: float = 0.0

    @property
    def well(self) -> bool:
        return not self.wrong


class Load(threading.Thread):
    """One alert after the other, each repeated until it is answered 2xx, as tools do. `accepted` are the names; they
    are about the services from `first` on, half of the crew's.
    """

    def __init__(self, url: str, key: str) -> None:
        super().__init__(daemon=True)
        self.accepted: set[str] = set()
        self.repeats = 0
        self.first = 0
        self._url = f"{url}/in/alertmanager/{key}/api/v2/alerts"
        self._open = urllib.request.build_opener(urllib.request.ProxyHandler({})).open
        self._over = threading.Event()
        self.start()

    def run(self) -> None:
        n = 0
        while not self._over.is_set():
            if self._sent(f"selftest-{n}", f"crew-{self.first + n % (CREW // 2)}"):
                n += 1
            else:
                self.repeats += 1
            self._over.wait(APART_SECONDS)

    def _sent(self, name: str, service: str) -> bool:
        labels = {"alertname": name, "service": service, "severity": "critical"}
        request = urllib.request.Request(  # noqa: S310 - our own address
            self._url, json.dumps([{"labels": labels}]).encode(), {"content-type": "application/json"}
        )
        try:
            with self._open(request, timeout=10):
                self.accepted.add(name)
                return True
        except OSError:
            return False

    def stop(self) -> None:
        self._over.set()
        self.join(15)


def drill(config: Config, say: Callable[[str], None], scale: float = 1.0) -> Report:
    """One self-test, beginning to end; with a `scale` below 1 the engine stands still for less long. Raises Failed
    when it could not be carried out.
    """
    report, began = Report(), time.monotonic()

    def step(text: str) -> None:
        report.steps.append((round(time.monotonic() - began, 1), text))
        say(f"{report.steps[-1][0]:6.1f} s  {text}")

    with (
        tempfile.TemporaryDirectory(prefix="qd-selftest-") as place,
        mail_sink() as mails,
        push_sink() as pushes,
    ):
        folder = Path(place)
        env = _environment(folder / "data", mails, pushes)
        step("a shadow of this installation is made")
        key = json.loads(made(folder / "data", env, "quarterdeck.cli.shadow_store:furnish"))["key"]
        _configure(folder / "data", config, pushes)
        shadow = Shadow(folder / "data", folder / "log", env)
        try:
            shadow.wait_until(READY_SECONDS, lambda: True)
            step("it serves; alerts come in from now on")
            load = Load(shadow.url, key)
            try:
                _break(shadow, mails, load, step, scale)
            finally:
                load.stop()
            step(f"{len(load.accepted)} alerts were accepted; waiting until all is quiet")
            left = min(QUIET_SECONDS, LIMIT_SECONDS - 15 - (time.monotonic() - began))
            busy = inside("quarterdeck.cli.shadow_store:wait_until_quiet", env, f"{max(left, 1):.0f}")
            _judge(report, folder, env, load, (mails, pushes), json.loads(busy))
            step("judged")
        finally:
            shadow.stop()
    report.seconds = round(time.monotonic() - began, 1)
    return report


def _break(shadow: Shadow, mails: Sink, load: Load, step: Callable[[str], None], scale: float) -> None:
    """One thing after the other, each mended before the next begins."""
    for name in ("engine", "web"):
        time.sleep(4)
        step(f"the process {name} is killed")
        starts = shadow.starts(name)
        shadow.signal(name, signal.SIGKILL)
        shadow.wait_until(READY_SECONDS, lambda n=name, s=starts: shadow.starts(n) > s)  # type: ignore[misc]
    time.sleep(2)
    step("the mail server refuses everything")
    mails.refuses = True
    # Nobody of these was paged before, so that their pages do not wait for the half minute between two.
    load.first = CREW // 2
    time.sleep(REFUSES_SECONDS)
    mails.refuses = False
    load.first = 0
    step("it takes mails again")
    time.sleep(2)
    still = STANDS_STILL_SECONDS * scale
    step(f"the engine stands still for {still:g} s, as on a machine that slept")
    shadow.signal("engine", signal.SIGSTOP)
    time.sleep(still)
    shadow.signal("engine", signal.SIGCONT)
    step("it goes on")
    time.sleep(3)


def _judge(
    report: Report,
    folder: Path,
    env: dict[str, str],
    load: Load,
    sinks: tuple[Sink, PushSink],
    busy: dict[str, int],
) -> None:
    accepted = folder / "accepted.json"
    accepted.write_text(json.dumps(sorted(load.accepted)), encoding="utf-8")
    told = json.loads(inside("quarterdeck.cli.shadow_store:judge", env, str(accepted)))
    mails, pushes = sinks
    taken = Counter(str(m.message["Message-ID"]) for m in mails.mails)
    report.wrong += [f"not at rest in time: {n} {what}" for what, n in busy.items()]
    report.wrong += told["wrong"]
    report.wrong += _beyond("the mail", taken, told["mails"])
    report.wrong += _beyond("the push to", Counter(topic for _, topic in pushes.pushes), told["pushes"])
    if not load.accepted or not mails.mails or not pushes.pushes:
        report.wrong.append("nothing came in, or nothing went out: this proves nothing")
    report.figures = {"accepted": len(load.accepted), "repeated": load.repeats} | told["figures"]
    report.figures |= {"mails": len(mails.mails), "pushes": len(pushes.pushes)}
    try:
        run([*COMMAND, "verify"], env)
    except Failed as failed:
        report.wrong.append(f"the log cannot be proved: {failed}")


def _beyond(what: str, seen: Counter[str], most: dict[str, int]) -> list[str]:
    """Copies beyond those whose end nobody could learn."""
    return [
        f"{what} {name} went out {n} times, and {most.get(name, 0)} are allowed"
        for name, n in sorted(seen.items())
        if n > most.get(name, 0)
    ]


def _environment(data: Path, mails: Sink, pushes: PushSink) -> dict[str, str]:
    """Nothing of this installation's, so that nobody real can be reached. The supervisor is patient: a process that
    stands still is to come back by itself.
    """
    return without_settings() | {
        "QUARTERDECK_DATA": str(data),
        "PORT": "0",
        "QUARTERDECK_HOST": "127.0.0.1",
        "QUARTERDECK_LOG_LEVEL": "warning",
        "QUARTERDECK_AUDIT_SECONDS": "20",
        "QUARTERDECK_SILENT_SECONDS": "90",
        "QUARTERDECK_BACKUP_EVERY_MINUTES": "0",
        "QUARTERDECK_SELFTEST_EVERY_DAYS": "0",
        "QUARTERDECK_EMAIL_HOST": "127.0.0.1",
        "QUARTERDECK_EMAIL_PORT": str(mails.port),
        "QUARTERDECK_EMAIL_TLS": "none",
        "QUARTERDECK_EMAIL_FROM": f"pager@{DOMAIN}",
        "QUARTERDECK_ALLOW_TARGETS": f"127.0.0.1:{pushes.port}",
    }


def _configure(data: Path, config: Config, pushes: PushSink) -> None:
    """What of the settings is about how it works, and not about whom it reaches."""
    lines = [
        f"web_threads = {config.web_threads}",
        f"web_queue = {config.web_queue}",
        f"body_limit_kib = {config.body_limit_kib}",
        "[limits]",
        f"requests_per_minute = {config.limits.requests_per_minute}",
        f"alerts_per_minute = {config.limits.alerts_per_minute}",
        "[channels.ntfy]",
        f'server = "http://127.0.0.1:{pushes.port}"',
    ]
    (data / "quarterdeck.toml").write_text("\n".join(lines) + "\n", encoding="utf-8")


def show(report: Report) -> None:
    """In words."""
    figures = ", ".join(f"{name} {value}" for name, value in report.figures.items())
    click.echo(f"{figures}; {report.seconds:.0f} s.")
    for text in report.wrong:
        click.echo(f"WRONG  {text}")
    click.echo("Every promise held." if report.well else f"{len(report.wrong)} things are wrong.")


def plain(report: Report) -> dict[str, object]:
    """As data for JSON."""
    return {
        "well": report.well,
        "seconds": report.seconds,
        "steps": [{"at_seconds": at, "what": what} for at, what in report.steps],
        "figures": report.figures,
        "wrong": report.wrong,
    }
