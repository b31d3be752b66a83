"""The one-page playbook: on the screen, for A4, and as files to keep for the day this page cannot be reached."""

from __future__ import annotations

from pathlib import Path

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.template.loader import render_to_string
from django.views.decorators.cache import never_cache

from quarterdeck.app.response import response_plan
from quarterdeck.app.technical.playbook import playbook
from quarterdeck.web.acting import act, now
from quarterdeck.web.present import process
from quarterdeck.web.routes import route

_CSS = Path(__file__).parent.parent / "static" / "quarterdeck" / "css" / "playbook.css"
_LINK = '<link rel="stylesheet" href="playbook.css">'


@never_cache
def page(request: HttpRequest) -> HttpResponse:
    doing = act(request)
    context = {"book": playbook(doing)} | process.box("playbook", "", doing.who, doing.at)
    return render(request, "playbook.html", context)


@never_cache
def plan(request: HttpRequest) -> HttpResponse:
    """The response plan in full, and what it lacks (R-187)."""
    chapters = response_plan.plan(act(request))
    lacks = sum(len(c.lacks) for c in chapters)
    return render(request, "response_plan.html", {"chapters": chapters, "lacks": lacks, "made_at": now()})


@never_cache
def paper(request: HttpRequest) -> HttpResponse:
    from quarterdeck.app.reports.playbook_paper import pdf

    return _file(pdf(playbook(act(request))), "application/pdf", "playbook.pdf")


@never_cache
def copy(request: HttpRequest) -> HttpResponse:
    """One file with everything in it: no picture, style or script comes from anywhere else."""
    text = render_to_string("playbook_copy.html", {"book": playbook(act(request))})
    whole = text.replace(_LINK, f"<style>{_CSS.read_text(encoding='utf-8')}</style>", 1)
    return _file(whole.encode(), "text/html; charset=utf-8", "playbook.html")


def _file(content: bytes, kind: str, name: str) -> HttpResponse:
    answer = HttpResponse(content, content_type=kind)
    answer["Content-Disposition"] = f'attachment; filename="{name}"'
    return answer


_READ = "person.read"
ROUTES = [
    route("playbook", page, name="playbook", permission=_READ),
    route("playbook/plan", plan, name="response-plan", permission=_READ),
    route("playbook.pdf", paper, name="playbook-pdf", permission=_READ),
    route("playbook.html", copy, name="playbook-copy", permission=_READ),
]
