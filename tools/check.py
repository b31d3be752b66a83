"""Everything that can be checked without running the product. Runs all of it, then says what failed."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
BIN = Path(sys.executable).parent
PYTHON = sys.executable

# Bandit cannot see that a name is only compared with 0.0.0.0 (B104; ruff's S104 can), and has no list of
# the places where ready-made HTML may pass (B308, B703; tests/rules/test_words.py has).
LEFT_TO_OTHERS = "B104,B308,B703"

LONGEST = "types of the core"
# In this order: the quick ones first. Each is what it answers, and the command.
CHECKS: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("format", ("ruff", "format", "--check", "--quiet")),
    ("lint", ("ruff", "check", "--quiet")),
    ("imports", ("lint-imports",)),
    ("spelling", ("codespell",)),
    (LONGEST, ("mypy", "--no-error-summary")),
    ("migrations in step", (PYTHON, "-m", "django", "makemigrations", "--check", "--dry-run")),
    ("insecure code", ("bandit", "-q", "-r", "src", "-ll", "-ii", "--skip", LEFT_TO_OTHERS)),
)


def run(command: tuple[str, ...], data: str) -> subprocess.CompletedProcess[str]:
    """`data` is an empty folder, for commands that want to know where the data is."""
    program = command[0] if "/" in command[0] else str(BIN / command[0])
    setting = {"DJANGO_SETTINGS_MODULE": "quarterdeck.boot.settings", "QUARTERDECK_DATA": data}
    return subprocess.run(
        [program, *command[1:]],
        cwd=ROOT,
        env=os.environ | setting | {"PYTHONPATH": str(ROOT / "src")},
        capture_output=True,
        text=True,
        check=False,
    )


def say(name: str, verdict: str, seconds: float = 0.0, told: str = "") -> None:
    """In one piece: two checks may end at once."""
    line = f"{name:22}{verdict}" + (f"  {seconds:.1f} s" if seconds else "")
    print("\n".join(part for part in (line, told.strip()) if part) + "\n", end="", flush=True)


def audit() -> bool:
    """Known vulnerabilities of what is installed. Without the index it is left out, with the reason."""
    name, start = "known vulnerabilities", time.monotonic()
    command = (str(BIN / "pip-audit"), "--skip-editable", "--progress-spinner=off", "--timeout=5", "-f=json")
    try:
        told = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=240, check=False)
        found = json.loads(told.stdout)["dependencies"]
    except subprocess.TimeoutExpired:
        say(name, "left out: no answer from the index within 240 s")
        return True
    except (ValueError, KeyError):
        lines = told.stderr.strip().splitlines() or ["no answer"]
        say(name, f"left out: the index cannot be asked here ({lines[-1][:120]})")
        return True
    bad = [f"{p['name']} {p['version']}: {v['id']}" for p in found for v in p.get("vulns", ())]
    say(name, "FAILED" if bad else "ok", time.monotonic() - start, "\n".join(bad))
    return not bad


def check(name: str, command: tuple[str, ...], data: str) -> bool:
    start = time.monotonic()
    told = run(command, data)
    ok = told.returncode == 0
    verdict, more = ("ok", "") if ok else ("FAILED", told.stdout + told.stderr)
    say(name, verdict, time.monotonic() - start, more)
    return ok


def main() -> int:
    """The types take as long as all the others together, so they begin first and those run beside them."""
    with tempfile.TemporaryDirectory() as data, ThreadPoolExecutor(2) as lanes:
        begun = sorted(CHECKS, key=lambda one: one[0] != LONGEST)
        found = {name: lanes.submit(check, name, command, data) for name, command in begun}
        found["known vulnerabilities"] = lanes.submit(audit)
    failed = [name for name, one in found.items() if not one.result()]
    print(f"\nfailed: {', '.join(failed)}" if failed else "\nall checks passed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
