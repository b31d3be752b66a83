"""Who may speak on a status page: while an open incident posts on it, only who publishes there for that incident."""

from __future__ import annotations

from quarterdeck.core.access import Who
from quarterdeck.core.incidents import closing, publish
from quarterdeck.core.incidents.authority import may
from quarterdeck.core.kernel.refused import forbidden, missing
from quarterdeck.store import models

from . import casebook
from .act import Act, need


def may_post(who: Who, page: models.StatusPage) -> None:
    """Refuse a post without an incident by anybody else while an open incident is told on this page (R-042).

    Only what is public already is looked at: a refusal gives no incident away.
    """
    if who.is_machine:
        raise forbidden("post.machine", "A person posts on a status page. Propose it to them.")
    told = models.PageUpdateRow.objects.filter(page=page.id).values("incident_id")
    running = models.IncidentRow.objects.filter(id__in=told, is_open=True, drill=False)
    for incident_id in running.values_list("id", flat=True):
        case = casebook.load(incident_id)
        if not may(case.incident, case.template, who, "page.publish"):
            titles = [role.title for role in case.template.roles if "page.publish" in role.grants]
            raise forbidden(
                "grant.page.publish",
                f"An open incident is told on this page. Until it is over only its {' or its '.join(titles)} posts"
                " here: ask them, or wait.",
            )


def may_translate(act: Act, page: models.StatusPage, post_id: str) -> str:
    """The post in public, if `act` may put words of it on this page: those of a released message by the right that
    let it go, all others as posts are made. Returns the language it was written in.
    """
    own = models.PagePost.objects.filter(id=post_id, page=page).first()
    if own is not None:
        need(act, "status.edit")
        may_post(act.who, page)
        written_in: str = own.language
        return written_in
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
        return ""
    publish.may_let_go(closing.speaking(case.incident), case.template, act.who, message, act.at)
    return ""
