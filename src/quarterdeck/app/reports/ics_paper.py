"""ICS forms and the Incident Action Plan as PDF on Letter-like A4 pages: boxed, numbered blocks, as crews know them.

Draws pages made by `core.incidents.ics.forms.page`; knows no incident. What people wrote is text and nothing else.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from io import BytesIO
from typing import Any

from reportlab.lib.colors import HexColor
from reportlab.lib.pagesizes import A4, landscape
from reportlab.lib.styles import ParagraphStyle
from reportlab.lib.units import mm
from reportlab.pdfgen.canvas import Canvas
from reportlab.platypus import (
    BaseDocTemplate,
    Flowable,
    Frame,
    NextPageTemplate,
    PageBreak,
    PageTemplate,
    Paragraph,
    Spacer,
    TableStyle,
)
from reportlab.platypus import LongTable as Grid

from .fonts import Fonts, fonts
from .ics_chart import OrgChart

Page = Mapping[str, Any]
Stamp = Mapping[str, Any]
_INK, _LINE, _HEAD, _QUIET, _ALARM = map(HexColor, ("#111418", "#2b3138", "#e9ecef", "#59636e", "#b3261e"))
_MARGIN = 13 * mm
_TALL, _WIDE = A4, landscape(A4)
_PIECE = 3_000
_LEAST = 13 * mm


class Ink:
    """Styles and fonts of one document."""

    def __init__(self) -> None:
        self.fonts: Fonts = fonts()
        base, heavy = self.fonts.regular[0].name, self.fonts.bold[0].name
        self.base, self.heavy = base, heavy

        def style(name: str, size: float, font: str = base, **rest: Any) -> ParagraphStyle:
            values = {"leading": size * 1.25, "textColor": _INK, "splitLongWords": 1} | rest
            return ParagraphStyle(name, fontName=font, fontSize=size, **values)

        self.title = style("title", 13, heavy, alignment=1)
        self.label = style("label", 7.6, heavy)
        self.text = style("text", 8.8)
        self.cell = style("cell", 7.8)
        self.head = style("head", 6.8, heavy)
        self.cover = style("cover", 26, heavy, alignment=1, leading=34)
        self.under = style("under", 12, alignment=1, leading=17)

    def lines(self, text: str, style: ParagraphStyle) -> list[Flowable]:
        """Text with its line ends, in pieces, so that the time a long one takes stays linear."""
        bold = style.fontName == self.heavy
        made: list[Flowable] = []
        for part in text.split("\n"):
            for start in range(0, max(len(part), 1), _PIECE):
                made.append(Paragraph(self.fonts.markup(part[start : start + _PIECE], bold), style))
        return made

    def label_of(self, block: Page) -> Paragraph:
        number = f"{block['number']}. " if block["number"] else ""
        return Paragraph(self.fonts.markup(f"{number}{block['label']}:", bold=True), self.label)


def form_pdf(page: Page, stamp: Stamp | None = None) -> bytes:
    """One form. `stamp` tells who approved it; without one it is a draft."""
    ink = Ink()
    return _build(_form(ink, page, stamp), ink, page["title"], [page], stamp)


def plan_pdf(plan: Page, stamp: Stamp | None = None) -> bytes:
    """The Incident Action Plan: cover (ICS 200), then its forms, each on new pages, numbered through."""
    ink = Ink()
    story: list[Flowable] = [*_cover(ink, plan, stamp)]
    for page in plan["pages"]:
        story += [NextPageTemplate(_kind(page)), PageBreak(), *_form(ink, page, stamp, in_plan=True)]
    return _build(story, ink, "Incident Action Plan", plan["pages"], stamp, plan["cover"])


def _kind(page: Page) -> str:
    return "wide" if page["wide"] else "tall"


def _build(
    story: list[Flowable],
    ink: Ink,
    title: str,
    pages: Sequence[Page],
    stamp: Stamp | None,
    cover: Page | None = None,
) -> bytes:
    out = BytesIO()
    first = cover or pages[0]
    incident = first["incident"]
    marks = [*first["marks"], *([] if stamp else ["DRAFT – NOT APPROVED"])]
    document = BaseDocTemplate(
        out, pagesize=_TALL, leftMargin=_MARGIN, rightMargin=_MARGIN, topMargin=_MARGIN, bottomMargin=_MARGIN,
        title=f"{title} – {incident['id']} {incident['name']}", author="Quarterdeck", subject=title, lang="en",
    )  # fmt: skip
    templates = [_sheet("tall", _TALL), _sheet("wide", _WIDE)]
    start = "tall" if cover else _kind(pages[0])
    document.addPageTemplates(sorted(templates, key=lambda t: t.id != start))
    foot = f"{title}  ·  {incident['id']}"
    document.build(story, canvasmaker=_counted(ink, foot, marks, stamp))
    return out.getvalue()


def _sheet(name: str, size: tuple[float, float]) -> PageTemplate:
    frame = Frame(
        _MARGIN, _MARGIN + 6 * mm, size[0] - 2 * _MARGIN, size[1] - 2 * _MARGIN - 6 * mm, 0, 0, 0, 0
    )
    return PageTemplate(name, [frame], pagesize=size)


def _counted(ink: Ink, foot: str, marks: Sequence[str], stamp: Stamp | None) -> type[Canvas]:
    """A canvas that knows how many pages there are before it writes the foot of each."""
    sealed = f"Approved {stamp['at']} UTC, version {stamp['version']}, {stamp['hash'][:16]}" if stamp else ""

    class Counted(Canvas):  # type: ignore[misc]
        def __init__(self, *args: Any, **rest: Any) -> None:
            super().__init__(*args, **rest)
            self._kept: list[dict[str, Any]] = []

        def showPage(self) -> None:  # noqa: N802 - the name reportlab calls
            self._kept.append(dict(self.__dict__))
            self._startPage()

        def save(self) -> None:
            for number, kept in enumerate(self._kept, start=1):
                self.__dict__.update(kept)
                self._foot(number, len(self._kept))
                Canvas.showPage(self)
            Canvas.save(self)

        def _foot(self, number: int, of: int) -> None:
            width = self._pagesize[0]
            self.setFont(ink.base, 7.5)
            self.setFillColor(_QUIET)
            self.drawString(_MARGIN, 9 * mm, ink.fonts.plain(foot))
            self.drawRightString(width - _MARGIN, 9 * mm, f"Page {number} of {of}")
            self.drawCentredString(width / 2, 9 * mm, sealed)
            if marks:
                self.setFillColor(_ALARM)
                self.setFont(ink.heavy, 7.5)
                self.drawCentredString(width / 2, 12.6 * mm, " · ".join(marks))

    return Counted


def _form(ink: Ink, page: Page, stamp: Stamp | None, in_plan: bool = False) -> list[Flowable]:
    width = (_WIDE if page["wide"] else _TALL)[0] - 2 * _MARGIN
    story = [_band(ink, f"{page['name'].upper()} ({page['title']})", width)]
    for row in _rows(page["blocks"]):
        story += _row(ink, row, width)
    story.append(_signature(ink, page["prepared"], width, page.get("public", False)))
    story.append(_approval(ink, page, stamp, width, in_plan))
    return story


def _band(ink: Ink, text: str, width: float) -> Flowable:
    grid = Grid([[Paragraph(ink.fonts.markup(text, bold=True), ink.title)]], colWidths=[width])
    grid.setStyle(
        TableStyle([*_BOX, ("BACKGROUND", (0, 0), (-1, -1), _HEAD), ("BOTTOMPADDING", (0, 0), (-1, -1), 5)])
    )
    return grid


_BOX = [
    ("BOX", (0, 0), (-1, -1), 0.8, _LINE),
    ("INNERGRID", (0, 0), (-1, -1), 0.8, _LINE),
    ("VALIGN", (0, 0), (-1, -1), "TOP"),
    ("LEFTPADDING", (0, 0), (-1, -1), 4),
    ("RIGHTPADDING", (0, 0), (-1, -1), 4),
    ("TOPPADDING", (0, 0), (-1, -1), 2),
    ("BOTTOMPADDING", (0, 0), (-1, -1), 4),
]


def _rows(blocks: Sequence[Page]) -> list[list[Page]]:
    """Blocks side by side until twelve twelfths are full."""
    rows: list[list[Page]] = []
    used = 12
    for block in blocks:
        if used + block["width"] > 12:
            rows.append([])
            used = 0
        rows[-1].append(block)
        used += block["width"]
    return rows


def _row(ink: Ink, row: list[Page], width: float) -> list[Flowable]:
    if len(row) == 1 and row[0]["kind"] == "grid":
        return _wide_grid(ink, row[0], width)
    total = sum(b["width"] for b in row)
    widths = [width * b["width"] / total for b in row]
    inner = [[ink.label_of(b), *_content(ink, b, w - 8)] for b, w in zip(row, widths, strict=True)]
    grid = Grid([inner], colWidths=widths, splitInRow=1)
    grid.setStyle(TableStyle(_BOX))
    return [grid]


def _content(ink: Ink, block: Page, width: float) -> list[Flowable]:
    match block["kind"]:
        case "grid":
            return [_table(ink, block, width)]
        case "ticks":
            return [Paragraph(_ticks(ink, block), ink.text)]
        case "chart":
            return [OrgChart(block["chart"], width, ink.fonts, ink.base, ink.heavy)]
        case _:
            told = ink.lines(block["value"] or " ", ink.text)
            return [*told, *_room(block, told, width)]


def _room(block: Page, told: list[Flowable], width: float) -> list[Flowable]:
    """Where people write there is room to add a line by hand."""
    if not block["may_write"] or block["width"] < 12:
        return []
    used = sum(line.wrap(width, 9999)[1] for line in told[:6])
    return [Spacer(1, _LEAST - used)] if used < _LEAST else []


def _ticks(ink: Ink, block: Page) -> str:
    """Boxes that every font can draw."""
    told = []
    for option in block["options"]:
        label = ink.fonts.markup(option["label"]).replace(" ", "&nbsp;")
        told.append(f"[{'X' if option['on'] else '&nbsp;&nbsp;'}]&nbsp;{label}")
    return " &nbsp; ".join(told)


def _wide_grid(ink: Ink, block: Page, width: float) -> list[Flowable]:
    """A table over the whole width: its label on a line of its own, its head again on every page."""
    label = Grid([[ink.label_of(block)]], colWidths=[width])
    label.setStyle(TableStyle([*_BOX, ("BOTTOMPADDING", (0, 0), (-1, -1), 2)]))
    label.keepWithNext = True
    return [label, _table(ink, block, width)]


def _table(ink: Ink, block: Page, width: float) -> Flowable:
    columns = block["columns"]
    head = [Paragraph(ink.fonts.markup(c["label"], bold=True), ink.head) for c in columns]
    body = [[ink.lines(cell, ink.cell) for cell in row] for row in block["rows"]]
    body = body or [[Paragraph("&nbsp;", ink.cell) for _ in columns]]
    total = sum(c["width"] for c in columns)
    widths = [width * c["width"] / total for c in columns]
    grid = Grid([head, *body], colWidths=widths, repeatRows=1, splitInRow=1)
    thin = [("INNERGRID", (0, 0), (-1, -1), 0.4, _LINE), ("BACKGROUND", (0, 0), (-1, 0), _HEAD)]
    grid.setStyle(TableStyle([*_BOX, *thin]))
    return grid


def _signature(ink: Ink, who: Page, width: float, public: bool) -> Flowable:
    number = f"{who['number']}. " if who["number"] else ""
    name = "not part of a public copy" if public else who["name"]
    return _signed(
        ink, f"{number}{who['label']}:", name, who["position"], who["name"], who["at"], width, public
    )


def _approval(ink: Ink, page: Page, stamp: Stamp | None, width: float, in_plan: bool = False) -> Flowable:
    """A form of a plan shows its own approval; without one it is approved with the plan."""
    number = f"{page['approval_number']}. " if page["approval_number"] else ""
    label = f"{number}{page['approval_label']}:"
    public = page.get("public", False)
    own: Stamp | None = page.get("approval")
    if own is None and stamp is not None and in_plan:
        label = "Approved with this plan by Incident Commander:"
    stamp = own or stamp
    if stamp is None:
        return _signed(ink, label, "not approved yet", "", "", "", width, False)
    name = "not part of a public copy" if public else stamp["name"]
    return _signed(ink, label, name, stamp["position"], stamp["name"], stamp["at"], width, public)


def _signed(
    ink: Ink, label: str, name: str, position: str, account: str, at: str, width: float, public: bool
) -> Flowable:
    signature = f"by account: {account}" if account and not public else ""
    cells = [
        [Paragraph(ink.fonts.markup(label, bold=True), ink.label), *ink.lines(f"Name: {name}", ink.text)],
        ink.lines(f"Position/Title: {position}", ink.text),
        ink.lines(f"Signature: {signature}", ink.text),
        ink.lines(f"Date/Time: {at}{' UTC' if at else ''}", ink.text),
    ]
    grid = Grid([cells], colWidths=[width * share for share in (0.34, 0.24, 0.22, 0.2)])
    grid.setStyle(TableStyle([*_BOX, ("VALIGN", (1, 0), (-1, -1), "BOTTOM")]))
    return grid


def _cover(ink: Ink, plan: Page, stamp: Stamp | None) -> list[Flowable]:
    """The cover sheet: incident, period, contents, approval."""
    cover, width = plan["cover"], _TALL[0] - 2 * _MARGIN
    period = cover["period"] or {"number": "–", "from": "", "to": ""}
    head = [
        *ink.lines("INCIDENT ACTION PLAN", ink.cover),
        *ink.lines(cover["incident"]["name"], ink.cover),
        *ink.lines(cover["incident"]["id"], ink.under),
        *ink.lines(f"Operational Period {period['number']}", ink.under),
        *ink.lines(f"from {period['from']} to {period['to']} UTC", ink.under),
    ]
    listed = [Paragraph(ink.fonts.markup("Contents of this plan:", bold=True), ink.label)]
    listed += ink.lines("\n".join(f"[X] {line}" for line in cover["contents"]), ink.text)
    grid = Grid([[head], [listed]], colWidths=[width], rowHeights=[110 * mm, None])
    grid.setStyle(TableStyle([*_BOX, ("VALIGN", (0, 0), (0, 0), "MIDDLE")]))
    page = {
        "approval_number": "",
        "approval_label": "Approved by Incident Commander",
        "public": plan.get("public", False),
    }
    commander = ink.lines(f"Incident Commander: {cover['commander']}", ink.text)
    named = Grid([[commander]], colWidths=[width])
    named.setStyle(TableStyle(_BOX))
    return [
        _band(ink, "INCIDENT ACTION PLAN COVER (ICS 200)", width),
        grid,
        named,
        _approval(ink, page, stamp, width),
    ]
