"""Whether a page that shows components of others opens what was for fewer readers: that takes the proof that opening a
page takes. Nothing is stored here.
"""

from __future__ import annotations

from collections.abc import Collection

from quarterdeck.core.access import may
from quarterdeck.core.kernel.refused import forbidden
from quarterdeck.store import models

from ..act import Act
from .page_ways import of, visibility, ways

_OPEN = {"internal": 0, "private": 1, "public": 2}


def opened(page: models.StatusPage, components: Collection[str]) -> dict[str, str]:
    """Of these components those that more people, or others, could read of on this page than on their own: each to the
    id of its own page. What the page shows already is opened no more.
    """
    shown = set(page.shown.values_list("component_id", flat=True))
    rows = models.Component.objects.filter(id__in=[c for c in components if c not in shown])
    rows = rows.filter(page__public=False).select_related("page__access")
    return {row.id: row.page_id for row in rows if is_more_open(page, row.page)}


def lent(page: models.StatusPage) -> bool:
    """Whether it shows components of pages that not everybody may read."""
    return bool(page.shown.filter(component__page__public=False).exists())


def must_prove(act: Act, found: dict[str, str], *, proven: bool) -> None:
    """Refuses where something is opened and nobody proved who they are, without a form but for administrators."""
    if not found or proven or may(act.who, "settings.edit"):
        return
    titles = models.StatusPage.objects.filter(id__in=set(found.values())).order_by("title")
    names = " and ".join(titles.values_list("title", flat=True)[:3])
    message = (
        f"This shows components of {names} to people who cannot read that page. Without a form, only an "
    )
    raise forbidden(
        "shown.open", message + "administrator does so. Do it under Other pages, where you prove who you are."
    )


def is_more_open(page: models.StatusPage, source: models.StatusPage) -> bool:
    """Of two private pages with ways in of their own nobody can say which is the more open one."""
    mine, theirs = _OPEN[visibility(page)], _OPEN[visibility(source)]
    if mine != theirs or theirs != _OPEN["private"]:
        return mine > theirs
    how = ways(page, of(page))
    return how.password or how != ways(source, of(source))
