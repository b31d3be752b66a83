"""A store with a status page of 500 components and five years of incidents, and how long publications of it take.

`python -m bench.published [components] [years]` in a process of its own; the folder comes from QUARTERDECK_DATA.
"""

from __future__ import annotations

import json
import random
import sys
import time
from datetime import UTC, datetime, timedelta
from typing import Any

from .prepare import open_store

WEEKLY = 5
STATES = ("degraded_performance", "partial_outage", "operational")


def main() -> None:
    components, years = (int(word) for word in (*sys.argv[1:3], "500", "5")[:2])
    open_store()
    print(json.dumps(measure(fill(components, years), years)))


def fill(components: int, years: int) -> Any:
    """The page. Each incident has four posts and puts three components out of order for an hour."""
    from quarterdeck.store import models, tx
    from quarterdeck.store.ids import new_id

    now, dice = datetime.now(UTC) - timedelta(minutes=5), random.Random(7)
    begun = now - timedelta(days=365 * years)
    with tx.write():
        page = models.StatusPage.objects.create(
            id=new_id(), key="main", title="Corvane status", created_at=begun
        )
        parts = models.Component.objects.bulk_create(
            models.Component(
                id=new_id(), page=page, group=f"Group {n // 25}", name=f"Component {n}", position=n,
                description="What customers know it as", created_at=begun, updated_at=begun,
            )
            for n in range(components)
        )  # fmt: skip
        states = [models.ComponentState(component=c, state="operational", at=begun) for c in parts]
        posts = []
        for n in range(WEEKLY * 52 * years):
            at, ref = begun + timedelta(days=7 * n / WEEKLY), f"INC-{n}"
            hit = dice.sample(parts, 3)
            for word, minutes in (
                ("investigating", 0),
                ("identified", 12),
                ("monitoring", 40),
                ("resolved", 60),
            ):
                state = "operational" if word == "resolved" else dice.choice(STATES[:2])
                when = at + timedelta(minutes=minutes)
                posts.append(models.PagePost(
                    id=new_id(), page=page, incident_ref=ref, title=f"Some card payments fail ({n})",
                    status_word=word, body="We are looking at **card payments** in two regions. " * 4, at=when,
                    components={c.id: state for c in hit},
                ))  # fmt: skip
                states += [models.ComponentState(component=c, state=state, at=when) for c in hit]
        models.PagePost.objects.bulk_create(posts, batch_size=500)
        models.ComponentState.objects.bulk_create(states, batch_size=1000)
    return page


def measure(page: Any, years: int) -> dict[str, Any]:
    """Seconds from a change that is committed until the files are complete, several of each kind."""
    from quarterdeck.app.status import publishing
    from quarterdeck.engine import publish
    from quarterdeck.store import models, tx
    from quarterdeck.store.ids import new_id

    told: dict[str, Any] = {"first": [_timed(publish, page)], "state": [], "post": [], "refresh": []}
    component = page.components.all()[7]
    for n in range(5):
        with tx.write():
            state = STATES[n % 3]
            models.ComponentState.objects.create(component=component, state=state, at=datetime.now(UTC))
            publishing.touch([page.id])
        told["state"].append(_timed(publish, page))
        with tx.write():
            models.PagePost.objects.create(
                id=new_id(), page=page, incident_ref="INC-now", title="Cards fail", body="We look at it.",
                status_word="investigating", at=datetime.now(UTC), components={component.id: state},
            )  # fmt: skip
            publishing.touch([page.id])
        told["post"].append(_timed(publish, page))
        told["refresh"].append(_timed(publish, page))
    folder = publish._folder(page)
    told["files"] = sum(1 for p in folder.rglob("*") if p.is_file())
    told["snapshot_bytes"] = (folder.with_name(".main") / "snapshot.json").stat().st_size
    told["folder"] = str(folder)
    return told


def _timed(publish: Any, page: Any) -> tuple[float, float]:
    """Seconds that passed, and seconds of processor time of this process: the second says more on a busy machine."""
    start, spent = time.perf_counter(), time.process_time()
    page.refresh_from_db()
    publish.publish_one(page, datetime.now(UTC))
    return round(time.perf_counter() - start, 3), round(time.process_time() - spent, 3)


if __name__ == "__main__":
    main()
