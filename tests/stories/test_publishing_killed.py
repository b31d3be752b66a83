"""Whoever publishes is killed at any instant: what readers get is the last whole version, always."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from quarterdeck.channels import status_site
from support.serving import TESTS

SOAK = bool(os.environ.get("QUARTERDECK_SOAK"))
KILLS, LEAST, SECONDS, SIZE = (240, 240, 900, "whole") if SOAK else (60, 8, 8, "small")
LOOKED_AT = (
    "index.html",
    "history/index.html",
    "api/v2/summary.json",
    "history.atom",
    "incidents/INC-1031/index.html",
)
_NUMBER = re.compile(rb"Number (\d+)\.")


class Reader(threading.Thread):
    """Reads whole versions, as a server does that keeps to the folder it has opened. `faults` says what was no page."""

    names: tuple[str, ...] = LOOKED_AT

    def __init__(self, site: Path) -> None:
        super().__init__()
        self.site, self.stop, self.faults, self.seen = site, threading.Event(), list[str](), list[int]()

    def run(self) -> None:
        while not self.stop.wait(0.002):
            try:
                version = os.open(self.site, os.O_RDONLY | os.O_DIRECTORY)
            except FileNotFoundError:
                if self.seen:
                    self.faults.append("the page is gone")
                continue
            try:
                self._look(version)
            except FileNotFoundError:
                continue  # three versions passed while reading
            finally:
                os.close(version)

    def _look(self, version: int) -> None:
        numbers, faults = set(), []
        name_then = Path(f"/proc/self/fd/{version}").readlink()
        for name in self.names:
            handle = os.open(name, os.O_RDONLY, dir_fd=version)
            with os.fdopen(handle, "rb") as file:
                text = file.read()
            found = set(_NUMBER.findall(text))
            numbers |= found
            if len(found) != 1 or (name.endswith(".html") and not text.rstrip().endswith(b"</html>")):
                faults.append(f"{name} is not whole: {found}")
        if len(numbers) != 1:
            faults.append(f"files of several versions: {numbers}")
        if Path(f"/proc/self/fd/{version}").readlink() != name_then:
            return  # three versions passed while reading: another is made of this one
        self.faults += faults
        if faults:
            return
        number = int(numbers.pop())
        if self.seen and number < self.seen[-1]:
            self.faults.append(f"{number} after {self.seen[-1]}")
        self.seen.append(number)


@pytest.mark.slow
@pytest.mark.timeout(1000)
def test_a_publishing_process_killed_at_any_instant_leaves_the_last_whole_page(tmp_path: Path) -> None:
    site = tmp_path / "status" / "corvane"
    reader = Reader(site)
    reader.start()
    seed = int.from_bytes(os.urandom(3), "big")
    try:
        told = subprocess.run(
            [sys.executable, "-m", "support.publishing_kills", str(site), str(KILLS), str(seed), str(SECONDS), SIZE],
            cwd=TESTS, capture_output=True, text=True, timeout=950, check=False,
        )  # fmt: skip
    finally:
        reader.stop.set()
        reader.join(10)
    assert told.returncode == 0, told.stderr
    assert reader.faults == [], seed
    done = json.loads(told.stdout)
    assert done["kills"] >= LEAST
    assert len(set(reader.seen)) >= done["kills"] / 6, "hardly anything was published"
    # What is kept is never older than what is shown, and nothing half made is left to grow.
    kept = status_site.read(site)
    shown = int(_NUMBER.search((site / "index.html").read_bytes())[1])  # type: ignore[index]
    assert shown <= kept.revision
    status_site.release(kept.material, kept.settings, site, kept.made_at, {})
    folders = [p for p in status_site.versions_of(site).iterdir() if p.is_dir() and p.name != "manifests"]
    assert len(folders) <= 3, folders
    print(
        f"{done['kills']} kills, {done['revision']} publications, {len(reader.seen)} whole looks, killed within {done['longest_seconds']} s"
    )
