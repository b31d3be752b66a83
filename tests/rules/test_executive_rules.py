"""Each of the twenty-five rules of the executive boundary has a test that is marked with it."""

from __future__ import annotations

import re
from pathlib import Path

TESTS = Path(__file__).parent.parent
RULES = {f"X-{n:02}" for n in range(1, 26)}


def marked() -> dict[str, set[str]]:
    """Rule -> the files with a test of it."""
    found: dict[str, set[str]] = {}
    for path in TESTS.rglob("test_*.py"):
        if path.parent == TESTS / "rules":
            continue
        for said in re.findall(r"requirement\(([^)]*)\)", path.read_text()):
            for rule in re.findall(r'"(X-\d\d)"', said):
                found.setdefault(rule, set()).add(path.name)
    return found


def test_every_rule_of_the_executive_boundary_has_a_marked_test() -> None:
    found = marked()
    assert RULES - set(found) == set()
    assert set(found) <= RULES
