"""Texts to start a post from: kept, changed, taken away, filled. Audited."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from quarterdeck.core.comms import substitute
from quarterdeck.core.kernel.refused import Refused, bad, missing
from quarterdeck.core.kernel.text import clean, line
from quarterdeck.core.status.posting import BODY_LIMIT, TITLE_LIMIT, WORDS
from quarterdeck.store import log, models, tx
from quarterdeck.store.ids import new_id

from ..act import Act, need

FIELDS = ("page", "components", "time")
MOST = 200


def keep(
    act: Act, name: str, title: str, body: str, status_word: str, template_id: str = ""
) -> models.PostTemplate:
    """A new template, or another text of one that is there."""
    need(act, "status.edit")
    values = _checked(name, title, body, status_word)
    with tx.write("web"):
        tx.lock("post templates")
        row = find(template_id) if template_id else None
        others = models.PostTemplate.objects.exclude(id=template_id)
        if others.filter(name=values["name"]).exists():
            text = "Another template has this name. Choose one that tells them apart."
            raise bad("template.name", text, name=text)
        if row is None and others.count() >= MOST:
            raise Refused("template.many", f"There are {MOST} templates. Take one away that nobody uses.")
        before = _told(row) if row else None
        row = row or models.PostTemplate(id=new_id(), created_at=act.at, created_by=act.person)
        for field, value in values.items():
            setattr(row, field, value)
        if before != _told(row):
            row.save()
            told = {"template": row.id, "before": before, "after": _told(row)}
            log.audit("PostTemplateSaved", told, at=act.at, actor=act.person)
    return row


def remove(act: Act, template_id: str) -> None:
    need(act, "status.edit")
    with tx.write("web"):
        row = find(template_id)
        told = {"template": row.id, "before": _told(row)}
        row.delete()
        log.audit("PostTemplateRemoved", told, at=act.at, actor=act.person)


def find(template_id: str) -> models.PostTemplate:
    found = models.PostTemplate.objects.filter(id=template_id).first()
    if found is None:
        raise missing("template.unknown", "There is no such template. Look it up in the list of templates.")
    return found


def filled(
    row: models.PostTemplate, page: models.StatusPage, components: Sequence[str], now: datetime
) -> tuple[str, str]:
    """Title and body with what is known; a field that nothing is known for stays as [field?]."""
    facts = {"page": page.title, "components": ", ".join(components), "time": f"{now:%H:%M} UTC"}
    return substitute.fill(row.title, facts), substitute.fill(row.body, facts)


def _checked(name: str, title: str, body: str, status_word: str) -> dict[str, str]:
    values = {"name": line(name, 120), "title": line(title, 1000), "body": clean(body, 20_000).strip()}
    for field, most in (("title", TITLE_LIMIT), ("body", BODY_LIMIT)):
        if len(values[field]) > most:
            text = f"It has {len(values[field])} characters; {most} fit. Shorten it."
            raise bad(f"{field}.long", text, **{field: text})
    for field in ("name", "body"):
        if not values[field]:
            text = "Fill this in."
            raise bad(f"template.{field}", text, **{field: text})
    both = f"{values['title']}\n{values['body']}"
    strange = [f for f in substitute.fields(both) if f not in FIELDS] or list(substitute.stray(both))
    if strange:
        text = f"Nothing is known to fill {strange[0][:40]!r} with. The fields are: {', '.join(FIELDS)}."
        raise bad("template.field", text, body=text)
    if status_word not in WORDS:
        raise bad("status_word.unknown", f"Choose one of: {', '.join(WORDS)}.", status="unknown")
    return values | {"status_word": status_word}


def _told(row: models.PostTemplate) -> dict[str, str]:
    return {"name": row.name, "title": row.title, "body": row.body, "status_word": row.status_word}
