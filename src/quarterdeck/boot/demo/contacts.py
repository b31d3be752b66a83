"""Who hears of incidents by mail: a list that was imported, one that waits, and a message on its way to many."""

from __future__ import annotations

import io
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from quarterdeck.app.comms import contact_imports, ledger, mailings, suppressions
from quarterdeck.app.subscribers import subscribers
from quarterdeck.core.comms.subscribing import Wishes
from quarterdeck.store import models

from .tables import table

if TYPE_CHECKING:
    from datetime import datetime

    from .company import Corvane
    from .live import Router
    from .stage import Stage

NODE = "history"
AUDIENCE = "partners_vendors"


def found(stage: Stage, corvane: Corvane, now: datetime) -> None:
    """Lay out the list of travel agencies, which is taken, and that of operators, which somebody still looks at."""
    told = table("response")
    agencies, operators = told["agencies"], told["operators"]
    taken = max(stage.now, now - timedelta(days=agencies["days"]))
    stage.at(taken, lambda: _take(stage, corvane, agencies))
    stage.at(taken, lambda: _subscribe(stage, corvane))
    stage.at(
        now - timedelta(minutes=operators["ago"]),
        lambda: contact_imports.begin(
            corvane.act(corvane.first, stage.now), "customers_all", "operators.csv",
            io.BytesIO(operators["listed"].strip().encode()), source=operators["source"],
        ),
    )  # fmt: skip


def _take(stage: Stage, corvane: Corvane, told: dict[str, Any]) -> None:
    act = corvane.act(corvane.first, stage.now)
    rows = ["email,name,segments"]
    rows += [
        f"{place(kind)}@{place(town)}.example,{town} {kind},agencies"
        for town in told["first"]
        for kind in told["second"]
    ]
    rows += [f"{broken},," for broken in told["broken"]]
    listed = io.BytesIO("\n".join(rows).encode())
    made = contact_imports.begin(act, AUDIENCE, "travel-agencies.csv", listed, source=told["source"])
    contact_imports.start(act, made.id)
    for town, why in told["silent"].items():
        suppressions.suppress(act, f"tours@{place(town)}.example", why)


def _subscribe(stage: Stage, corvane: Corvane) -> None:
    """A handful of people follow the public page, some of them parts of it."""
    told = table("pages")
    act = corvane.act(corvane.first, stage.now)
    for row in told["subscriber"]:
        chosen = tuple(corvane.components[key] for key in row.get("components", []))
        wishes = Wishes(language=row.get("language", ""), components=chosen)
        made = subscribers.add(act, told["page"]["key"], "email", row["address"], row["source"], wishes)
        if row.get("ended"):
            subscribers.end(act, told["page"]["key"], made.id)


def place(name: str) -> str:
    """A name as it may stand in an address."""
    return name.lower().replace(" ", "-").replace("é", "e").replace("ü", "u").replace("ä", "a")


def outward(t: Router) -> None:
    """To all partners by mail: four parts are handed over, then somebody pauses it."""
    told = table("response")["agencies"]
    said, handed = told["message"], told["handed"]
    t.ago(
        said["ago"],
        lambda: t.say(
            AUDIENCE, said["headline"], promise=said["promise"], customer_effect=said["effect"], action=said["action"]
        ),
    )  # fmt: skip
    for number in range(handed["times"]):
        t.ago(handed["ago"] - number / 2, lambda: _hand_over(t, handed))
    t.ago(handed["paused"], lambda: _pause(t, handed["why"]))


def _hand_over(t: Router, told: dict[str, Any]) -> None:
    """What the mail server of that time said to a part of them."""
    batch = ledger.claim(NODE, t.stage.now, told["each"])
    if batch is None:
        return
    words = {6: ("no_mailbox", "550 5.1.1 No such mailbox here"), 17: ("later", "451 4.7.1 Try again later")}
    results = [(row, *words.get(n, ("taken", "250 2.0.0 Queued"))) for n, row in enumerate(batch.rows)]
    ledger.record(batch, results, t.stage.now)  # type: ignore[arg-type]


def _pause(t: Router, why: str) -> None:
    message = models.MessageRow.objects.get(incident_id=t.id, audience=AUDIENCE, state="sent")
    mailings.pause(t.act(t.me), t.id, message.id, why)
