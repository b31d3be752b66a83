"""A message to many, with a durable record of each recipient, beside postfix smtp-source over ten reused connections.

Both write to the same smtp-sink. Mails are as long as ours, senders take turns on core 0, the sink has core 1. Where
the programs are not installed, POSTFIX may name a folder their Debian package was unpacked into (`dpkg-deb -x`).
"""

from __future__ import annotations

import os
import shutil
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from .machine import Missing, Row, free_port, on_core

WHAT = "a message to 20,000 with a durable record of each, beside postfix's smtp-source with 10 reused connections"
MANY = 20_000
SUBSCRIBERS = 100_000


def run(seconds: float, rounds: int) -> list[Row]:
    """`seconds` is not used: each measurement is one whole message."""
    source, sink = _tool("smtp-source"), _tool("smtp-sink")
    ours: list[float] = []
    peer: list[float] = []
    release: list[float] = []
    with _sink(sink) as port:
        for _ in range(rounds):
            told = _ours(port)
            ours.append(told["rate"])
            release.append(told["release"])
            peer.append(_peer(source, port, int(told["bytes"])))
    mine, theirs = statistics.median(ours), statistics.median(peer)
    return [
        Row(
            f"mails a second to {MANY:,} recipients, each recorded, {int(told['bytes']):,} bytes", f"{mine:,.0f}",
            f"{theirs:,.0f}", mine / theirs, "≥ 0.5 ×, floor 0.2 ×",
        ),
        Row(f"releasing it: {MANY:,} recipients frozen in its transaction", f"{statistics.median(release):.2f} s"),
        *_subscribers(),
    ]  # fmt: skip


def _subscribers() -> list[Row]:
    rate, longest, memory = map(float, _told("subscribers"))
    return [
        Row(f"a post to {SUBSCRIBERS:,} subscribers: looked at and written down, a second", f"{rate:,.0f}"),
        Row("the longest transaction of that", f"{longest:.0f} ms"),
        Row("how much memory it took more at its end than at its begin", f"{memory:.1f} MB"),
    ]


def _ours(port: int) -> dict[str, float]:
    rate, release, size = _told(str(port))
    return {"rate": float(rate), "release": float(release), "bytes": float(size)}


def _told(what: str) -> list[str]:
    """The last three words of our side in a process and a store of its own."""
    with tempfile.TemporaryDirectory(prefix="quarterdeck-bench-") as folder:
        told = subprocess.run(
            [*on_core(0), sys.executable, "-m", "bench.fanout", what], capture_output=True, text=True, check=False,
            env=os.environ | {"QUARTERDECK_DATA": folder, "QUARTERDECK_LOG_LEVEL": "warning"},
        )  # fmt: skip
    if told.returncode:
        raise Missing(f"our side failed: {told.stderr[-500:]}")
    return told.stdout.split()[-3:]


def _peer(source: str, port: int, size: int) -> float:
    words = [source, "-d", "-s", "10", "-m", str(MANY), "-l", str(size), "-f", "status@example.com"]
    began = time.perf_counter()
    subprocess.run(
        [*on_core(0), *words, "-t", "user@example.net", f"127.0.0.1:{port}"], check=True, env=_environment()
    )
    return MANY / (time.perf_counter() - began)


@contextmanager
def _sink(program: str) -> Iterator[int]:
    port = free_port()
    user = ["-u", "nobody"] if os.getuid() == 0 else []
    process = subprocess.Popen(
        [*on_core(1), program, *user, "-m", "1000", f"127.0.0.1:{port}", "1000"],
        stderr=subprocess.DEVNULL, env=_environment(),
    )  # fmt: skip
    try:
        for _ in range(100):
            with socket.socket() as s:
                if s.connect_ex(("127.0.0.1", port)) == 0:
                    break
            time.sleep(0.05)
        yield port
    finally:
        process.terminate()
        process.wait()


def _tool(name: str) -> str:
    place = os.environ.get("POSTFIX", "")
    found = shutil.which(
        name, path=f"{place}/usr/sbin" if place else f"{os.environ.get('PATH', '')}:/usr/sbin"
    )
    if found is None:
        raise Missing(f"{name} is not here: apt-get install postfix, or unpack its package and set POSTFIX")
    return found


def _environment() -> dict[str, str]:
    place = os.environ.get("POSTFIX", "")
    more = {"LD_LIBRARY_PATH": f"{place}/usr/lib/postfix"} if place else {}
    return dict(os.environ) | more


def _measure(port: int) -> None:
    """One message in this process, from its release to the last record."""
    from datetime import UTC, datetime

    from .prepare import open_store

    open_store()
    from django.conf import settings

    settings.QUARTERDECK_CHANNELS = {
        "email": {
            "host": "127.0.0.1", "port": port, "tls": "none", "from_address": "status@example.com",
            "bulk_connections": 10,
        }
    }  # fmt: skip
    settings.QUARTERDECK_PUBLIC_URL = "https://ops.example.com"
    sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "tests"))
    from quarterdeck.engine import mailer
    from support.crowd_message import release

    sizes: list[int] = []
    made = release(MANY, gone=0)
    engine = mailer.Mailer(lambda: datetime.now(UTC), "bench")
    hand_over = mailer.Lanes.hand_over

    def noting(lanes: mailer.Lanes, mails: list[mailer.Mail]) -> object:
        sizes.append(len(mails[0].data))
        return hand_over(lanes, mails)

    mailer.Lanes.hand_over = noting  # type: ignore[assignment, method-assign]
    began = time.perf_counter()
    taken = engine.run()
    took = time.perf_counter() - began
    if taken != MANY:
        raise SystemExit(f"{taken} of {MANY} mails were taken")
    print(MANY / took, made["release_seconds"], sizes[0])


def _measure_subscribers() -> None:
    """One post to everybody who follows a page, from its timer to the last of them."""
    import resource
    from datetime import UTC, datetime

    from .prepare import open_store

    open_store()
    from quarterdeck.app.paging.directory import Directory
    from quarterdeck.app.subscribers import subscriber_fanout, subscriber_notices
    from quarterdeck.store import models, tx
    from quarterdeck.store.ids import new_id

    now = datetime.now(UTC)
    page = models.StatusPage.objects.create(id=new_id(), key="bench", title="Bench", created_at=now)
    for start in range(0, SUBSCRIBERS, 5_000):
        models.Subscriber.objects.bulk_create(
            models.Subscriber(
                id=new_id(), page=page, kind="email", address=f"s{n}@example.com", shown="", state="active",
                events=["incidents"], asked_at=now, confirmed_at=now, language=("", "de", "fr")[n % 3],
            )
            for n in range(start, start + 5_000)
        )  # fmt: skip
    with tx.write():
        subscriber_notices.tell(
            subscriber_notices.Posted(
                page.id, new_id(), "INC-1", "opened", "Slow", "We look.", "investigating", now,
                words={"de": ("Langsam", "Wir sehen nach.")},
            )
        )  # fmt: skip
    post, longest = models.SubscriberPost.objects.get(), 0.0
    before, began = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss, time.perf_counter()
    while models.SubscriberPost.objects.filter(state="running").exists():
        part = time.perf_counter()
        with tx.write():
            subscriber_fanout.fire(post.id, Directory(now))
        longest = max(longest, time.perf_counter() - part)
    took = time.perf_counter() - began
    if models.Recipient.objects.count() != SUBSCRIBERS:
        raise SystemExit("not everybody was told")
    more = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before
    print(SUBSCRIBERS / took, longest * 1000, more / 1024)


if __name__ == "__main__":
    _measure_subscribers() if sys.argv[1] == "subscribers" else _measure(int(sys.argv[1]))
