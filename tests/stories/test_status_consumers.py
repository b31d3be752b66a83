"""Programs of other people that read Statuspage's JSON read our published files, unchanged and over HTTP."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from prometheus_client.parser import text_string_to_metric_families

from support.published import address

__all__ = ["address"]

LABELS = {
    "statuspage_service_status": "service_name",
    "statuspage_component_status": "component_name",
    "statuspage_incident_info": "incident_id",
    "statuspage_maintenance_info": "maintenance_id",
}
EXPORTER = Path(sys.executable).with_name("statuspage-prometheus-exporter")


@pytest.mark.slow
def test_an_exporter_for_prometheus_reads_the_page(address: str, tmp_path: Path) -> None:
    services, told = tmp_path / "services.json", tmp_path / "metrics.prom"
    services.write_text(json.dumps({"corvane": {"name": "Corvane", "url": f"{address}/api/v2/summary.json"}}))
    setting = {
        "RUN_MODE": "once",
        "SERVICES_JSON_PATH": str(services),
        "METRICS_TEXTFILE_PATH": str(told),
        "NO_PROXY": "127.0.0.1",
    }
    done = subprocess.run(
        [EXPORTER], cwd=tmp_path, env=os.environ | setting, capture_output=True, text=True, timeout=60
    )

    assert done.returncode == 0, done.stderr[-2000:]
    metrics = {
        name: {s.labels.get(label): s.value for s in family.samples}
        for family in text_string_to_metric_families(told.read_text())
        for name, label in LABELS.items()
        if family.name == name
    }
    # 1 is operational; a page with an open incident is not.
    assert metrics["statuspage_service_status"] == {"Corvane": 0.0}
    assert metrics["statuspage_component_status"]["Card payments at checkout and in the app"] == 0.0
    assert metrics["statuspage_component_status"]["Operator console"] == 1.0
    assert metrics["statuspage_incident_info"].keys() == {"INC-1042", "INC-1043"}
    assert metrics["statuspage_maintenance_info"].keys() == {"MNT-17"}
