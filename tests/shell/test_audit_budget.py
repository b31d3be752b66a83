"""What a look of the auditor reads: never a whole table, however many alerts there are. With QUARTERDECK_SOAK, a million."""

from __future__ import annotations

import json
import os
import subprocess
import sys

import pytest

from support.server import clean_environment
from support.source import ROOT

pytestmark = pytest.mark.slow
ALERTS = 1_000_000 if os.environ.get("QUARTERDECK_SOAK") else 100_000


def test_no_question_of_a_look_reads_a_whole_table(tmp_path):
    told = subprocess.run(
        [sys.executable, "-m", "bench.audit", str(ALERTS), "--json"],
        cwd=ROOT,
        env=clean_environment(QUARTERDECK_DATA=str(tmp_path)),
        capture_output=True,
        text=True,
        check=True,
    )
    found = json.loads(told.stdout.splitlines()[-1])
    assert found["findings"] == 0
    # The time is what `make bench` shows; here only that no question reads a whole table.
    assert found["best"] > 0, found["ms"]
    bare = [
        line
        for plan in found["plans"].values()
        for line in plan
        if line.startswith("SCAN") and "INDEX" not in line
    ]
    assert bare == []
