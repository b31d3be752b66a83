"""Figures on a status page: naming them, and where a program pushes their points."""

from __future__ import annotations

from typing import Any

from django import forms
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from quarterdeck.app.status import page_metrics, status_pages
from quarterdeck.core.access import may
from quarterdeck.core.kernel.refused import Refused
from quarterdeck.store import models
from quarterdeck.web.acting import act, done, posts
from quarterdeck.web.routes import route
from quarterdeck.web.translated_names import named_in_languages, names_field


class MetricForm(forms.Form):
    name = forms.CharField(max_length=120, label="Name", help_text="What customers read: Response time.")
    key = forms.SlugField(max_length=60, label="Key", help_text="What the program that pushes calls it.")
    unit = forms.CharField(
        max_length=20, required=False, label="Unit", help_text="Written behind each value: ms."
    )
    names = names_field()

    def clean_names(self) -> dict[str, str]:
        return named_in_languages(self.cleaned_data["names"])


def metrics(request: HttpRequest, key: str) -> HttpResponse:
    """The figures of a page, and a form for one more."""
    page, doing = status_pages.find_page(key), act(request)
    edits = may(doing.who, "status.edit")
    form = MetricForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            row = page_metrics.create_metric(doing, page.key, **form.cleaned_data)
        except Refused as refused:
            form.add_error(next((f for f in refused.fields if f in form.fields), None), refused.message)
        else:
            return done(request, f"/status-pages/{page.key}/metrics", f"{row.name} is on the page.")
    context: dict[str, Any] = {
        "page": {"name": page.title, "url": f"/status-pages/{page.key}"},
        "metrics": [
            _told(m) | {"remove": f"/status-pages/{page.key}/metrics/{m.key}/remove"}
            for m in page.metrics.all()
        ],
        "form": form if edits else None,
        "address": f"{settings.QUARTERDECK_PUBLIC_URL}/api/v1/status-pages/{page.key}/metrics/",
    }
    return render(request, "status/metrics.html", context, status=422 if form.errors else 200)


@posts
def remove(request: HttpRequest, key: str, metric: str) -> HttpResponse:
    page_metrics.remove_metric(act(request), key, metric)
    return done(request, f"/status-pages/{key}/metrics", "It is off the page, with its points.")


def _told(metric: models.PageMetric) -> dict[str, Any]:
    newest = metric.points.order_by("-at").first()
    return {
        "key": metric.key,
        "name": metric.name,
        "latest": f"{newest.value:g} {metric.unit}".strip() if newest else "",
        "at": newest.at if newest else None,
    }


ROUTES = [
    route("status-pages/<str:key>/metrics", metrics, name="page-metrics", permission="status.edit"),
    route(
        "status-pages/<str:key>/metrics/<str:metric>/remove",
        remove,
        name="page-metric-remove",
        permission="status.edit",
    ),
]
