"""Which article is meant by what somebody typed: its title, a part that fits one only, or its id. Reads only."""

from __future__ import annotations

from django.db.models import QuerySet

from quarterdeck.core.access import Who
from quarterdeck.core.kernel.refused import bad
from quarterdeck.core.kernel.text import line
from quarterdeck.store import models

from . import knowledge

OFFERED = 20


def offered(who: Who, typed: str = "") -> list[str]:
    """Titles to choose from, those that begin with what was typed first, then the last changed."""
    typed = line(typed, knowledge.TITLE_LIMIT)
    rows = knowledge.articles(who)
    for word in typed.split():
        rows = rows.filter(title__icontains=word)
    titles = dict.fromkeys(rows.order_by("-changed_at", "-id").values_list("title", flat=True)[: 5 * OFFERED])
    return sorted(titles, key=lambda t: not t.casefold().startswith(typed.casefold()))[:OFFERED]


def chosen(who: Who, typed: str) -> str:
    """The id of the article that is meant, "" for none. Refused where it is none, or more than one."""
    typed = line(typed, knowledge.TITLE_LIMIT)
    if not typed:
        return ""
    rows = knowledge.articles(who)
    known = rows.filter(id=typed).values_list("id", flat=True).first()
    if known:
        return str(known)
    exact = list(rows.filter(title__iexact=typed).order_by("-changed_at", "-id")[:2])
    found = exact[:1] or list(_like(rows, typed)[:5])
    if len(found) == 1:
        return str(found[0].id)
    if not found:
        message = f"No article is called “{typed}”. Type words of its title, then choose it from the list."
    else:
        names = ", ".join(f"“{a.title}”" for a in found)
        message = f"Several articles fit “{typed}”: {names}. Choose one from the list."
    raise bad("article.unknown", message, article=message)


def _like(rows: QuerySet[models.KnowledgeArticle], typed: str) -> list[models.KnowledgeArticle]:
    for word in typed.split():
        rows = rows.filter(title__icontains=word)
    return list(rows.order_by("-changed_at", "-id")[:5])
