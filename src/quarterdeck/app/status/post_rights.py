"""Who may post on a status page and put a post into other languages."""

from __future__ import annotations

from quarterdeck.core.incidents import closing, publish
from quarterdeck.core.kernel.refused import forbidden, missing
from quarterdeck.store import models

from .. import casebook
from ..act import Act, need
from . import page_rights


def may_post(act: Act, page: models.StatusPage, break_glass: str = "") -> str:
    """Refuse a post without an incident by anybody else while an incident is told on this page (R-042).

    Answers what is kept of broken glass.
    """
    if act.who.is_machine:
        raise forbidden("post.machine", "A person posts on a status page. Propose it to them.")
    return page_rights.must_publish(act, page.id, break_glass)


def may_translate(act: Act, page: models.StatusPage, post_id: str, break_glass: str = "") -> tuple[str, str]:
    """Refuse words of a post by whoever may not put them on this page: those of a released message go by the right
    that let it go, all others as posts are made.

    Answers the language it was written in ("" is the page's own) and what is kept of broken glass.
    """
    own = models.PagePost.objects.filter(id=post_id, page=page).first()
    if own is not None:
        need(act, "status.edit")
        return own.language, may_post(act, page, break_glass)
    row = models.PageUpdateRow.objects.filter(id=post_id, page=page.id).first()
    if row is None:
        raise missing(
            "post.unknown", "There is no such post on this page. Look it up in the list of its posts."
        )
    case = casebook.load(row.incident_id)
    message = case.incident.messages.get(row.message_id)
    if message is None:
        raise missing(
            "post.unknown", "There is no such post on this page. Look it up in the list of its posts."
        )
    if case.incident.has_ended and not closing.still(case.incident):
        # Its roles are over: what stands on the page is the page's.
        need(act, "status.edit")
        return "", ""
    publish.may_let_go(closing.speaking(case.incident), case.template, act.who, message, act.at)
    return "", ""
