"""What Corvane does before anything breaks: risks, preventive work, training, a notice, feedback, its own process."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta
from typing import Any

from quarterdeck.app.learning import feedback, notices, prevention, process, risks
from quarterdeck.app.people import training
from quarterdeck.store import models

from .company import Corvane
from .stage import Stage
from .tables import table

DAY = timedelta(days=1)
# Long enough ago that a quarter has ended since.
OWNED_SINCE = 100 * DAY


def before(stage: Stage, corvane: Corvane, now: datetime) -> None:
    """Somebody owns the process: each quarter and each major incident since then asked for a review, which was held."""
    stage.at(now - OWNED_SINCE, lambda: _own(stage, corvane))
    for days in range(80, 10, -10):
        stage.at(now - days * DAY, lambda: _hold_reviews(stage, corvane))


def tell(stage: Stage, corvane: Corvane, now: datetime) -> None:
    """Everything else, in the hours before now."""
    told = table("prevention")
    stage.at(now - timedelta(hours=20), lambda: _own(stage, corvane))
    for hours, row in enumerate(told["risk"], 10):
        stage.at(now - timedelta(hours=hours), lambda r=row: _risk(stage, corvane, r))
    stage.at(now - timedelta(hours=9), lambda: _work(stage, corvane))
    stage.at(now - timedelta(hours=8), lambda: _train(stage, corvane))
    stage.at(now - timedelta(hours=6), lambda: _tell_all(stage, corvane))
    for row in told["feedback"]:
        stage.at(now - timedelta(hours=5), lambda r=row: _say(stage, corvane, r))


def _own(stage: Stage, corvane: Corvane) -> None:
    if not process.owners():
        process.set_owner(corvane.act(corvane.first, stage.now), corvane.people[table("prevention")["owner"]])


def _hold_reviews(stage: Stage, corvane: Corvane) -> None:
    """Each open one is held, with what it found."""
    doing = corvane.act(table("prevention")["owner"], stage.now)
    for row in models.ProcessReview.objects.filter(state=process.OPEN):
        process.add_finding(doing, row.id, "Handovers of command are late: most came after the tenth hour.")
        process.close(
            doing, row.id, "Commanders hand over after eight hours; the deputy asks for it after seven."
        )


def _risk(stage: Stage, corvane: Corvane, row: dict[str, Any]) -> None:
    doing = corvane.act(row["owner"], stage.now)
    review = _day(stage, row["review"]) if row["review"] else ""
    draft = risks.Draft(
        row["title"], doing.person, _day(stage, row["days"]), row.get("description", ""), row["services"],
        row["likelihood"], row["effect"], row["safeguard"], row["state"], review,
    )  # fmt: skip
    seen = models.IncidentRow.objects.filter(
        restricted=False, drill=False, is_open=False, services__contains=f'"{row["services"][0]}"'
    ).order_by("-number")
    links = [("incident", key) for key in seen.values_list("id", flat=True)[:2]]
    made = risks.create(doing, draft, source="review" if links else "hand", links=links)
    if "accepted" in row:
        until = _day(stage, row["accepted"])
        risks.accept(corvane.act(corvane.first, stage.now), made.id, until, row["why"])


def _work(stage: Stage, corvane: Corvane) -> None:
    told = table("prevention")
    for row in told["plan"]:
        prevention.plan(corvane.act(row["owner"], stage.now), _draft(stage, corvane, row))
    for row in told["task"]:
        prevention.add(corvane.act(row["owner"], stage.now), _draft(stage, corvane, row))


def _draft(stage: Stage, corvane: Corvane, row: dict[str, Any]) -> prevention.Draft:
    return prevention.Draft(
        row["title"], corvane.people[row["owner"]], _day(stage, row["days"]), row["kind"], row["service"],
        row.get("cadence", "once"), instructions=row["how"],
    )  # fmt: skip


def _train(stage: Stage, corvane: Corvane) -> None:
    admin = corvane.act(corvane.first, stage.now)
    for row in table("prevention")["training"]:
        day = stage.now.astimezone(UTC).date() + row["days"] * DAY
        training.plan(
            admin, topic=row["topic"], trainer=corvane.people[row["trainer"]],
            held_at=datetime.combine(day, time(row["hour"]), UTC), role=row["role"],
            invited=[corvane.people[name] for name in row["invited"]],
            details=training.Details(row["track"], row["place"], row["minutes"], row["seats"], row["months"]),
        )  # fmt: skip


def _tell_all(stage: Stage, corvane: Corvane) -> None:
    for row in table("prevention")["notice"]:
        made = notices.announce(
            corvane.act(corvane.first, stage.now), row["title"], row["note"], notices.Audience(on_call=True),
            effective_at=stage.now + row["days"] * DAY,
        )  # fmt: skip
        for name in row["readers"]:
            if made.receipts.filter(person=corvane.people[name]).exists():
                notices.understood(corvane.act(name, stage.now), made.id)


def _say(stage: Stage, corvane: Corvane, row: dict[str, Any]) -> None:
    made = feedback.give(corvane.act(row["by"], stage.now), row["kind"], row["subject"], row["text"])
    if "answer" in row:
        owner = corvane.act(table("prevention")["owner"], stage.now)
        feedback.answer(owner, made.id, row["answer"])
        feedback.put_forward(owner, made.id)


def _day(stage: Stage, days: int) -> str:
    return (stage.now.astimezone(UTC).date() + days * DAY).isoformat()
