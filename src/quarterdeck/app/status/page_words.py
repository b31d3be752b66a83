"""A post in another language: added after it is out, never instead of it. Nobody is told of it a second time."""

from __future__ import annotations

from quarterdeck.core.kernel.refused import bad
from quarterdeck.core.kernel.text import clean, line
from quarterdeck.core.status.posting import BODY_LIMIT, TITLE_LIMIT
from quarterdeck.store import log, models, tx
from quarterdeck.store.ids import new_id

from ..act import Act
from . import page_languages, post_rights
from .publishing import touch
from .status_pages import find_page


def translate(
    act: Act, page_key: str, post_id: str, language: str, title: str, body: str, break_glass: str = ""
) -> models.PostWords:
    """Put a post into one more language, or mend its words there. The same words again change nothing.

    The page is published again. The original stands; whoever was told of it is not told again. `break_glass` is why
    somebody does it who may not while an incident is told on the page.
    """
    page_languages.known(language)
    title, body = line(title, 1000), clean(body, 20_000).strip()
    _fitting(title, body)
    with tx.write("engine", "web"):
        page = find_page(page_key, lock=True)
        written_in, glass = post_rights.may_translate(act, page, post_id, break_glass)
        written_in = written_in or page_languages.first(page)
        if language == written_in:
            text = "The post was written in this language. What is wrong in it is put right by a correction."
            raise bad("language.own", text, language=text)
        row = models.PostWords.objects.filter(post_id=post_id, language=language).first()
        before = {"title": row.title, "body": row.body} if row else None
        after = {"title": title, "body": body}
        if row is not None and before == after:
            return row
        if row is None:
            row = models.PostWords(id=new_id(), post_id=post_id, language=language)
        row.title, row.body, row.at, row.by = title, body, act.at, act.person
        row.save()
        touch([page.id])
        told = {"page": page.id, "post": post_id, "language": language, "before": before, "after": after}
        log.audit("PostTranslated", told | ({"reason": glass} if glass else {}), at=act.at, actor=act.person)
    return row


def _fitting(title: str, body: str) -> None:
    if not body:
        text = "Write what the post says, in this language."
        raise bad("post.body", text, body=text)
    for name, value, most in (("title", title, TITLE_LIMIT), ("body", body, BODY_LIMIT)):
        if len(value) > most:
            text = f"It has {len(value)} characters; {most} fit. Shorten it."
            raise bad(f"{name}.long", text, **{name: text})
