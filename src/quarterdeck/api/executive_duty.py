"""Who has executive duty ahead, and whether they are trained for it."""

from __future__ import annotations

from quarterdeck.app.executives import executive_training as acts

from .doors import Request
from .fields import Moment, Named, Read
from .operations import Noun
from .pages import Page, whole

NOUN = Noun("Executives", "/executive-duty")


class ExecutiveDuty(Read):
    """`duties`: schedules and policies of the next 90 days. `lacks`: training (of the track executive), quiz (passed
    as it is now), drill (within a year); empty for whoever is ready.
    """

    person: Named
    duties: list[str]
    trained_at: Moment | None
    expires_at: Moment | None
    drilled_at: Moment | None
    quiz_passed_at: Moment | None
    lacks: list[str]


@NOUN.get("", "schedule.read", Page[ExecutiveDuty])
def list_executive_duty(request: Request) -> Page[ExecutiveDuty]:
    """Everybody on the roster of executive duty; whoever lacks training or a drill is flagged."""
    found = acts.roster(request.act.at)
    names = request.names.load(r.person for r in found)
    return whole(
        ExecutiveDuty(
            person=names.of(r.person), duties=list(r.duties), trained_at=r.standing.trained_at,
            expires_at=r.standing.expires_at, drilled_at=r.standing.drilled_at, quiz_passed_at=r.standing.passed_at,
            lacks=list(r.lacks),
        )
        for r in found
    )  # fmt: skip
