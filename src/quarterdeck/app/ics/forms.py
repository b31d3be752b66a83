"""Forms of an incident: shown, written, approved; and the Incident Action Plan as one document."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from quarterdeck.app import casebook
from quarterdeck.app.act import Act
from quarterdeck.app.casebook import Case
from quarterdeck.core.access import Who, require
from quarterdeck.core.incidents import Event, Incident, Template
from quarterdeck.core.incidents.authority import stands_for
from quarterdeck.core.incidents.events.ics_forms import FormApproved
from quarterdeck.core.incidents.ics import fills
from quarterdeck.core.incidents.ics.forms import page as pages
from quarterdeck.core.incidents.ics.forms import registry
from quarterdeck.core.incidents.ics.forms.shapes import Form, Sheet, at
from quarterdeck.core.incidents.ics.parts import FormApproval, Period, PlanApproval
from quarterdeck.core.kernel.chain import canonical
from quarterdeck.core.kernel.refused import missing
from quarterdeck.core.kernel.text import clean
from quarterdeck.store.ids import new_id

from .sheet import sheet

Page = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Shown:
    """A form as it stands now with its hash, and its newest approval. `changed`: they are not the same any more."""

    form: Form
    page: Page
    content_hash: str
    approval: FormApproval | None
    may_approve: bool

    @property
    def changed(self) -> bool:
        return self.approval is not None and self.approval.content_hash != self.content_hash

    @property
    def state(self) -> str:
        """missing (required blocks), draft, approved, changed (since it was approved)."""
        if self.approval is not None and not self.changed:
            return "approved"
        if self.page["missing"]:
            return "missing"
        return "changed" if self.approval is not None else "draft"


def show(
    incident_id: str, who: Who, now: datetime, key: str, period_id: str = "", subject: str = ""
) -> Shown:
    """One form as it stands now."""
    require(who, "incident.read")
    case = casebook.load(incident_id, who)
    form = registry.form(key, case.template.key)
    period = period_of(case, period_id)
    facts = sheet(case, now, period, subject)
    _must_have(form, facts, subject)
    return _shown(case, form, facts, who)


def show_all(case: Case, who: Who, now: datetime, period: Period | None) -> list[Shown]:
    """Every form this incident offers, a form with several subjects once for each."""
    facts = sheet(case, now, period)
    found = []
    for key in registry.offered(case.template.key):
        form = registry.FORMS[key]
        for subject, _ in pages.subjects(form, facts):
            found.append(_shown(case, form, replace(facts, subject=subject), who))
    return found


def _shown(case: Case, form: Form, facts: Sheet, who: Who) -> Shown:
    page = pages.page(form, facts)
    period_id = facts.period_id if form.by_period else ""
    approval = case.incident.ics.approval_of(form.key, period_id, facts.subject)
    mine = stands_for(case.incident, case.template, who)
    may_approve = any(
        r in mine or (case.template.role(r) is None and "commander" in mine) for r in form.approvers
    )
    return Shown(form, page, fills.page_hash(page), approval, may_approve and not case.incident.has_ended)


def fill(
    act: Act,
    incident_id: str,
    key: str,
    block: str,
    text: str,
    *,
    period_id: str = "",
    subject: str = "",
    version: int | None = None,
) -> Case:
    """The whole text of one block."""
    case = casebook.load(incident_id, act.who)
    form = registry.form(key, case.template.key)
    found = form.block(block)
    if found is None or not found.text:
        raise missing("block.unknown", f"ICS {key} has no block {block} that people write. Reload the form.")
    facts = sheet(case, act.at, period_of(case, period_id), subject)
    _must_have(form, facts, subject)
    return casebook.change(
        act,
        incident_id,
        lambda i, t: fills.fill_block(
            i, act.who, form=key, period_id=facts.period_id if form.by_period else "", subject=subject, block=block,
            label=found.label, text=clean(text, fills.BLOCK_LIMIT + 1), version=version,
        ),
    )  # fmt: skip


def approve(
    act: Act, incident_id: str, key: str, *, period_id: str = "", subject: str = "", seen: str = ""
) -> Case:
    """Freeze a form as it stands now; `seen` is the hash that was shown with the button."""

    def decide(i: Incident, t: Template) -> list[Event]:
        case = Case(i, t)
        form = registry.form(key, t.key)
        facts = sheet(case, act.at, period_of(case, period_id), subject)
        _must_have(form, facts, subject)
        return fills.approve_form(
            i, t, act.who, approval_id=new_id(), form=key, period_id=facts.period_id if form.by_period else "",
            subject=subject, page=pages.page(form, facts), approvers=form.approvers, seen=seen,
        )  # fmt: skip

    return casebook.change(act, incident_id, decide)


def briefing(incident: Incident, template: Template, now: datetime) -> FormApproved:
    """ICS 201 as it stands now, to be frozen whether it is complete or not: what was handed over was this."""
    case = Case(incident, template)
    page = pages.page(registry.FORMS["201"], sheet(case, now, incident.ics.newest))
    before = incident.ics.approval_of("201", "")
    version = before.version + 1 if before else 1
    return FormApproved(new_id(), "201", "", "", version, fills.page_hash(page), canonical(page), "commander")


def plan_now(case: Case, now: datetime, period: Period) -> tuple[Page, tuple[str, ...]]:
    """The Incident Action Plan of a period as it stands now, and what is missing in it.

    A form that is approved and unchanged since stands in it as approved; the commander's approval covers the rest.
    """
    facts = sheet(case, now, period)
    found: list[Page] = []
    lacking: list[str] = []
    for key in registry.PLAN:
        form = registry.FORMS[key]
        for subject, _ in pages.subjects(form, facts):
            page = pages.page(form, replace(facts, subject=subject))
            of = f" ({page['subject_name']})" if page["subject_name"] else ""
            page["approval"] = _own_stamp(case, now, page)
            lacking += [f"ICS {key}{of} block {b['number']} {b['label']}" for b in page["missing"]]
            found.append(page)
    incident = case.incident
    cover = {
        "title": "Incident Action Plan",
        "incident": {"id": incident.key, "name": incident.title},
        "period": found[0]["period"],
        "marks": found[0]["marks"],
        "contents": [_called(p) for p in found],
        "commander": facts.who("commander"),
    }  # fmt: skip
    return {"cover": cover, "pages": found}, tuple(lacking)


def _own_stamp(case: Case, now: datetime, page: Page) -> dict[str, Any] | None:
    """The approval of a form itself, while it still says what was approved."""
    period_id = page["period"]["id"] if page["period"] else ""
    found = case.incident.ics.approval_of(page["form"], period_id, page["subject"])
    return stamp(case, now, found) if found and found.content_hash == fills.page_hash(page) else None


def _called(page: Page) -> str:
    named = f"{page['title']} {page['name']}"
    return f"{named} – {page['subject_name']}" if page["subject_name"] else named


def approve_plan(act: Act, incident_id: str, period_id: str, seen: str = "") -> Case:
    """The commander approves the plan of a period: it is frozen, with a version."""

    def decide(i: Incident, t: Template) -> list[Event]:
        case = Case(i, t)
        _need_ics(case)
        period = period_of(case, period_id)
        if period is None:
            raise missing("period.unknown", "There is no operational period yet. Prepare one first.")
        plan, lacking = plan_now(case, act.at, period)
        return fills.approve_plan(
            i, t, act.who, approval_id=new_id(), period_id=period.id, plan=plan, lacking=lacking, seen=seen
        )

    return casebook.change(act, incident_id, decide)


def hash_of(content: Page) -> str:
    """SHA-256 over a page or a plan, as an approval of it would carry."""
    return fills.page_hash(content)


def public_plan(plan: Page) -> Page:
    """The plan for outside: no contact data, no names, no lists of contacts."""
    kept = [p for p in map(pages.public, plan["pages"]) if p is not None]
    cover = {**plan["cover"], "commander": "", "contents": [_called(p) for p in kept]}
    return {"cover": cover, "pages": [{**p, "approval": None} for p in kept], "public": True}


def approved_plan(
    incident_id: str, who: Who, now: datetime, period_id: str
) -> tuple[Page, dict[str, Any] | None]:
    """The plan of a period as approved; the draft, with None, while it is not."""
    require(who, "incident.read")
    case = casebook.load(incident_id, who)
    _need_ics(case)
    period = period_of(case, period_id)
    if period is None:
        raise missing("period.unknown", "There is no operational period yet. Prepare one first.")
    found = case.incident.ics.plan_of(period.id)
    if found is None:
        return plan_now(case, now, period)[0], None
    return json.loads(found.plan), stamp(case, now, found)


def frozen(incident_id: str, who: Who, now: datetime, approval_id: str) -> tuple[Page, dict[str, Any]]:
    """An approved form exactly as it was approved, with who approved it."""
    require(who, "incident.read")
    case = casebook.load(incident_id, who)
    found = case.incident.ics.approvals.get(approval_id)
    if found is None:
        raise missing(
            "approval.unknown", "There is no such approval in this incident. Look in the list of forms."
        )
    return json.loads(found.page), stamp(case, now, found)


def stamp(case: Case, now: datetime, approval: FormApproval | PlanApproval) -> dict[str, Any]:
    """Who approved, in what position, when; the hash over the frozen content."""
    position = getattr(approval, "position", "commander")
    return {
        "name": case.directory(now).name(approval.approved_by),
        "position": casebook.titles(case.template)(position),
        "at": at(approval.approved_at),
        "version": approval.version,
        "hash": approval.content_hash,
    }


def period_of(case: Case, period_id: str) -> Period | None:
    """The period that is meant; without an id the newest. Refuses an unknown one."""
    if not period_id:
        return case.incident.ics.newest
    found = case.incident.ics.periods.get(period_id)
    if found is None:
        raise missing("period.unknown", "There is no such operational period in this incident.")
    return found


def _must_have(form: Form, facts: Sheet, subject: str) -> None:
    if subject not in [key for key, _ in pages.subjects(form, facts)] and not pages.subject_name(
        form, facts, subject
    ):
        raise missing(
            "form.subject", f"Say which {form.subject} this ICS {form.key} is for; that one is not known."
        )


def _need_ics(case: Case) -> None:
    if case.template.key != "ics":
        raise missing("ics.none", "This incident has no Incident Action Plan: its structure is not ICS.")
