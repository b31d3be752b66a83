"""One incident to play with: a small catalogue, a cast of people, a log that grows with each decision."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import count

from quarterdeck.core.access import Who
from quarterdeck.core.incidents import (
    Catalog,
    Declaration,
    Event,
    Incident,
    Stamped,
    assign_role,
    declare,
    evolve,
)
from quarterdeck.core.incidents.structure import (
    Assembly,
    Audience,
    ChainStep,
    ChecklistItem,
    IncidentType,
    ResolutionCode,
    RoleDefinition,
    Scope,
    SeverityLevel,
    Template,
)

START = datetime(2026, 11, 22, 14, 2, tzinfo=UTC)
NAMES = {
    "ana": "Ana Ferreira",
    "ben": "Ben Okonkwo",
    "cho": "Cho Min-ji",
    "dag": "Dag Nilsen",
    "eva": "Eva Duarte",
    "adm": "Adam Admin",
}
ANA, BEN, CHO, DAG = (Who(p, frozenset({"responder"})) for p in ("ana", "ben", "cho", "dag"))
ADAM = Who("adm", frozenset({"administrator"}))
EVA = Who("eva", frozenset({"executive"}))
OLE = Who("ole", frozenset({"observer"}))

COMMANDER_GRANTS = (
    "incident.phase",
    "incident.type",
    "severity.set",
    "impact.set",
    "decision.make",
    "message.release",
    "page.publish",
    "role.assign",
    "callout.send",
    "task.assign",
    "standdown",
)


def _role(key: str, title: str, **rest: object) -> RoleDefinition:
    return RoleDefinition(key=key, title=title, purpose=f"Be the {title}.", **rest)  # type: ignore[arg-type]


TEMPLATE = Template(
    key="software",
    version=3,
    title="Software incident",
    phases=("triage", "investigating", "identified", "monitoring", "resolved", "analysis", "closed"),
    roles=(
        _role(
            "commander",
            "Incident Commander",
            min=1,
            exclusive=True,
            excludes=("technical_lead", "sme"),
            required_when="always",
            grants=COMMANDER_GRANTS,
            checklist={"triage": (ChecklistItem("Announce yourself"), ChecklistItem("Set the severity"))},
        ),
        _role(
            "deputy",
            "Deputy",
            max=None,
            required_when="severity == 1 or duration > 1h",
            reports_to="commander",
            grants=("callout.send", "role.assign", "task.assign", "clock.manage"),
        ),
        _role("scribe", "Scribe", reports_to="commander", grants=("timeline.supersede", "task.view")),
        _role(
            "communications_lead",
            "Communications Lead",
            required_when="audience.count > 0",
            reports_to="commander",
            grants=("message.draft", "message.distribute", "clock.manage", "facts.write"),
        ),
        _role(
            "executive_liaison",
            "Executive Liaison",
            reports_to="commander",
            grants=("message.draft", "message.release_executive", "exec.answer"),
        ),
        _role(
            "technical_lead",
            "Technical Lead",
            min=1,
            required_when="phase != triage",
            reports_to="commander",
            grants=("hypothesis.write", "check.plan", "task.assign"),
        ),
        _role("sme", "Subject Expert", max=None, reports_to="technical_lead", grants=("finding.write",)),
        _role("elt_approver", "Approver", reports_to="commander", rollup=False, grants=("message.approve",)),
        _role("shadow", "Shadow", max=None, rollup=False),
        _role("observer", "Observer", max=None, rollup=False),
    ),
    audiences=(
        Audience("customers_all", "All customers", "Effect only", public=True, headline_limit=80),
        Audience("responders", "Responders", "Everything", clock_owner="commander"),
        Audience("executives", "Executives", "No hosts", clock_owner="executive_liaison"),
    ),
    clocks={
        "customers_all": {1: timedelta(minutes=15), 2: timedelta(minutes=30)},
        "responders": {1: timedelta(minutes=15)},
    },
    chains={
        "customers_all": (
            ChainStep("draft", ("communications_lead",)),
            ChainStep("release", ("commander",)),
        ),
        "executives": (
            ChainStep("draft", ("executive_liaison",)),
            ChainStep("release", ("executive_liaison",)),
        ),
    },
    assembly=(
        Assembly("technical_lead", "callout"),
        Assembly("communications_lead", "heads_up", "type == availability"),
        Assembly("elt_approver", "callout", "impact.legal >= high"),
    ),
    gates={
        "resolved": ("validation_checks_done", "resolution_code_set", "resolution_time_set"),
        "closed": ("review_done_or_waived", "closing_summary_sent", "follow_ups_assigned"),
    },
)
CATALOG = Catalog(
    severities=(
        SeverityLevel(1, "SEV1", "Down", review_required=True, review_days=3, triage_minutes=5),
        SeverityLevel(2, "SEV2", "Bad", review_required=True, review_days=5, review_working_days=True),
        SeverityLevel(3, "SEV3", "Limp"),
        SeverityLevel(4, "SEV4", "Small"),
        SeverityLevel(5, "SEV5", "Tiny"),
    ),
    types=(
        IncidentType("availability", "Availability", "software"),
        IncidentType("security", "Security", "software", restricted=True),
    ),
    templates=(TEMPLATE,),
    matrix={
        ("low", "low"): 5,
        ("low", "medium"): 5,
        ("low", "high"): 4,
        ("medium", "low"): 4,
        ("medium", "medium"): 3,
        ("medium", "high"): 3,
        ("high", "low"): 3,
        ("high", "medium"): 2,
        ("high", "high"): 2,
        ("critical", "low"): 2,
        ("critical", "medium"): 1,
        ("critical", "high"): 1,
    },
    resolution_codes=(ResolutionCode("fixed", "Fixed"), ResolutionCode("false_alarm", "False alarm")),
    scopes=(Scope("one_user", "One user"), Scope("widespread", "Widespread", least_impact="high")),
)


class Case:
    """The incident, its log, and a clock that only moves when told to."""

    def __init__(self, start: datetime = START) -> None:
        self.now = start
        self.incident = Incident()
        self.log: list[Stamped] = []
        self._ids = count(1)

    def id(self) -> str:
        return f"id-{next(self._ids)}"

    def record(self, by: Who | str, events: list[Event]) -> list[Event]:
        """Append what was decided and move the incident on."""
        actor = by if isinstance(by, str) else by.person
        for event in events:
            stamped = Stamped(self.incident.seq + 1, self.now, actor, event)
            self.log.append(stamped)
            self.incident = evolve(self.incident, stamped)
        return events

    def pass_time(self, **span: float) -> None:
        self.now += timedelta(**span)

    def give_role(self, role: str, person: Who) -> str:
        """The commander gives a role; the id of the assignment."""
        assignment_id = self.id()
        commander = self.incident.commander
        by = Who(commander.person, frozenset({"responder"})) if commander else ANA
        self.record(
            by,
            assign_role(self.incident, TEMPLATE, by, assignment_id=assignment_id, role=role, person=person),
        )
        return assignment_id


def declared(by: Who = ANA, **said: object) -> Case:
    """A fresh incident: SEV2, availability, commanded by `by`."""
    case = Case()
    values: dict[str, object] = {"title": "Checkout is down", "type": "availability", "severity": 2}
    values.update(said)
    declaration = Declaration(**values)  # type: ignore[arg-type]
    case.record(by, declare(CATALOG, declaration, by, number=1042, assignment_id="a-1", at=case.now))
    return case


def name(person: str) -> str:
    return NAMES.get(person, person)


def clock(at: datetime) -> str:
    return f"{at:%H:%M}"
