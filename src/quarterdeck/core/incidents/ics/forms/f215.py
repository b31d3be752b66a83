"""ICS 215, Operational Planning Worksheet, and ICS 215A, Incident Action Plan Safety Analysis."""

from __future__ import annotations

from collections import Counter

from ..parts import Division
from ..resource_parts import ResourceRequest
from .shapes import Block, Column, Form, Row, Sheet, at, last_written, name_block, number_block, period_block

_WAITING = ("requested", "approved", "ordered", "funded")


def _counts(s: Sheet, stream: str) -> dict[str, tuple[int, int, int]]:
    """Kind -> (required, have, need) of one division; required = what is here and what is still to come."""
    have = Counter(
        r.kind for r in s.ics.resources.values() if r.division_id == stream and r.status == "assigned"
    )
    need: Counter[str] = Counter()
    for r in _asked(s, stream):
        need[r.kind] += r.quantity
    return {k: (have[k] + need[k], have[k], need[k]) for k in sorted({*have, *need})}


def _asked(s: Sheet, stream: str) -> list[ResourceRequest]:
    return [r for r in s.ics.requests.values() if r.division_id == stream and r.state in _WAITING]


def work(s: Sheet) -> list[Row]:
    found: list[Row] = []
    for w in s.ics.open_divisions():
        if w.kind != "branch":
            found += _lines(s, w)
    for kind, (req, have, need) in _counts(s, "").items():
        found.append(("", "", "Not assigned", kind, str(req), str(have), str(need), "", "", "", ""))
    return found


def _lines(s: Sheet, w: Division) -> list[Row]:
    above = s.ics.divisions.get(w.branch)
    said = "; ".join(filter(None, (w.assignment, w.special)))
    head = (above.name if above else "", w.name, said)
    asked = _asked(s, w.id)
    by_kind = {r.kind: r for r in asked}
    rows: list[Row] = []
    counts = _counts(s, w.id) or {"": (0, 0, 0)}
    for kind, (req, have, need) in counts.items():
        r = by_kind.get(kind)
        numbers = (str(req), str(have), str(need)) if kind else ("", "", "")
        rows.append(
            (*(head if not rows else ("", "", "")), kind, *numbers, s.name(w.leader) if not rows else "",
             r.item if r else "", r.deliver_to if r and r.deliver_to else w.place, at(r.needed_at) if r else "")
        )  # fmt: skip
    return rows


def totals(s: Sheet) -> dict[str, tuple[int, int, int]]:
    """Kind -> (required, have, need) over all divisions."""
    found: dict[str, tuple[int, int, int]] = {}
    streams = ["", *(w.id for w in s.ics.open_divisions())]
    for stream in streams:
        for kind, counted in _counts(s, stream).items():
            before = found.get(kind, (0, 0, 0))
            found[kind] = (before[0] + counted[0], before[1] + counted[1], before[2] + counted[2])
    return found


def required(s: Sheet) -> str:
    return _sum(s, 0)


def on_hand(s: Sheet) -> str:
    return _sum(s, 1)


def to_order(s: Sheet) -> str:
    return _sum(s, 2)


def _sum(s: Sheet, place: int) -> str:
    found = totals(s)
    each = ", ".join(f"{kind} {n[place]}" for kind, n in found.items() if n[place])
    return f"{sum(n[place] for n in found.values())}" + (f" ({each})" if each else "")


FORM = Form(
    key="215",
    name="Operational Planning Worksheet",
    wide=True,
    blocks=(
        name_block(5, "1"),
        period_block(7, "2"),
        Block("3", "Work Assignments and Resources", "grid", auto=work, required=True, people=True,
              columns=(Column("3. Branch", 1.2), Column("4. Division, Group, or Other", 1.4),
                       Column("5. Work Assignment & Special Instructions", 2.8), Column("6. Resources: Kind", 1.3),
                       Column("Req.", 0.6), Column("Have", 0.6), Column("Need", 0.6),
                       Column("7. Overhead Position(s)", 1.3), Column("8. Special Equipment & Supplies", 1.6),
                       Column("9. Reporting Location", 1.3), Column("10. Requested Arrival Time", 1.3))),
        Block("11", "Total Resources Required", auto=required, width=4),
        Block("12", "Total Resources Have on Hand", auto=on_hand, width=4),
        Block("13", "Total Resources Need To Order", auto=to_order, width=4),
    ),
    preparers=("operations_section_chief", "commander"),
    approvers=("operations_section_chief", "commander"),
    prepared_number="14",
)  # fmt: skip


def analysis(s: Sheet) -> list[Row]:
    return [
        (h.area, f"{h.hazard} (risk {h.risk})", f"{h.mitigation} (left {h.residual})",
         s.name(h.safety_by) or "open", s.name(h.operations_by) or "open")
        for h in s.ics.open_hazards()
    ]  # fmt: skip


SAFETY = Form(
    key="215A",
    name="Incident Action Plan Safety Analysis",
    wide=True,
    blocks=(
        name_block(4),
        number_block(2),
        Block("3", "Date/Time Prepared", auto=lambda s: last_written(s, "215A"), width=2),
        period_block(4, "4"),
        Block("5", "Safety Analysis", "grid", auto=analysis, required=True, people=True,
              columns=(Column("5. Incident Area", 2), Column("6. Hazards/Risks", 3), Column("7. Mitigations", 4),
                       Column("Signed: Safety Officer", 1.6), Column("Signed: Operations", 1.6))),
    ),
    preparers=("safety_officer", "operations_section_chief", "commander"),
    approvers=("safety_officer", "commander"),
    prepared_number="8",
    prepared_label="Prepared by (Safety Officer, Operations Section Chief)",
)  # fmt: skip
