"""Clients of Statuspage that bring dependencies of their own read our published files: installed for this alone, by pip and npm."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from support.published import address

__all__ = ["address"]

pytestmark = pytest.mark.slow

STATUSCHECK = """
import json, sys
from statuscheck.services.bases._statuspageio import BaseStatusPageAPI
class Ours(BaseStatusPageAPI):
    name = "Corvane"
    def _get_base_url(self):  # the host is the only thing of it that is not the program's own
        return sys.argv[1] + "/api/v2/"
summary = Ours().get_summary()
print(json.dumps({
    "ok": summary.status.is_ok,
    "components": {c.name: c.status for c in summary.components},
    "incidents": [i.id for i in summary.incidents],
}))
"""
STATUSPAGE_IO = """
const { Statuspage } = require("statuspage.io");
(async () => {
  const page = new Statuspage("corvane");
  page.setApiUrl(process.argv[2]);
  const found = {
    summary: await page.api.getSummary(),
    status: await page.api.getStatus(),
    components: await page.api.getComponents(),
    incidents: await page.api.incidents.getAll(),
    unresolved: await page.api.incidents.getUnresolved(),
    maintenances: await page.api.scheduledMaintenances.getAll(),
    upcoming: await page.api.scheduledMaintenances.getUpcoming(),
  };
  console.log(JSON.stringify(found));
})();
"""


def run(*arguments: str | Path, folder: Path) -> str:
    done = subprocess.run(arguments, cwd=folder, capture_output=True, text=True, timeout=240)
    assert done.returncode == 0, f"{done.stdout[-2000:]}\n{done.stderr[-2000:]}"
    return done.stdout


def test_statuscheck_reads_the_page(address: str, tmp_path: Path) -> None:
    run(sys.executable, "-m", "venv", "own", folder=tmp_path)
    python = tmp_path / "own" / "bin" / "python"
    run(python, "-m", "pip", "install", "--quiet", "statuscheck==3.11.0", folder=tmp_path)
    found = json.loads(run(python, "-c", STATUSCHECK, address, folder=tmp_path))
    assert found["ok"] is False
    assert found["components"]["Card payments at checkout and in the app"] == "Major outage"
    assert found["components"]["Operator console"] == "Operational"
    assert found["incidents"] == ["INC-1043", "INC-1042", "MNT-17"]


def test_statuspage_io_of_npm_reads_the_page(address: str, tmp_path: Path) -> None:
    if shutil.which("npm") is None:
        pytest.skip("npm is not installed")
    run("npm", "install", "--silent", "--no-audit", "--no-fund", "statuspage.io@3.3.8", folder=tmp_path)
    (tmp_path / "ask.js").write_text(STATUSPAGE_IO)
    found = json.loads(run("node", "ask.js", address, folder=tmp_path))
    assert found["status"]["status"]["indicator"] == "critical"
    assert [i["id"] for i in found["unresolved"]["incidents"]] == ["INC-1043", "INC-1042"]
    assert [m["id"] for m in found["upcoming"]["scheduled_maintenances"]] == ["MNT-17"]
    assert len(found["components"]["components"]) == len(found["summary"]["components"])
    assert {i["status"] for i in found["incidents"]["incidents"]} >= {"identified", "resolved"}
