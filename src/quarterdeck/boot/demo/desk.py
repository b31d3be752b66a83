"""What customers, staff and the press ask and say: answers after incidents, and a desk full of inquiries now."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

from quarterdeck.app.comms import customer_feedback, customer_reports, satisfaction, support_view, telling
from quarterdeck.app.desk import customer_escalations, inquiries, inquiry_answers
from quarterdeck.core.kernel.refused import Refused
from quarterdeck.store import models

from .tables import table

if TYPE_CHECKING:
    from .company import Corvane
    from .live import Router
    from .stage import Stage

AUDIENCE = "customers_all"
_AFTER = timedelta(minutes=35)


def set_goal(stage: Stage, corvane: Corvane) -> None:
    told = table("desk")["goal"]
    satisfaction.set_goal(corvane.act(corvane.first, stage.now), told["percent"], told["reason"])


def hear(stage: Stage, corvane: Corvane, incident_id: str) -> None:
    """Customers say how it was handled: not by the story's dice, so what else happens in it stays as it was."""
    row = models.IncidentRow.objects.get(id=incident_id)
    try:
        link = customer_feedback.ask(corvane.act(corvane.first, stage.now), incident_id, AUDIENCE)
    except Refused:
        return  # restricted, or a structure without customers
    said = table("desk")["said"]
    for number in range(2 + row.number % 4):
        rating, words = said[(row.number * 3 + number * 5) % len(said)]
        token = customer_feedback.fresh(link.slug) or ""
        customer_feedback.give(link.slug, token, rating, words, stage.now + number * _AFTER)


def live(t: Router) -> None:
    """What is asked about the incident that is open."""
    told = table("desk")
    for row in told["asked"]:
        t.ago(row["ago"], lambda r=row: _ask(t, r))
    t.ago(10.5, lambda: _brief(t, told["brief"]))
    t.ago(9.4, lambda: _bring(t))
    t.ago(7.5, lambda: _escalate(t, told["issue"]))
    t.ago(5.5, lambda: _answer(t))
    _outside(t)


def _outside(t: Router) -> None:
    """Who is affected, how many, and who spoke of it in public."""
    told = table("response")
    t.ago(told["customers"]["ago"], lambda: _list(t, told["customers"]))
    for row in told["pulse"]:
        t.ago(
            row["ago"],
            lambda r=row: telling.take_pulse(t.act(t.me), t.id, r["now"], r["worst"], r["note"]),
        )
    for row in told["mention"]:
        t.ago(row["ago"], lambda r=row: _mention(t, r))


def _list(t: Router, told: dict[str, Any]) -> None:
    case, _ = telling.list_customers(t.act(t.me), t.id, told["listed"])
    for customer in sorted(case.incident.telling.customers.values(), key=lambda c: c.name):
        if customer.name in told["moved"]:
            telling.move_customer(t.act(t.me), t.id, customer.id, *told["moved"][customer.name])


def _mention(t: Router, row: dict[str, Any]) -> None:
    telling.record_mention(
        t.act(t.me), t.id, source=row["source"], place=row["place"], link=row.get("link", ""), text=row["text"],
        seen_at=t.start - timedelta(minutes=row["seen"]),
    )  # fmt: skip


def _ask(t: Router, row: dict[str, object]) -> None:
    said = {k: v for k, v in row.items() if k not in ("ago", "minutes", "owner")}
    minutes = row.get("minutes")
    deadline = t.stage.now + timedelta(minutes=int(str(minutes))) if minutes else None
    asked = inquiries.Asked(incident_id=t.id, deadline=deadline, **said)  # type: ignore[arg-type]
    made = inquiries.take(t.act(t.me), asked)
    if row.get("owner"):
        inquiries.assign(t.act(t.me), [made.id], t.corvane.people[str(row["owner"])])


def _bring(t: Router) -> None:
    customer_reports.bring(t.act(t.me), t.id, 9, "helpdesk", "helpdesk-1")


def _brief(t: Router, told: dict[str, str]) -> None:
    support_view.write(t.act(t.me), t.id, told["workaround"], told["do_not_say"])
    support_view.add_question(t.act(t.me), t.id, told["question"], told["answer"])


def _escalate(t: Router, told: dict[str, str]) -> None:
    row = models.Inquiry.objects.filter(incident_id=t.id, tier="strategic").first()
    if row is not None:
        customer_escalations.raise_issue(
            t.act(t.me), row.id, target="technical_lead", priority="high", reason=told["reason"]
        )


def _answer(t: Router) -> None:
    for row in models.Inquiry.objects.filter(incident_id=t.id, kind="staff"):
        text = table("desk")["brief"]["staff"]
        inquiry_answers.answer(t.act(t.me), row.id, text=text, publish=True)
