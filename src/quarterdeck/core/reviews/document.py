"""A report as a plain document: the same sections in the same order whatever it is printed on, each of them always
there. Holds text as people wrote it; every sink escapes for itself.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

from quarterdeck.core.incidents.executive_review import STRATEGIC
from quarterdeck.core.kernel.moments import spoken
from quarterdeck.core.kernel.text import counted

from . import shapes
from .blocks import Block, Document, Entries, Facts, Section, Stamp, Table, Text
from .parts import GROUPS, PARTS, Part, part
from .shapes import Report

NOTHING = "Nothing was recorded."
WITHHELD = "Shown when the review is agreed."
RECORD = "The record"
_LESSONS = {"keep": "Keep", "change": "Change", "surprise": "Surprise"}
_RAW = frozenset(
    {
        "debrief",
        "lessons",
        "contributions",
        "root_cause",
        "roles",
        "decisions",
        "tasks",
        "checks",
        "alerts",
        "items",
        "timeline",
    }
)


def document(r: Report, whole: bool = False) -> Document:
    """The report laid out. Background lines of the timeline (ticks, clock resets) are counted and left out unless
    `whole`.
    """
    happened, response, improvements, _strategic = GROUPS.values()
    layout: list[tuple[str, str, str, list[Block]]] = [
        ("facts", "Facts", "", _facts(r)),
        ("summary", "Summary", happened, _labelled(r.summary)),
        ("impact", "Impact", happened, _labelled(r.impact)),
        *_written(r, "what_happened"),
        ("root_cause", "Root cause", happened, _root_cause(r)),
        *_written(r, "contributing_factors", "technical_analysis", "customer_impact", "how_we_responded"),
        ("phases", "Phases", response, _phases(r)),
        ("clocks", "Clocks", response, _clocks(r)),
        ("updates", "Updates on time", response, _updates(r)),
        ("roles", "Roles", response, _roles(r)),
        ("decisions", "Decisions", response, _entries(_decision(d) for d in r.decisions)),
        *_deviations(r),
        ("tasks", "Tasks", response, _entries(_task(t) for t in r.tasks)),
        ("checks", "Checks", response, _entries(_check(c) for c in r.checks)),
        ("messages", "Messages sent", response, _entries(_message(m) for m in r.messages)),
        ("alerts", "Alerts", response, _entries(_alert(a) for a in r.alerts)),
        ("debrief", "Debrief", response, _labelled(r.debrief)),
        *_written(r, "what_helped", "what_hindered"),
        ("contributions", "What those who were there know", response, _contributions(r)),
        *_written(r, "improvements", "recommendations"),
        ("lessons", "Lessons", improvements, _lessons(r)),
        ("items", "Action items", improvements, _items(r)),
        *_written(r, "runbook_change"),
        *_written(r, *STRATEGIC),
        ("timeline", "Timeline", RECORD, _timeline(r, whole)),
    ]
    return Document(
        key=r.facts.key,
        title=r.facts.title,
        marks=tuple(t for t, on in (("DRILL", r.facts.drill), ("RESTRICTED", r.facts.restricted)) if on),
        made=f"Made {at(r.made_at)} UTC. All times are UTC{'; ' if r.zone else ''}{r.zone}.",
        sections=tuple(_section(r, *row) for row in layout),
    )


def at(moment: datetime) -> str:
    """A moment as every part of a report writes it: 2026-11-22 14:02, in UTC."""
    return f"{moment.astimezone(UTC):%Y-%m-%d %H:%M}"


def _section(r: Report, key: str, title: str, group: str, blocks: list[Block]) -> Section:
    kept_back = r.withheld and (key in _RAW or (part(key) is not None and key not in STRATEGIC))
    if not blocks:
        blocks = [Text(WITHHELD if kept_back else NOTHING, quiet=True)]
    return Section(key, title, group, tuple(blocks))


def _written(r: Report, *keys: str) -> list[tuple[str, str, str, list[Block]]]:
    asked: list[Part] = [p for key in keys for p in PARTS if p.key == key]
    return [
        (p.key, p.title, GROUPS[p.group], [Text(r.written[p.key])] if p.key in r.written else [])
        for p in asked
    ]


def _facts(r: Report) -> list[Block]:
    f = r.facts
    known = f.severity if f.severity_known else f"{f.severity} (not confirmed)"
    highest = f"{known}; highest {f.severity_highest}" if f.severity_highest != f.severity else known
    declared = (
        f"{at(f.declared_at)} by {f.declared_by}" if f.declared_at and f.declared_by else _when(f.declared_at)
    )
    rows = [
        ("Incident", f"{f.key} {f.title}"),
        ("Severity", highest),
        ("Type", f.type or "not set"),
        ("Services", ", ".join(f.services) or "none named"),
        ("Phase", _capital(f.phase)),
        ("Declared", f"{declared} ({f.source})" if f.source else declared),
        (f.commander_title, ", then ".join(f.commanders) or ("" if r.withheld else "nobody")),
        ("Resolved", f"{_when(f.resolved_at)} {f.resolution}".strip() if f.resolved_at else "no"),
        ("Closed", _when(f.closed_at) if f.closed_at else "no"),
        ("Structure", f.template),
        ("Review", _review(r.review)),
    ]
    return [Facts(tuple(row for row in rows if row[1]))]


def _review(review: shapes.ReviewState) -> str:
    match review.state:
        case "none":
            return "not opened"
        case "reviewed" | "closed":
            return f"{review.state}, agreed {_when(review.published_at)}, by {review.owner}"
        case "waived":
            return f"waived: {review.waived_reason}"
        case _:
            due = f"{'was due' if review.overdue else 'due'} {review.due_on}"
            return f"{review.state.replace('_', ' ')}, {review.owner} writes it, {due}"


def _labelled(rows: tuple[tuple[str, str], ...]) -> list[Block]:
    return [Facts(rows)] if rows else []


def _root_cause(r: Report) -> list[Block]:
    blocks: list[Block] = []
    if r.cause.strip():
        blocks.append(Facts((("As recorded during the incident", r.cause),)))
    if "root_cause" in r.written:
        blocks.append(Text(r.written["root_cause"]))
    return blocks


def _phases(r: Report) -> list[Block]:
    rows = tuple(
        (
            _capital(p.phase),
            at(p.since),
            _when(p.until, "goes on" if p.lasted is not None else "the end"),
            _span(p.lasted),
            p.by,
        )
        for p in r.phases
    )
    return (
        [Table(("Phase", "From", "Until", "Lasted", "Moved by"), rows, (20, 20, 20, 16, 24))] if rows else []
    )


def _clocks(r: Report) -> list[Block]:
    rows = tuple((c.title, _span(c.lasted), c.note) for c in r.clocks)
    return [Table(("Clock", "Time", "Note"), rows, (44, 18, 38))]


def _updates(r: Report) -> list[Block]:
    rows = tuple(
        (u.title, str(u.on_time), str(u.late), str(u.missed), str(u.unpromised), _span(u.latest_by, ""))
        for u in r.updates
    )
    head = ("Audience", "On time", "Late", "Missed", "Without a clock", "Latest by")
    return [Table(head, rows, (32, 12, 10, 12, 18, 16))] if rows else []


def _roles(r: Report) -> list[Block]:
    rows = tuple(
        (
            h.role,
            h.person,
            at(h.since),
            _when(h.until, "goes on"),
            _span(h.until - h.since if h.until else None),
        )
        for h in r.roles
    )
    return [Table(("Role", "Who", "From", "Until", "Lasted"), rows, (26, 24, 18, 18, 14))] if rows else []


def _entries(stamps: Iterator[Stamp]) -> list[Block]:
    items = tuple(stamps)
    return [Entries(items)] if items else []


def _notes(*pairs: tuple[str, str]) -> tuple[tuple[str, str], ...]:
    return tuple((label, text) for label, text in pairs if text.strip())


def _deviations(r: Report) -> list[tuple[str, str, str, list[Block]]]:
    """Left out where everything went as the structure asks."""
    if not r.deviations:
        return []
    told = _entries(
        Stamp(at(d.at), f"{d.step} without: {d.skipped}", notes=_notes(("By", d.by), ("Reason", d.reason)))
        for d in r.deviations
    )
    return [("deviations", "Deviations from the structure", GROUPS["response"], told)]


def _decision(d: shapes.Decided) -> Stamp:
    notes = _notes(
        ("By", d.by),
        ("Options", "; ".join(d.options)),
        ("Reason", d.reason),
        ("Objections", d.objections or "none raised"),
    )
    asked = d.question if d.question.endswith("?") else f"{d.question}:"
    return Stamp(at(d.at), f"{asked} {d.chosen}", notes=notes, key=True)


def _task(t: shapes.Work) -> Stamp:
    ended = f"{t.state} {at(t.ended_at)}" if t.ended_at else t.state
    state = f"{ended}, over its time" if t.late else ended
    who = f"{t.assignee}, given by {t.given_by}, {t.minutes} min"
    return Stamp(
        at(t.given_at), t.title, notes=_notes(("Who", who), ("State", state), ("Outcome", t.outcome))
    )


def _check(c: shapes.Checked) -> Stamp:
    return Stamp(
        _when(c.at, "not run"), c.subject, notes=_notes(("State", c.state), ("By", c.by), ("Note", c.note))
    )


def _message(m: shapes.Told) -> Stamp:
    reach = f"{counted(m.recipients, 'recipient')}, {counted(m.pages, 'status page')}"
    if m.final:
        reach += ", the final one"
    return Stamp(at(m.at), f"{m.audience}: {m.headline}", m.text, _notes(("Reach", reach)))


def _alert(a: shapes.AlertMoments) -> Stamp:
    by = f" by {a.acknowledged_by}" if a.acknowledged_by else ""
    acknowledged = f"{at(a.acknowledged_at)}{by}" if a.acknowledged_at else "never"
    notes = (("Acknowledged", acknowledged), ("Recovered", _when(a.resolved_at, "")))
    return Stamp(at(a.first_at), a.summary or a.alert_id, notes=_notes(*notes))


def _items(r: Report) -> list[Block]:
    rows = tuple((i.title, i.owner, i.due_on, i.kind, i.state) for i in r.items)
    return [Table(("What", "Owner", "Due", "Kind", "State"), rows, (42, 20, 14, 12, 12))] if rows else []


def _lessons(r: Report) -> list[Block]:
    rows = tuple((_LESSONS.get(one.kind, one.kind), one.text) for one in r.lessons)
    return [Table(("Kind", "Lesson"), rows, (18, 82))] if rows else []


def _contributions(r: Report) -> list[Block]:
    """What is a part of the review already is not told twice."""
    said = [c for c in r.contributions if c.section == "contribution" and c.text]
    return [Facts(tuple((c.person, c.text) for c in said))] if said else []


def _timeline(r: Report, whole: bool) -> list[Block]:
    shown = tuple(e for e in r.timeline if whole or e.weight != "system")
    blocks: list[Block] = [Entries(tuple(_line(e) for e in shown))] if shown else []
    hidden = len(r.timeline) - len(shown)
    if hidden:
        lines = counted(hidden, "background line is", "background lines are")
        note = (
            f"{lines} left out here: ticks, clocks, callouts. The timeline of {r.facts.key} has everything."
        )
        blocks.append(Text(note, quiet=True))
    return blocks


def _line(e: shapes.Entry) -> Stamp:
    notes = _notes(
        ("Back-dated", f"entered {at(e.entered_at)}" if e.backdated else ""),
        ("Replaces", e.replaces),
        ("Corrected", f"{at(e.corrected_at)}: {e.corrected_text}" if e.corrected_at else ""),
        ("Follow-up", "marked for follow-up" if e.followup else ""),
    )
    return Stamp(at(e.happened_at), e.title, e.text, notes, e.weight == "key")


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]


def _when(moment: datetime | None, otherwise: str = "") -> str:
    return at(moment) if moment else otherwise


def _span(span: timedelta | None, otherwise: str = "–") -> str:
    return spoken(span) if span is not None else otherwise
