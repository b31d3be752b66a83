"""Posts on a status page by its manager, without an incident of ours: a notice, its updates, its end, what is entered
later, corrections, summaries. What is said about a declared incident goes through its messages, never through here.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from datetime import datetime

from quarterdeck.core.comms import substitute
from quarterdeck.core.kernel.refused import Refused, bad, missing
from quarterdeck.core.kernel.text import clean, line
from quarterdeck.core.status import StateChange
from quarterdeck.core.status.backfill import entered
from quarterdeck.core.status.posting import Thread, Written, checked, event_of
from quarterdeck.core.status.words import component_state
from quarterdeck.store import log, models, tx
from quarterdeck.store.ids import new_id

from ..act import Act, need
from ..comms.sending import set_component_states
from ..subscribers.subscriber_notices import Posted, tell
from . import audience_pages, page_languages, page_rights, post_rights
from .publishing import touch
from .status_pages import find_page

# A text is taken a little longer than it may be, so that what is too long is said and not cut.
_TAMED = 20_000


def post(
    act: Act, page_key: str, said: Written, *, ref: str = "", token: str = "", tells: bool | None = None,
    break_glass: str = "",
) -> models.PagePost:  # fmt: skip
    """Post on a page: something new, or about `ref`. The states it names are set in the same transaction.

    `token` makes a retry safe. `tells`: whether subscribers hear of it; not said, they do but for what is over.
    """
    need(act, "status.edit")
    said = _tamed(said)
    tells = not said.is_past if tells is None else tells
    with tx.write("engine", "web"):
        page = find_page(page_key, lock=True)
        token = _key(page, token)
        known = _answered(act, token)
        if known is not None:
            return known
        glass = post_rights.may_post(act, page, break_glass)
        earlier = _thread(page, ref) if ref else []
        thread = _as_thread(earlier)
        said = checked(said, thread, audience_pages.names(page), act.at)
        homes = _homes(act, page, said)
        row = _add(act, page, said, earlier)
        if said.is_past:
            _enter(act, row, said)
        else:
            set_component_states(
                dict(said.components), act.person, "", act.at, line(said.title or row.title, 300)
            )
        touch([page.id, *homes])
        if tells:
            _tell(page, row, said, thread, earlier)
        if token:
            models.Idempotency.objects.create(
                id=new_id(), actor=act.person, token=token, result=row.id, at=act.at
            )
        log.audit("PagePosted", _told(page, row, said, tells, glass), at=act.at, actor=act.person)
    return row


def _homes(act: Act, page: models.StatusPage, said: Written) -> list[str]:
    """The other pages that the components it names stand on; refused where somebody else publishes there now, or on
    another page that shows them.
    """
    named = list(models.Component.objects.filter(id__in=list(said.components)))
    found = sorted({c.page_id for c in named} - {page.id})
    shown = models.ShownComponent.objects.filter(component__in=named).values_list("page_id", flat=True)
    page_rights.must_publish_on(act, {*found, *shown} - {page.id})
    return found


def find(page_key: str, post_id: str) -> models.PagePost:
    here = models.PagePost.objects.filter(page=find_page(page_key), id=post_id)
    found = here.select_related("page").first()
    if found is None:
        raise missing(
            "post.unknown", "There is no such post on this page. Look it up in the list of its posts."
        )
    return found


def thread_of(page: models.StatusPage, ref: str) -> list[models.PagePost]:
    """Everything that was posted about one thing, oldest first; refused where there is nothing."""
    return _thread(page, ref)


def _thread(page: models.StatusPage, ref: str) -> list[models.PagePost]:
    if models.PageUpdateRow.objects.filter(page=page.id, incident_id=ref).exists():
        raise Refused(
            "post.of_incident",
            "This is an incident: what is said about it is drafted and released among its messages.",
        )
    rows = list(models.PagePost.objects.filter(page=page, incident_ref=ref).order_by("at", "id"))
    if not rows:
        raise missing("post.unknown", "Nothing was posted about this here. Look it up in the list of posts.")
    return rows


def _as_thread(rows: list[models.PagePost]) -> Thread | None:
    if not rows:
        return None
    last = rows[-1]
    return Thread([r.id for r in rows], last.status_word, last.next_update_at, rows[0].source == "import")


def _add(act: Act, page: models.StatusPage, said: Written, earlier: list[models.PagePost]) -> models.PagePost:
    post_id = new_id()
    return models.PagePost.objects.create(
        id=post_id,
        page=page,
        incident_ref=earlier[0].incident_ref if earlier else post_id,
        kind=said.kind,
        source=earlier[0].source if earlier and earlier[0].source == "maintenance" else "hand",
        title=said.title,
        status_word=said.status_word,
        body=said.body,
        language=said.language,
        at=said.ended_at or _after(act.at, earlier),
        posted_by=act.person,
        components=dict(said.components),
        impact="maintenance" if earlier and earlier[0].impact == "maintenance" else "",
        next_update_at=said.next_update_at,
        started_at=said.started_at,
        corrects=said.corrects,
        retroactive=said.is_past,
    )


def _after(now: datetime, earlier: list[models.PagePost]) -> datetime:
    """Posts stand in the order they were made, also where a clock was set back between two of them."""
    last: datetime = earlier[-1].at if earlier else now
    return max(now, last)


def _enter(act: Act, row: models.PagePost, said: Written) -> None:
    """What is entered later counts in the bars of those days; what the page shows now stays as it is."""
    assert said.started_at is not None
    assert said.ended_at is not None
    for component, state in said.components.items():
        rows = models.ComponentState.objects.filter(component=component).order_by("at", "id")
        recorded = [StateChange(component, component_state(r.state), r.at) for r in rows]
        added = entered(recorded, component, component_state(state), said.started_at, said.ended_at)
        models.ComponentState.objects.bulk_create(
            models.ComponentState(
                component_id=component, state=c.state, at=c.at, actor=act.person,
                reason=line(f"Entered later: {row.title}", 300),
            )
            for c in added
        )  # fmt: skip


def _tell(
    page: models.StatusPage, row: models.PagePost, said: Written, thread: Thread | None,
    earlier: list[models.PagePost],
) -> None:  # fmt: skip
    title = row.title or next((r.title for r in reversed(earlier) if r.title), "")
    tell(
        Posted(
            page_id=page.id,
            post_id=row.id,
            ref=row.incident_ref,
            event=event_of(said, thread),
            title=title,
            body=row.body,
            status_word=row.status_word,
            at=row.at,
            components=row.components,
            language=row.language,
            next_update_at=row.next_update_at,
        )
    )


def _key(page: models.StatusPage, token: str) -> str:
    """The token as it is kept: of this page, and of a length that always fits."""
    return f"post:{hashlib.sha256(f'{page.id}:{token}'.encode()).hexdigest()}" if token else ""


def _answered(act: Act, token: str) -> models.PagePost | None:
    known = models.Idempotency.objects.filter(actor=act.person, token=token).first() if token else None
    return models.PagePost.objects.filter(id=known.result).first() if known else None


def _told(
    page: models.StatusPage, row: models.PagePost, said: Written, tells: bool, glass: str
) -> Mapping[str, object]:
    return {
        "page": page.id, "post": row.id, "about": row.incident_ref, "kind": row.kind, "status": row.status_word,
        "title": row.title, "components": row.components, "reason": said.reason, "retroactive": row.retroactive,
        "corrects": row.corrects, "told": tells, "glass": glass,
    }  # fmt: skip


def _tamed(said: Written) -> Written:
    """Safe texts, a language that pages can speak, and no field of a template left open."""
    gaps = substitute.left_open(f"{said.title}\n{said.body}")
    if gaps:
        text = f"The text still lacks: {', '.join(gaps)}. Write what belongs there, or take the sentence out."
        raise bad("post.unfilled", text, body=text)
    return Written(
        body=clean(said.body, _TAMED),
        title=line(said.title, 1000),
        status_word=line(said.status_word, 30),
        kind=said.kind,
        corrects=said.corrects,
        components=said.components,
        next_update_at=said.next_update_at,
        started_at=said.started_at,
        ended_at=said.ended_at,
        reason=line(said.reason, 300),
        language=page_languages.known(said.language) if said.language else "",
    )
