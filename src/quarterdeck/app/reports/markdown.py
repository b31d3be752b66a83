"""A report as Markdown (CommonMark with pipe tables). Whatever people wrote comes out as the text it is: never as a
heading, a link, an image or HTML.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from quarterdeck.core.reviews import Block, Document, Entries, Facts, Report, Stamp, Table, Text, document

# An underscore inside a word and an "&" that begins no entity are themselves, so that addresses stay whole.
_INLINE = re.compile(r"[\\`*\[\]<>|~^$]|(?<![^\W_])_|_(?![^\W_])|&(?=#?\w+;)")
# What begins a block at the start of a line: headings, quotes, lists, rules, underlines of headings.
_BLOCK = re.compile(r"^([#+=:-]|\d{1,9}(?=[.)]))")
_BREAK = "\\\n"


def markdown(report: Report, *, whole: bool = False) -> str:
    """The whole report. `whole` keeps the background lines of the timeline too."""
    return "".join(_document(document(report, whole)))


def escape(text: str) -> str:
    """Text on one line of Markdown, as itself."""
    flat = _INLINE.sub(r"\\\g<0>", " ".join(text.split()))
    found = _BLOCK.match(flat)
    if not found:
        return flat
    head = found[1]
    return f"{head}\\{flat[len(head) :]}" if head.isdigit() else f"\\{flat}"


def lines(text: str, indent: str = "") -> str:
    """Text of several lines: paragraphs stay paragraphs, single line ends stay line ends."""
    paragraphs = [p for p in re.split(r"\n[ \t]*\n", text.strip("\n")) if p.strip()]
    shown = (
        _BREAK.join(escape(part) for part in paragraph.split("\n") if part.strip())
        for paragraph in paragraphs
    )
    return "\n\n".join(shown).replace("\n", f"\n{indent}").replace(f"\n{indent}\n", "\n\n")


def _document(d: Document) -> Iterator[str]:
    marks = " ".join(f"[{m}]" for m in d.marks)
    yield f"# {escape(f'{marks} {d.key} {d.title}'.strip())}\n\n{escape(d.made)}\n"
    group = ""
    for section in d.sections:
        if section.group and section.group != group:
            group = section.group
            yield f"\n## {group}\n"
        yield f"\n### {escape(section.title)}\n"
        for block in section.blocks:
            yield f"\n{_block(block)}\n"


def _block(block: Block) -> str:
    match block:
        case Text(text=text, quiet=quiet):
            return f"*{escape(text)}*" if quiet else lines(text)
        case Facts(rows=rows):
            return "\n".join(f"- **{escape(label)}:** {lines(text, '  ')}" for label, text in rows)
        case Table():
            return _table(block)
        case Entries(items=items):
            return "\n".join(_stamp(item) for item in items)


def _table(table: Table) -> str:
    def row(cells: tuple[str, ...]) -> str:
        return "| " + " | ".join(escape(c) for c in cells) + " |"

    return "\n".join([row(table.head), "|" + " --- |" * len(table.head), *map(row, table.rows)])


def _stamp(item: Stamp) -> str:
    plain = escape(item.title) or "–"
    title = f"**{plain}**" if item.key else plain
    told = [f"- {escape(item.when)} {title}"]
    if item.text.strip():
        told.append(f"  {lines(item.text, '  ')}")
    told += [f"  {escape(label)}: {lines(text, '  ')}" for label, text in item.notes]
    return _BREAK.join(told)
