"""Knowledge: the list and its search, one article, writing one, making one of an entry; and training sessions."""

from __future__ import annotations

import re
from datetime import datetime
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from quarterdeck.app import casebook
from quarterdeck.app.executives import executive_training
from quarterdeck.app.paging.directory import Directory
from quarterdeck.app.people import competence, training
from quarterdeck.app.technical import article_picker, knowledge
from quarterdeck.app.visibility import known_to
from quarterdeck.core.access import may
from quarterdeck.core.kernel.refused import Refused, bad, missing
from quarterdeck.store import models
from quarterdeck.web.acting import act, done, local_time, now, number, posts
from quarterdeck.web.present import process
from quarterdeck.web.routes import route

SHOWN = 100
# Articles that a training session may be linked to in its form.
MOST_OFFERED = 500
MINE = 20
# Marks of Markdown at the beginning of a line and around code, which a line of the list does without.
_MARKS = re.compile(r"^#+ +|^[-*] +|`", re.M)


@require_safe
def index(request: HttpRequest) -> HttpResponse:
    who, q = act(request).who, " ".join(request.GET.get("q", "")[:200].split())
    rows = list(knowledge.articles(who, q).order_by("-changed_at", "-id")[: SHOWN + 1])
    names = Directory(now())
    names.load_people({r.author for r in rows})
    known = known_to(who, {r.incident_id for r in rows})
    context = {
        "q": q,
        "articles": [_row(r, names, known) for r in rows[:SHOWN]],
        "more": len(rows) > SHOWN,
        "may_write": may(who, "review.edit"),
    }
    return render(request, "knowledge/list.html", context)


@require_safe
def offered(request: HttpRequest) -> HttpResponse:
    """The titles for a list to choose from, as a form asks for them while somebody types."""
    titles = article_picker.offered(act(request).who, request.GET.get("article", "")[:200])
    return render(request, "knowledge/offered.html", {"titles": titles})


@require_safe
def detail(request: HttpRequest, article_id: str) -> HttpResponse:
    who = act(request).who
    r = knowledge.find(article_id, who)
    names = Directory(now())
    names.load_people({r.author, r.promoted_by, r.changed_by})
    context = {
        "article": _row(r, names, known_to(who, {r.incident_id}))
        | {
            "text": r.text,
            "promoted_by": names.name(r.promoted_by) if r.promoted_by else "",
            "changed_by": names.name(r.changed_by) if r.changed_by else "",
            "changed_at": r.changed_at,
            "sources": knowledge.sources(r, who),
        },
        "versions": [
            {"number": v.number, "title": v.title, "text": v.text, "who": names.name(v.by), "at": v.at}
            for v in knowledge.versions(r.id)
        ],
        "may_change": may(who, "review.edit") and (r.author == who.person or may(who, "settings.edit")),
    } | process.box("article", r.id, who, now())
    return render(request, "knowledge/article.html", context)


def _row(r: models.KnowledgeArticle, names: Directory, known: frozenset[str]) -> dict[str, Any]:
    source = f"/incidents/{r.incident_id}" + (f"#entry-{r.entry_id}" if r.entry_id else "")
    return {
        "id": r.id,
        "title": r.title,
        "begins": _MARKS.sub("", r.text[:300]),
        "author": names.name(r.author),
        "at": r.created_at,
        "incident": r.incident_id if r.incident_id in known else "",
        "source": source if r.incident_id in known else "",
        "href": f"/knowledge/{r.id}",
    }


def write(request: HttpRequest) -> HttpResponse:
    """A new article. A refusal shows the form again with what was typed."""
    if request.method != "POST":
        return render(request, "knowledge/form.html", _form("/knowledge/new", "New article"))
    try:
        made = knowledge.write(act(request), request.POST.get("title", ""), request.POST.get("text", ""))
    except Refused as refused:
        return _again(request, _form("/knowledge/new", "New article"), refused)
    return done(request, f"/knowledge/{made.id}", "The article is there for everybody.", "article:new")


def change(request: HttpRequest, article_id: str) -> HttpResponse:
    r = knowledge.find(article_id, act(request).who)
    form = _form(f"/knowledge/{r.id}/edit", "Change the article", r.title, r.text) | {
        "teams": list(models.Team.objects.order_by("name").values_list("key", "name")[:500]),
        "note": request.POST.get("note", ""), "told": request.POST.getlist("teams"),
    }  # fmt: skip
    if request.method != "POST":
        return render(request, "knowledge/form.html", form)
    try:
        said = request.POST
        knowledge.change(
            act(request),
            r.id,
            said.get("title", ""),
            said.get("text", ""),
            said.get("note", ""),
            said.getlist("teams"),
        )
    except Refused as refused:
        return _again(request, form, refused)
    return done(request, f"/knowledge/{r.id}", "Changed.", f"article:{r.id}")


def promote(request: HttpRequest, incident_id: str, entry_id: str) -> HttpResponse:
    """Make an article of what somebody wrote in an incident: its text stays, a title is asked for."""
    who = act(request).who
    case = casebook.load(incident_id, who)
    rows = models.TimelineRow.objects.filter(incident_id=incident_id, entry_id=entry_id)
    line = rows.exclude(kind__in=("pin", "flag", "share")).order_by("seq").first()
    if line is None:
        raise missing("entry.unknown", "There is no such entry in this incident. Reload its timeline.")
    form = _form(f"/incidents/{incident_id}/entries/{entry_id}/article", "Make it an article") | {
        "entry": {
            "text": line.text, "author": case.directory(now()).name(line.actor), "incident": incident_id,
            "at": line.happened_at, "id": entry_id,
        }
    }  # fmt: skip
    if request.method != "POST":
        return render(request, "knowledge/form.html", form)
    try:
        made = knowledge.promote(act(request), incident_id, entry_id, request.POST.get("title", ""))
    except Refused as refused:
        return _again(request, form, refused)
    return done(request, f"/knowledge/{made.id}", "It is an article now, with its author and source.")


@posts
def of_review(request: HttpRequest, incident_id: str) -> HttpResponse:
    made = knowledge.from_review(act(request), incident_id, request.POST.get("title", ""))
    return done(request, f"/knowledge/{made.id}", "It is an article now, with the incident as its source.")


def _form(action: str, heading: str, title: str = "", text: str = "") -> dict[str, Any]:
    return {
        "action": action, "heading": heading, "typed": {"title": title, "text": text},
        "limit": knowledge.TEXT_LIMIT, "title_limit": knowledge.TITLE_LIMIT,
    }  # fmt: skip


def _again(request: HttpRequest, form: dict[str, Any], refused: Refused) -> HttpResponse:
    if refused.kind in ("missing", "forbidden"):
        raise refused
    typed = {"title": request.POST.get("title", ""), "text": request.POST.get("text", "")}
    return render(request, "knowledge/form.html", form | {"typed": typed, "refused": refused}, status=422)


@require_safe
def sessions(request: HttpRequest) -> HttpResponse:
    rows, names, at = training.sessions(), Directory(now()), now()
    names.load_people({p for r in rows for p in (r.trainer, *r.invited, *r.joined, *r.attended)})
    titles = competence.titles()
    known = knowledge.articles(act(request).who)
    titled = dict(known.filter(id__in=[r.article for r in rows if r.article]).values_list("id", "title"))
    who = act(request).who
    edits = may(who, "person.edit")
    people = list(models.Person.objects.filter(is_active=True).exclude(role="guest").order_by("name"))
    context = {
        "sessions": [
            {
                "id": r.id, "topic": r.topic, "trainer": names.name(r.trainer), "at": r.held_at,
                "role": titles.get(r.role, r.role), "over": r.held_at <= at,
                "article": _linked(r.article, titled),
                "attended": [names.name(p) for p in r.attended], "invited": [names.name(p) for p in r.invited],
                "open": [
                    {"id": p, "name": names.name(p)} for p in (*r.invited, *r.joined) if p not in r.attended
                ],
                **_how(r, names, who.person, at),
                "may_edit": edits or r.trainer == who.person,
            }
            for r in rows
        ],
        "may_edit": edits,
        "people": [(p.id, p.name) for p in people],
        "roles": sorted(titles.items(), key=lambda pair: pair[1]) if edits else [],
        "articles": list(known.order_by("title").values_list("id", "title")[:MOST_OFFERED]) if edits else [],
        "may_note": edits or any(r.trainer == who.person for r in rows),
        "tracks": list(training.TRACKS.items()),
        "mine": [
            {"topic": x.topic, "at": x.held_at, "role": titles.get(x.role, x.role), "expires_at": x.expires_at,
             "expired": x.expires_at is not None and x.expires_at <= at}
            for x in training.records([who.person])[:MINE]
        ],
        "suggested": timezone.localtime(at).strftime("%Y-%m-%dT%H:00"),
    }  # fmt: skip
    return render(request, "knowledge/training.html", context)


def _how(r: models.TrainingSession, names: Directory, person: str, at: datetime) -> dict[str, Any]:
    """How long, where, for how many, and whether whoever looks may come or not come."""
    ahead = r.held_at > at and r.called_off_at is None
    taken = len(r.invited) + len(r.joined)
    return {
        "track": training.TRACKS.get(r.track, ""), "place": r.place, "minutes": r.minutes, "seats": r.seats,
        "free": max(0, r.seats - taken) if r.seats else None, "valid_months": r.valid_months,
        "joined": [names.name(p) for p in r.joined], "off": r.called_off_at is not None, "ahead": ahead,
        "may_join": ahead and not training.comes(r, person) and not (r.seats and taken >= r.seats),
        "may_leave": ahead and person in r.joined, "must_come": ahead and person in r.invited,
    }  # fmt: skip


def _linked(article_id: str, titled: dict[str, str]) -> dict[str, str] | None:
    if article_id not in titled:
        return None
    return {"title": titled[article_id], "href": f"/knowledge/{article_id}"}


@posts
def plan(request: HttpRequest) -> HttpResponse:
    said = request.POST
    at = local_time(said.get("held_at", ""), "held_at")
    if at is None:
        message = "Give the day and time it is held."
        raise bad("training.when", message, held_at=message)
    training.plan(
        act(request), topic=said.get("topic", ""), trainer=said.get("trainer", ""), held_at=at,
        role=said.get("role", ""), article=said.get("article", "").strip(), invited=said.getlist("invited"),
        details=training.Details(
            said.get("track", ""), said.get("place", ""),
            number(said.get("minutes") or "60", "minutes", 5, training.LONGEST_MINUTES),
            number(said.get("seats") or "0", "seats", 0, training.MOST),
            number(said.get("valid_months") or "0", "valid_months", 0, training.MOST_MONTHS),
        ),
    )  # fmt: skip
    return done(request, "/knowledge/training", "Kept.", "training")


@posts
def record(request: HttpRequest) -> HttpResponse:
    """What one person has learnt, on a day that has passed."""
    said = request.POST
    at = local_time(f"{said.get('held_on', '')}T00:00" if said.get("held_on") else "", "held_on")
    if at is None:
        message = "Give the day it was held."
        raise bad("training.when", message, held_on=message)
    months = number(said.get("valid_months") or "0", "valid_months", 0, training.MOST_MONTHS)
    executive_training.record(
        act(request), said.get("person", ""), track=said.get("track", ""), held_at=at, topic=said.get("topic", ""),
        valid_months=months,
    )  # fmt: skip
    return done(request, "/knowledge/training", "Kept.", "training-record")


@posts
def attend(request: HttpRequest, session_id: str) -> HttpResponse:
    training.attend(act(request), session_id, [p for p in request.POST.getlist("people") if p])
    return done(request, "/knowledge/training", "Kept; whoever was there counts as certified for its role.")


@posts
def join(request: HttpRequest, session_id: str) -> HttpResponse:
    leaves = request.POST.get("act") == "leave"
    training.join(act(request), session_id, leave=leaves)
    return done(
        request, "/knowledge/training", "You do not come." if leaves else "You come; it is in your calendar."
    )


@posts
def call_off(request: HttpRequest, session_id: str) -> HttpResponse:
    training.call_off(act(request), session_id)
    return done(request, "/knowledge/training", "Called off; whoever would have come is told.")


ROUTES = [
    route("knowledge", index, name="knowledge", permission="incident.read"),
    route("knowledge/offered", offered, name="knowledge-offered", permission="incident.read"),
    route("knowledge/new", write, name="knowledge-new", permission="review.edit"),
    route("knowledge/training", sessions, name="training", permission="person.read"),
    route("knowledge/training/record", record, name="training-record", permission="person.edit"),
    route("knowledge/training/new", plan, name="training-new", permission="person.edit"),
    # Whoever teaches it says who was there: `app` decides.
    route("knowledge/training/<str:session_id>", attend, name="training-attend", permission="person.read"),
    route("knowledge/training/<str:session_id>/seat", join, name="training-seat", permission="person.read"),
    route("knowledge/training/<str:session_id>/off", call_off, name="training-off", permission="person.read"),
    route("knowledge/<str:article_id>", detail, name="article", permission="incident.read"),
    route("knowledge/<str:article_id>/edit", change, name="article-edit", permission="review.edit"),
    route("reviews/<str:incident_id>/article", of_review, name="review-article", permission="review.edit"),
    route(
        "incidents/<str:incident_id>/entries/<str:entry_id>/article",
        promote,
        name="incident-entry-article",
        permission="review.edit",
    ),
]
