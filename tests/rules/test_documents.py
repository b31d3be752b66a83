"""The documents say what is so: packages, paths and links in them exist."""

from __future__ import annotations

import re

from support.source import PRODUCT, ROOT, files, packages, short, text

LINK = re.compile(r"\[[^\]]*\]\(([^)\s]+)\)|!\[[^\]]*\]\(([^)\s]+)\)")
PATH = re.compile(r"`((?:src|tests|docs|tools|bench|changes|\.ci)/[\w./-]*)`")
BULLET = re.compile(r"^- `([\w/]+)`: ", re.MULTILINE)
MOST_LINES = {"ARCHITECTURE.md": 110, "docs/decisions": 45}
PARTS = ("## Context", "## Decision", "## What we give up", "## How we will know it was wrong")


def test_the_architecture_names_exactly_the_packages_there_are():
    named = set(BULLET.findall(text(ROOT / "ARCHITECTURE.md")))
    inside = {f"core/{name}" for name in packages(PRODUCT / "core")}
    assert named == packages(PRODUCT) | inside


def test_the_architecture_fits_on_two_pages():
    assert len(text(ROOT / "ARCHITECTURE.md").splitlines()) <= MOST_LINES["ARCHITECTURE.md"]


def anchors(markdown: str) -> set[str]:
    """The anchors a heading gets: lower case, punctuation dropped, spaces as hyphens."""
    heads = re.findall(r"^#+ (.*)$", markdown, re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", head.lower()).strip().replace(" ", "-") for head in heads}


def test_every_relative_link_in_a_document_resolves():
    broken = []
    for page in files(".md"):
        for match in LINK.finditer(text(page)):
            target, _, anchor = (match[1] or match[2]).partition("#")
            if ":" in target:
                continue
            there = page if not target else page.parent / target
            if not there.exists() or (
                anchor and there.suffix == ".md" and anchor not in anchors(text(there))
            ):
                broken.append(f"{short(page)}: {match[0]}")
    assert not broken


def test_every_path_a_document_names_exists():
    gone = [
        f"{short(page)}: {path}"
        for page in files(".md")
        for path in PATH.findall(text(page))
        if not (ROOT / path).exists()
    ]
    assert not gone


def test_every_decision_is_a_page_with_its_four_parts():
    for page in sorted((ROOT / "docs" / "decisions").glob("[0-9]*.md")):
        lines = text(page).splitlines()
        assert [line for line in lines if line.startswith("## ")] == list(PARTS), page.name
        assert len(lines) <= MOST_LINES["docs/decisions"], page.name
        assert lines[0].startswith(f"# {page.name[:4]} "), page.name
        assert f"({page.name})" in text(page.parent / "README.md"), page.name


def test_every_change_fragment_has_a_known_kind():
    kinds = {p.name.split(".")[-2] for p in (ROOT / "changes").glob("*.md") if p.name != "README.md"}
    assert kinds <= {"security", "changed", "added", "fixed"}


def test_every_recipe_for_contributors_is_short():
    recipes = text(ROOT / "CONTRIBUTING.md").partition("## Recipes")[2].partition("\n## ")[0]
    assert not [r for r in recipes.strip().split("\n\n") if len(r.splitlines()) > 6]
