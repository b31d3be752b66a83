"""The plumbing of the tests themselves: marks are checked, skips are seen, and on CI they count."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys

import pytest

from support.source import ROOT

TEST = """
import pytest
from support.programs import PROGRAMS, Program, need

@pytest.mark.requirement({row!r}, "X-09")
def test_a_row_is_shown(): pass

def test_something_needs_a_program():
    PROGRAMS["nothing"] = Program(("no-such-program",), "NO_SUCH_SETTING", "no-such-package")
    need("nothing")
"""


@pytest.fixture
def run(tmp_path):
    """Runs pytest on two small tests in a folder of their own, with the conftest of this repository."""
    shutil.copy(ROOT / "tests" / "conftest.py", tmp_path)

    def run(*options, row="R-001", ci=""):
        (tmp_path / "test_small.py").write_text(TEST.format(row=row))
        return subprocess.run(
            [
                sys.executable,
                "-m",
                "pytest",
                "-p",
                "no:cacheprovider",
                "-c",
                ROOT / "pyproject.toml",
                *options,
                ".",
            ],
            cwd=tmp_path,
            env=os.environ | {"PYTHONPATH": str(ROOT / "tests"), "CI": ci},
            capture_output=True,
            text=True,
            check=False,
        )

    return run


def test_a_missing_program_is_named_at_the_end_with_how_to_get_it(run):
    told = run()
    assert told.returncode == 0
    assert "Skipped for want of a program" in told.stdout
    assert (
        "nothing (apt-get install no-such-package, or set NO_SUCH_SETTING to its path): 1 not run"
        in told.stdout
    )


def test_a_skip_on_ci_counts_as_a_failure(run):
    told = run(ci="true")
    assert told.returncode == 1
    assert "was skipped, which counts as a failure on CI" in told.stdout
    assert "1 failed, 1 passed" in told.stdout


def test_a_mistyped_row_is_refused(run):
    told = run(row="R-26")
    assert told.returncode != 0
    assert "R-26" in told.stdout + told.stderr


def test_the_rows_and_their_tests_are_listed_on_request(run):
    told = run("--requirements")
    assert told.returncode == 0
    assert "R-001\n    test_small.py::test_a_row_is_shown" in told.stdout
    assert "2 rows shown by 1 tests" in told.stdout
