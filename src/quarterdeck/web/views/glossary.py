"""The glossary: roles as this organisation calls them, terms, and acronyms spelt out."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from quarterdeck.app.catalog import glossary
from quarterdeck.core.access import may
from quarterdeck.web.acting import act
from quarterdeck.web.routes import LOGIN, route


def page(request: HttpRequest) -> HttpResponse:
    q = " ".join(request.GET.get("q", "")[:100].split())
    found = glossary.search(q, 200) if q else glossary.words()
    acronyms = glossary.glossary().acronyms
    shown = {a: t for a, t in acronyms.items() if not q or q.casefold() in f"{a} {t}".casefold()}
    context = {
        "q": q,
        "edits": may(act(request).who, "settings.edit"),
        "roles": [w for w in found if w.kind],
        "terms": [w for w in found if not w.kind],
        "acronyms": sorted(shown.items()),
    }
    return render(request, "glossary.html", context)


ROUTES = [route("glossary", page, name="glossary", permission=LOGIN)]
