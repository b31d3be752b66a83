"""Review packs, and the reports that go out by themselves."""

from __future__ import annotations

from typing import Annotated, Literal

from django.conf import settings
from ninja import Query

from quarterdeck.app.figures import packs, report_plans
from quarterdeck.core.metrics.periods import last_complete, named
from quarterdeck.core.oncall.wall import check_zone
from quarterdeck.core.reviews import Document, Facts, Table
from quarterdeck.store import models

from .doors import Request
from .fields import Asked, Id, Moment, Named, Number, Read, Text, Write
from .operations import Noun
from .pages import Page, whole

NOUN = Noun("Reports by mail", "/report-plans")
PACKS = Noun("Reports by mail", "/report-packs")
_READ, _EDIT = report_plans.READ, report_plans.EDIT
PackKey = Literal[tuple(packs.PACKS)]  # type: ignore[valid-type]
Zone = Annotated[str, Text(60, least=1)]
Hour = Annotated[int, Number(0, 23)]
Title = Annotated[str, Text(report_plans.TITLE_LIMIT)]


class ReportPlanRecord(Read):
    """`every`: week, month, quarter. The next one goes out at `next_at`, at `hour` by the clock of `zone`."""

    id: str
    pack: str
    title: str
    every: str
    zone: str
    hour: int
    next_at: Moment
    people: list[Named]
    last_period: str | None
    held_by: str
    held_since: Moment | None


class ReportPlanWrite(Write):
    """`people` are ids."""

    pack: PackKey
    title: Title = ""
    zone: Zone = "UTC"
    hour: Hour = 8
    people: tuple[Id, ...] = ()


class ReportPlanPatch(Write):
    """Only what is named changes."""

    title: Title | None = None
    zone: Zone | None = None
    hour: Hour | None = None
    people: list[Id] | None = None


class HoldWrite(Write):
    """The key of a switch of a response structure; empty for none."""

    switch: Annotated[str, Text(64)] = ""


class ReportPreview(Read):
    """The mail about the last period that is over, as it would go out now."""

    subject: str
    text: str


class PackAsked(Asked):
    """`period` such as 2026-W47, 2026-11 or 2026-Q4; left out, the last that is over."""

    period: Annotated[str, Text(10)] = ""
    zone: Annotated[str, Text(60)] = ""


class PackTable(Read):
    head: list[str]
    rows: list[list[str]]


class PackSection(Read):
    """`facts` are labels with values; `texts` remarks."""

    key: str
    title: str
    facts: dict[str, str]
    tables: list[PackTable]
    texts: list[str]


class PackDocument(Read):
    pack: str
    period: str
    title: str
    made: str
    sections: list[PackSection]


@NOUN.get("", _READ, Page[ReportPlanRecord])
def list_report_plans(request: Request) -> Page[ReportPlanRecord]:
    return whole(_told(request, report_plans.plans()))


@NOUN.post("", _EDIT, ReportPlanRecord)
def make_report_plan(request: Request, body: ReportPlanWrite) -> ReportPlanRecord:
    """A review that goes out by itself after each period, once."""
    return _told(request, [report_plans.make(request.act, **body.model_dump())])[0]


@NOUN.get("/{plan}", _READ, ReportPlanRecord)
def get_report_plan(request: Request, plan: Id) -> ReportPlanRecord:
    return _told(request, [report_plans.find(plan)])[0]


@NOUN.patch("/{plan}", _EDIT, ReportPlanRecord)
def change_report_plan(request: Request, plan: Id, body: ReportPlanPatch) -> ReportPlanRecord:
    """Who gets it and when. Whoever stopped it for themselves cannot be added again by others."""
    return _told(request, [report_plans.change(request.act, plan, **body.model_dump())])[0]


@NOUN.put("/{plan}/hold", _EDIT, ReportPlanRecord)
def hold_report_plan(request: Request, plan: Id, body: HoldWrite) -> ReportPlanRecord:
    """While an open incident has this switch halted, the report waits; afterwards it goes out."""
    return _told(request, [report_plans.hold_by(request.act, plan, body.switch)])[0]


@NOUN.delete("/{plan}", _EDIT)
def stop_report_plan(request: Request, plan: Id) -> None:
    """It is sent no more."""
    report_plans.stop(request.act, plan)


@NOUN.get("/{plan}/preview", _READ, ReportPreview)
def preview_report(request: Request, plan: Id) -> ReportPreview:
    subject, text = report_plans.preview(report_plans.find(plan), request.act.at)
    return ReportPreview(subject=subject, text=text)


@NOUN.put("/{plan}/subscription", _READ)
def subscribe_to_report(request: Request, plan: Id) -> None:
    """For oneself."""
    report_plans.subscribe(request.act, plan)


@NOUN.delete("/{plan}/subscription", _READ)
def unsubscribe_from_report(request: Request, plan: Id) -> None:
    """For oneself; others cannot add one again."""
    report_plans.unsubscribe(request.act, plan)


@PACKS.get("/{pack}", _READ, PackDocument)
def get_report_pack(request: Request, pack: PackKey, asked: Query[PackAsked]) -> PackDocument:
    """A review pack: weekly on-call (on_call), monthly service (service), quarterly business (business)."""
    zone = asked.zone or settings.TIME_ZONE
    check_zone(zone)
    every = packs.pack(pack).every
    period = named(every, asked.period) if asked.period else last_complete(every, request.act.at, zone)
    return _pack(pack, packs.contents(pack, period, zone, request.act.at))


def _pack(pack: str, document: Document) -> PackDocument:
    return PackDocument(
        pack=pack, period=document.key, title=document.title, made=document.made,
        sections=[
            PackSection(
                key=s.key, title=s.title,
                facts={label: value for b in s.blocks if isinstance(b, Facts) for label, value in b.rows},
                tables=[
                    PackTable(head=list(b.head), rows=[list(r) for r in b.rows])
                    for b in s.blocks
                    if isinstance(b, Table)
                ],
                texts=[t for b in s.blocks if (t := getattr(b, "text", ""))],
            )
            for s in document.sections
        ],
    )  # fmt: skip


def _told(request: Request, rows: list[models.ReportPlan]) -> list[ReportPlanRecord]:
    people = report_plans.readers(r.id for r in rows)
    names = request.names.load(p for found in people.values() for p in found)
    sent = models.ReportSent.objects.filter(plan_id__in=[r.id for r in rows]).order_by("due_at")
    last = dict(sent.values_list("plan_id", "period"))
    return [
        ReportPlanRecord(
            id=r.id, pack=r.pack, title=r.title, every=packs.pack(r.pack).every, zone=r.timezone, hour=r.hour,
            next_at=r.next_at, people=[names.of(p) for p in people.get(r.id, ())], last_period=last.get(r.id),
            held_by=r.switch, held_since=r.held_at,
        )
        for r in rows
    ]  # fmt: skip
