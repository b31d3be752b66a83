"""Imports point down, the core stays pure, and one package writes."""

from __future__ import annotations

import ast
import os
import subprocess
import sys
from pathlib import Path

import pytest

from support.source import LIFELINE, PRODUCT, ROOT, modules, nodes, place, short

LINTER = Path(sys.executable).parent / "lint-imports"
IMPURE = {"asyncio", "logging", "os", "pathlib", "random", "secrets", "socket", "sqlite3", "time"}
TYPES_ONLY = {"_typeshed"}


def test_imports_point_down_the_list_of_packages():
    told = subprocess.run(
        [LINTER, "--no-cache", "--config", ROOT / ".importlinter"],
        cwd=ROOT,
        env=os.environ | {"PYTHONPATH": str(ROOT / "src")},
        capture_output=True,
        text=True,
        check=False,
    )
    assert told.returncode == 0, told.stdout + told.stderr


def imported(path: Path) -> dict[str, str]:
    """Top-level names of absolute imports, with the place of each."""
    found = {}
    for node in nodes(path):
        if isinstance(node, ast.Import):
            found |= {alias.name.partition(".")[0]: place(path, node) for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.level == 0 and node.module:
            found[node.module.partition(".")[0]] = place(path, node)
    return found


@pytest.mark.parametrize("root", [PRODUCT / "core", LIFELINE], ids=["core", "lifeline"])
def test_only_the_standard_library_is_imported(root):
    own = {"quarterdeck" if root.name == "core" else "quarterdeck_lifeline"} | TYPES_ONLY
    foreign = {
        where: name
        for path in modules(root)
        for name, where in imported(path).items()
        if name not in sys.stdlib_module_names | own
    }
    assert not foreign


def test_the_core_imports_nothing_with_a_clock_or_side_effects():
    impure = {
        where: name
        for path in modules(PRODUCT / "core")
        for name, where in imported(path).items()
        if name in IMPURE
    }
    assert not impure


def test_every_package_of_the_core_is_really_a_package():
    loose = [short(p) for p in (PRODUCT / "core").glob("*.py") if p.name != "__init__.py"]
    assert not loose, "a module of the core belongs into one of its packages"
