"""What the business writes down in the open incident, what people noticed, and what the house has learned before."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

from quarterdeck.app.ics import resources
from quarterdeck.app.incidents import continuity, incident_reports, money, regulatory, vendors
from quarterdeck.app.people import training
from quarterdeck.app.technical import knowledge

from .tables import table

if TYPE_CHECKING:
    from datetime import datetime

    from .company import Corvane
    from .live import Router
    from .stage import Stage

EUR = "EUR"


class Business:
    """Money, a supplier, a request, a legal deadline and authority that is lent."""

    def __init__(self, router: Router) -> None:
        self.t, self.told = router, table("work")["business"]

    def tell(self) -> None:
        t, told = self.t, self.told
        t.ago(60, self._prepare)
        t.ago(
            28, lambda: money.set_impact_start(self._me(), t.id, t.start - timedelta(minutes=told["began"]))
        )
        t.ago(26, self._assess)
        t.ago(23.8, self._budget)
        t.ago(17.6, self._ask_vendor)
        t.ago(14.6, self._number)
        t.ago(
            12.2,
            lambda: regulatory.start(self._me(), t.id, told["deadline"]["key"], why=told["deadline"]["why"]),
        )
        t.ago(11.3, self._lend)
        t.ago(9.4, self._spend)
        t.ago(7.9, self._request)

    def _me(self) -> Any:
        return self.t.act(self.t.me)

    def _prepare(self) -> None:
        """What stands in the catalogue: a supplier and what to do when the service is gone."""
        t, told, plan = self.t, self.told, self.told["plan"]
        service = t.plot["services"][0]
        vendors.add_contact(
            self._me(), service, told["vendor"], contact=told["vendor_contact"], contract=told["contract"],
            answer_minutes=told["promise"],
        )  # fmt: skip
        continuity.add_plan(
            self._me(), service, plan["title"], tuple(plan["steps"]), supplier=plan["supplier"],
            rto_minutes=plan["rto"], rpo_minutes=plan["rpo"],
        )  # fmt: skip

    def _assess(self) -> None:
        for row in self.told["harm"]:
            money.assess(
                self._me(), self.t.id, row["dimension"], row["level"], note=row["note"], hour_minor=row["hour"],
                currency=EUR, from_start=True,
            )  # fmt: skip

    def _budget(self) -> None:
        what, minor = self.told["budget"]
        money.enter(self._me(), self.t.id, "budget", what, minor, EUR)

    def _ask_vendor(self) -> None:
        t, told = self.t, self.told
        contact = vendors.of_service(t.plot["services"][0])[0]
        vendors.open_case(
            self._me(), t.id, told["vendor"], told["asked"], contact_id=contact.id,
            owner=t.corvane.people["Ben Okonkwo"], service=t.plot["services"][0],
        )  # fmt: skip

    def _number(self) -> None:
        t = self.t
        case = list(t.incident.business.vendor_cases)[-1]
        vendors.number_case(t.act("Ben Okonkwo"), t.id, case, self.told["case_number"])

    def _lend(self) -> None:
        t, told = self.t, self.told["lent"]
        money.delegate(
            self._me(), t.id, t.corvane.people["Ben Okonkwo"], ("spend",), limit_minor=told["limit"], currency=EUR,
            until=t.start + timedelta(hours=4), note=told["note"],
        )  # fmt: skip

    def _spend(self) -> None:
        told = self.told["money"]
        money.enter(self.t.act("Ben Okonkwo"), self.t.id, "cost", told["what"], told["minor"], EUR)

    def _request(self) -> None:
        t, told = self.t, self.told["request"]
        resources.request(
            t.act("Ben Okonkwo"), t.id, told["quantity"], told["kind"], told["item"], priority="urgent",
            cost_minor=told["cost"], currency=EUR,
        )  # fmt: skip


def reports(router: Router) -> None:
    """What people noticed: one is linked to the incident, two wait to be judged."""
    t = router
    for row in table("work")["report"]:
        t.ago(row["ago"], lambda r=row: _notice(t, r))


def _notice(t: Router, row: dict[str, Any]) -> None:
    made = incident_reports.report(
        t.act(row["by"]), row["text"], source_kind=row["source"], service=row["service"],
        customer=row.get("customer", ""), customers=row.get("customers", 0),
    )  # fmt: skip
    if "linked" in row:
        t.ago(row["linked"], lambda: incident_reports.link(t.act(t.me), made.id, t.id))


def learned(stage: Stage, corvane: Corvane, now: datetime) -> None:
    """Articles and training of the half year before."""
    told = table("work")
    for row in told["article"]:
        stage.at(
            now - timedelta(days=row["days"]),
            lambda r=row: knowledge.write(corvane.act(r["by"], stage.now), r["title"], r["text"].strip()),
        )
    for row in told["training"]:
        stage.at(now - timedelta(days=max(row["days"], 1)), lambda r=row: _train(stage, corvane, r, now))


def _train(stage: Stage, corvane: Corvane, row: dict[str, Any], now: datetime) -> None:
    act, who = corvane.act(corvane.first, stage.now), corvane.people
    held = (now - timedelta(days=row["days"])).replace(hour=9, minute=0, second=0, microsecond=0)
    held = min(held, stage.now) if row["days"] > 0 else held
    made = training.plan(
        act,
        topic=row["topic"],
        trainer=who[row["trainer"]],
        held_at=held,
        invited=[who[n] for n in row["invited"]],
    )
    if row["attended"]:
        training.attend(act, made.id, [who[n] for n in row["attended"]])
