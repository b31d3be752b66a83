"""What others add to a review: asking one more person, and answering."""

from __future__ import annotations

from quarterdeck.core.access import Who
from quarterdeck.core.incidents import contributions as core
from quarterdeck.core.incidents.authority import must_read
from quarterdeck.core.kernel.refused import bad
from quarterdeck.core.kernel.text import clean, line
from quarterdeck.store import models
from quarterdeck.store.ids import new_id

from .. import casebook
from ..act import Act
from ..casebook import Case
from ..incidents import command
from ..paging.directory import must_be_active
from ..technical import knowledge
from ..visibility import known_to


def ask(act: Act, incident_id: str, person: str, due_on: str, why: str = "") -> Case:
    """Somebody who may not know of the incident is not asked."""
    if person:
        must_be_active(person, "person")
        must_read(casebook.load(incident_id, act.who).incident, act.who)
        if not known_to(command.who(person), [incident_id]):
            message = "This person may not know of the incident. Give them a role in it first, or ask somebody else."
            raise bad("person.outside", message, person=message)
    key = new_id()
    return casebook.change(
        act,
        incident_id,
        lambda i, t: core.ask(i, t, act.who, ask_id=key, person=person, due_on=due_on, why=line(why, 300)),
    )


def give(act: Act, incident_id: str, ask_id: str, text: str, article: str = "") -> Case:
    """`article` is the id of a knowledge article that says the rest."""
    if article:
        knowledge.find(article, act.who)
    said = clean(text, core.TEXT_LIMIT)
    return casebook.change(
        act, incident_id, lambda i, t: core.give(i, act.who, ask_id=ask_id, text=said, article=article)
    )


def owed_by(who: Who) -> list[models.ContributionRow]:
    """What this person still owes to reviews that are open."""
    rows = models.ContributionRow.objects.filter(person=who.person, given_at=None)
    live = models.ReviewRow.objects.filter(state__in=("draft", "in_review")).values("incident_id")
    return list(rows.filter(incident_id__in=live).order_by("due_on", "id"))
