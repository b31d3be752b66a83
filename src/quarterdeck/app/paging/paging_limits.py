"""How much one account may page by hand: a mistake in a script, or a stolen key, neither wakes everybody all night nor
runs up a bill for texts and calls. Generous beyond what anybody needs in a crisis.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import timedelta

from quarterdeck.core.kernel.refused import Refused
from quarterdeck.store import models

from ..act import Act

WITHIN = timedelta(minutes=10)
PEOPLE = 60
THE_SAME = 5
# Who calls for a commander again within this time has pressed twice: the calls that stand are the answer.
AGAIN = timedelta(seconds=60)


def check(act: Act, people: Collection[str]) -> None:
    """Refuse when this account has paged so much lately; inside the caller's transaction."""
    made = models.Callout.objects.filter(
        created_at__gt=act.at - WITHIN, created_by=act.person, run_id="", role=""
    )
    paged = list(made.values_list("person_id", flat=True)[: PEOPLE + 1])
    if len(paged) + len(people) > PEOPLE:
        raise _limited(f"You have paged {len(paged)} times within 10 minutes")
    if any(paged.count(person) >= THE_SAME for person in people):
        raise _limited(f"You have paged the same person {THE_SAME} times within 10 minutes")


def _limited(why: str) -> Refused:
    return Refused(
        "page.limit",
        f"{why}. Wait some minutes, ask somebody else to page, or call them: see the phone list.",
        kind="limited",
    )


def standing(act: Act, people: Collection[str], incident_id: str) -> list[models.Callout]:
    """The calls that this person made to all of these a moment ago, where nobody has answered yet; else none."""
    rows = models.Callout.objects.filter(
        created_at__gt=act.at - AGAIN, created_by=act.person, person_id__in=people, incident_id=incident_id,
        state="waiting", run_id="", role="",
    )  # fmt: skip
    newest = {c.person_id: c for c in rows.order_by("created_at")}
    return list(newest.values()) if set(newest) == set(people) else []
