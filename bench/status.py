"""A published status page: how fast a change is out, and how fast readers get it from nginx and from Quarterdeck.

nginx with the documented configuration serves the very files, so it is 1.0 × nginx by construction; beside it the web
process serves the same files under /status/. The server has one core, the load the other.
"""

from __future__ import annotations

import json
import os
import re
import statistics
import subprocess
import sys
import tempfile
import urllib.request
from pathlib import Path
from typing import Any

from .machine import LOAD_CORE, ROOT, SERVER_CORE, Missing, Row, on_core, program
from .ours import serving

WHAT = (
    "a change of a status page until its files are complete; the page from nginx and from Quarterdeck itself"
)
PAGE = "main"
ASKED = (
    ("the page, gzip", "", {"Accept-Encoding": "gzip"}, False),
    ("the page, 304", "", {"Accept-Encoding": "gzip"}, True),
    ("summary.json, gzip", "api/v2/summary.json", {"Accept-Encoding": "gzip"}, False),
)


def run(seconds: float, rounds: int) -> list[Row]:
    return [*_publishing(), *_reading(seconds, rounds)]


def _publishing() -> list[Row]:
    with tempfile.TemporaryDirectory(prefix="quarterdeck-bench-") as folder:
        told = subprocess.run(
            [sys.executable, "-m", "bench.published"], cwd=ROOT, capture_output=True, text=True, check=False,
            env={**os.environ, "QUARTERDECK_DATA": folder},
        )  # fmt: skip
        if told.returncode:
            raise Missing(f"the page could not be published: {told.stderr[-400:].strip()}")
        found: dict[str, Any] = json.loads(told.stdout.splitlines()[-1])
    names = {"state": "a state is set", "post": "a post is released", "refresh": "its time alone is made new"}
    rows = []
    for kind, what in names.items():
        wall, cpu = (statistics.median(pair[n] for pair in found[kind]) for n in (0, 1))
        text = f"{wall:.2f} s (processor {cpu:.2f} s)"
        rows.append(Row(f"500 components, 5 years, {what}: files complete", text, goal="≤ 2 s"))
    return rows


def _reading(seconds: float, rounds: int) -> list[Row]:
    wrk = program("wrk")
    from quarterdeck.channels import status_site
    from support.nginx import nginx
    from support.status_sample import URL, busy_page

    with tempfile.TemporaryDirectory(prefix="quarterdeck-bench-") as name:
        folder = Path(name)
        folder.chmod(0o755)
        site = folder / "data" / "status" / PAGE
        with serving(folder) as ours:
            status_site.write(status_site.render(busy_page(), status_site.SiteSettings(URL)), site)
            with nginx(folder / "nginx", site, inside=tuple(on_core(SERVER_CORE))) as theirs:
                places = {"ours": f"{ours.url}/status/{PAGE}/", "nginx": f"{theirs}/"}
                found: dict[tuple[str, str], list[float]] = {}
                for _ in range(rounds):
                    for what, path, headers, unchanged in ASKED:
                        for who, base in places.items():
                            told = dict(headers)
                            if unchanged:
                                told["If-None-Match"] = _tag(base + path, headers)
                            found.setdefault((what, who), []).append(_load(wrk, base + path, told, seconds))
    rows = []
    for what, *_ in ASKED:
        mine, peer = (statistics.median(found[what, who]) for who in ("ours", "nginx"))
        rows.append(
            Row(f"{what}: requests a second", f"{mine:,.0f}", f"nginx {peer:,.0f}", mine / peer, "≥ 0.3 ×")
        )
    return rows


def _tag(url: str, headers: dict[str, str]) -> str:
    with urllib.request.urlopen(urllib.request.Request(url, headers=headers)) as answer:
        return str(answer.headers["ETag"])


def _load(wrk: str, url: str, headers: dict[str, str], seconds: float) -> float:
    words = [part for name, value in headers.items() for part in ("-H", f"{name}: {value}")]
    told = subprocess.run(
        [*on_core(LOAD_CORE), wrk, "-t1", "-c64", f"-d{seconds:g}s", *words, url],
        capture_output=True, text=True, check=True,
    ).stdout  # fmt: skip
    if "Non-2xx" in told and "If-None-Match" not in headers:
        raise Missing(f"{url} was not answered as it should be: {told[-300:]}")
    return float(re.search(r"Requests/sec:\s+([\d.]+)", told)[1])  # type: ignore[index]
