"""A report as PDF on A4: headings, tables, timeline, page numbers and, on a drill, its mark on every page. What people
wrote is text and nothing else; long words break, long texts flow over pages.
"""

from __future__ import annotations

from collections.abc import Callable
from io import BytesIO
from typing import Any

from reportlab.lib.colors import HexColor
from reportlab.lib.pagesizes import A4
from reportlab.lib.styles import ParagraphStyle
from reportlab.lib.units import mm
from reportlab.platypus import BaseDocTemplate, Flowable, Frame, PageTemplate, Paragraph, Spacer, TableStyle
from reportlab.platypus import LongTable as Grid

from quarterdeck.core.reviews import Block, Document, Entries, Facts, Report, Stamp, Table, Text, document

from .fonts import Fonts, fonts

_INK, _QUIET, _LINE, _HEAD, _ALARM = map(HexColor, ("#1b1f23", "#59636e", "#d1d7dd", "#f2f4f6", "#b3261e"))
_MARGIN = 18 * mm
_WIDTH = A4[0] - 2 * _MARGIN
_WHEN = 31 * mm
_LABEL = 38 * mm
# A text longer than so many characters or lines is laid out in pieces, so that the time it takes stays linear.
_PIECE, _PIECE_LINES = 4_000, 60


class Paper:
    """Styles and fonts of one document; turns blocks into flowables."""

    def __init__(self) -> None:
        self.fonts: Fonts = fonts()
        base = self.fonts.regular[0].name
        heavy = self.fonts.bold[0].name
        self.bold_name = heavy

        def style(name: str, size: float, **rest: Any) -> ParagraphStyle:
            values = {"fontName": base, "leading": size * 1.38, "textColor": _INK, "splitLongWords": 1} | rest
            return ParagraphStyle(name, fontSize=size, **values)

        self.title = style("title", 17, fontName=heavy, spaceAfter=4)
        self.mark = style("mark", 10, fontName=heavy, textColor=_ALARM, spaceAfter=4)
        self.group = style("group", 13, fontName=heavy, spaceBefore=16, spaceAfter=2, keepWithNext=1)
        self.heading = style("heading", 10.5, fontName=heavy, spaceBefore=10, spaceAfter=3, keepWithNext=1)
        self.text = style("text", 9, spaceAfter=3)
        self.quiet = style("quiet", 9, textColor=_QUIET, spaceAfter=3)
        self.cell = style("cell", 8.5)
        hanging = {"bulletIndent": 0, "bulletFontName": base}
        self.fact = style("fact", 9, leftIndent=_LABEL, bulletFontSize=9, spaceAfter=2, **hanging)
        self.stamp = style("stamp", 9, leftIndent=_WHEN, bulletFontSize=8, spaceBefore=4, **hanging)
        self.below = style("below", 8.5, leftIndent=_WHEN, spaceAfter=1)
        self.note = style("note", 8.5, leftIndent=_WHEN, textColor=_QUIET, spaceAfter=1)

    def paragraphs(
        self, text: str, style: ParagraphStyle, lead: str = "", bullet: str = ""
    ) -> list[Paragraph]:
        """Lines stay lines. `lead` is markup in front of the first, `bullet` plain text beside it."""
        bold = style.fontName == self.bold_name
        made = []
        for piece in _pieces(text) or [""]:
            markup = "<br/>".join(self.fonts.markup(line, bold) for line in piece.split("\n"))
            made.append(Paragraph(lead + markup, style, bulletText=self.fonts.plain(bullet) or None))
            lead = bullet = ""
        return made

    def bold(self, text: str) -> str:
        return f'<font name="{self.bold_name}">{self.fonts.markup(text, bold=True)}</font>'

    def block(self, block: Block) -> list[Flowable]:
        match block:
            case Text(text=text, quiet=quiet):
                return list(self.paragraphs(text, self.quiet if quiet else self.text))
            case Facts(rows=rows):
                return [p for label, text in rows for p in self.paragraphs(text, self.fact, bullet=label)]
            case Table():
                return [self.grid(block)]
            case Entries(items=items):
                return [p for item in items for p in self.entry(item)]

    def entry(self, item: Stamp) -> list[Flowable]:
        title = " ".join(item.title.split()) or "–"
        lead = self.bold(title) if item.key else ""
        made = self.paragraphs("" if item.key else title, self.stamp, lead, item.when)
        if item.text.strip():
            made += self.paragraphs(item.text, self.below)
        for label, text in item.notes:
            made += self.paragraphs(text, self.note, f"{self.fonts.markup(label)}: ")
        return list(made)

    def grid(self, table: Table) -> Flowable:
        head = [Paragraph(self.bold(cell), self.cell) for cell in table.head]
        body = [[self.paragraphs(" ".join(c.split()), self.cell) for c in row] for row in table.rows]
        total = sum(table.widths)
        grid = Grid(
            [head, *body],
            colWidths=[_WIDTH * share / total for share in table.widths],
            repeatRows=1,
            splitInRow=1,
        )
        grid.setStyle(
            TableStyle(
                [
                    ("BACKGROUND", (0, 0), (-1, 0), _HEAD),
                    ("LINEBELOW", (0, 0), (-1, -1), 0.5, _LINE),
                    ("VALIGN", (0, 0), (-1, -1), "TOP"),
                    ("LEFTPADDING", (0, 0), (-1, -1), 4),
                    ("RIGHTPADDING", (0, 0), (-1, -1), 4),
                    ("TOPPADDING", (0, 0), (-1, -1), 3),
                    ("BOTTOMPADDING", (0, 0), (-1, -1), 4),
                ]
            )
        )
        return grid


def pdf(report: Report, *, whole: bool = False, undated: bool = False) -> bytes:
    """The whole report as one file. `whole` keeps the background lines of the timeline too; `undated`: the same report
    gives the same bytes, whenever it is written.
    """
    return sheet(document(report, whole), "Incident report", undated=undated)


def sheet(d: Document, subject: str, *, undated: bool = False) -> bytes:
    """Any document as one file."""
    paper = Paper()
    story = _story(d, paper)
    if paper.fonts.missing:
        story.insert(3, Paragraph(_lacking(paper.fonts.missing), paper.quiet))
    out = BytesIO()
    made = BaseDocTemplate(
        out, pagesize=A4, leftMargin=_MARGIN, rightMargin=_MARGIN, topMargin=_MARGIN, bottomMargin=_MARGIN,
        title=f"{d.key} {d.title}", author="Quarterdeck", subject=subject, lang="en",
        invariant=1 if undated else None,
    )  # fmt: skip
    frame = Frame(_MARGIN, _MARGIN, _WIDTH, A4[1] - 2 * _MARGIN, 0, 0, 0, 0)
    made.addPageTemplates(PageTemplate("page", [frame], onPage=_margins(d, paper)))
    made.build(story)
    return out.getvalue()


def _story(d: Document, paper: Paper) -> list[Flowable]:
    marks = paper.paragraphs(" · ".join(d.marks), paper.mark) if d.marks else [Spacer(1, 1)]
    title = paper.paragraphs(f"{d.key} {d.title}", paper.title)
    made = Paragraph(paper.fonts.markup(d.made), paper.quiet)
    story: list[Flowable] = [*marks, *title, made]
    group = ""
    for section in d.sections:
        if section.group and section.group != group:
            group = section.group
            story.append(Paragraph(paper.fonts.markup(group, bold=True), paper.group))
        story.append(Paragraph(paper.fonts.markup(section.title, bold=True), paper.heading))
        for block in section.blocks:
            story += paper.block(block)
    return story


def _pieces(text: str) -> list[str]:
    """Text without empty lines, in pieces of bounded length."""
    lines = [line for line in text.split("\n") if line.strip()]
    short = [line[at : at + _PIECE] for line in lines for at in range(0, len(line), _PIECE)]
    pieces: list[list[str]] = []
    size = 0
    for line in short:
        if not pieces or size + len(line) > _PIECE or len(pieces[-1]) == _PIECE_LINES:
            pieces.append([])
            size = 0
        pieces[-1].append(line)
        size += len(line)
    return ["\n".join(piece) for piece in pieces]


def _margins(d: Document, paper: Paper) -> Callable[[Any, Any], None]:
    """What every page carries: the incident, its marks, the number of the page."""
    name = paper.fonts.regular[0].name
    head = " · ".join([d.key, *d.marks])

    def draw(canvas: Any, template: Any) -> None:
        canvas.saveState()
        canvas.setFont(name, 8)
        canvas.setFillColor(_ALARM if d.marks else _QUIET)
        canvas.drawString(_MARGIN, 10 * mm, head)
        canvas.setFillColor(_QUIET)
        canvas.drawRightString(A4[0] - _MARGIN, 10 * mm, f"Page {template.page}")
        canvas.restoreState()

    return draw


def _lacking(missing: set[str]) -> str:
    codes = " ".join(f"U+{ord(c):04X}" for c in sorted(missing)[:12])
    more = " and others" if len(missing) > 12 else ""
    return f"No font here has these characters, so they are spelt out: {codes}{more}. The Markdown export has them."
