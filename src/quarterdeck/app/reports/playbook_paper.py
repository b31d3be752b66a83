"""The playbook as PDF: one A4 page, whatever is configured, with the address it came from as a QR code."""

from __future__ import annotations

from io import BytesIO
from typing import Any

from reportlab.graphics.barcode.qr import QrCodeWidget
from reportlab.graphics.shapes import Drawing
from reportlab.lib.colors import Color, HexColor
from reportlab.lib.pagesizes import A4
from reportlab.lib.styles import ParagraphStyle
from reportlab.lib.units import mm
from reportlab.pdfgen.canvas import Canvas
from reportlab.platypus import Flowable, KeepInFrame, Paragraph, Spacer, Table, TableStyle

from quarterdeck.app.technical.playbook import Contact, Playbook

from .paper import Paper

_MARGIN, _GAP, _QR = 11 * mm, 6 * mm, 19 * mm
_WIDTH = A4[0] - 2 * _MARGIN
_HALF = (_WIDTH - _GAP) / 2
_INK, _QUIET, _LINE = map(HexColor, ("#1b1f23", "#59636e", "#c9d0d8"))
# Dark enough for print, told apart in grey too: the labels are in every cell.
_RANKS = {1: "#f4c7c3", 2: "#fbdcc0", 3: "#fbf0c4", 4: "#e0ecf8", 5: "#eef1f4"}


def pdf(book: Playbook) -> bytes:
    """The page. The same playbook gives the same bytes."""
    out = BytesIO()
    canvas = Canvas(out, pagesize=A4, invariant=1, initialFontName="Helvetica")
    canvas.setTitle("Incident playbook")
    sheet = _Sheet(book)
    _put(canvas, sheet.head(), _MARGIN, A4[1] - _MARGIN - 17 * mm, _WIDTH - _QR - _GAP, 17 * mm)
    qr = QrCodeWidget(book.url, barWidth=_QR, barHeight=_QR, barBorder=0)
    box = Drawing(_QR, _QR)
    box.add(qr)
    box.drawOn(canvas, A4[0] - _MARGIN - _QR, A4[1] - _MARGIN - _QR)
    height = A4[1] - 2 * _MARGIN - _QR - 4 * mm
    _put(canvas, sheet.left(), _MARGIN, _MARGIN, _HALF, height)
    _put(canvas, sheet.right(), _MARGIN + _HALF + _GAP, _MARGIN, _HALF, height)
    canvas.showPage()
    canvas.save()
    return out.getvalue()


def _put(canvas: Canvas, story: list[Flowable], x: float, y: float, width: float, height: float) -> None:
    """The story in this place from its top, made smaller until it fits."""
    frame = KeepInFrame(width, height, story, mode="shrink", vAlign="TOP")
    _, used = frame.wrapOn(canvas, width, height)
    frame.drawOn(canvas, x, y + height - min(used, height))


class _Sheet:
    def __init__(self, book: Playbook) -> None:
        self.book = book
        self.paper = Paper()
        base, heavy = self.paper.fonts.regular[0].name, self.paper.bold_name

        def style(name: str, size: float, **rest: Any) -> ParagraphStyle:
            values = {"fontName": base, "leading": size * 1.28, "textColor": _INK, "splitLongWords": 1} | rest
            return ParagraphStyle(name, fontSize=size, **values)

        self.title = style("pb-title", 17, fontName=heavy)
        self.heading = style("pb-heading", 9.5, fontName=heavy, spaceBefore=8, spaceAfter=3)
        self.text = style("pb-text", 8)
        self.quiet = style("pb-quiet", 7.5, textColor=_QUIET)
        self.cell = style("pb-cell", 8, alignment=1)

    def head(self) -> list[Flowable]:
        made = f"As of {self.book.made_at:%Y-%m-%d %H:%M} UTC. The page in force: {self.book.url}"
        return [self._p("Incident playbook", self.title), Spacer(1, 3), self._p(made, self.quiet)]

    def left(self) -> list[Flowable]:
        b = self.book
        found = [self._p("1. How severe is it?", self.heading), self._matrix()]
        found.append(
            self._p(
                f"Impact down, urgency across. In doubt take the higher; unknown counts as {b.unknown}.",
                self.quiet,
            )
        )
        found.append(Spacer(1, 4))
        for level in b.levels:
            found.append(self._p(level.criteria, self.text, f"{level.label}: "))
            found.append(self._p(level.asks, self.quiet))
        found.append(self._p("2. Declare it, page, take command", self.heading))
        for text in (
            "In the browser: Declare incident. Whoever declares commands until it is handed over.",
            'From a terminal: quarterdeck declare "What is wrong" --severity 1',
            'Nobody leads? Call a commander: quarterdeck page --commander --reason "Why"',
            "One commander. Tasks have a name, minutes and a check-back. Restore before cause.",
        ):
            found.append(self._p(f"• {text}", self.text))
        found.append(self._p("3. Which structure?", self.heading))
        for s in b.structures:
            found.append(self._p(f"for {s.types}", self.text, f"{s.title}: "))
            found.append(self._p(f"Needs: {s.roles}", self.quiet))
        return found

    def right(self) -> list[Flowable]:
        b = self.book
        found = [self._p("Who is in charge now", self.heading)]
        for i in b.in_charge:
            found.append(self._p(f"{i.title} ({i.severity})", self.text, f"{i.key} "))
            found.append(self._p(i.line, self.quiet))
        if not b.in_charge:
            found.append(self._p("No incident is open.", self.text))
        if b.more_incidents:
            found.append(self._p(f"and {b.more_incidents} more", self.quiet))
        found += [self._p("On call now", self.heading), self._contacts(b.on_duty, "No schedule is set up.")]
        if b.more_duties:
            found.append(self._p(f"and {b.more_duties} more schedules", self.quiet))
        found += [
            self._p("If paging fails, ring", self.heading),
            self._contacts(b.phones, "Nobody is named."),
        ]
        first = b.structures[0] if b.structures else None
        for s in b.structures:
            first = s if len(s.first) > len(first.first if first else ()) else first
        if first:
            found.append(self._p("The first minutes of whoever commands", self.heading))
            found += [self._p(f"□ {text}", self.text) for text in first.first]
        return found

    def _matrix(self) -> Flowable:
        b = self.book
        head = [self._p("", self.cell), *(self._p(u.capitalize(), self.cell) for u in b.urgencies)]
        rows = [
            [self._p(impact.capitalize(), self.text), *(self._p(label, self.cell) for _, label in cells)]
            for impact, cells in b.matrix.items()
        ]
        paint = [
            ("BACKGROUND", (c + 1, r + 1), (c + 1, r + 1), _colour(rank))
            for r, cells in enumerate(b.matrix.values())
            for c, (rank, _) in enumerate(cells)
        ]
        table = Table([head, *rows], colWidths=[_HALF / (len(b.urgencies) + 1)] * (len(b.urgencies) + 1))
        pads = [(f"{side}PADDING", (0, 0), (-1, -1), 2) for side in ("TOP", "BOTTOM", "LEFT", "RIGHT")]
        table.setStyle(TableStyle([("GRID", (0, 0), (-1, -1), 0.5, _LINE), *pads, *paint]))
        return table

    def _contacts(self, contacts: tuple[Contact, ...], nobody: str) -> Flowable:
        if not contacts:
            return self._p(nobody, self.text)
        rows = [
            [self._p("", self.text, c.name), self._p(c.detail, self.text), self._p(c.phone or "–", self.text)]
            for c in contacts
        ]
        table = Table(rows, colWidths=[_HALF * 0.36, _HALF * 0.34, _HALF * 0.30])
        pads = [(f"{side}PADDING", (0, 0), (-1, -1), 1.5) for side in ("TOP", "BOTTOM", "LEFT", "RIGHT")]
        table.setStyle(
            TableStyle(
                [("LINEBELOW", (0, 0), (-1, -1), 0.4, _LINE), ("VALIGN", (0, 0), (-1, -1), "TOP"), *pads]
            )
        )
        return table

    def _p(self, text: str, style: ParagraphStyle, lead: str = "") -> Paragraph:
        bold = self.paper.bold(lead) if lead else ""
        return Paragraph(bold + self.paper.fonts.markup(text, style.fontName == self.paper.bold_name), style)


def _colour(rank: int) -> Color:
    return HexColor(_RANKS.get(rank, "#ffffff"))
