"""What a subscriber reads of a post, in one language, as every channel is handed it. Only public words are in it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from quarterdeck.channels.status_site import markup
from quarterdeck.channels.status_site.phrases import LANGUAGES as SITE
from quarterdeck.channels.status_site.phrases import shipped
from quarterdeck.channels.status_site.phrases.language import Language
from quarterdeck.channels.status_site.subscribing import said
from quarterdeck.channels.status_site.words import words
from quarterdeck.core.kernel.moments import parse
from quarterdeck.core.status.words import LABELS
from quarterdeck.store import models

from ..status import page_brand, page_languages, publishing


def translations(post: models.SubscriberPost) -> dict[str, list[str]]:
    """The post in other languages, as far as there are words by now."""
    found = dict(post.content["words"])
    rows = models.PostWords.objects.filter(post_id=post.post_id).values_list("language", "title", "body")
    return found | {language: [title, body] for language, title, body in rows if body}


def language_for(wanted: str, words: Mapping[str, Any]) -> str:
    """The language of a subscriber where the post has words in it, or in the main one of theirs; "" the original."""
    main = wanted.partition("-")[0]
    return wanted if wanted in words else main if main in words else ""


def body_of(
    page: models.StatusPage, post: models.SubscriberPost, language: str, *, short: bool = False
) -> dict[str, Any]:
    """The message; `short` for a text message."""
    content = post.content
    title, text = content["words"].get(language) or (content["title"], content["body"])
    title = title or content["title"] or page.title
    spoken = language or content["language"] or page_languages.first(page)
    label = word_label(content["word"], spoken)
    names: Mapping[str, str] = content.get("names", {})
    body: dict[str, Any] = {
        "subject": f"{page.title}: {title} ({label})"[:250], "text": "" if short else markup.readable(text),
        "facts": [], "link": link_of(page, post), "link_label": spoken_by(spoken).phrases["embed"],
        "kind": "message", "urgency": "low",
        "thread": f"status/{page.key}/{post.about}",
    }  # fmt: skip
    if short:
        return body
    body["facts"] = _facts(page, content, spoken, label, list(names.values()))
    body["data"] = {
        "unsubscribe_label": said(spoken, "end"),
        "language": spoken,
        "markdown": text,
        "page": {"key": page.key, "title": page.title, "url": public_url(page)},
        "incident": post.about,
        "event": post.event,
        "status": content["word"],
        "title": title,
        "components": [
            {"id": key, "name": names[key], "status": state}
            for key, state in content["components"].items()
            if key in names
        ],
    }
    return body


def together(
    page: models.StatusPage, posts: Sequence[models.SubscriberPost], language: str
) -> dict[str, Any]:
    """Several posts as one message, the oldest first."""
    if len(posts) == 1:
        return body_of(page, posts[0], language_for(language, posts[0].content["words"]))
    parts, subjects = [], []
    for post in posts:
        one = body_of(page, post, language_for(language, post.content["words"]))
        head = one["subject"].removeprefix(f"{page.title}: ")
        parts.append(f"{head}\n{_when(page, post.at, language)}\n{one['text']}".strip())
        subjects.append(one["data"])
    return {
        "subject": said(language, "m_many", page=page.title, n=str(len(posts)))[:250],
        "text": "\n\n".join(parts)[:60_000], "facts": [], "link": public_url(page),
        "link_label": spoken_by(language).phrases["embed"], "kind": "message", "urgency": "low",
        "thread": f"status/{page.key}/digest",
        "data": {"posts": subjects, "unsubscribe_label": said(language, "end"), "language": language},
    }  # fmt: skip


def spoken_by(language: str) -> Language:
    """What the page itself says in this language, or its main one; in English where there is none."""
    return SITE[shipped(language) or "en"]


def word_label(word: str, language: str) -> str:
    return (
        spoken_by(language).phrases.get(f"state_{word}")
        or LABELS.get(word)
        or word.replace("_", " ").capitalize()
    )


def public_url(page: models.StatusPage) -> str:
    return page_brand.address(page, page_brand.of(page))


def link_of(page: models.StatusPage, post: models.SubscriberPost) -> str:
    return publishing.post_url(page, post.about)


def _facts(
    page: models.StatusPage, content: Mapping[str, Any], language: str, label: str, names: Sequence[str]
) -> list[list[str]]:
    found = [[said(language, "f_status"), label]]
    if names:
        found.append([said(language, "f_affected"), ", ".join(sorted(names))[:500]])
    begins, ends = content.get("scheduled_for"), content.get("scheduled_until")
    if begins:
        span = [_when(page, parse(t), language) for t in (begins, ends) if t]
        found.append([said(language, "f_when"), " – ".join(span)])
    if content.get("next_update_at"):
        found.append([said(language, "f_next"), _when(page, parse(content["next_update_at"]), language)])
    return found


def _when(page: models.StatusPage, at: datetime | None, language: str) -> str:
    """As the page itself tells it, in its zone."""
    if at is None:
        return ""
    return words(shipped(language) or "en", page.timezone or "UTC").moment(at, None)
