"""Who may publish on a status page by hand while an incident is told there: its status page manager or its commander.

Others may break the glass: with a reason that is kept. Without such an incident the organisation's own rights decide.
"""

from __future__ import annotations

from collections.abc import Collection

from django.db.models import Exists, OuterRef, Q

from quarterdeck.core.access import Who
from quarterdeck.core.incidents import publish
from quarterdeck.core.kernel.refused import forbidden
from quarterdeck.core.kernel.text import line
from quarterdeck.store import models

from .. import casebook
from ..act import Act
from ..visibility import known_to

# A message in these is still to be said, or was.
_MEANT = ("draft", "released", "sent")


def telling(page_id: str, who: Who) -> list[models.IncidentRow]:
    """The open incidents that are told on a page, or will be by a message that names it. Drills are never told.

    One that `who` may not know of counts once it has been told in public.
    """
    open_ones = models.IncidentRow.objects.filter(is_open=True, drill=False)
    posted = models.PageUpdateRow.objects.filter(incident_id=OuterRef("id"), page=page_id)
    messages = models.MessageRow.objects.filter(incident_id__in=open_ones.values("id"), state__in=_MEANT)
    meant = {m.incident_id for m in messages.only("incident_id", "pages") if page_id in m.pages}
    found = list(
        open_ones.annotate(told=Exists(posted)).filter(Q(told=True) | Q(id__in=meant)).order_by("number")
    )
    known = known_to(who, [i.id for i in found])
    return [i for i in found if i.id in known or i.told]  # type: ignore[attr-defined]


def closed_to(page_id: str, who: Who) -> list[str]:
    """The ids of those incidents in which somebody else publishes: without them, `who` changes the page freely."""
    return [i for i, _ in _closed(page_id, who)]


def must_publish(act: Act, page_id: str, break_glass: str = "") -> str:
    """Refuses with `grant.page.publish` unless they may publish on the page now; answers what is kept of broken glass.

    "" where nothing had to be broken. The product's own acts and rules are decided where their rules are.
    """
    if act.who.is_machine:
        return ""
    closed = _closed(page_id, act.who)
    why = line(break_glass, 300)
    if not closed:
        return ""
    ids = _joined([i for i, _ in closed])
    if why:
        return f"Broke the glass beside {ids}: {why}"
    raise forbidden(
        "grant.page.publish",
        f"{ids} is told on this page: only the {closed[0][1]} changes it now. Ask them, or give a reason to break the "
        "glass; it is kept.",
    )


def must_publish_of(act: Act, components: Collection[models.Component], break_glass: str = "") -> str:
    """As `must_publish`, on every page that shows one of these: their own, and those for other audiences."""
    ids = [c.id for c in components]
    shown = models.ShownComponent.objects.filter(component__in=ids).values_list("page_id", flat=True)
    return must_publish_on(act, {*(c.page_id for c in components), *shown}, break_glass)


def must_publish_on(act: Act, page_ids: Collection[str], break_glass: str = "") -> str:
    """As `must_publish`, on each of these pages."""
    kept = [must_publish(act, page, break_glass) for page in sorted(page_ids)]
    return ". ".join(dict.fromkeys(filter(None, kept)))


def may_take_off(act: Act, row: models.Component, break_glass: str = "") -> str:
    """As `must_publish_of`, for taking a component off its page: one that is not well is told of."""
    return must_publish_of(act, [row], break_glass) if row.state != "operational" else ""


def _closed(page_id: str, who: Who) -> list[tuple[str, str]]:
    found = []
    for row in telling(page_id, who):
        case = casebook.load(row.id)
        if not publish.may_publish(case.incident, case.template, who):
            found.append((row.id, publish.publishers(case.template)))
    return found


def _joined(ids: Collection[str]) -> str:
    return " and ".join(ids)
