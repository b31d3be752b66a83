"""Real readers of Statuspage's JSON against our published files, unchanged, over loopback HTTP.

    python -m venv READERS && READERS/bin/pip install statuspage-prometheus-exporter statuscheck
    npm install --prefix NODE statuspage.io
    .venv/bin/python tools/status_readers.py --venv READERS [--node NODE]

They are no dependencies of ours: statuscheck pins releases years old. Prints what each read; exit code 1 where one
of them fails or reads something else than is published.
"""

from __future__ import annotations

import argparse
import functools
import http.server
import json
import os
import re
import subprocess
import sys
import tempfile
import threading
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT / "src"), str(ROOT / "tests")]

_STATUSCHECK = """
import json, sys
from statuscheck.services.bases._statuspageio import BaseStatusPageAPI
class Ours(BaseStatusPageAPI):
    name = "Ours"; status_url = service_url = sys.argv[1]
    def _get_base_url(self): return sys.argv[1] + "api/v2/"
s = Ours().get_summary()
print(json.dumps([s.status.code, len(s.components), sorted(i.name for i in s.incidents)]))
"""
_NODE = """
const {Statuspage} = require("statuspage.io");
(async () => {
  const client = new Statuspage("ours");
  client.apiClient.defaults.baseURL = process.argv[1];
  const {api} = client;
  const summary = await api.getSummary(), components = await api.getComponents(), status = await api.getStatus();
  const all = await api.incidents.getAll(), open = await api.incidents.getUnresolved();
  const planned = await api.scheduledMaintenances.getAll();
  const upcoming = await api.scheduledMaintenances.getUpcoming();
  console.log(JSON.stringify([status.status.indicator, components.components.length, all.incidents.length,
    open.incidents.length, planned.scheduled_maintenances.length, upcoming.scheduled_maintenances.length,
    summary.incidents.length]));
})().catch((e) => { console.error(e.message); process.exit(1); });
"""


class _Quiet(http.server.SimpleHTTPRequestHandler):
    def log_message(self, format: str, *args: Any) -> None:
        pass


def main() -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--venv", type=Path, required=True, help="where the two Python readers are installed")
    parser.add_argument("--node", type=Path, help="where npm installed statuspage.io")
    asked = parser.parse_args()
    wrong = 0
    for name in ("busy", "quiet"):
        with tempfile.TemporaryDirectory() as folder:
            site = _published(name, Path(folder))
            handler = functools.partial(_Quiet, directory=str(site))
            with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
                threading.Thread(target=server.serve_forever, daemon=True).start()
                url = f"http://127.0.0.1:{server.server_port}/"
                wrong += sum(_compare(name, *told) for told in _readers(asked, site, url, Path(folder)))
                server.shutdown()
    return 1 if wrong else 0


def _published(name: str, folder: Path) -> Path:
    from quarterdeck.channels import status_site
    from support import status_sample

    page = status_sample.busy_page() if name == "busy" else status_sample.quiet_page()
    files = status_site.render(page, status_site.SiteSettings(url=status_sample.URL))
    return status_site.write(files, folder / "site")


def _readers(asked: argparse.Namespace, site: Path, url: str, folder: Path) -> list[tuple[str, Any, Any]]:
    """Each reader with what it read, and what is published."""
    read = {p.stem: json.loads(p.read_text()) for p in (site / "api" / "v2").rglob("*.json")}
    summary = read["summary"]
    told = sorted(i["name"] for i in (*summary["incidents"], *summary["scheduled_maintenances"]))
    state, shown = summary["status"]["indicator"], len(summary["components"])
    python = str(asked.venv / "bin" / "python")
    found = [("statuscheck", _json([python, "-c", _STATUSCHECK, url]), [state, shown, told])]
    exported = _exported(asked.venv, url, folder)
    hurt = sorted(c["name"] for c in summary["components"] if c["status"] != "operational")
    found.append(
        (
            "statuspage-prometheus-exporter",
            exported,
            [shown, hurt, sorted(i["name"] for i in summary["incidents"])],
        )
    )
    if asked.node:
        coming = len(read["upcoming"]["scheduled_maintenances"])  # it asks for these when it is asked for all
        counts = [
            state, len(read["components"]["components"]), len(read["incidents"]["incidents"]),
            len(read["unresolved"]["incidents"]), coming, coming,
            len(summary["incidents"]),
        ]  # fmt: skip
        node = ["node", "-e", _NODE, url.rstrip("/")]
        found.append(("statuspage.io", _json(node, NODE_PATH=str(asked.node / "node_modules")), counts))
    return found


def _json(command: list[str], **environment: str) -> Any:
    done = subprocess.run(
        command, capture_output=True, text=True, timeout=60, check=False, env=os.environ | environment
    )
    try:
        return json.loads(done.stdout.strip().splitlines()[-1])
    except (ValueError, IndexError):
        return f"failed ({done.returncode}): {done.stderr.strip()[-300:]}"


def _exported(venv: Path, url: str, folder: Path) -> Any:
    services, metrics = folder / "services.json", folder / "out.prom"
    services.write_text(json.dumps({"ours": {"url": f"{url}api/v2/summary.json", "name": "Ours"}}))
    done = subprocess.run(
        [str(venv / "bin" / "statuspage-prometheus-exporter")], capture_output=True, text=True, timeout=60, check=False,
        cwd=folder,
        env=os.environ
        | {"RUN_MODE": "once", "SERVICES_JSON_PATH": str(services), "METRICS_TEXTFILE_PATH": str(metrics)},
    )  # fmt: skip
    if done.returncode or not metrics.is_file():
        return f"failed ({done.returncode}): {done.stderr.strip()[-300:]}"
    text = metrics.read_text()
    states = dict(
        re.findall(r'^statuspage_component_status\{component_name="([^"]*)".*\} (\S+)$', text, re.M)
    )
    open_ = re.findall(
        r'^statuspage_incident_info\{.*incident_id="(?!none").*?incident_name="([^"]*)"', text, re.M
    )
    return [len(states), sorted(n for n, v in states.items() if float(v) == 0.0), sorted(open_)]


def _compare(page: str, reader: str, got: Any, wanted: Any) -> int:
    good = got == wanted
    print(
        f"{'ok   ' if good else 'WRONG'} {reader} on the {page} page: {got}"
        + ("" if good else f", not {wanted}")
    )
    return 0 if good else 1


if __name__ == "__main__":
    raise SystemExit(main())
