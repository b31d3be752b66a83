"""What holds for every test: requirement marks, and skips that are seen. Fixtures belong to the folders."""

from __future__ import annotations

import gc
import os
import re
from collections import defaultdict
from collections.abc import Generator, Iterable
from typing import TypeVar

import pytest
from hypothesis import settings

from quarterdeck.boot import (
    loading,
    sqlite_module,  # noqa: F401 - the product's SQLite, before anything loads another
)
from support.programs import MARK

Report = TypeVar("Report", pytest.TestReport, pytest.CollectReport)
ROW = re.compile(r"R-\d{3}|X-\d{2}")
ON_CI = os.environ.get("CI", "").lower() in ("1", "true", "yes")

loading.begin()
# A shared machine makes single examples slow without meaning anything, so there is no deadline.
settings.register_profile("ordinary", deadline=None, print_blob=True)
settings.register_profile("soak", deadline=None, print_blob=True, max_examples=5_000)
settings.load_profile("soak" if os.environ.get("QUARTERDECK_SOAK") else "ordinary")


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--db", choices=("sqlite", "postgres"), default="sqlite", help="the database under test")
    parser.addoption(
        "--requirements",
        action="store_true",
        help="list which rows of the requirement matrix are shown by which tests, and run none",
    )


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Refuses a mark whose ids are not ids of rows: a mistyped mark would count for nothing."""
    wrong = [f"{item.nodeid}: {bad}" for item in items for bad in _wrong_marks(item)]
    if wrong:
        raise pytest.UsageError('A requirement mark names rows, as "R-026" or "X-09":\n' + "\n".join(wrong))


def _wrong_marks(item: pytest.Item) -> list[str]:
    wrong = []
    for mark in item.iter_markers("requirement"):
        rows = [row for row in mark.args if isinstance(row, str) and ROW.fullmatch(row)]
        if mark.kwargs or not mark.args or len(rows) < len(mark.args):
            wrong.append(f"requirement{mark.args!r}")
    return wrong


def rows_shown(items: Iterable[pytest.Item]) -> dict[str, list[str]]:
    """Row id to the tests that show it, in order of the ids; the cases of one test count once."""
    shown: dict[str, dict[str, None]] = defaultdict(dict)
    for item in items:
        for mark in item.iter_markers("requirement"):
            for row in mark.args:
                shown[row][item.nodeid.partition("[")[0]] = None
    return {row: list(tests) for row, tests in sorted(shown.items())}


def pytest_collection_finish() -> None:
    """What all tests have loaded stays to the end: looking through it for garbage took a fifth of their time."""
    loading.done()
    gc.set_threshold(20_000, 10, 10)


@pytest.hookimpl(tryfirst=True)
def pytest_runtestloop(session: pytest.Session) -> bool | None:
    if not session.config.getoption("--requirements"):
        return None
    shown = rows_shown(session.items)
    for row, tests in shown.items():
        print(f"\n{row}", *tests, sep="\n    ", end="")
    print(f"\n\n{len(shown)} rows shown by {len({t for tests in shown.values() for t in tests})} tests")
    return True


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    return _seen(item.nodeid, (yield))


@pytest.hookimpl(wrapper=True)
def pytest_make_collect_report(
    collector: pytest.Collector,
) -> Generator[None, pytest.CollectReport, pytest.CollectReport]:
    return _seen(collector.nodeid, (yield))


def _seen(name: str, report: Report) -> Report:
    """On CI a skip is a failure: what was not run has not been shown."""
    if ON_CI and report.skipped and not hasattr(report, "wasxfail"):
        report.outcome = "failed"
        report.longrepr = f"{name} was skipped, which counts as a failure on CI: {_reason(report)}"
    return report


def _reason(report: pytest.TestReport | pytest.CollectReport) -> str:
    told = report.longrepr[2] if isinstance(report.longrepr, tuple | list) else str(report.longrepr)
    return told.removeprefix("Skipped: ")


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Names the programs for want of which something was not run, and how to get them."""
    without: dict[str, int] = defaultdict(int)
    for report in terminalreporter.stats.get("skipped", []):
        reason = _reason(report)
        if reason.startswith(MARK):
            without[reason.removeprefix(MARK + ": ")] += 1
    if without:
        terminalreporter.section("Skipped for want of a program")
        for program, count in sorted(without.items()):
            terminalreporter.write_line(f"{program}: {count} not run")
