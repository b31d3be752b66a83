"""Sizes, names and docstrings: what keeps a file easy to read for somebody who has never seen it."""

from __future__ import annotations

import ast
import warnings

from support.source import (
    LIFELINE,
    MIGRATIONS,
    PRODUCT,
    ROOT,
    files,
    modules,
    nodes,
    place,
    short,
    text,
    tree,
)

LINES_WANTED, LINES_MOST = 300, 500
STATEMENTS_MOST = 40
SOURCES = (PRODUCT, LIFELINE, ROOT / "tools", ROOT / "bench")
EMPTY_NAMES = {"util", "utils", "common", "helper", "helpers", "flows", "misc", "manager", "managers"}


def length(path):
    return text(path).count("\n")


def test_no_file_is_longer_than_five_hundred_lines():
    code = [p for p in files(".py", ".js", ".css", ".html") if not p.is_relative_to(MIGRATIONS)]
    long = {short(p): length(p) for p in code if length(p) > LINES_WANTED}
    for name, lines in long.items():
        warnings.warn(f"{name} has {lines} lines; {LINES_WANTED} are wanted", stacklevel=1)
    assert not {name: lines for name, lines in long.items() if lines > LINES_MOST}


def statements(function: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    inside = sum(isinstance(node, ast.stmt) for node in ast.walk(function)) - 1
    return inside - (ast.get_docstring(function) is not None)


def test_no_function_has_more_than_forty_statements():
    long = {
        f"{place(path, node)} {node.name}": statements(node)
        for path in modules(PRODUCT, LIFELINE)
        for node in nodes(path)
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and statements(node) > STATEMENTS_MOST
    }
    assert not long


def test_every_module_says_what_it_is_for():
    assert not [short(p) for p in modules(*SOURCES) if not ast.get_docstring(tree(p))]


def test_no_file_or_folder_has_a_name_that_says_nothing():
    parts = {short(p): {*p.relative_to(ROOT).parts[:-1], p.stem} for p in modules(*SOURCES, ROOT / "tests")}
    assert not [name for name, words in parts.items() if words & EMPTY_NAMES]


def test_no_class_is_a_manager():
    """Django's own word for the object behind `Model.objects` is the one exception."""
    bad = [
        f"{place(path, node)} {node.name}"
        for path in modules(*SOURCES)
        for node in nodes(path)
        if isinstance(node, ast.ClassDef) and "Manager" in node.name
        if not any("Manager" in ast.unparse(base) for base in node.bases)
    ]
    assert not bad


def test_tests_are_named_as_sentences():
    bad = [
        f"{place(path, node)} {node.name}"
        for path in modules(ROOT / "tests")
        for node in nodes(path)
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and node.name.startswith("test_")
        if node.name.startswith("test_it_") or len(node.name.split("_")) < 4 or node.name[-1].isdigit()
    ]
    assert not bad, "a test's name is a sentence in the present tense, of three words at least"
