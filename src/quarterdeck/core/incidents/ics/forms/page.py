"""From a form and a sheet to a page: plain JSON with every block filled. No clock: the same incident, the same page."""

from __future__ import annotations

from typing import Any

from ..parts import FormFill, fill_key
from .shapes import Block, Form, Sheet, at, cells, span

Page = dict[str, Any]


def page(form: Form, sheet: Sheet) -> Page:
    """The form as it stands now. `missing` lists required blocks without content."""
    blocks = [_block(form, b, sheet) for b in form.blocks]
    return {
        "form": form.key,
        "title": form.title,
        "name": form.name,
        "wide": form.wide,
        "sensitive": form.sensitive,
        "incident": {"id": sheet.incident.key, "name": sheet.incident.title},
        "marks": [m for m, on in (("DRILL", sheet.incident.drill), ("RESTRICTED", sheet.incident.restricted)) if on],
        "period": _period(sheet),
        "subject": sheet.subject,
        "subject_name": subject_name(form, sheet, sheet.subject),
        "blocks": blocks,
        "missing": [{"number": b["number"], "label": b["label"]} for b in blocks if b["missing"]],
        "prepared": _prepared(form, sheet),
        "approval_label": form.approved_label if form.approved_number else "Approved by",
        "approval_number": form.approved_number,
    }  # fmt: skip


def _period(sheet: Sheet) -> dict[str, Any] | None:
    p = sheet.period
    if p is None:
        return None
    return {"id": p.id, "number": p.number, "from": at(p.starts_at), "to": at(p.ends_at), "text": span(p)}


def _block(form: Form, block: Block, sheet: Sheet) -> dict[str, Any]:
    fill = sheet.ics.fills.get(fill_key(form.key, _period_of(form, sheet), sheet.subject, block.number))
    written = fill.text if fill and block.text else ""
    found: dict[str, Any] = {
        "number": block.number,
        "label": block.label,
        "kind": block.kind,
        "width": block.width,
        "required": block.required,
        "contact": block.contact,
        "people": block.people,
        "written": written,
        "version": fill.version if fill else 0,
        "may_write": block.text,
        "hint": block.hint,
    }
    value = block.auto(sheet) if block.auto else None
    found |= _value(block, value, written)
    found["missing"] = block.required and not _has_content(found)
    return found


def _value(block: Block, value: Any, written: str) -> dict[str, Any]:
    match block.kind:
        case "grid":
            rows = [list(map(str, row)) for row in value or ()]
            rows += [list(row) for row in cells(written, len(block.columns))]
            heads = [{"label": c.label, "width": c.width} for c in block.columns]
            return {"columns": heads, "rows": rows}
        case "ticks":
            on = set(value or ()) | {line.strip() for line in written.split("\n")}
            return {"options": [{"label": o, "on": o in on} for o in block.options]}
        case "chart":
            return {"chart": value}
        case _:
            parts = [part for part in (str(value or ""), written) if part]
            return {"value": "\n".join(parts)}


def _has_content(block: dict[str, Any]) -> bool:
    match block["kind"]:
        case "grid":
            return bool(block["rows"])
        case "ticks":
            return any(o["on"] for o in block["options"])
        case "chart":
            return bool(block["chart"])
        case _:
            return bool(block["value"].strip())


def _period_of(form: Form, sheet: Sheet) -> str:
    return sheet.period_id if form.by_period else ""


def _prepared(form: Form, sheet: Sheet) -> dict[str, str]:
    """Whoever wrote in it last; where nobody did, who has the position that prepares it."""
    period = _period_of(form, sheet)
    mine = [
        f
        for f in sheet.ics.fills.values()
        if (f.form, f.period_id, f.subject) == (form.key, period, sheet.subject)
    ]
    last: FormFill | None = max(mine, key=lambda f: f.written_at, default=None)
    for role in form.preparers:
        holder = sheet.incident.holder(role)
        if last is None and holder is not None:
            return _signed(form, sheet.names(holder.person), sheet.titles(role), "")
    if last is None:
        return _signed(form, "", "", "")
    roles = sheet.incident.roles_of(last.author)
    position = sheet.titles(next((r for r in form.preparers if r in roles), roles[0])) if roles else ""
    return _signed(form, sheet.names(last.author), position, at(last.written_at))


def _signed(form: Form, name: str, position: str, moment: str) -> dict[str, str]:
    return {
        "number": form.prepared_number,
        "label": form.prepared_label,
        "name": name,
        "position": position,
        "at": moment,
    }


def subject_name(form: Form, sheet: Sheet, subject: str) -> str:
    """What a form's subject is called: the name of the division, the role, the number of the request."""
    ics = sheet.ics
    match form.subject:
        case "division":
            return ics.divisions[subject].name if subject in ics.divisions else ""
        case "role":
            found = sheet.incident.assignments.get(subject)
            return f"{sheet.titles(found.role)} – {sheet.names(found.person)}" if found else ""
        case "request":
            return f"Request {ics.requests[subject].number}" if subject in ics.requests else ""
        case "release":
            return ics.releases[subject].name if subject in ics.releases else ""
        case "message":
            found_message = sheet.incident.messages.get(subject)
            return found_message.headline if found_message else ""
        case _:
            return ""


def subjects(form: Form, sheet: Sheet) -> list[tuple[str, str]]:
    """Every (id, name) a form can be made for; [("", "")] where there is one only."""
    ics, incident = sheet.ics, sheet.incident
    ids: dict[str, list[str]] = {
        "division": [w.id for w in ics.open_divisions() if w.kind != "branch"],
        "role": [a.id for a in incident.open_assignments() if a.role not in ("observer", "shadow")],
        "request": list(ics.requests),
        "release": list(ics.releases),
        "message": list(incident.messages),
    }
    if not form.subject:
        return [("", "")]
    return [(key, subject_name(form, sheet, key)) for key in ids[form.subject]]


def public(page: Page) -> Page | None:
    """The page for outside: no contact data, no names of people. None for a form that stays inside."""
    if page["sensitive"]:
        return None
    blocks = [_masked(b) for b in page["blocks"]]
    return {**page, "blocks": blocks, "prepared": {**page["prepared"], "name": ""}, "public": True}


def _masked(block: dict[str, Any]) -> dict[str, Any]:
    """A block as outsiders see it: emptied where it holds contacts, roles without names where it holds people."""
    if not (block["contact"] or block["people"]):
        return block
    left: dict[str, Any] = {**block, "written": ""}
    if block["kind"] == "grid":
        left["rows"] = []
    elif block["kind"] == "chart":
        left["chart"] = _nameless(block["chart"])
    else:
        left["value"] = "Not part of a public copy."
    return left


def _nameless(chart: Any) -> Any:
    if isinstance(chart, dict):
        return {k: ("" if k == "name" else _nameless(v)) for k, v in chart.items()}
    if isinstance(chart, list):
        return [_nameless(v) for v in chart]
    return chart
