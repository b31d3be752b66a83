"""Programs that tests and benches run, where to find them and how to get them. Installs nothing itself."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from dataclasses import dataclass

MARK = "needs a program"


@dataclass(frozen=True, slots=True)
class Program:
    """`names` are tried in order on PATH; the environment variable `setting` overrides them with a path."""

    names: tuple[str, ...]
    setting: str
    package: str
    for_tests: bool = True


PROGRAMS = {
    # The one without windows first: a page of it costs a third.
    "chromium": Program(
        ("chromium-headless-shell", "chromium", "chromium-browser", "google-chrome"),
        "CHROMIUM",
        "chromium-headless-shell",
    ),
    # What is pushed is shown by a whole browser only.
    "browser": Program(("chromium", "chromium-browser", "google-chrome"), "CHROMIUM_WHOLE", "chromium"),
    "prometheus": Program(("prometheus",), "PROMETHEUS", "prometheus"),
    "alertmanager": Program(
        ("prometheus-alertmanager", "alertmanager"), "ALERTMANAGER", "prometheus-alertmanager"
    ),
    "amtool": Program(("amtool",), "AMTOOL", "prometheus-alertmanager"),
    "nginx": Program(("nginx", "/usr/sbin/nginx"), "NGINX", "nginx-light"),
    # Only `make long` asks for it.
    "caddy": Program(("caddy",), "CADDY", "caddy", for_tests=False),
    "git": Program(("git",), "GIT", "git"),
    "rsync": Program(("rsync",), "RSYNC", "rsync"),
    "sshd": Program(("sshd", "/usr/sbin/sshd"), "SSHD", "openssh-server"),
    "wrk": Program(("wrk",), "WRK", "wrk", for_tests=False),
    "taskset": Program(("taskset",), "TASKSET", "util-linux", for_tests=False),
}


def find(name: str) -> str | None:
    """The path of a program, or None when it is not installed. A name not listed above is a KeyError."""
    program = PROGRAMS[name]
    return next(filter(None, map(shutil.which, (os.environ.get(program.setting, ""), *program.names))), None)


def how_to_get(name: str) -> str:
    """One sentence for somebody who does not have the program."""
    program = PROGRAMS[name]
    return f"apt-get install {program.package}, or set {program.setting} to its path"


def need(name: str) -> str:
    """The path of a program. Skips the running test without it; with CI=true a skip counts as a failure."""
    import pytest  # not needed to list what is missing

    path = find(name)
    if path is None:
        pytest.skip(f"{MARK}: {name} ({how_to_get(name)})")
    return path


def missing_packages() -> list[str]:
    """The Debian packages of the programs that tests need and this machine lacks, each once."""
    return sorted({p.package for name, p in PROGRAMS.items() if p.for_tests and find(name) is None})


def main() -> None:
    """Prints the missing packages on one line (--missing), or each program with the version it states."""
    if "--missing" in sys.argv[1:]:
        print(" ".join(missing_packages()))
        return
    for name in PROGRAMS:
        path = find(name)
        if path is None:
            print(f"{name:13} missing: {how_to_get(name)}")
            continue
        flag = "-v" if name in ("wrk", "nginx") else "-V" if name == "sshd" else "--version"
        told = subprocess.run([path, flag], capture_output=True, text=True, timeout=60, check=False)
        print(f"{name:13} {((told.stdout or told.stderr).strip().splitlines() or ['?'])[0]}")


if __name__ == "__main__":
    main()
