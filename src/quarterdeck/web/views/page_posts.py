"""Posting on a status page without an incident: something new, what is over, its course, words in other languages."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone

from quarterdeck.app.paging.directory import Directory
from quarterdeck.app.status import (
    page_languages,
    page_posts,
    page_rights,
    page_words,
    post_templates,
    status_pages,
)
from quarterdeck.channels.status_site import markup
from quarterdeck.core.access import may
from quarterdeck.core.kernel.refused import Refused, missing
from quarterdeck.core.status.posting import BODY_LIMIT, ENDS, TITLE_LIMIT, Written
from quarterdeck.core.status.words import COMPONENT_STATES, MAINTENANCE_WORDS, OVER, label
from quarterdeck.store import models
from quarterdeck.store.ids import new_id
from quarterdeck.web.acting import act, done, local_time
from quarterdeck.web.present import page_posts as shown
from quarterdeck.web.routes import route

from .page_post_form import PostForm, WordsForm

_TITLES = {"update": "Post an update", "correction": "Correct a post", "summary": "Post a summary"}
_USUAL = timedelta(minutes=60)


def listing(request: HttpRequest, key: str) -> HttpResponse:
    row, doing = status_pages.find_page(key), act(request)
    context = {"page": row, "may_edit": may(doing.who, "status.edit")} | shown.listing(
        row, doing.who, doing.at
    )
    return render(request, "status/page_posts.html", context)


def new(request: HttpRequest, key: str) -> HttpResponse:
    return _something(request, key, "new", "New post")


def past(request: HttpRequest, key: str) -> HttpResponse:
    """What is over and was never told: it counts on the days it was."""
    return _something(request, key, "past", "Enter what is over")


def _something(request: HttpRequest, key: str, what: str, title: str) -> HttpResponse:
    row = status_pages.find_page(key)
    closed = _closed(request, row)
    if request.method == "POST":
        form = PostForm(what, request.POST, closed=closed)
        made = _posted(request, row, form)
        if made is not None:
            return done(request, _at(row, made.incident_ref), "Posted. It is published within seconds.")
    else:
        form = PostForm(what, initial=_first(request, row, what), closed=closed)
    chosen = _states(request) if request.method == "POST" else _asked(request, row)
    context = _head(row, title) | shown.parts(row, chosen) | {
        "form": form,
        "what": what,
        "templates": models.PostTemplate.objects.all()[:200] if what == "new" else (),
        "asked": request.GET.get("component", "")[:40],
    }  # fmt: skip
    return render(request, "status/post_form.html", context, status=422 if form.errors else 200)


def thread(request: HttpRequest, key: str, ref: str) -> HttpResponse:
    """What was said about one thing, and the form for what is said next."""
    row, doing = status_pages.find_page(key), act(request)
    posts = page_posts.thread_of(row, ref)
    last, edits = posts[-1], may(doing.who, "status.edit")
    doable = _doable(last)
    what = (request.POST if request.method == "POST" else request.GET).get("do", "")
    what = what if what in doable else doable[0]
    ends = last.status_word in MAINTENANCE_WORDS
    if request.method == "POST":
        form = PostForm(what, request.POST, posts=posts, closed=_closed(request, row), ends=ends)
        made = _posted(request, row, form, what, ref)
        if made is not None:
            return done(request, _at(row, ref), "Posted. It is published within seconds.")
        chosen = _states(request)
    else:
        form = PostForm(what, initial=_next(request, what, last), posts=posts, closed=_closed(request, row))
        chosen = {}
    context = _head(row, next((p.title for p in reversed(posts) if p.title), markup.plain(last.body, 80)))
    context |= shown.parts(row, chosen, {c for p in posts for c in p.components}) | {
        "form": form, "what": what, "ref": ref, "may_edit": edits,
        "posts": shown.thread(row, posts, Directory(doing.at).name),
        "tabs": [{"key": k, "label": _TITLES[k], "href": f"{_at(row, ref)}?do={k}#write"} for k in doable],
        "heading": _TITLES[what], "over": last.status_word in OVER, "retroactive": any(p.retroactive for p in posts),
        "maintenance": last.source == "maintenance", "word": label(last.status_word),
    }  # fmt: skip
    return render(request, "status/post_thread.html", context, status=422 if form.errors else 200)


def words(request: HttpRequest, key: str, post_id: str, language: str) -> HttpResponse:
    """One post in one more language, the original beside it."""
    row, doing = status_pages.find_page(key), act(request)
    page_languages.known(language)
    original = _original(row, post_id)
    found = models.PostWords.objects.filter(post_id=post_id, language=language).first()
    initial = {"title": found.title, "body": found.body} if found else {}
    of_page = models.PagePost.objects.filter(id=post_id, page=row).exists()
    form = WordsForm(request.POST or None, initial=initial, closed=of_page and _closed(request, row))
    if request.method == "POST" and form.is_valid():
        said = form.cleaned_data
        try:
            glass = said.get("break_glass", "")
            page_words.translate(doing, row.key, post_id, language, said["title"], said["body"], glass)
        except Refused as refused:
            if refused.kind == "missing":
                raise
            _refuse(form, refused)
        else:
            return done(request, f"/status-pages/{row.key}/posts", "Saved. It is published within seconds.")
    name = page_languages.names()[language]
    context = _head(row, f"In {name}") | {
        "form": form,
        "original": original,
        "language": name,
        "code": language,
    }
    return render(request, "status/post_words.html", context, status=422 if form.errors else 200)


def _posted(
    request: HttpRequest, row: models.StatusPage, form: PostForm, kind: str = "update", ref: str = ""
) -> models.PagePost | None:
    """The post that was made; None where the form has to be shown again with what is wrong."""
    if not form.is_valid():
        return None
    said = form.cleaned_data
    try:
        times: dict[str, Any] = {
            n: local_time(said.get(n, ""), n) for n in ("next_update_at", "started_at", "ended_at")
        }
        written = Written(
            body=said["body"], title=said.get("title", ""), status_word=said.get("status", ""), kind=kind,
            corrects=said.get("corrects", ""), components=_states(request), reason=said.get("reason", ""), **times,
        )  # fmt: skip
        return page_posts.post(
            act(request), row.key, written, ref=ref, token=said.get("token", ""), tells=said["tell"],
            break_glass=said.get("break_glass", ""),
        )  # fmt: skip
    except Refused as refused:
        if refused.kind == "missing":
            raise
        _refuse(form, refused)
    return None


def _closed(request: HttpRequest, row: models.StatusPage) -> bool:
    """Whether somebody else posts there now, so that it takes a reason to post all the same."""
    return bool(page_rights.closed_to(row.id, act(request).who))


def _refuse(form: forms.Form, refused: Refused) -> None:
    form.add_error(next((f for f in refused.fields if f in form.fields), None), refused.message)


def _states(request: HttpRequest) -> dict[str, str]:
    found = {
        k.removeprefix("component."): str(v) for k, v in request.POST.items() if k.startswith("component.")
    }
    return {k: v for k, v in found.items() if v}


def _asked(request: HttpRequest, row: models.StatusPage) -> dict[str, str]:
    """What a proposal of alerts has filled in: a component and its state."""
    component, state = request.GET.get("component", ""), request.GET.get("state", "")
    here = models.Component.objects.filter(page=row, id=component[:40]).first()
    if here is None:
        return {}
    return {here.id: state if state in COMPONENT_STATES else "degraded_performance"}


def _first(request: HttpRequest, row: models.StatusPage, what: str) -> dict[str, Any]:
    """A template filled with what is known, or empty fields."""
    now = timezone.now()
    first: dict[str, Any] = {"tell": what == "new", "token": new_id(), "next_update_at": _local(now + _USUAL)}
    taken = request.GET.get("template", "")
    if taken:
        template = post_templates.find(taken[:40])
        asked = models.Component.objects.filter(page=row, id__in=_asked(request, row))
        title, body = post_templates.filled(template, row, [c.name for c in asked], now)
        first |= {"title": title[:TITLE_LIMIT], "body": body[:BODY_LIMIT], "status": template.status_word}
    return first


def _next(request: HttpRequest, what: str, last: models.PagePost) -> dict[str, Any]:
    first: dict[str, Any] = {
        "tell": True,
        "token": new_id(),
        "corrects": request.GET.get("corrects", last.id),
    }
    if what == "update":
        over = last.status_word in OVER
        word = ENDS[0] if last.status_word in MAINTENANCE_WORDS else last.status_word
        first |= {
            "status": "investigating" if over else word,
            "next_update_at": _local(timezone.now() + _USUAL),
        }
    return first


def _doable(last: models.PagePost) -> list[str]:
    if last.source == "maintenance" or last.status_word in ENDS:
        return ["summary", "correction"] if last.status_word in OVER else ["correction"]
    return ["summary", "correction", "update"] if last.status_word in OVER else ["update", "correction"]


def _original(row: models.StatusPage, post_id: str) -> dict[str, str]:
    """The words of a post as they are in public."""
    own = models.PagePost.objects.filter(page=row, id=post_id).first()
    if own is not None:
        return {"title": own.title, "body": own.body}
    told = models.PageUpdateRow.objects.filter(page=row.id, id=post_id).first()
    if told is None:
        raise missing(
            "post.unknown", "There is no such post on this page. Look it up in the list of its posts."
        )
    headline = models.MessageRow.objects.filter(id=told.message_id).values_list("headline", flat=True).first()
    return {"title": headline or "", "body": told.body}


def _local(at: Any) -> str:
    return f"{timezone.localtime(at):%Y-%m-%dT%H:%M}"


def _at(row: models.StatusPage, ref: str) -> str:
    return f"/status-pages/{row.key}/posts/{ref}"


def _head(row: models.StatusPage, title: str) -> dict[str, Any]:
    return {"page": row, "title": title, "back": f"/status-pages/{row.key}/posts"}


_READ, _EDIT = "status.read", "status.edit"
_P = "status-pages/<str:key>/posts"
ROUTES = [
    route(_P, listing, name="page-posts", permission=_READ),
    route(f"{_P}/new", new, name="page-post-new", permission=_EDIT),
    route(f"{_P}/past", past, name="page-post-past", permission=_EDIT),
    route(f"{_P}/<str:post_id>/words/<str:language>", words, name="page-post-words", permission=_EDIT),
    route(f"{_P}/<str:ref>", thread, name="page-post", permission=_READ),
]
