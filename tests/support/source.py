"""The files of the repository as the rules see them: paths, texts and syntax trees. Reads only."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PRODUCT = ROOT / "src" / "quarterdeck"
LIFELINE = ROOT / "src" / "quarterdeck_lifeline"
MIGRATIONS = PRODUCT / "store" / "migrations"
TOPS = (".ci", "bench", "changes", "docs", "src", "tests", "tools")
TEXT = {".py", ".md", ".toml", ".html", ".txt", ".css", ".js", ".svg", ".lua", ".sh", ".yaml", ".yml", ".xml"}


def short(path: Path) -> str:
    """The path as the repository names it: src/quarterdeck/core/..."""
    return path.relative_to(ROOT).as_posix()


@cache
def text(path: Path) -> str:
    return path.read_text(encoding="utf-8")


@cache
def tree(path: Path) -> ast.Module:
    return ast.parse(text(path), filename=str(path))


@cache
def nodes(path: Path) -> tuple[ast.AST, ...]:
    """Every node of a file's tree: each rule looks at all of them."""
    return tuple(ast.walk(tree(path)))


@cache
def files(*suffixes: str) -> tuple[Path, ...]:
    """Every file of the repository with one of these suffixes, in the order of their names."""
    found = [p for p in ROOT.iterdir() if p.is_file()]
    found += [p for top in TOPS if (ROOT / top).is_dir() for p in (ROOT / top).rglob("*") if p.is_file()]
    hidden = ("__pycache__", ".ruff_cache", ".hypothesis")
    return tuple(sorted(p for p in found if p.suffix in suffixes and not set(hidden) & set(p.parts)))


def modules(*roots: Path) -> Iterator[Path]:
    """The Python files under these folders, migrations left out (they are generated)."""
    for path in files(".py"):
        if any(path.is_relative_to(root) for root in roots) and not path.is_relative_to(MIGRATIONS):
            yield path


def packages(root: Path) -> set[str]:
    """The names of the packages directly inside a folder."""
    return {p.parent.name for p in root.glob("*/__init__.py")}


def calls(path: Path) -> Iterator[ast.Call]:
    return (node for node in nodes(path) if isinstance(node, ast.Call))


def place(path: Path, node: ast.expr | ast.stmt | ast.ExceptHandler) -> str:
    return f"{short(path)}:{node.lineno}"


def chain(node: ast.expr) -> list[str]:
    """The names along an attribute chain, last first: Alert.objects.filter(x).update -> update, filter, …"""
    names = []
    while True:
        if isinstance(node, ast.Attribute):
            names.append(node.attr)
            node = node.value
        elif isinstance(node, ast.Call):
            node = node.func
        elif isinstance(node, ast.Subscript):
            node = node.value
        else:
            break
    return [*names, node.id] if isinstance(node, ast.Name) else names
