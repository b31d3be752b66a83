"""A message on its way through reviews, an approval and a release: the structure it takes and the words for it."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from quarterdeck.core.incidents import (
    Content,
    Event,
    chain,
    content_hash,
)
from quarterdeck.core.incidents import events as ev
from quarterdeck.core.incidents.structure import ChainStep, RoleDefinition
from support.incident_case import ANA, BEN, CHO, DAG, START, TEMPLATE, Case, Who, declared

FINN, GUS = (Who(p, frozenset({"responder"})) for p in ("finn", "gus"))
MINUTE = timedelta(minutes=1)


LEGAL, STYLE = "legal_officer", "messaging_officer"


WAY = (
    ChainStep("draft", ("communications_lead",)),
    ChainStep(
        "review", (LEGAL, STYLE), parallel=True, eta=10 * MINUTE, check_back=5 * MINUTE,
        guidelines=("No blame", "Says what to do"),
    ),
    ChainStep("approve", ("elt_approver",), eta=10 * MINUTE, check_back=5 * MINUTE),
    ChainStep("release", ("commander",)),
)  # fmt: skip


STRUCTURE = replace(
    TEMPLATE,
    roles=(
        *TEMPLATE.roles,
        RoleDefinition(
            key=LEGAL, title="Legal Officer", purpose="Law.", reports_to="commander", rollup=False
        ),
        RoleDefinition(
            key=STYLE, title="Messaging Officer", purpose="Words.", reports_to="commander", rollup=False
        ),
    ),
    chains={**TEMPLATE.chains, "customers_all": WAY},
)


TEXT = Content(
    "customers_all", "Checkout fails for some customers", customer_effect="Payments fail",
    action="We are rolling back", next_update_at=START + timedelta(hours=6),
)  # fmt: skip


def staffed() -> Case:
    """Ana commands, Ben writes, Cho is the lawyer, Dag looks at style, Finn approves; Gus holds nothing."""
    case = declared(ANA)
    for role, who in (
        ("communications_lead", BEN), (LEGAL, CHO), (STYLE, DAG), ("elt_approver", FINN),
    ):  # fmt: skip
        case.record("ana", [ev.RoleTaken(case.id(), role, who.person, ANA.person, "commander")])
    return case


def text_hash(case: Case) -> str:
    return content_hash(case.incident.messages["m"])


def submit(case: Case, by: Who = BEN) -> list[Event]:
    i = case.incident
    return case.record(
        by, chain.submit(i, STRUCTURE, by, message_id="m", text_hash=text_hash(case), at=case.now)
    )


def judge(
    case: Case, by: Who, step: str, role: str, verdict: str = "ok", text: str = "", **more
) -> list[Event]:
    given = {"text_hash": text_hash(case), "at": case.now} | more
    return case.record(
        by,
        chain.judge(
            case.incident,
            STRUCTURE,
            by,
            message_id="m",
            step=step,
            role=role,
            verdict=verdict,
            text=text,
            **given,
        ),
    )
