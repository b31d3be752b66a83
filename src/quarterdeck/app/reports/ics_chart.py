"""The organisation chart of ICS 207 and 201 as boxes and lines on paper. Names that are too long are made to fit."""

from __future__ import annotations

from typing import Any

from reportlab.lib.colors import HexColor
from reportlab.lib.styles import ParagraphStyle
from reportlab.platypus import Flowable, Paragraph

from .fonts import Fonts

_LINE, _INK, _QUIET = HexColor("#2b3138"), HexColor("#111418"), HexColor("#59636e")
_GAP, _ROW = 8.0, 7.0
_PAD = 3.0


class OrgChart(Flowable):  # type: ignore[misc]
    """Command on top, its staff on lines to the right, a column for each section."""

    def __init__(self, chart: dict[str, Any], width: float, fonts: Fonts, base: str, heavy: str) -> None:
        super().__init__()
        self.chart, self.width, self.fonts = chart, width, fonts
        self._title = ParagraphStyle("box", fontName=heavy, fontSize=6.8, leading=8.2, alignment=1)
        self._name = ParagraphStyle(
            "who", fontName=base, fontSize=7.6, leading=9.4, alignment=1, splitLongWords=1
        )
        self._vacant = ParagraphStyle("none", parent=self._name, textColor=_QUIET)
        self.columns = max(len(chart["sections"]), 1)
        self.box = min((width - _GAP * (self.columns - 1)) / self.columns, 170.0)
        self.height = self._measure()

    def wrap(self, width: float, height: float) -> tuple[float, float]:
        return self.width, self.height

    def draw(self) -> None:
        top = self.height - 4
        middle = self.width / 2
        below = self._box(self.chart["top"], middle - self.box / 2, top)
        y = below - _ROW
        for place, person in enumerate(self.chart["staff"]):
            right = place % 2 == 0
            x = middle + 14 if right else middle - 14 - self.box
            y_end = self._box(person, x, y)
            self._line(middle, (y + y_end) / 2, x if right else x + self.box, (y + y_end) / 2)
            if not right or place == len(self.chart["staff"]) - 1:
                y = self._tallest_pair(place, y) - _ROW
        self._sections(middle, below, y)

    def _sections(self, middle: float, below: float, y: float) -> None:
        sections = self.chart["sections"]
        if not sections:
            if self.chart["staff"]:
                self._line(middle, below, middle, y + _ROW)
            return
        bar, start = y, (self.width - (self.box * self.columns + _GAP * (self.columns - 1))) / 2
        self._line(middle, below, middle, bar)
        centres = [start + place * (self.box + _GAP) + self.box / 2 for place in range(len(sections))]
        self._line(min([*centres, middle]), bar, max([*centres, middle]), bar)
        for section, centre in zip(sections, centres, strict=True):
            x = centre - self.box / 2
            self._line(centre, bar, centre, bar - _ROW)
            end = self._box(section, x, bar - _ROW)
            stem = x + 5
            for unit in section["under"]:
                indent = 10.0 * unit["depth"]
                low = self._box(unit, x + indent, end - _ROW, self.box - indent)
                level = (end - _ROW + low) / 2
                self._line(stem, level, x + indent, level)
                self._line(stem, end, stem, level)
                end = low

    def _tallest_pair(self, place: int, y: float) -> float:
        pair = self.chart["staff"][place - place % 2 : place + 1]
        return y - max(self._height_of(p, self.box) for p in pair)

    def _measure(self) -> float:
        staff = self.chart["staff"]
        rows = [staff[n : n + 2] for n in range(0, len(staff), 2)]
        upper = self._height_of(self.chart["top"], self.box) + _ROW
        upper += sum(max(self._height_of(p, self.box) for p in row) + _ROW for row in rows)
        columns = [
            _ROW + self._height_of(s, self.box)
            + sum(_ROW + self._height_of(u, self.box - 10.0 * u["depth"]) for u in s["under"])
            for s in self.chart["sections"]
        ]  # fmt: skip
        return float(upper + max(columns, default=0) + 12)

    def _parts(self, box: dict[str, Any]) -> tuple[Paragraph, Paragraph]:
        title = Paragraph(self.fonts.markup(box["title"], bold=True), self._title)
        if box["name"]:
            return title, Paragraph(self.fonts.markup(box["name"]), self._name)
        return title, Paragraph("vacant", self._vacant)

    def _height_of(self, box: dict[str, Any], width: float) -> float:
        title, name = self._parts(box)
        return float(title.wrap(width - 6, 999)[1] + name.wrap(width - 6, 999)[1] + 2 * _PAD)

    def _box(self, box: dict[str, Any], x: float, top: float, width: float = 0.0) -> float:
        """Draws a box below `top`; where it ends."""
        width = width or self.box
        title, name = self._parts(box)
        high = self._height_of(box, width)
        self.canv.setStrokeColor(_LINE)
        self.canv.setLineWidth(0.8)
        if not box["name"]:
            self.canv.setDash(2, 2)
        self.canv.rect(x, top - high, width, high)
        self.canv.setDash()
        tall = title.wrap(width - 6, 999)[1]
        title.drawOn(self.canv, x + 3, top - _PAD - tall)
        name.wrap(width - 6, 999)
        name.drawOn(self.canv, x + 3, top - high + _PAD)
        return top - high

    def _line(self, x: float, y: float, to_x: float, to_y: float) -> None:
        self.canv.setStrokeColor(_LINE)
        self.canv.setLineWidth(0.8)
        self.canv.line(x, y, to_x, to_y)
