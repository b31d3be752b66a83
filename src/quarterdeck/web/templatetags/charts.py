"""Bars, meters and charts as SVG attributes; a strict style policy and a screen reader both accept them.

Every chart is decoration for a table or a number that stands beside it, so it is hidden from assistive technology
unless it carries a label.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from quarterdeck.web.templatetags.marks import pick

WIDE = 100.0
CHART_HIGH = 100.0
SPAN_GAP = 3


def _share(value: Any, total: Any) -> float:
    """`value` of `total` as 0..100; an empty total is an empty bar."""
    total = float(total or 0)
    return round(max(0.0, min(WIDE, WIDE * float(value or 0) / total)), 2) if total else 0.0


def meter(value: Any, total: Any = 100, tone: str = "ink", tick: Any = None) -> SafeString:
    """One horizontal bar. `tick` draws a mark (a threshold, a mean) on the same scale."""
    mark = ""
    if tick is not None:
        mark = format_html('<rect class="f-mean" x="{}" width=".8" height="10"/>', _share(tick, total))
    return format_html(
        '<svg class="bar" viewBox="0 0 100 10" preserveAspectRatio="none" aria-hidden="true">'
        '<rect class="f-track" y="1" width="100" height="8"/>'
        '<rect class="f-{}" y="1" width="{}" height="8"/>{}</svg>',
        tone,
        _share(value, total),
        mark,
    )


def span_meter(value: Any, total: Any, tone: str = "ink") -> SafeString:
    """A bar of whole pieces: 4 of 7 people who report to you."""
    pieces, filled = max(1, int(total)), int(value)
    step = WIDE * SPAN_GAP / pieces
    cells = format_html_join(
        "",
        '<rect class="f-{}" x="{}" width="{}" height="6"/>',
        (
            (tone if n < filled else "track", round(n * step, 2), round(step - SPAN_GAP, 2))
            for n in range(pieces)
        ),
    )
    return format_html(
        '<svg class="bar bar--thin" viewBox="0 0 300 6" preserveAspectRatio="none" aria-hidden="true">{}</svg>',
        cells,
    )


def spread(low: Any, middle: Any, high: Any, top: Any, target: Any = None) -> SafeString:
    """A median with its spread: the bar runs from the lower to the upper quarter, the mark is the median."""
    start, end = _share(low, top), _share(high, top)
    goal = ""
    if target is not None:
        goal = format_html('<rect class="f-goal" x="{}" width=".6" height="12"/>', _share(target, top))
    return format_html(
        '<svg class="bar bar--spread" viewBox="0 0 100 12" preserveAspectRatio="none" aria-hidden="true">'
        '<rect class="f-track" y="5.5" width="100" height="1"/>'
        '<rect class="f-soft" x="{}" y="2" width="{}" height="8"/>'
        '<rect class="f-mean" x="{}" width="1.2" height="12"/>{}</svg>',
        start,
        round(max(0.8, end - start), 2),
        _share(middle, top),
        goal,
    )


def _top(values: Iterable[float]) -> float:
    """A round number at or above the largest value, for the scale."""
    largest = max([*values, 1.0])
    step = 10 ** (len(str(int(largest))) - 1)
    for factor in (1, 2, 3, 4, 6, 8, 10):
        if largest <= step * factor:
            return step * factor
    return largest


def _number(value: float) -> str:
    return f"{value:g}"


def _frame(label: str, drawing: SafeString, top: float, names: Sequence[str], unit: str) -> SafeString:
    shown = names if len(names) <= 14 else [n if i % 2 == 0 else "" for i, n in enumerate(names)]
    axis = format_html_join("", "<span>{}</span>", ((n,) for n in shown))
    return format_html(
        '<figure class="chart"><div class="chart__y" aria-hidden="true"><span>{}{}</span><span>{}</span>'
        '<span>0</span></div><svg class="chart__plot" viewBox="0 0 100 100" preserveAspectRatio="none" role="img" '
        'aria-label="{}"><path class="chart__grid" d="M0 .5H100M0 50H100M0 99.5H100"/>{}</svg>'
        '<div class="chart__x" aria-hidden="true">{}</div></figure>',
        _number(top),
        f" {unit}" if unit else "",
        _number(top / 2),
        label,
        drawing,
        axis,
    )


def column_chart(rows: Sequence[Any], label: str, unit: str = "") -> SafeString:
    """Stacked columns. Each row has `name` and `parts`: a list of (tone, value); tones as in charts.css (s1..s5)."""
    totals = [sum(float(v) for _, v in pick(r, "parts", ())) for r in rows]
    top = _top(totals)
    step = WIDE / max(1, len(rows))
    rects: list[tuple[Any, ...]] = []
    for index, row in enumerate(rows):
        base = CHART_HIGH
        for tone, value in pick(row, "parts", ()):
            high = CHART_HIGH * float(value) / top
            base -= high
            left = round(index * step + step * 0.18, 2)
            rects.append((tone, left, round(base, 2), round(step * 0.64, 2), round(high, 2)))
    shape = '<rect class="c-{}" x="{}" y="{}" width="{}" height="{}"/>'
    return _frame(
        label, format_html_join("", shape, rects), top, [str(pick(r, "name", "")) for r in rows], unit
    )


def line_chart(rows: Sequence[Any], label: str, unit: str = "", target: Any = None) -> SafeString:
    """One line over time. Each row has `name` and `value` (None leaves a hole); `target` is a dashed line."""
    values = [pick(r, "value") for r in rows]
    top = _top([float(v) for v in values if v is not None] + ([float(target)] if target is not None else []))
    step = WIDE / max(1, len(rows))
    path, pen = [], "M"
    for index, value in enumerate(values):
        if value is None:
            pen = "M"
            continue
        path.append(f"{pen}{index * step + step / 2:.2f} {CHART_HIGH - CHART_HIGH * float(value) / top:.2f}")
        pen = "L"
    drawing = format_html('<path class="chart__line" d="{}"/>', "".join(path))
    if target is not None:
        goal = CHART_HIGH - CHART_HIGH * float(target) / top
        drawing = format_html('{}<path class="chart__goal" d="M0 {}H100"/>', drawing, round(goal, 2))
    return _frame(label, drawing, top, [str(pick(r, "name", "")) for r in rows], unit)


def days(values: Sequence[str], label: str = "") -> SafeString:
    """Ninety daily bars: "" or "operational" is quiet, other component states stand out."""
    tones = {"degraded": "y", "partial_outage": "o", "major_outage": "r", "maintenance": "m", "unknown": "n"}
    quiet = "".join(f"M{i * 4} 0h3v28h-3z" for i, v in enumerate(values) if v not in tones)
    loud = format_html_join(
        "",
        '<rect class="d-{}" x="{}" width="3" height="28"/>',
        ((tones[v], i * 4) for i, v in enumerate(values) if v in tones),
    )
    return format_html(
        '<svg class="days" viewBox="0 0 {} 28" preserveAspectRatio="none" role="img" aria-label="{}">'
        '<path class="d-ok" d="{}"/>{}</svg>',
        max(1, len(values) * 4 - 1),
        label,
        quiet,
        loud,
    )
